/* The ranks of a training (ranks/ranks.h): rank 0 leads, the others follow.
 *
 * Rank 0 runs the training as a process alone does, with all of its files and messages. Before it
 * does what all ranks have to do together, it gives them an order. A follower knows nothing of the
 * run but what it is told: at the beginning the recipe and the state, then one order after the
 * other. An error of any rank ends all of them (cg_ranks_close()).
 */
#ifndef CLGAN_TRAIN_TEAM_H
#define CLGAN_TRAIN_TEAM_H

#include "train/state.h"

/* Rank 0 warns of ranks that share a device. All ranks call it, once they have begun. */
cg_status cg_team_compare_devices(const cg_trainer *t);

/* ---- rank 0; each does nothing where there are no other ranks -------------------------------- */

/* What is to be trained: the recipe with its algorithms, before the device is tested. */
cg_status cg_team_begin(const cg_trainer *t);

/* The state, once rank 0 has it. Blocking. */
cg_status cg_team_share(const cg_trainer *t);

/* A step, which all audit or none. */
cg_status cg_team_order_step(const cg_trainer *t, uint64_t step, bool audited);

/* t->net gets the whole state, of which other ranks have parts. It goes before anybody reads more of
 * it than the parameters. Blocking. */
cg_status cg_team_collect(const cg_trainer *t);

/* The others end, too. */
cg_status cg_team_end(const cg_trainer *t);

/* ---- the others ------------------------------------------------------------------------------ */

/* Follows rank 0 to the end of the training. CG_ERR_INPUT, logged, where this rank's images are
 * others than rank 0's; CG_ERR_RANK, and what a device can come to. */
cg_status cg_team_follow(cg_trainer *t);

#endif
