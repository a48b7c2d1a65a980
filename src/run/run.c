/* A run is recognised by its config.json; who writes it holds a lock on .lock, which the system
 * releases when the process ends, however it ends. */
#include "run/run.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "run/numbered.h"

#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RUNS = 1000000, LOCK_TRIES = 5 };

static const double lock_pause = .02; /* s */

static const char lock_name[] = ".lock";

/* ---- the lock -------------------------------------------------------------------------------- */

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
    CG_TRY(cg_run_has_file(&holds, run, CG_RUN_CONFIG));
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

/* ---- leftovers ------------------------------------------------------------------------------- */

/* The names of what a run writes begin so; other temporary files there are somebody else's. */
static const char *const written[] = {CG_RUN_CONFIG, CG_RUN_LOG, CG_RUN_GIF, "real.png",
                                      "image_at_",   "step_",    "best."};

static cg_status remove_leftover(void *user, const char *folder, const char *name)
{
    const char *target;
    size_t length;
    (void)user;
    if (!cg_file_is_temporary(&target, &length, name))
        return CG_OK;
    for (size_t i = 0; i < CG_COUNT(written); i++)
        if (strlen(written[i]) <= length && strncmp(target, written[i], strlen(written[i])) == 0)
            return cg_run_remove_file(folder, name);
    return CG_OK;
}

static cg_status remove_leftovers(const cg_run *run)
{
    return cg_run_visit_all(run, remove_leftover, NULL);
}

/* ---- choosing -------------------------------------------------------------------------------- */

cg_status cg_run_holds(bool *holds, const cg_run *run)
{
    cg_status status = cg_run_has_file(holds, run, CG_RUN_CONFIG);
    if (status == CG_OK && !*holds)
        status = cg_run_has_file(holds, run, CG_RUN_LOG);
    return status;
}

/* *holds = the folder has a run, or checkpoints, which a new run's could not be told from. */
static cg_status holds_anything(bool *holds, const cg_run *run)
{
    cg_status status = CG_OK;
    uint64_t *steps = NULL;
    size_t count = 0;
    CG_TRY(cg_run_holds(holds, run));
    CG_TRY(cg_run_checkpoints(&steps, &count, run));
    *holds = *holds || count;
done:
    free(steps);
    return status;
}

/* *remains = the folder has the lock of a run and nothing of it: a start was killed there. */
static cg_status check_remains(bool *remains, const cg_run *run)
{
    cg_status status = CG_OK;
    bool holds;
    uint64_t *steps = NULL;
    size_t count = 0;
    CG_TRY(cg_run_has_file(remains, run, lock_name));
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

/* Refuses a folder that has a run. */
static cg_status need_none(const cg_run *run)
{
    char line[CG_COMMAND_LINE];
    const char *const words[] = {"train", "--out", run->path, "--resume", NULL};
    bool holds, config;
    cg_status status = holds_anything(&holds, run);
    if (status != CG_OK || !holds)
        return status;
    status = cg_run_has_file(&config, run, CG_RUN_CONFIG);
    if (status == CG_OK && !config)
        return cg_fail(CG_ERR_RUN,
                       "%s holds what is left of a run, which has no config.json to go on by: name "
                       "another --out, or remove it",
                       run->path);
    return status != CG_OK
               ? status
               : cg_fail(CG_ERR_RUN,
                         "%s holds a run already: name another --out, or go on with it: %s",
                         run->path, cg_command_line(line, words));
}

static cg_status use_folder(cg_run *run, const char *out)
{
    cg_file_info info;
    bool there = cg_platform_path_info(&info, out);
    if (there && !info.folder)
        return cg_fail(CG_ERR_RUN, "%s is not a folder", out);
    cg_status status = cg_dir_create(out);
    if (status != CG_OK)
        return status == CG_ERR_WRITE ? CG_ERR_RUN : status;
    run->made = !there;
    bool has_lock = false;
    CG_TRY(cg_memory_copy_text(&run->path, out));
    CG_TRY(cg_run_has_file(&has_lock, run, lock_name));
    if (!has_lock) /* which what is refused has to stay without */
        CG_TRY(need_none(run));
    CG_TRY(lock_run(run));
done:
    return status;
}

/* Removes the file where it is there. */
static void remove_part(const cg_run *run, const char *name)
{
    char *path = NULL;
    if (cg_run_path(&path, run, "%s", name) == CG_OK)
        unlink(path);
    free(path);
}

static cg_status remove_events(void *user, const char *folder, const char *name)
{
    (void)user;
    return strncmp(name, "events.out.tfevents.", 20) == 0 ? cg_run_remove_file(folder, name)
                                                          : CG_OK;
}

void cg_run_discard(cg_run *run)
{
    static const char *const files[] = {CG_RUN_REAL, CG_RUN_LOG, CG_RUN_CONFIG, lock_name};
    if (!run->path)
        return;
    if (run->fresh) {
        remove_leftovers(run);
        cg_run_visit(run, ".", remove_events, NULL);
        for (size_t i = 0; i < CG_COUNT(files); i++)
            remove_part(run, files[i]);
        cg_run_remove_folders(run);
    }
    if (run->made)
        rmdir(run->path); /* unless there is more in it */
    cg_run_close(run);
}

cg_status cg_run_create(cg_run *run, const char *out)
{
    cg_status status = CG_OK;

    *run = (cg_run){.lock = -1};
    CG_TRY(out ? use_folder(run, out) : create_numbered(run));
    CG_TRY(need_none(run));
    run->fresh = true;
    CG_TRY(cg_run_create_folders(run));
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
    CG_TRY(cg_run_has_file(&config, run, CG_RUN_CONFIG));
    if (!config) {
        status = cg_fail(CG_ERR_INPUT, "%s holds no run to resume (no config.json)", run->path);
        goto done;
    }
    CG_TRY(lock_run(run));
    CG_TRY(cg_run_create_folders(run));
    CG_TRY(remove_leftovers(run));
done:
    if (status != CG_OK)
        cg_run_close(run);
    return status;
}
