/* The streams of random numbers: Philox's key is the seed, its counter (index, layer, step,
 * stream). A stream is never used for two purposes. */
#ifndef CLGAN_BASE_STREAMS_H
#define CLGAN_BASE_STREAMS_H

#include <stdint.h>

typedef enum cg_stream {
    CG_STREAM_INIT = 1,        /* initial weights; layer = parameter        */
    CG_STREAM_NOISE = 2,       /* a step's noise; layer = shard             */
    CG_STREAM_DROPOUT = 3,     /* a step's masks; layer = 2 shard + which dropout, from 1 */
    CG_STREAM_SHUFFLE = 4,     /* an epoch's order; step = epoch            */
    CG_STREAM_PICTURES = 5,    /* the fixed noise of a run's picture grids */
    CG_STREAM_SAMPLE = 6,      /* `clgan sample`; step = batch              */
    CG_STREAM_BENCH = 7,       /* the images that the bench trains on; layer = chunk */
    CG_STREAM_EVAL = 8,        /* the draws of measures; layer = which (eval/draw.h) */
    CG_STREAM_JUDGED = 9,      /* the samples that are judged while training; step = group */
    CG_STREAM_STATISTICS = 10, /* noise for recomputed statistics; step = batch */
    CG_STREAM_AUDIT = 11       /* which steps and stages of a training are audited */
} cg_stream;

/* A seed as Philox's key. */
static inline void cg_seed_key(uint32_t key[2], uint64_t seed)
{
    key[0] = (uint32_t)seed;
    key[1] = (uint32_t)(seed >> 32);
}

#endif
