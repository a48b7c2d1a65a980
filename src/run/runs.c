/* The runs in a folder. Nothing that a file says is trusted: what is missing is not known, what is
 * out of its range does not count, and texts are cleaned. */
#include <clgan/runs.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "io/safetensors_whole.h"
#include "run/config.h"
#include "run/latest.h"
#include "run/numbered.h"
#include "run/record.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EPOCHS_MOST = 1000000 };

static const double fid_most = 1e9, rate_most = 1e12;

/* ---- the files of a run ---------------------------------------------------------------------- */

/* True for a file that tells when the run was written. */
static bool is_of_writing(const char *name)
{
    static const char ending[] = ".safetensors";
    size_t length = strlen(name), end = sizeof ending - 1;
    bool checkpoint = name[0] != '.' && length > end && strcmp(name + length - end, ending) == 0;
    return checkpoint || strcmp(name, CG_RUN_CONFIG) == 0 || strcmp(name, CG_RUN_LOG) == 0;
}

static cg_status add_file(void *user, const char *folder, const char *name)
{
    cg_run_info *info = user;
    char *path = NULL;
    cg_file_info file;
    bool there = false;
    cg_status status = cg_path_join(&path, folder, name);
    if (status == CG_OK)
        status = cg_file_look(&there, &file, path);
    if (there && file.regular) {
        info->bytes += file.bytes;
        if (is_of_writing(name) && file.changed_ns > info->written_nanoseconds)
            info->written_nanoseconds = file.changed_ns;
    }
    free(path);
    return status;
}

static cg_status is_locked(bool *locked, const cg_run *run)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, ".lock");
    int file = status == CG_OK ? cg_platform_open(path, CG_OPEN_READ) : -1;
    *locked = file >= 0 && cg_platform_is_locked(file);
    if (status == CG_OK && file < 0 && errno != ENOENT)
        cg_log(CG_LOG_WARNING, "%s: it cannot be told if this run is running: %s", path,
               strerror(errno));
    if (file >= 0)
        close(file);
    free(path);
    return status;
}

/* ---- what they say --------------------------------------------------------------------------- */

/* The best distance so far, and what it was measured by: by another classifier, or of another
 * number of samples, distances are not comparable. */
typedef struct log_facts {
    double fid, epoch; /* NAN: none */
    double samples;
    char classifier[sizeof((cg_record *)0)->classifier];
    double images_per_second; /* NAN: none */
} log_facts;

static void add_evaluation(log_facts *facts, const cg_record *record)
{
    if (!(record->samples == facts->samples) || strcmp(record->classifier, facts->classifier) != 0)
        facts->fid = facts->epoch = NAN;
    facts->samples = record->samples;
    memcpy(facts->classifier, record->classifier, sizeof facts->classifier);
    if (record->fid >= 0 && record->fid < fid_most && !(facts->fid <= record->fid)) {
        facts->fid = record->fid;
        facts->epoch = record->epoch >= 0 && record->epoch <= EPOCHS_MOST ? record->epoch : NAN;
    }
}

static cg_status add_record(void *user, const cg_record *record)
{
    log_facts *facts = user;
    if (record->kind == CG_RECORD_EVALUATION)
        add_evaluation(facts, record);
    if (record->kind == CG_RECORD_STEP && record->images_per_second > 0 &&
        record->images_per_second < rate_most)
        facts->images_per_second = record->images_per_second;
    return CG_OK;
}

static cg_status read_log(cg_run_info *info, const cg_run *run)
{
    log_facts facts = {.fid = NAN, .epoch = NAN, .images_per_second = NAN};
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, CG_RUN_LOG);
    if (status == CG_OK)
        status = cg_record_visit(path, add_record, &facts);
    info->best_fid = facts.fid;
    info->best_epoch = facts.epoch;
    info->images_per_second = facts.images_per_second;
    free(path);
    /* Unreadable: nothing was measured. */
    return cg_file_forgive(status);
}

/* *step = of the newest checkpoint that looks whole, 0 without one. *broken = there are some, and
 * none of them does. */
