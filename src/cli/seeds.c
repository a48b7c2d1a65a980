/* Several runs: the seeds and devices are read, then each idle device gets the next seed that it
 * may train, until all have ended or nothing is left that could train them. */
#include "cli/seeds.h"

#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_STOPPED = 128, EXIT_NO_DEVICE = 3, EXIT_WRONG = 4 };

enum { OWN_WORDS = 9 /* of a run's arguments, with the NULL, beside those that all get */ };

/* ---- signals --------------------------------------------------------------------------------- */

static atomic_int first_signal, signals;

/* Only counts: the runs are told by the thread that watches them. */
static void on_signal(int signal_number, bool again)
{
    int none = 0;
    (void)again;
    atomic_fetch_add(&signals, 1);
    if (atomic_compare_exchange_strong(&first_signal, &none, signal_number))
        cg_process_say(
            "clgan: stopping the runs after their steps; a second signal ends at once\n");
}

/* The first signal is passed on to each run. The second goes as another one, because a run takes
 * two of a kind in a row for one; the third ends what is still there. */
static void pass_signals(cg_seeds *s, int *passed)
{
    const int count = atomic_load(&signals);
    s->stop_signal = atomic_load(&first_signal);
    const int other = s->stop_signal == SIGINT ? SIGTERM : SIGINT;
    for (; *passed < count; ++*passed)
        for (size_t d = 0; d < s->device_count; d++) {
            if (s->children[d] && *passed < 2)
                cg_child_signal(s->children[d], *passed ? other : s->stop_signal);
            else if (s->children[d])
                cg_child_kill(s->children[d]);
            s->runs[s->current[d]].killed |= s->children[d] && *passed >= 2;
        }
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Prints the line on stderr, in place of the one that stands on a terminal. */
CG_PRINTF(3, 4) static void say(cg_seeds *s, cg_log_level level, const char *format, ...)
{
    char text[CG_LINE + 64];
    if (level > cg_log_get_level())
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    strcat(text, "\n"); // NOLINT: there is room
    cg_process_say(text);
    s->shown[0] = '\0';
}

/* Adds text to the line, as much as there is room for. */
CG_PRINTF(3, 4) static void add_text(char *line, size_t room, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, room - used, format, arguments);
    va_end(arguments);
}

/* Shows on a terminal what each run does. */
static void show_progress(cg_seeds *s)
{
    char line[sizeof s->shown];
    size_t ended = 0;
    if (!s->on_terminal)
        return;
    for (size_t i = 0; i < s->count; i++)
        ended += s->runs[i].state == CG_SEED_ENDED;
    snprintf(line, sizeof line, "%zu of %zu runs ended", ended, s->count);
    for (size_t i = 0; i < s->count; i++)
        if (s->runs[i].state == CG_SEED_RUNNING)
            add_text(line, sizeof line, "  seed %" PRIu64 ": %s", s->runs[i].seed,
                     s->runs[i].progress);
    if (strcmp(line, s->shown) == 0)
        return;
    cg_process_show(line);
    memcpy(s->shown, line, sizeof line);
}

/* Prints the paths that are known, in the order of the seeds. */
static void tell_paths(cg_seeds *s)
{
    for (size_t i = 0; i < s->count; i++) {
        cg_seed_run *run = &s->runs[i];
        if (!run->told && !run->path && run->state != CG_SEED_ENDED)
            break;
        if (run->told || !run->path)
            continue;
        cg_process_say(""); /* a line of progress would stand before it */
        s->shown[0] = '\0';
        puts(run->path);
        run->told = true;
    }
    fflush(stdout);
}

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

static bool is_of(const cg_seed_run *run, const cg_device_info *device)
{
    return strcmp(run->device_name, device->name) == 0 &&
           strcmp(run->platform, device->platform) == 0;
}

/* True when a device may train the run: a run that goes on keeps its device. Any other one does
 * where that is not among them, and says what the matter is. */
