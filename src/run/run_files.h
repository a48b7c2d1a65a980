/* The files of a run: their names, lists of them, and which of them stay. */
#ifndef CLGAN_RUN_RUN_FILES_H
#define CLGAN_RUN_RUN_FILES_H

#include "base/file.h"

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cg_run {
    char *path; /* as given or chosen: "runs/001" */
    int lock;   /* descriptor of the lock file, -1 when not held */
    bool fresh; /* this process began the run                    */
    bool made;  /* and its folder                                */
} cg_run;

/* The folders in a run. */
enum { CG_RUN_FOLDERS = 2 };
extern const char *const cg_run_folders[CG_RUN_FOLDERS];

/* *path = a file in the run, for free(); `format` with its arguments is its name. */
cg_status cg_run_path(char **path, const cg_run *run, const char *format, ...);

/* *path = the checkpoint after a step, and an epoch's picture, whether they are there or not; for
 * free(). */
cg_status cg_run_checkpoint_path(char **path, const cg_run *run, uint64_t step);
cg_status cg_run_picture_path(char **path, const cg_run *run, size_t epoch);

/* *path = the checkpoint of the best evaluation, likewise. */
cg_status cg_run_best_path(char **path, const cg_run *run);

/* Visits each entry of a folder in the run, "." for its own; none where there is no such folder.
 * CG_ERR_READ, CG_ERR_MEMORY, and what `visit` returns. */
cg_status cg_run_visit(const cg_run *run, const char *folder, cg_folder_visitor *visit, void *user);

/* Visits those of all folders in which a run has files. */
cg_status cg_run_visit_all(const cg_run *run, cg_folder_visitor *visit, void *user);

/* Removes a file of a folder; a warning says so where that fails. CG_ERR_MEMORY. */
cg_status cg_run_remove_file(const char *folder, const char *name);

/* Removes the temporary files of writers that were killed. */
cg_status cg_run_remove_leftovers(const cg_run *run);

/* The steps of the checkpoints that lie there, ascending, for free(). */
cg_status cg_run_checkpoints(uint64_t **steps, size_t *count, const cg_run *run);

/* A way through the checkpoints of a run that another process may be training, so that files come
 * and go meanwhile. {.run = run}, and oldest_first where that is wanted, begin it; it is given to
 * cg_run_walk_deinit(). */
typedef struct cg_run_walk {
    const cg_run *run;
    bool oldest_first;
    uint64_t step; /* of the file that was given last, and its path; NULL at the end */
    char *path;
    uint64_t *listed, *seen; /* the steps that lie there, and those that were gone through */
    size_t listed_count, seen_count, seen_room, at;
} cg_run_walk;

/* Goes to the next checkpoint that is there, each once. The checkpoints are listed again where
 * one has gone since they were, or went while the caller had it. CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_run_walk_next(cg_run_walk *walk);
void cg_run_walk_deinit(cg_run_walk *walk);

/* The epochs in the names of the pictures there, likewise; one may be there twice. */
cg_status cg_run_picture_epochs(uint64_t **epochs, size_t *count, const cg_run *run);

/* The reasons to keep a checkpoint. */
typedef struct cg_keep_rule {
    uint64_t step;         /* the newest; later ones, which a resume passed over, are left alone  */
    uint64_t keep;         /* this many of the newest stay                                     */
    uint64_t epoch_steps;  /* and every tenth epoch's                                     */
    uint64_t every;        /* scheduled are epochs' ends and, unless 0, multiples of it;
                              others, written at a stop, go when there is a newer one     */
    const uint64_t *bests; /* steps, ascending, each the best of the run when it was done: */
    size_t best_count;     /* of each checkpoint that stays the best of then stays too    */
} cg_keep_rule;

cg_status cg_run_prune(const cg_run *run, const cg_keep_rule *rule);

/* Removes pictures of epochs after `epoch` and all of steps: what a resumed run draws anew. */
cg_status cg_run_remove_pictures(const cg_run *run, size_t epoch);

#endif
