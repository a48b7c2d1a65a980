/* A loss or a state that is not finite: the training diverges, or a device made it so.
 *
 * All ranks do the steps from the state that the audit keeps again. A device whose results are
 * finite then is wrong; so is one that a check of the first of these steps finds. Else all do them
 * once more: a device that gives others than before is wrong, and so is one that a check of the
 * last step finds. */
#ifndef CLGAN_TRAIN_RETRY_H
#define CLGAN_TRAIN_RETRY_H

#include "train/state.h"

/* Has all ranks do the steps from the last audited one up to `step` again: each looks for what is
 * wrong on its own device in the first of them (cg_retry_take_back()), rank 0 in the last one, too;
 * not all results may be finite at the end, or others the second time. CG_ERR_WRONG, logged, when a
 * device is wrong, CG_ERR_RANK when another rank says so; CG_OK when none is, and after a stop. The
 * state is that of no step afterwards: the run has to end. */
cg_status cg_retry(cg_trainer *t, uint64_t step);

/* A rank's part of that before the first step: its network takes the kept state back, once all
 * stages of the step after it have gone through their spot checks; of a batch in shards, the
 * head's. Blocking. CG_ERR_WRONG, logged. */
cg_status cg_retry_take_back(const cg_trainer *t);

#endif
