/* The gradients of a batch in shards, which travel between ranks while later ones are computed. */
#ifndef CLGAN_NN_SHARDS_GRADIENTS_H
#define CLGAN_NN_SHARDS_GRADIENTS_H

#include "nn/shards.h"

/* The stage has run on all shards here: the span that it completes, if there is one, is added up
 * and sets off. CG_ERR_RANK, as below. */
cg_status cg_shards_begin_gradients(cg_shards *shards, const cg_stage *stage);

/* The head's gradients become those of the whole batch; with several ranks, in its slices. Waits
 * for what is on its way. */
cg_status cg_shards_end_gradients(cg_shards *shards);

#endif
