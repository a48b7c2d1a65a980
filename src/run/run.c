/* The run directory. A run is recognised by its config.json; who writes it holds a lock on .lock,
 * which the system releases when the process ends, however it ends. */
#include "run/run.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"

#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RUNS = 1000000, LOCK_TRIES = 5 };

static const double lock_pause = .02; /* s */

static const char lock_name[] = ".lock";
static const char *const folder_names[] = {"images", "checkpoints"};

cg_status cg_run_path(char **path, const cg_run *run, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return cg_path_join(path, run->path, name);
}

static cg_status has_file(bool *has, const cg_run *run, const char *name)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, "%s", name);
    *has = false;
    if (status == CG_OK)
        status = cg_file_find(has, path);
    free(path);
    return status;
}

/* A program that lists runs holds the lock for a moment: it is asked for more than once. */
static cg_lock take_lock(int file)
{
    cg_lock lock = cg_platform_lock(file);
    for (int tries = 1; lock == CG_LOCK_BUSY && tries < LOCK_TRIES; tries++) {
        cg_platform_sleep(lock_pause);
        lock = cg_platform_lock(file);
    }
    return lock;
}

/* *busy = another process has the run's lock. */
static cg_status try_lock(cg_run *run, bool *busy)
{
    cg_status status = CG_OK;
    char *path = NULL;
    *busy = false;
    CG_TRY(cg_run_path(&path, run, lock_name));
    run->lock = cg_platform_open(path, CG_OPEN_LOCK);
    if (run->lock < 0) {
        status = cg_fail(CG_ERR_RUN, "%s is not writable: %s", run->path, strerror(errno));
        goto done;
    }
    cg_lock lock = take_lock(run->lock);
    *busy = lock == CG_LOCK_BUSY;
    if (lock == CG_LOCK_NONE)
        cg_log(CG_LOG_WARNING,
               "%s: its file system has no locks (%s): see to it that no other process writes this "
               "run",
               run->path, strerror(errno));
done:
    free(path);
    return status;
}

static cg_status lock_run(cg_run *run)
{
    bool busy;
    cg_status status = try_lock(run, &busy);
    if (status == CG_OK && busy)
        status = cg_fail(CG_ERR_RUN, "%s is being written by another process", run->path);
    return status;
}

/* True when the run's lock is the one in its folder; always where it holds none. */
static cg_status is_at_place(bool *is, const cg_run *run)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, lock_name);
    *is = status == CG_OK && (run->lock < 0 || cg_platform_is_at(run->lock, path));
    free(path);
    return status;
}

cg_status cg_run_check(cg_run *run)
{
    cg_status status = CG_OK;
    bool is, holds;
    CG_TRY(is_at_place(&is, run));
    if (is)
        goto done;
    CG_TRY(has_file(&holds, run, "config.json"));
    if (!holds) {
        status = cg_fail(CG_ERR_WRITE,
                         "%s was moved or removed while it was trained: stopped; if it was moved, "
                         "its checkpoints are where it is now, and --out with its new name and "
                         "--resume goes on from there",
                         run->path);
        goto done;
    }
    close(run->lock);
    run->lock = -1;
    CG_TRY(lock_run(run));
done:
    return status;
}

void cg_run_close(cg_run *run)
{
    if (run->lock >= 0)
        close(run->lock);
    free(run->path);
    *run = (cg_run){.lock = -1};
}

/* ---- its folders ----------------------------------------------------------------------------- */

cg_status cg_run_visit(const cg_run *run, const char *folder, cg_folder_visitor *visit, void *user)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, "%s", folder);
    if (status == CG_OK)
        status = cg_folder_visit(path, visit, user);
    free(path);
    return status;
}

cg_status cg_run_visit_all(const cg_run *run, cg_folder_visitor *visit, void *user)
{
    cg_status status = cg_run_visit(run, ".", visit, user);
    for (size_t i = 0; status == CG_OK && i < CG_COUNT(folder_names); i++)
        status = cg_run_visit(run, folder_names[i], visit, user);
    return status;
}

static cg_status remove_file(const char *folder, const char *name)
{
    char *path = NULL;
    cg_status status = cg_path_join(&path, folder, name);
    if (status == CG_OK && unlink(path) != 0 && errno != ENOENT)
        cg_log(CG_LOG_WARNING, "cannot remove %s: %s", path, strerror(errno));
    free(path);
    return status;
}

