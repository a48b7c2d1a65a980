/* A keyed permutation of 0 .. count - 1: the order of an epoch, computed and never stored.
 *
 * A balanced Feistel network of eight rounds over the smallest even number of bits that holds
 * count - 1, walked until the result is below count (Black and Rogaway 2002). The device computes
 * the same in cl/gather.cl. */
#ifndef CLGAN_BASE_SHUFFLE_H
#define CLGAN_BASE_SHUFFLE_H

#include "cl/shared.h"

#include <stdint.h>

typedef struct cg_shuffle {
    uint32_t count;
    uint32_t half_bits;
    uint32_t keys[CG_SHUFFLE_ROUNDS];
} cg_shuffle;

/* The permutation of an epoch, from 1: round keys by Philox from (seed, epoch). count > 0. */
void cg_shuffle_init(cg_shuffle *shuffle, uint64_t seed, uint32_t epoch, uint32_t count);

/* Returns the permutation's image of index < count. */
uint32_t cg_shuffle_index(const cg_shuffle *shuffle, uint32_t index);

#endif
