/* A run's records and pictures for TensorBoard, beside its log (io/events.h). */
#ifndef CLGAN_TRAIN_TENSORBOARD_H
#define CLGAN_TRAIN_TENSORBOARD_H

#include "train/trainer.h"

/* With options->tensorboard: a new event file in the run's folder, for the steps to come. Without
 * it this and what follows does nothing. CG_ERR_WRITE. */
cg_status cg_tensorboard_open(cg_trainer *t);

/* Adds a record of the log: each of its numbers as TYPE/KEY at its step, and with a record of an
 * epoch that epoch's picture. CG_ERR_WRITE. */
cg_status cg_tensorboard_record(cg_trainer *t, const char *line);

void cg_tensorboard_close(cg_trainer *t);

#endif
