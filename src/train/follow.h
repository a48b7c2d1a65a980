/* A rank that follows rank 0 (train/team.h). */
#ifndef CLGAN_TRAIN_FOLLOW_H
#define CLGAN_TRAIN_FOLLOW_H

#include "train/state.h"

/* Follows rank 0 to the end of the training. CG_ERR_INPUT, logged, where this rank's images are
 * others than rank 0's; CG_ERR_ARGUMENT where rank 0 is another version of the program;
 * CG_ERR_RANK; CG_ERR_WRONG and what else a device can come to. */
cg_status cg_follow(cg_trainer *t);

#endif
