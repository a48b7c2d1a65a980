/* The ranks of a training (ranks/ranks.h): rank 0 leads, the others follow (train/follow.h).
 *
 * Rank 0 runs the training as a process alone does, with all of its files and messages. It gives
 * the others an order before each thing that all ranks have to do together. A follower knows
 * nothing of the run but what it is told: at the beginning the recipe and the state, then one order
 * after the other. An error of any rank ends all of them (cg_ranks_close()).
 *
 * These functions but one are rank 0's; where there are no other ranks they do nothing.
 */
#ifndef CLGAN_TRAIN_TEAM_H
#define CLGAN_TRAIN_TEAM_H

#include "train/state.h"

typedef enum cg_order_kind {
    CG_ORDER_BEGIN, /* a cg_assignment comes next */
    CG_ORDER_STEP,
    CG_ORDER_AUDITED_STEP, /* which each rank audits on its own device */
    CG_ORDER_COLLECT,
    CG_ORDER_MEASURE, /* the ranks' speeds, from now on */
    CG_ORDER_BALANCE,
    CG_ORDER_TAKE_BACK,
    CG_ORDER_END
} cg_order_kind;

/* An order. All ranks are of the same program, so that it travels as it is. */
typedef struct cg_order {
    char version[32]; /* of the program that gives it */
    uint64_t kind, step;
} cg_order;

/* An assignment tells a follower of the run. It looks for images where rank 0 has found its own,
 * unless its options name a place. */
typedef struct cg_assignment {
    cg_recipe recipe;
    uint64_t step, epochs;
    uint64_t no_selftest;
    char data[sizeof((cg_run_config *)0)->data];
} cg_assignment;

/* t->team = the ranks' devices; rank 0 warns where some share one. All ranks call it, once they
 * have begun. */
cg_status cg_team_compare_devices(cg_trainer *t);

/* Tells what is to be trained: the recipe with its algorithms, before the device is tested. */
cg_status cg_team_begin(const cg_trainer *t);

/* Gives the others the state, once rank 0 has it. Blocking. */
cg_status cg_team_share(const cg_trainer *t);

/* Orders a step, which all ranks audit or none. */
cg_status cg_team_order_step(const cg_trainer *t, uint64_t step, bool audited);

/* Has the others, too, go back to the state that the last audit kept. */
cg_status cg_team_take_back(const cg_trainer *t);

/* Fetches the whole state, of which other ranks have parts, to t->net. Nobody reads more of it than
 * the parameters before. Blocking. */
cg_status cg_team_collect(const cg_trainer *t);

/* Has shards move between ranks of unlike speed, where that is due after the step, `done` of this
 * process. Blocking. */
cg_status cg_team_balance(const cg_trainer *t, uint64_t done);

/* Ends the others' training. */
cg_status cg_team_end(const cg_trainer *t);

#endif
