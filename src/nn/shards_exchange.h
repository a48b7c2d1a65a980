/* The exchange of shards' sums between ranks, and of the state. Each is called by all ranks. */
#ifndef CLGAN_NN_SHARDS_EXCHANGE_H
#define CLGAN_NN_SHARDS_EXCHANGE_H

#include "nn/shards.h"

/* True where ranks exchange nothing: there is one; or kernels are only counted. */
bool cg_shards_are_idle(const cg_shards *shards);

/* The sums of all shards become the root, in slot 0 of each rank. CG_ERR_RANK, as all below. */
cg_status cg_shards_merge(cg_shards *shards, const cg_tree_slots *slots);

/* An arena's slices go from their ranks to all. */
cg_status cg_shards_gather_slices(cg_shards *shards, cg_arena_id id);

/* The head of each rank gets the whole state: what other ranks have updated. Blocking. */
cg_status cg_shards_collect(cg_shards *shards);

/* The heads of all ranks get the state of rank 0's: parameters, moments, average, statistics.
 * Blocking. CG_ERR_RANK, logged, where a device lays its arrays out in another way. */
cg_status cg_shards_share(cg_shards *shards);

/* ---- what exchanges cost --------------------------------------------------------------------- */

/* Copies come next: what is enqueued ends first, where costs are measured. */
cg_status cg_shards_start_lap(cg_shards *shards);

/* *seconds grows by the time since the lap before ended. */
void cg_shards_count_lap(cg_shards *shards, double *seconds);

/* From and to each rank this many bytes, those of this rank for itself among them. `to` NULL: this
 * rank's `from` to each. */
void cg_shards_count_bytes(cg_shards *shards, const size_t from[], const size_t to[]);

/* An exchange has ended, for which this rank stood still so long. */
void cg_shards_count_exchange(cg_shards *shards, double seconds);

#endif
