/* The files that a training writes beside its log while it runs: pictures and checkpoints. */
#ifndef CLGAN_TRAIN_SAVE_H
#define CLGAN_TRAIN_SAVE_H

#include "train/state.h"

/* Draws the grid of the fixed noise: the picture of the epoch that has ended, or in an epoch one
 * under the step's name. Blocking. CG_ERR_WRITE; CG_ERR_WRONG when drawing changed the state. */
cg_status cg_save_picture(cg_trainer *t, const cg_step_place *place, bool epoch_end);

/* Saves the state after the step, once the metrics up to there have been fetched and the log is on
 * the disk; then cg_save_prune(). Blocking. CG_ERR_WRITE; CG_ERR_DIVERGED when a number of the
 * state is none, CG_ERR_WRONG where the device made it so. */
cg_status cg_save_checkpoint(cg_trainer *t, const cg_step_place *place);

/* Removes the checkpoints that the run does not keep, after the step. CG_ERR_READ. */
cg_status cg_save_prune(const cg_trainer *t, uint64_t step);

#endif
