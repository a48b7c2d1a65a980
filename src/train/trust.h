/* The trust in a training's device: it is tested before, and loses what it has passed when it is
 * seen to compute wrong (train/audit.h sees that). */
#ifndef CLGAN_TRAIN_TRUST_H
#define CLGAN_TRAIN_TRUST_H

#include "train/state.h"

/* The device proves that it computes right, unless nothing is left to be computed: what a training
 * by that choice does, and evaluations where one is due before its end, that nobody learns after an
 * epoch that they cannot be had. Kernels are compiled for that; a signal ends the process
 * meanwhile. CG_ERR_WRONG, CG_ERR_STOPPED. */
cg_status cg_trust_test(cg_trainer *t, const cg_choice *choice);

/* The device has been seen to compute wrong: whoever trains there next tests it again. Logs which
 * checkpoint is the last one known to be good, and how to go on. */
void cg_trust_withdraw(cg_trainer *t);

#endif
