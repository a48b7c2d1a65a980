/* A training step of a batch in shards. */
#ifndef CLGAN_NN_SHARDS_STEP_H
#define CLGAN_NN_SHARDS_STEP_H

#include "nn/shards.h"

/* All stages on all shards: the update head->step, whose metrics go to row head->row. Asynchronous,
 * but for the exchanges of several ranks. CG_ERR_RANK. */
cg_status cg_shards_run_step(cg_shards *shards);

#endif
