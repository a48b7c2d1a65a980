/* One training step: a pure function of (state, step number, seed). */
#ifndef CLGAN_TRAIN_STEP_H
#define CLGAN_TRAIN_STEP_H

#include "base/streams.h"
#include "nn/shards.h"

/* The source of a run's steps. */
typedef struct cg_step_source {
    uint64_t seed;
    const cg_buffer *images; /* [count, 28, 28] bytes on the device */
    size_t count;
    size_t batch;
} cg_step_source;

/* A step's place in its run, all counted from 1, its first image from 0. */
typedef struct cg_step_place {
    uint64_t step;
    size_t epoch;
    size_t row;         /* of the step in its epoch, from 0 */
    size_t first;       /* image, in the epoch's order */
    size_t reals;       /* images in this batch */
    size_t epoch_steps; /* steps an epoch */
} cg_step_place;

cg_step_place cg_step_locate(const cg_step_source *source, uint64_t step);

/* Draws the step's noise, masks and images, for `batch` fakes and place->reals reals, whose metrics
 * are to go to row place->row: the stages come next. Asynchronous. */
cg_status cg_step_prepare(cg_network *net, const cg_step_source *source,
                          const cg_step_place *place);

/* The same and all stages: of the network, or of a batch in shards, of which the network is the
 * head; NULL: it is whole. */
cg_status cg_step_run(cg_network *net, cg_shards *shards, const cg_step_source *source,
                      const cg_step_place *place);

/* As cg_step_prepare(), of a batch in shards, before cg_shards_run_step(). */
cg_status cg_step_prepare_shards(cg_shards *shards, const cg_step_source *source,
                                 const cg_step_place *place);

/* The source and the place of the part of a step's batch that the k-th shard here has; 0: the
 * head. */
cg_step_source cg_step_part_source(const cg_shards *shards, const cg_step_source *source, size_t k);
cg_step_place cg_step_part_place(const cg_shards *shards, const cg_step_place *place, size_t k);

#endif