static cg_status find_step(uint64_t *step, bool *broken, const cg_run *run)
{
    cg_status status = CG_OK;
    cg_run_walk walk = {.run = run};
    bool whole = false;
    *step = 0;
    *broken = false;
    for (;;) {
        CG_TRY(cg_run_walk_next(&walk));
        if (!walk.path)
            break;
        /* One that cannot be read has said so. */
        CG_TRY(cg_file_forgive(cg_safetensors_check_whole(&whole, walk.path)));
        *step = walk.step;
        *broken = !whole;
        if (whole)
            goto done;
    }
    *step = 0;
    if (*broken)
        cg_log(CG_LOG_WARNING, "%s: every checkpoint is damaged", run->path);
done:
    cg_run_walk_deinit(&walk);
    return status;
}

static void set_progress(cg_run_info *info, const cg_run_config *config)
{
    uint64_t batch = config->recipe.batch;
    uint64_t epoch_steps = batch ? (config->images + batch - 1) / batch : 0;
    uint64_t done = epoch_steps ? info->step / epoch_steps : 0;
    info->epochs = config->epochs;
    info->epochs_done = done < EPOCHS_MOST ? done : EPOCHS_MOST;
    cg_text_clean(info->device, sizeof info->device, config->recipe.device);
    cg_text_clean(info->platform, sizeof info->platform, config->recipe.platform);
}

static cg_run_state state_of(const cg_run_info *info, bool sound, bool locked)
{
    if (locked)
        return CG_RUN_RUNNING;
    if (!sound)
        return CG_RUN_DAMAGED;
    if (!info->step)
        return CG_RUN_NEVER_BEGAN;
    return info->epochs_done >= info->epochs ? CG_RUN_FINISHED : CG_RUN_STOPPED;
}