static bool may_train(const cg_seeds *s, size_t device, const cg_seed_run *run)
{
    if (!run->resumed || s->request->allow_device_change ||
        is_of(run, cg_devices_info(s->devices, device)))
        return true;
    for (size_t d = 0; d < s->device_count; d++)
        if (s->usable[d] && is_of(run, cg_devices_info(s->devices, d)))
            return false;
    return true;
}

static bool any_is_usable(const cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        if (s->usable[d])
            return true;
    return false;
}

/* ---- the runs -------------------------------------------------------------------------------- */

/* A run and all of them, which the readers of its lines need. */
typedef struct listener {
    cg_seeds *seeds;
    cg_seed_run *run;
} listener;

/* The one line on stdout is the run's path. */
static void read_result(void *user, const char *line)
{
    const listener *l = user;
    size_t size = strlen(line) + 1;
    char *path = malloc(size);
    if (!path)
        return;
    memcpy(path, line, size);
    l->run->told = l->run->told && l->run->path && strcmp(l->run->path, path) == 0;
    free(l->run->path);
    l->run->path = path;
    tell_paths(l->seeds);
}

/* Progress is what is no message; of it the line shows the first words. */
static void read_message(void *user, const char *line)
{
    static const char prefix[] = "clgan: ";
    const listener *l = user;
    bool message = strncmp(line, prefix, sizeof prefix - 1) == 0;
    if (!message && l->seeds->on_terminal) {
        const char *gap = strstr(line, "  ");
        snprintf(l->run->progress, sizeof l->run->progress, "%.*s",
                 (int)(gap ? gap - line : CG_SEED_PROGRESS), line);
        return;
    }
    say(l->seeds, CG_LOG_ERROR, "seed %" PRIu64 ": %s", l->run->seed,
        message ? line + sizeof prefix - 1 : line);
}

static void end_run(cg_seed_run *run, int exit_status)
{
    run->seconds += cg_process_seconds() - run->started;
    run->exit_status = exit_status;
    run->state = CG_SEED_ENDED;
}

/* words = the arguments of the run's program, up to a NULL. */
static void fill_words(const char **words, const cg_seeds *s, const cg_seed_run *run,
                       const char *seed)
{
    const char *device = cg_devices_info(s->devices, run->device)->id;
    const char *const own[] = {"--seed", seed, "--device", device, "--out", run->folder};
    *words++ = "train";
    memcpy(words, s->kept, s->kept_count * sizeof *words);
    words += s->kept_count;
    memcpy(words, own, sizeof own);
    words += run->folder ? 6 : 4;
    *words++ = run->resumed ? "--resume" : NULL;
    *words = NULL;
}

static void start_run(cg_seeds *s, cg_seed_run *run, size_t device)
{
    char seed[32];
    const char **words = calloc(s->kept_count + OWN_WORDS, sizeof *words);
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    run->device = device;
    run->started = cg_process_seconds();
    run->state = CG_SEED_RUNNING;
    snprintf(run->progress, sizeof run->progress, "starting");
    s->current[device] = (size_t)(run - s->runs);
    if (words) {
        fill_words(words, s, run, seed);
        s->children[device] = cg_child_start(words);
    }
    if (!s->children[device]) {
        cg_log(CG_LOG_ERROR, "seed %s: cannot start a process: %s", seed, strerror(errno));
        end_run(run, 1);
    }
    free(words);
}

/* Gives each idle device the next run that it may train. */
static void start_runs(cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        for (size_t i = 0; i < s->count && s->usable[d] && !s->children[d]; i++)
            if (s->runs[i].state == CG_SEED_WAITING && may_train(s, d, &s->runs[i]))
                start_run(s, &s->runs[i], d);
}

/* ---- devices that do not serve --------------------------------------------------------------- */

/* Makes room for a run that is done again on another device. The files that the wrong one has left
 * stay: in --out under another name, else where they are. False where that cannot be. */
