/* The end of an epoch: its picture, the GIF, its record and its checkpoint, in this order. So a
 * checkpoint stands for files that are complete, and a resume takes back what is newer than it.
 *
 * Then the epoch is judged, which may take minutes: the best checkpoint, and the verdict's records.
 * A resume judges what was not. */
#ifndef CLGAN_TRAIN_EPOCH_H
#define CLGAN_TRAIN_EPOCH_H

#include "train/state.h"

/* After an epoch's last step. Blocking. CG_ERR_WRITE; as cg_metrics_fetch(), cg_save_picture() and
 * cg_save_checkpoint(). */
cg_status cg_epoch_finish(cg_trainer *t, const cg_step_place *place);

/* Judges the epoch that the checkpoint stands at, where the process before was stopped in that
 * (t->unjudged). Blocking. */
cg_status cg_epoch_judge_resumed(cg_trainer *t);

#endif
