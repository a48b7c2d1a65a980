/* Random numbers on the device, Philox4x32-10 (base/streams.h). Asynchronous; a call's numbers
 * depend on its arguments alone. */
#ifndef CLGAN_OPS_RANDOM_H
#define CLGAN_OPS_RANDOM_H

#include "base/shuffle.h"
#include "base/streams.h"
#include "ops/map.h"

typedef struct cg_random {
    uint64_t seed;
    cg_stream stream;
    uint32_t layer, step;
} cg_random;

/* out[count] floats ~ N(0, 1). The buffer has room for count rounded up to CG_RANDOM_GROUP. */
cg_status cg_random_normal(cg_runtime *rt, cg_buffer *out, size_t count, const cg_random *random);

/* A byte is 1 where its half word is below this: the nearest to keep in steps of 2^-16. */
static inline uint32_t cg_mask_threshold(double keep)
{
    return (uint32_t)(keep * 0x1p16 + 0.5);
}

/* out[i][counts[i]] bytes for layer random->layer + i, 1 with probability `keep`, else 0, from the
 * words of cg_random_words: the high half of word j of counter 16 g + l is element 128 g + 32 j +
 * l, the low half the 16th after it. Room for counts rounded up to CG_MASK_GROUP. One launch. */
cg_status cg_random_masks(cg_runtime *rt, cg_buffer *const out[2], const size_t counts[2],
                          double keep, const cg_random *random);

/* out[count] raw 32-bit words: word j of counter 16 g + l is element 64 g + 16 j + l. */
cg_status cg_random_words(cg_runtime *rt, cg_buffer *out, size_t count, const cg_random *random);

/* out[to + i] = (images[shuffle(first + i)] - 127.5) / 127.5 for i < n: images [count, h, w] bytes,
 * out a plain map with one channel. */
cg_status cg_gather_images(cg_runtime *rt, const cg_map *out, size_t to, const cg_buffer *images,
                           const cg_shuffle *shuffle, size_t first, size_t n);

#endif
