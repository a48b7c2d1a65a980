/* The start of a new run. */
#ifndef CLGAN_TRAIN_START_H
#define CLGAN_TRAIN_START_H

#include "train/state.h"

/* Options, data and a device become a state at step 0 and a run directory. Nothing is created
 * before the former are known to be good. */
cg_status cg_start(cg_trainer *t);

#endif
