/* The start of a run that goes on: its files are taken back to its newest sound checkpoint. */
#ifndef CLGAN_TRAIN_RESUME_H
#define CLGAN_TRAIN_RESUME_H

#include "train/state.h"

/* The state of a run after that checkpoint, or where it came to none its first one. No file is
 * changed before options, data, device and checkpoint are known to be good, and there is something
 * left to do. */
cg_status cg_resume(cg_trainer *t);

#endif
