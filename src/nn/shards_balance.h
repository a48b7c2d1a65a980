/* The division of shards among ranks: each has as many as it can do in the time of the others. */
#ifndef CLGAN_NN_SHARDS_BALANCE_H
#define CLGAN_NN_SHARDS_BALANCE_H

#include "nn/shards.h"

/* owned [owners + 1] = the first shard of each owner, where owner r takes seconds[r] for a shard.
 * The slowest one is done as early as can be. Each has one or more. */
void cg_shards_divide(size_t owned[], size_t count, size_t owners, const double seconds[]);

/* From now on owner r has the shards from owned[r] on, up to owned[r + 1], one or more. The heads
 * keep the state; what belongs to a batch is undefined until the next step. All ranks call it after
 * the same step. Blocking. */
cg_status cg_shards_move(cg_shards *shards, const size_t owned[]);

/* Begins to measure how fast this rank is. */
void cg_shards_measure(cg_shards *shards);

/* Moves shards from rank to rank where that makes steps faster, as far as was measured since
 * cg_shards_measure() or the last call, and where all have the memory; by all ranks after the same
 * step. Blocking. CG_ERR_RANK. */
cg_status cg_shards_balance(cg_shards *shards);

#endif
