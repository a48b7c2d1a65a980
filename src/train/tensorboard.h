/* A run's records and pictures for TensorBoard, beside its log (io/events.h). */
#ifndef CLGAN_TRAIN_TENSORBOARD_H
#define CLGAN_TRAIN_TENSORBOARD_H

#include "io/events.h"
#include "run/record.h"
#include "run/run.h"

/* Adds a record of the run's log: each of its numbers as TYPE/KEY at its step, and with a record of
 * an epoch that epoch's picture. CG_ERR_WRITE; CG_ERR_INPUT when the picture cannot be read. */
cg_status cg_tensorboard_add(cg_events *events, const cg_run *run, const cg_record *record);

#endif
