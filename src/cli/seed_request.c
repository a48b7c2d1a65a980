/* From a command line to runs. */
#include "cli/seed_request.h"

#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/runs.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the command line ------------------------------------------------------------------------ */

static cg_status fail_memory(const cg_seeds *s)
{
    return cg_fail(CG_ERR_MEMORY, "no memory for %zu runs", s->count);
}

/* Reads one seed at *text, and moves that behind it and its comma. */
static cg_status parse_seed(uint64_t *seed, const char **text)
{
    char item[32], *end = NULL;
    size_t length = strcspn(*text, ",");
    snprintf(item, sizeof item, "%.*s", (int)(length < sizeof item ? length : 0), *text);
    errno = 0;
    if (*item && strspn(item, "0123456789") == length)
        *seed = strtoull(item, &end, 10);
    if (!end || errno)
        return cg_fail(CG_ERR_ARGUMENT,
                       "--seeds must be whole numbers from 0 to %" PRIu64
                       " with a comma between two, not '%.*s'",
                       UINT64_MAX, (int)length, *text);
    *text += length + ((*text)[length] == ',');
    return CG_OK;
}

static cg_status parse_seeds(cg_seeds *s)
{
    const char *text = s->request->seeds;
    size_t count = 1;
    for (const char *c = text; *c; c++)
        count += *c == ',';
    s->runs = calloc(count, sizeof *s->runs);
    if (!s->runs)
        return cg_fail(CG_ERR_MEMORY, "no memory for %zu runs", count);
    for (; s->count < count; s->count++) {
        uint64_t seed;
        cg_status status = parse_seed(&seed, &text);
        if (status != CG_OK)
            return status;
        for (size_t i = 0; i < s->count; i++)
            if (s->runs[i].seed == seed)
                return cg_fail(CG_ERR_ARGUMENT, "--seeds has %" PRIu64 " twice", seed);
        s->runs[s->count].seed = seed;
    }
    return CG_OK;
}

/* An option as it stands in argv, with its value; argv was parsed, so that it is whole. */
typedef struct given_option {
    const char *const *words;
    size_t count;
    size_t length; /* of its name */
} given_option;

/* The option at argv[i]. */
static given_option look_at(const cg_seeds_request *r, int i)
{
    const char *name = r->argv[i] + 2, *equals = strchr(name, '=');
    given_option o = {(const char *const *)r->argv + i, 1, strlen(name)};
    if (equals)
        o.length = (size_t)(equals - name);
    for (size_t k = 0; k < r->option_count && !equals; k++)
        if (strcmp(r->options[k].name, name) == 0 && r->options[k].kind != CG_OPTION_FLAG)
            o.count = 2;
    return o;
}

static bool is_named(const given_option *o, const char *name)
{
    return strlen(name) == o->length && strncmp(o->words[0] + 2, name, o->length) == 0;
}

/* Options of all runs together, or of none of several. */
static const struct {
    const char *name, *refused; /* why; NULL: not passed on to the runs */
    bool with_devices;          /* refused only beside --devices */
} own_options[] = {
    {"seeds", NULL, false},
    {"devices", NULL, false},
    {"out", NULL, false},
    {"resume", NULL, false},
    {"device", "--devices names the devices, without --device", true},
    {"seed", "--seeds names the seeds, without --seed", false},
    {"ranks", "--seeds is for runs on a device each, and --ranks for one run on several", false},
};

/* Keeps the option for the runs, unless it is one of these. */
static cg_status take_option(cg_seeds *s, const given_option *o)
{
    size_t i = 0, own = sizeof own_options / sizeof own_options[0];
    while (i < own && !is_named(o, own_options[i].name))
        i++;
    if (i < own && own_options[i].refused && (s->request->devices || !own_options[i].with_devices))
        return cg_fail(CG_ERR_ARGUMENT, "%s", own_options[i].refused);
    for (size_t k = 0; i == own && k < o->count; k++)
        s->kept[s->kept_count++] = o->words[k];
    return CG_OK;
}