/* Temporary files of atomic writers are named ".NAME.tmp" (base/file.h). */
static cg_status remove_leftover(void *user, const char *folder, const char *name)
{
    size_t length = strlen(name);
    (void)user;
    bool leftover = name[0] == '.' && length > 5 && strcmp(name + length - 4, ".tmp") == 0;
    return leftover ? remove_file(folder, name) : CG_OK;
}

static cg_status remove_leftovers(const cg_run *run)
{
    return cg_run_visit_all(run, remove_leftover, NULL);
}

/* ---- choosing -------------------------------------------------------------------------------- */

cg_status cg_run_holds(bool *holds, const cg_run *run)
{
    cg_status status = has_file(holds, run, "config.json");
    if (status == CG_OK && !*holds)
        status = has_file(holds, run, "log.jsonl");
    return status;
}

/* *remains = the folder has the lock of a run and nothing of it: a start was killed there. */
static cg_status check_remains(bool *remains, const cg_run *run)
{
    cg_status status = CG_OK;
    bool holds;
    uint64_t *steps = NULL;
    size_t count = 0;
    CG_TRY(has_file(remains, run, lock_name));
    CG_TRY(cg_run_holds(&holds, run));
    CG_TRY(cg_run_checkpoints(&steps, &count, run));
    *remains = *remains && !holds && !count;
done:
    free(steps);
    return status;
}

/* Takes the folder runs/NNN for a new run if it is free: run->path names it then, locked. */
static cg_status take_numbered(cg_run *run, const char *name)
{
    cg_status status = CG_OK;
    bool free_one = true, busy = false;
    run->made = cg_dir_make_new(name);
    if (!run->made && errno != EEXIST)
        return cg_fail(CG_ERR_RUN, "cannot create %s: %s", name, strerror(errno));
    CG_TRY(cg_memory_copy_text(&run->path, name));
    if (!run->made)
        CG_TRY(check_remains(&free_one, run));
    if (free_one)
        CG_TRY(try_lock(run, &busy));
    run->made = free_one && !busy;
    if (!run->made)
        cg_run_close(run);
done:
    return status;
}

/* The first runs/NNN that is free. */
static cg_status create_numbered(cg_run *run)
{
    char name[32];
    if (!cg_dir_make_new(CG_RUNS_FOLDER) && errno != EEXIST)
        return cg_fail(CG_ERR_RUN, "cannot create the folder %s: %s", CG_RUNS_FOLDER,
                       strerror(errno));
    for (unsigned i = 1; i < MAX_RUNS; i++) {
        snprintf(name, sizeof name, "%s/%03u", CG_RUNS_FOLDER, i);
        cg_status status = take_numbered(run, name);
        if (status != CG_OK || run->made)
            return status;
    }
    return cg_fail(CG_ERR_RUN, "%s/ has no free number: name another folder by --out",
                   CG_RUNS_FOLDER);
}

static cg_status use_folder(cg_run *run, const char *out)
{
    cg_file_info info;
    bool there = cg_platform_path_info(&info, out);
    if (there && !info.folder)
        return cg_fail(CG_ERR_RUN, "%s is not a folder", out);
    if (cg_dir_create(out) != CG_OK)
        return CG_ERR_RUN;
    run->made = !there;
    cg_status status = cg_memory_copy_text(&run->path, out);
    return status == CG_OK ? lock_run(run) : status;
}

