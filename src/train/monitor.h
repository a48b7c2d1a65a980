/* A run watched while it trains: at epochs' ends samples are drawn and judged, the best checkpoint
 * is kept as best.safetensors, and what goes wrong is said.
 *
 * Nothing of it reaches the training: samples have a random stream of their own, and the network is
 * used as for the epoch's picture. What the monitor knows of earlier epochs is what the log says.
 */
#ifndef CLGAN_TRAIN_MONITOR_H
#define CLGAN_TRAIN_MONITOR_H

#include "eval/evaluator.h"
#include "train/history.h"
#include "train/step.h"

struct cg_trainer;

typedef struct cg_monitor {
    bool able; /* evaluation is wanted, and its files are there */
    cg_history history;
    cg_evaluator *evaluator; /* NULL before the first evaluation */
    double real_variety;
    bool collapsed; /* samples were alike at this evaluation and at the one before */
} cg_monitor;

/* Sees, before anything is changed, that evaluation has what it needs. Where that is missing: a
 * sentence, and no evaluation; or, when evaluation was asked for, CG_ERR_INPUT. So are files that
 * cannot be used. */
cg_status cg_monitor_prepare(struct cg_trainer *t);

/* For a run that goes on: takes in its log, and makes best.safetensors the best of that again. */
cg_status cg_monitor_resume(struct cg_trainer *t);

/* At an epoch's end, between its record and its checkpoint, and after the sampler's update for its
 * picture: evaluates where that is due, writes the records and best.safetensors. An evaluation that
 * fails is the last one of this process, and no failure of the training. Blocking. */
cg_status cg_monitor_epoch(struct cg_trainer *t, const cg_step_place *place);

void cg_monitor_deinit(cg_monitor *monitor);

#endif
