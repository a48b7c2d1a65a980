/* The training loop: it takes a state from step to step, and has written to files what is due at
 * log intervals, checkpoints, epochs' ends (train/epoch.h) and stops. */
#ifndef CLGAN_TRAIN_TRAINER_H
#define CLGAN_TRAIN_TRAINER_H

#include "train/state.h"

/* Trains from t->step to t->last, and judges the epoch that a resume finds unjudged; says how that
 * begins and ends. If nothing is left it says that alone. CG_ERR_STOPPED and CG_ERR_COLLAPSED
 * with the state saved; CG_ERR_DIVERGED, CG_ERR_WRONG, CG_ERR_WRITE and what else a step and files
 * can come to. */
cg_status cg_trainer_run(cg_trainer *t);

#endif
