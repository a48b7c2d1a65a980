/* The runs in a folder: what each of them is, and which was written last.
 *
 *     cg_runs runs;
 *     if (cg_runs_list(&runs, CG_RUNS_FOLDER) == CG_OK)
 *         for (size_t i = 0; i < runs.count; i++)
 *             printf("%s %s\n", runs.items[i].path, cg_run_state_name(runs.items[i].state));
 *     cg_runs_deinit(&runs);
 *
 * A run was written when the newest of its config.json, its log.jsonl and its checkpoints was, by
 * the file system's times. Its name says nothing. Nothing is changed, and runs that are being
 * trained may be listed.
 *
 * Threads: any thread may call these functions, several at once, each into a list of its own.
 */
#ifndef CLGAN_RUNS_H
#define CLGAN_RUNS_H

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CG_RUNS_FOLDER "runs" /* where runs are that were given no other place */

typedef enum cg_run_state {
    CG_RUN_RUNNING,     /* a process has locked it                                       */
    CG_RUN_FINISHED,    /* all its epochs are done                                       */
    CG_RUN_STOPPED,     /* not all are, and there is a checkpoint to go on from          */
    CG_RUN_NEVER_BEGAN, /* it ended before its first checkpoint                          */
    CG_RUN_DAMAGED      /* config.json or every checkpoint is unreadable or cut short    */
} cg_run_state;

enum { CG_RUN_NAME = 1024 };

/* A run, as its files tell of it. */
typedef struct cg_run_info {
    char *path;             /* as the file system and other commands take it, "runs/001"; owned */
    char name[CG_RUN_NAME]; /* the same, fit to be shown: a control character is a blank */
    cg_run_state state;
    uint64_t step;               /* of its newest checkpoint; 0: it has none             */
    uint64_t epochs_done;        /* whole ones, at that step                             */
    uint64_t epochs;             /* that were asked for; 0: not known                    */
    double best_fid;             /* the smallest Frechet distance of those that were measured as the
                                    last one was; NAN: none was */
    double best_epoch;           /* that it was measured at first; NAN: none, or not known */
    double images_per_second;    /* real images, in the last log interval; NAN: not known */
    char device[160];            /* its name, fit to be shown; "": not known             */
    char platform[160];          /* that the device is of, likewise                      */
    uint64_t bytes;              /* of all files in the run and in its images/ and checkpoints/ */
    int64_t written_nanoseconds; /* since 1970                                           */
} cg_run_info;

typedef struct cg_runs {
    cg_run_info *items; /* those that were written last come first; owned */
    size_t count;
    size_t latest; /* the first one that is not damaged; `count`: there is none */
} cg_runs;

/* The runs that lie in the folder (NULL: CG_RUNS_FOLDER), or the folder alone where it is a run
 * itself. A folder without config.json and log.jsonl is no run; a link to another run of the
 * folder, as `latest` is, is no second one. A damaged run is logged, with what is wrong.
 * CG_ERR_INPUT when the folder cannot be read; CG_RUNS_FOLDER need not be there. CG_ERR_MEMORY. To
 * be given to cg_runs_deinit() whatever the status. */
CG_API cg_status cg_runs_list(cg_runs *runs, const char *folder);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_runs_deinit(cg_runs *runs);

/* *path = the run that was written last and is not damaged, for free(); NULL where there is none.
 * Damaged ones that were written later are named in a warning. CG_ERR_INPUT, CG_ERR_MEMORY. */
CG_API cg_status cg_runs_find_latest(char **path, const char *folder);

/* "running", "finished", "stopped", "never began" or "damaged". */
CG_API const char *cg_run_state_name(cg_run_state state);

/* *text = the list as JSON (docs/file-formats.md), for free(). CG_ERR_MEMORY. */
CG_API cg_status cg_runs_json(char **text, const cg_runs *runs);

#ifdef __cplusplus
}
#endif
#endif
