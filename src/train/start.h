/* The start of a run: options and data become a state, anew or from a checkpoint. */
#ifndef CLGAN_TRAIN_START_H
#define CLGAN_TRAIN_START_H

#include "train/state.h"

/* *complete = the options, with the defaults of cg_train_defaults() for numbers that are 0 and not
 * given. CG_ERR_ARGUMENT, logged, for a given one that is out of its range. */
cg_status cg_train_complete(cg_train_options *complete, const cg_train_options *options);

/* A new run: options, data and a device become a state at step 0 and a run directory. Nothing is
 * created before the former are known to be good. */
cg_status cg_start_new(cg_trainer *t);

/* A run that is there: its state after the newest sound checkpoint, or where it came to none its
 * first one. No file is changed before options, data, device and checkpoint are known to be good,
 * and there is something left to do. */
cg_status cg_start_resumed(cg_trainer *t);

/* A rank that follows rank 0: t->config's recipe and epochs, and t->step, are rank 0's; the images
 * have to be. There is no run directory, and the state is undefined yet. */
cg_status cg_start_following(cg_trainer *t);

/* The device has been seen to compute wrong: whoever trains there next tests it again. */
void cg_start_distrust(cg_trainer *t);

#endif