static cg_status create_folders(const cg_run *run)
{
    for (size_t i = 0; i < CG_COUNT(folder_names); i++) {
        char *path = NULL;
        cg_status status = cg_run_path(&path, run, "%s", folder_names[i]);
        if (status == CG_OK && cg_dir_create(path) != CG_OK)
            status = CG_ERR_RUN;
        free(path);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

/* Removes the file, or the folder if it is empty, where it is there. */
static void remove_part(const cg_run *run, const char *name, int (*remove_it)(const char *path))
{
    char *path = NULL;
    if (cg_run_path(&path, run, "%s", name) == CG_OK)
        remove_it(path);
    free(path);
}

static cg_status remove_events(void *user, const char *folder, const char *name)
{
    (void)user;
    return strncmp(name, "events.out.tfevents.", 20) == 0 ? remove_file(folder, name) : CG_OK;
}

void cg_run_discard(cg_run *run)
{
    static const char *const files[] = {"images/real.png", "log.jsonl", "config.json", lock_name};
    if (!run->path)
        return;
    if (run->fresh) {
        remove_leftovers(run);
        cg_run_visit(run, ".", remove_events, NULL);
    }
    for (size_t i = 0; run->fresh && i < CG_COUNT(files); i++)
        remove_part(run, files[i], unlink);
    for (size_t i = 0; run->fresh && i < CG_COUNT(folder_names); i++)
        remove_part(run, folder_names[i], rmdir);
    if (run->made)
        rmdir(run->path); /* unless there is more in it */
    cg_run_close(run);
}

static cg_status refuse_second_run(const cg_run *run)
{
    char line[CG_COMMAND_LINE];
    const char *const words[] = {"train", "--out", run->path, "--resume", NULL};
    return cg_fail(CG_ERR_RUN, "%s holds a run already: name another --out, or go on with it: %s",
                   run->path, cg_command_line(line, words));
}

cg_status cg_run_create(cg_run *run, const char *out)
{
    cg_status status = CG_OK;
    bool holds;

    *run = (cg_run){.lock = -1};
    CG_TRY(out ? use_folder(run, out) : create_numbered(run));
    CG_TRY(cg_run_holds(&holds, run));
    if (holds) {
        status = refuse_second_run(run);
        goto done;
    }
    run->fresh = true;
    CG_TRY(create_folders(run));
    CG_TRY(remove_leftovers(run));
done:
    if (status != CG_OK)
        cg_run_discard(run);
    return status;
}

cg_status cg_run_open(cg_run *run, const char *path)
{
    cg_status status = CG_OK;
    bool config;

    *run = (cg_run){.lock = -1};
    CG_TRY(cg_memory_copy_text(&run->path, path));
    CG_TRY(has_file(&config, run, "config.json"));
    if (!config) {
        status = cg_fail(CG_ERR_INPUT, "%s holds no run to resume (no config.json)", run->path);
        goto done;
    }
    CG_TRY(lock_run(run));
    CG_TRY(create_folders(run));
    CG_TRY(remove_leftovers(run));
done:
    if (status != CG_OK)
        cg_run_close(run);
    return status;
}

/* ---- what lies in it ------------------------------------------------------------------------- */

/* *number = N of a name that is `prefix`, digits, `suffix`. */
static bool parse_name(uint64_t *number, const char *name, const char *prefix, const char *suffix)
{
    size_t start = strlen(prefix), digits;
    if (strncmp(name, prefix, start) != 0)
        return false;
    digits = strspn(name + start, "0123456789");
    *number = strtoull(name + start, NULL, 10);
    return digits > 0 && digits < 19 && strcmp(name + start + digits, suffix) == 0;
}

cg_status cg_run_checkpoint_path(char **path, const cg_run *run, uint64_t step)
{
    return cg_run_path(path, run, "checkpoints/step_%08" PRIu64 ".safetensors", step);
}

cg_status cg_run_best_path(char **path, const cg_run *run)
{
    return cg_run_path(path, run, "checkpoints/best.safetensors");
}

cg_status cg_run_picture_path(char **path, const cg_run *run, size_t epoch)
{
    return cg_run_path(path, run, "images/image_at_epoch_%04zu.png", epoch);
}

/* The numbers in the names of a folder's files. */
typedef struct number_list {
    const char *prefix, *suffix;
    uint64_t *numbers;
    size_t count, room;
} number_list;

static cg_status add_number(void *user, const char *folder, const char *name)
{
    number_list *list = user;
    uint64_t number;
    (void)folder;
    if (!parse_name(&number, name, list->prefix, list->suffix))
        return CG_OK;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        uint64_t *larger = realloc(list->numbers, room * sizeof *larger);
        if (!larger)
            return cg_fail(CG_ERR_MEMORY, "no memory for a list of %zu files", room);
        list->numbers = larger;
        list->room = room;
    }
    list->numbers[list->count++] = number;
    return CG_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static cg_status list_numbers(uint64_t **numbers, size_t *count, number_list list,
                              const cg_run *run, const char *folder)
{
    cg_status status = cg_run_visit(run, folder, add_number, &list);
    if (status != CG_OK) {
        free(list.numbers);
        list = (number_list){0};
    }
    if (list.count)
        qsort(list.numbers, list.count, sizeof *list.numbers, compare_numbers);
    *numbers = list.numbers;
    *count = list.count;
    return status;
}

cg_status cg_run_checkpoints(uint64_t **steps, size_t *count, const cg_run *run)
{
    return list_numbers(steps, count, (number_list){.prefix = "step_", .suffix = ".safetensors"},
                        run, "checkpoints");
}

static bool is_seen(const cg_run_walk *walk, uint64_t step)
{
    size_t i = 0;
    while (i < walk->seen_count && walk->seen[i] != step)
        i++;
    return i < walk->seen_count;
}

static cg_status note_seen(cg_run_walk *walk, uint64_t step)
{
    if (walk->seen_count == walk->seen_room) {
        size_t room = walk->seen_room ? 2 * walk->seen_room : 64;
        uint64_t *larger = realloc(walk->seen, room * sizeof *larger);
        if (!larger)
            return cg_fail(CG_ERR_MEMORY, "no memory for a list of %zu files", room);
        walk->seen = larger;
        walk->seen_room = room;
    }
    walk->seen[walk->seen_count++] = step;
    return CG_OK;
}

static cg_status list_again(cg_run_walk *walk)
{
    free(walk->listed);
    walk->listed = NULL;
    walk->at = 0;
    return cg_run_checkpoints(&walk->listed, &walk->listed_count, walk->run);
}

/* Takes the next step of the list. False at its end. */
static bool take_listed(cg_run_walk *walk)
{
    while (walk->at < walk->listed_count) {
        size_t i = walk->at++;
        walk->step = walk->listed[walk->oldest_first ? i : walk->listed_count - 1 - i];
        if (!is_seen(walk, walk->step))
            return true;
    }
    return false;
}

cg_status cg_run_walk_next(cg_run_walk *walk)
{
    cg_status status = CG_OK;
    bool there = walk->seen_count > 0;
    if (walk->path)
        CG_TRY(cg_file_find(&there, walk->path));
    do {
        free(walk->path);
        walk->path = NULL;
        if (!there)
            CG_TRY(list_again(walk));
        if (!take_listed(walk))
            break;
        CG_TRY(note_seen(walk, walk->step));
        CG_TRY(cg_run_checkpoint_path(&walk->path, walk->run, walk->step));
        CG_TRY(cg_file_find(&there, walk->path));
    } while (!there);
done:
    return status;
}

void cg_run_walk_deinit(cg_run_walk *walk)
{
    free(walk->path);
    free(walk->listed);
    free(walk->seen);
    *walk = (cg_run_walk){.run = walk->run};
}

cg_status cg_run_picture_epochs(uint64_t **epochs, size_t *count, const cg_run *run)
{
    return list_numbers(epochs, count, (number_list){.prefix = "image_at_epoch_", .suffix = ".png"},
                        run, "images");
}

static bool is_scheduled(const cg_keep_rule *rule, uint64_t step)
{
    return step % rule->epoch_steps == 0 || (rule->every && step % rule->every == 0);
}

/* The best step when `step` was done, 0 for none. */
static uint64_t best_of_then(const cg_keep_rule *rule, uint64_t step)
{
    size_t i = rule->best_count;
    while (i > 0 && rule->bests[i - 1] > step)
        i--;
    return i > 0 ? rule->bests[i - 1] : 0;
}

cg_status cg_run_prune(const cg_run *run, const cg_keep_rule *rule)
{
    cg_status status = CG_OK;
    uint64_t *steps = NULL, best = 0; /* best: of the time of the last one that stayed */
    size_t count = 0, newer = 0; /* newer: scheduled ones; those of stops must not push them out */
    CG_TRY(cg_run_checkpoints(&steps, &count, run));
    for (size_t i = count; i-- > 0;) {
        char *path = NULL;
        bool scheduled = is_scheduled(rule, steps[i]);
        if (steps[i] > rule->step)
            continue;
        bool stays = scheduled ? newer < rule->keep : steps[i] == rule->step;
        newer += scheduled;
        if (stays || steps[i] % (10 * rule->epoch_steps) == 0 || steps[i] == best) {
            best = best_of_then(rule, steps[i]);
            continue;
        }
        CG_TRY(cg_run_checkpoint_path(&path, run, steps[i]));
        if (unlink(path) != 0 && errno != ENOENT)
            cg_log(CG_LOG_WARNING, "cannot remove %s: %s", path, strerror(errno));
        free(path);
    }
done:
    free(steps);
    return status;
}

static cg_status remove_picture(void *user, const char *folder, const char *name)
{
    const size_t *epoch = user;
    uint64_t number;
    bool newer = (parse_name(&number, name, "image_at_epoch_", ".png") && number > *epoch) ||
                 parse_name(&number, name, "image_at_step_", ".png");
    return newer ? remove_file(folder, name) : CG_OK;
}

cg_status cg_run_remove_pictures(const cg_run *run, size_t epoch)
{
    return cg_run_visit(run, "images", remove_picture, &epoch);
}
