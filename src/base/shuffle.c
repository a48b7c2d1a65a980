/* The order of an epoch. */
#include "base/shuffle.h"

#include "base/philox.h"
#include "base/streams.h"

#include <assert.h>

void cg_shuffle_init(cg_shuffle *shuffle, uint64_t seed, uint32_t epoch, uint32_t count)
{
    uint32_t key[2];
    assert(count > 0);
    cg_seed_key(key, seed);
    shuffle->count = count;
    shuffle->half_bits = 1;
    while (shuffle->half_bits < 16 && (count - 1) >> (2 * shuffle->half_bits))
        shuffle->half_bits++;
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t counter[4] = {i, 0, epoch, CG_STREAM_SHUFFLE};
        cg_philox4x32(shuffle->keys + 4 * i, counter, key);
    }
}

static uint32_t feistel_round(uint32_t x, uint32_t key)
{
    uint32_t h = (x + key) * 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    return h ^ (h >> 16);
}

uint32_t cg_shuffle_index(const cg_shuffle *shuffle, uint32_t index)
{
    const uint32_t mask = (1u << shuffle->half_bits) - 1u;
    do {
        uint32_t left = index >> shuffle->half_bits, right = index & mask;
        for (int i = 0; i < CG_SHUFFLE_ROUNDS; i++) {
            uint32_t next = left ^ (feistel_round(right, shuffle->keys[i]) & mask);
            left = right;
            right = next;
        }
        index = left << shuffle->half_bits | right;
    } while (index >= shuffle->count);
    return index;
}