static cg_status describe_run(cg_run_info *info, const cg_run *run)
{
    cg_status status = CG_OK;
    cg_run_config *config = NULL;
    bool readable, broken, locked;
    *info = (cg_run_info){
        .state = CG_RUN_DAMAGED, .best_fid = NAN, .best_epoch = NAN, .images_per_second = NAN};
    CG_TRY(cg_memory_create(&config, 1, sizeof *config));
    CG_TRY(cg_memory_copy_text(&info->path, run->path));
    cg_text_clean(info->name, sizeof info->name, run->path);
    CG_TRY(cg_run_visit_all(run, add_file, info));
    CG_TRY(cg_file_forgive(cg_config_try(&readable, config, run)));
    CG_TRY(find_step(&info->step, &broken, run));
    if (readable)
        set_progress(info, config);
    CG_TRY(read_log(info, run));
    CG_TRY(is_locked(&locked, run));
    info->state = state_of(info, readable && !broken, locked);
done:
    free(config);
    return status;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Adds the folder, where it is a run. */
static cg_status add_run(cg_runs *runs, const char *path)
{
    cg_status status = CG_OK;
    const cg_run run = {.path = (char *)path, .lock = -1};
    bool holds;
    CG_TRY(cg_run_holds(&holds, &run));
    if (!holds)
        goto done;
    CG_TRY(cg_memory_grow(&runs->items, runs->count, sizeof *runs->items));
    CG_TRY(describe_run(&runs->items[runs->count++], &run));
done:
    return status;
}

/* True for a link to another entry of the folder, which is listed itself:
 * `latest`, and those that users make. */
static bool is_alias(const char *folder, const char *name, const char *path)
{
    cg_file_info info;
    if (!cg_platform_link_info(&info, path) || info.regular || info.folder)
        return false;
    char *target = cg_platform_resolve(path), *real = cg_platform_resolve(folder);
    size_t length = real ? strlen(real) : 0;
    bool alias = target && real && strncmp(target, real, length) == 0 &&
                 cg_platform_folder_length(target) == length + 1;
    free(target);
    free(real);
    return alias || strcmp(name, CG_RUNS_LATEST) == 0;
}

static cg_status add_named(void *user, const char *folder, const char *name)
{
    char *path = NULL;
    cg_status status = name[0] == '.' ? CG_OK : cg_path_join(&path, folder, name);
    if (path && !is_alias(folder, name, path))
        status = cg_file_forgive(add_run(user, path)); /* what cannot be read has said so */
    free(path);
    return status;
}

static cg_status add_runs(cg_runs *runs, const char *folder)
{
    cg_status status = CG_OK;
    cg_file_info info;
    bool there;
    CG_TRY(cg_file_look(&there, &info, folder));
    const bool is_folder = there && info.folder;
    /* Before the first run there is no such folder. */
    if (!is_folder && (there || strcmp(folder, CG_RUNS_FOLDER) != 0))
        return cg_fail(CG_ERR_INPUT, "cannot read the folder %s: %s", folder,
                       strerror(there ? ENOTDIR : ENOENT));
    CG_TRY(cg_folder_visit(folder, add_named, runs));
done:
    return status;
}

/* Runs of the same time, which copies may be, are in the order of their names. */
static int compare_runs(const void *a, const void *b)
{
    const cg_run_info *x = a, *y = b;
    if (x->written_nanoseconds != y->written_nanoseconds)
        return x->written_nanoseconds < y->written_nanoseconds ? 1 : -1;
    size_t n = strlen(x->path), m = strlen(y->path);
    return n != m ? (n < m ? 1 : -1) : strcmp(y->path, x->path);
}

cg_status cg_runs_list(cg_runs *runs, const char *folder)
{
    CG_NEED(runs);
    cg_status status = CG_OK;
    *runs = (cg_runs){0};
    folder = folder ? folder : CG_RUNS_FOLDER;
    CG_TRY(add_run(runs, folder));
    if (!runs->count)
        CG_TRY(add_runs(runs, folder));
    if (runs->count)
        qsort(runs->items, runs->count, sizeof *runs->items, compare_runs);
    while (runs->latest < runs->count && runs->items[runs->latest].state == CG_RUN_DAMAGED)
        runs->latest++;
done:
    return status;
}

void cg_runs_deinit(cg_runs *runs)
{
    if (!runs)
        return;
    for (size_t i = 0; i < runs->count; i++)
        free(runs->items[i].path);
    free(runs->items);
    *runs = (cg_runs){0};
}

cg_status cg_runs_find_latest(char **path, const char *folder)
{
    CG_NEED(path);
    cg_status status = CG_OK;
    cg_runs runs;
    *path = NULL;
    CG_TRY(cg_runs_list(&runs, folder));
    for (size_t i = 0; i < runs.latest; i++)
        cg_log(CG_LOG_WARNING, "%s is passed over: it is damaged", runs.items[i].path);
    if (runs.latest < runs.count)
        CG_TRY(cg_memory_copy_text(path, runs.items[runs.latest].path));
done:
    cg_runs_deinit(&runs);
    return status;
}

/* ---- words ----------------------------------------------------------------------------------- */

const char *cg_run_state_name(cg_run_state state)
{
    static const char *const names[] = {
        [CG_RUN_RUNNING] = "running", [CG_RUN_FINISHED] = "finished",
        [CG_RUN_STOPPED] = "stopped", [CG_RUN_NEVER_BEGAN] = "never began",
        [CG_RUN_DAMAGED] = "damaged",
    };
    return (size_t)state < CG_COUNT(names) ? names[state] : "";
}

static void add_info(cg_json *json, cJSON *array, const cg_run_info *info, bool latest)
{
    cJSON *object = cg_json_add_object(json, array, NULL);
    /* JSON has any name but one that is no text. */
    cg_json_add_text(json, object, "path", cg_utf8_is_valid(info->path) ? info->path : info->name);
    cg_json_add_text(json, object, "state", cg_run_state_name(info->state));
    cg_json_add_bool(json, object, "latest", latest);
    cg_json_add_number(json, object, "step", (double)info->step);
    cg_json_add_number(json, object, "epochs_done", (double)info->epochs_done);
    cg_json_add_number(json, object, "epochs", (double)info->epochs);
    cg_json_add_number(json, object, "best_fid", info->best_fid); /* NAN is written as null */
    cg_json_add_text(json, object, "device", info->device);
    cg_json_add_number(json, object, "bytes", (double)info->bytes);
    cg_json_add_number(json, object, "written", 1e-9 * (double)info->written_nanoseconds);
}

cg_status cg_runs_json(char **text, const cg_runs *runs)
{
    CG_NEED(text);
    CG_NEED(runs);
    cg_json json;
    cg_json_init(&json);
    cJSON *array = cg_json_add_array(&json, json.root, "runs");
    for (size_t i = 0; i < runs->count; i++)
        add_info(&json, array, &runs->items[i], i == runs->latest);
    cg_status status = cg_json_print(text, &json, CG_JSON_INDENTED);
    cg_json_deinit(&json);
    return status;
}