static cg_status take_options(cg_seeds *s)
{
    const cg_seeds_request *r = s->request;
    cg_status status = CG_OK;
    s->kept = calloc((size_t)r->argc + 1, sizeof *s->kept);
    if (!s->kept)
        return fail_memory(s);
    for (int i = 0; i < r->argc && status == CG_OK;) {
        const given_option o = look_at(r, i);
        i += (int)o.count;
        status = take_option(s, &o);
    }
    return status;
}

static cg_status check_request(const cg_seeds_request *r)
{
    if (!r->seeds)
        return cg_fail(CG_ERR_ARGUMENT, "--devices is for the runs of --seeds; one run is trained "
                                        "on one --device");
    cg_rank rank;
    if (cg_rank_find(&rank))
        return cg_fail(CG_ERR_ARGUMENT, "--seeds starts its runs itself: start it once, without "
                                        "mpirun or srun");
    if (r->resume && !r->out)
        return cg_fail(CG_ERR_ARGUMENT, "--resume needs the folder of the runs of --seeds: --out");
    return CG_OK;
}

/* ---- folders --------------------------------------------------------------------------------- */

static cg_status refuse_second_run(const cg_seeds *s, const char *folder)
{
    return cg_fail(CG_ERR_RUN,
                   "%s holds a run already: name another --out, or go on with all of them by "
                   "--resume beside --out %s",
                   folder, s->request->out);
}

/* Takes what is known of the run that goes on in the seed's folder. */
static cg_status find_run(cg_seed_run *run)
{
    cg_runs runs;
    cg_status status = cg_runs_list(&runs, run->folder);
    run->resumed = true;
    if (status == CG_OK && runs.count) {
        memcpy(run->device_name, runs.items[0].device, sizeof run->device_name);
        memcpy(run->platform, runs.items[0].platform, sizeof run->platform);
    }
    cg_runs_deinit(&runs);
    return status;
}

static cg_status name_folder(cg_seeds *s, cg_seed_run *run)
{
    char name[32];
    snprintf(name, sizeof name, "seed_%" PRIu64, run->seed);
    run->folder = cg_seeds_join(s->request->out, name);
    if (!run->folder)
        return fail_memory(s);
    if (!cg_seeds_has_run(run->folder))
        return CG_OK;
    return s->request->resume ? find_run(run) : refuse_second_run(s, run->folder);
}

static cg_status name_folders(cg_seeds *s)
{
    const char *out = s->request->out;
    cg_status status = CG_OK;
    struct stat info;
    if (!out)
        return CG_OK;
    if (stat(out, &info) == 0 && !S_ISDIR(info.st_mode))
        return cg_fail(CG_ERR_RUN, "%s is not a folder", out);
    if (cg_seeds_has_run(out))
        return cg_fail(CG_ERR_RUN,
                       "%s is a run itself: --out beside --seeds is the folder that their runs "
                       "are in",
                       out);
    for (size_t i = 0; i < s->count && status == CG_OK; i++)
        status = name_folder(s, &s->runs[i]);
    return status;
}

/* ---- devices --------------------------------------------------------------------------------- */

static cg_status find_devices(cg_seeds *s)
{
    const cg_seeds_request *r = s->request;
    cg_status status = r->devices ? cg_select_each_device(&s->devices, &s->usable, r->devices)
                                  : cg_select_devices(&s->devices, &s->usable, r->device);
    if (status != CG_OK)
        return status;
    s->device_count = cg_devices_count(s->devices);
    s->children = calloc(s->device_count, sizeof *s->children);
    s->current = calloc(s->device_count, sizeof *s->current);
    return s->children && s->current ? CG_OK : fail_memory(s);
}

/* ---- all ------------------------------------------------------------------------------------- */

cg_status cg_seeds_prepare(cg_seeds *s)
{
    cg_status status = check_request(s->request);
    if (status == CG_OK)
        status = parse_seeds(s);
    if (status == CG_OK)
        status = take_options(s);
    if (status == CG_OK)
        status = name_folders(s);
    return status == CG_OK ? find_devices(s) : status;
}
