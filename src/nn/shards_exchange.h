/* The exchange of shards' sums between ranks, and of the state. Each is called by all ranks. */
#ifndef CLGAN_NN_SHARDS_EXCHANGE_H
#define CLGAN_NN_SHARDS_EXCHANGE_H

#include "nn/shards.h"

/* True where ranks exchange nothing: there is one; or kernels are only counted. */
bool cg_shards_are_idle(const cg_shards *shards);

/* The sums of all shards become the root, in slot 0 of each rank. CG_ERR_RANK, as all below. */
cg_status cg_shards_merge(cg_shards *shards, const cg_tree_slots *slots);

/* The head's gradients become those of the whole batch; with several ranks, in its slice. */
cg_status cg_shards_merge_gradients(cg_shards *shards);

/* An arena's slices go from their ranks to all. */
cg_status cg_shards_gather_slices(cg_shards *shards, cg_arena_id id);

/* The head of each rank gets the whole state: what other ranks have updated. Blocking. */
cg_status cg_shards_collect(cg_shards *shards);

/* The heads of all ranks get the state of rank 0's: parameters, moments, average, statistics.
 * Blocking. CG_ERR_RANK, logged, where a device lays its arrays out in another way. */
cg_status cg_shards_share(cg_shards *shards);

#endif
