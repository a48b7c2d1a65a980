/* The files of a run that have numbers in their names: checkpoints by steps, pictures by epochs.
 * They are listed, gone through while another process trains the run, and removed where the run
 * does not keep them. */
#ifndef CLGAN_RUN_NUMBERED_H
#define CLGAN_RUN_NUMBERED_H

#include "run/folder.h"

/* The steps of the checkpoints that lie there, ascending, for free(). */
cg_status cg_run_checkpoints(uint64_t **steps, size_t *count, const cg_run *run);

/* Numbers; a zeroed one has none. */
typedef struct cg_run_list {
    uint64_t *items;
    size_t count;
} cg_run_list;

/* A way through the checkpoints of a run that another process may be training, so that files come
 * and go meanwhile. {.run = run}, and oldest_first where that is wanted, begin it; it is given to
 * cg_run_walk_deinit(). */
typedef struct cg_run_walk {
    const cg_run *run;
    bool oldest_first;
    uint64_t step; /* of the file that was given last, and its path; NULL at the end */
    char *path;
    cg_run_list listed, seen; /* the steps that lie there, and those that were gone through */
    size_t at;                /* of the list: the next one */
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
    uint64_t keep;         /* this many of the newest stay                                  */
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