static bool set_aside(cg_seeds *s, const cg_seed_run *run)
{
    if (!run->path || !cg_seeds_has_run(run->path))
        return true;
    size_t size = strlen(run->path) + 32;
    char *aside = malloc(size);
    bool moved = !run->folder;
    if (!aside)
        return false;
    snprintf(aside, size, "%s", run->path);
    for (unsigned i = 1; run->folder && i < 1000; i++) {
        struct stat info;
        snprintf(aside, size, i > 1 ? "%s_wrong_%u" : "%s_wrong", run->folder, i);
        if (stat(aside, &info) == 0)
            continue;
        moved = rename(run->folder, aside) == 0;
        break;
    }
    if (moved)
        say(s, CG_LOG_INFO, "seed %" PRIu64 ": begins anew; what the device computed stays in %s",
            run->seed, aside);
    free(aside);
    return moved;
}

/* The device is not used again. The run waits for another one, unless it went on from a state that
 * there is no other of. */
static void give_up_device(cg_seeds *s, cg_seed_run *run)
{
    const cg_device_info *device = cg_devices_info(s->devices, run->device);
    bool wrong = run->exit_status == EXIT_WRONG;
    s->usable[run->device] = false;
    s->device_status = run->exit_status;
    say(s, CG_LOG_WARNING, "clgan: warning: %s %s %s: it is not used any more", device->id,
        device->name, wrong ? "computes wrong results" : "is not there any more");
    if (!any_is_usable(s) || (wrong && run->resumed) || (wrong && !set_aside(s, run)))
        return;
    run->state = CG_SEED_WAITING;
}

static void finish_run(cg_seeds *s, size_t device, int exit_status)
{
    cg_seed_run *run = &s->runs[s->current[device]];
    cg_child_release(s->children[device]);
    s->children[device] = NULL;
    end_run(run, exit_status);
    if ((exit_status == EXIT_WRONG || exit_status == EXIT_NO_DEVICE) && !s->stop_signal)
        give_up_device(s, run);
    tell_paths(s);
}

static bool any_is_running(const cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        if (s->children[d])
            return true;
    return false;
}

/* Takes what the runs have printed, and their ends. */
static void watch_runs(cg_seeds *s)
{
    cg_children_wait(s->children, s->device_count);
    for (size_t d = 0; d < s->device_count; d++) {
        int exit_status;
        listener l = {s, &s->runs[s->current[d]]};
        if (s->children[d] &&
            cg_child_read(s->children[d], read_result, read_message, &l, &exit_status))
            finish_run(s, d, exit_status);
    }
}

static void train_runs(cg_seeds *s)
{
    int passed = 0;
    cg_process_on_stop(on_signal);
    s->on_terminal = cg_log_get_level() >= CG_LOG_INFO && cg_process_show("");
    for (;;) {
        pass_signals(s, &passed);
        if (!s->stop_signal)
            start_runs(s);
        if (!any_is_running(s))
            break;
        show_progress(s);
        watch_runs(s);
    }
    cg_process_say("");
}

/* ---- all ------------------------------------------------------------------------------------- */

static int exit_status_of(const cg_seeds *s)
{
    if (s->stop_signal)
        return EXIT_STOPPED + s->stop_signal;
    for (size_t i = 0; i < s->count; i++) {
        const cg_seed_run *run = &s->runs[i];
        int status = run->state == CG_SEED_ENDED ? run->exit_status : s->device_status;
        if (status)
            return status;
    }
    return 0;
}

static void deinit(cg_seeds *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->runs[i].folder);
        free(s->runs[i].path);
    }
    free(s->runs);
    cg_devices_release(s->devices);
    free(s->usable);
    free(s->children);
    free(s->current);
    free(s->kept);
}

int cg_seeds_train(const cg_seeds_request *request)
{
    cg_seeds s = {.request = request};
    int exit_status;
    cg_status status = check_request(request);
    if (status == CG_OK)
        status = parse_seeds(&s);
    if (status == CG_OK)
        status = take_options(&s);
    if (status == CG_OK)
        status = name_folders(&s);
    if (status == CG_OK)
        status = find_devices(&s);
    exit_status = cg_exit_status(status);
    if (status == CG_OK) {
        train_runs(&s);
        cg_seeds_summarize(&s);
        exit_status = exit_status_of(&s);
    }
    deinit(&s);
    return exit_status;
}
