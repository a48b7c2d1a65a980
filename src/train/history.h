/* The history of a run's evaluations: the best so far, and which warnings stand. All of it follows
 * from the log's records, so that a resumed run has the same history. */
#ifndef CLGAN_TRAIN_HISTORY_H
#define CLGAN_TRAIN_HISTORY_H

#include "run/record.h"
#include "train/warnings.h"

/* {0} is a run without evaluations. */
typedef struct cg_history {
    uint64_t *bests;    /* steps at which the distance was the smallest so far, ascending; owned */
    size_t best_count;  /* the last of them is the best                                          */
    uint64_t ended;     /* step of the last epoch's end, 0: none */
    uint64_t evaluated; /* step of the last evaluation, 0: none  */
    double best_fid;    /* of that one                                                           */
    cg_past past, before;     /* with the last evaluation, and before it, as far as is comparable */
    char measure[96];         /* classifier and number of samples: distances by another are not
                                 comparable, and the best is looked for anew */
    bool warned[CG_WARNINGS]; /* warned of, and not cleared since */
} cg_history;

/* Takes in one record; those of steps change nothing.
 * CG_ERR_MEMORY. */
cg_status cg_history_add(cg_history *history, const cg_record *record);

/* *history = of the log's records. A missing log has none. CG_ERR_INPUT, CG_ERR_MEMORY; to be given
 * to cg_history_deinit() whatever the status. */
cg_status cg_history_read(cg_history *history, const char *path);
void cg_history_deinit(cg_history *history);

/* The step of the best evaluation, 0 when there is none. */
uint64_t cg_history_best(const cg_history *history);

#endif
