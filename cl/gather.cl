/* The images of a batch, in the epoch's order: a keyed permutation of 0 .. count - 1, computed
 * where it is needed. Source: a balanced Feistel network over 2 * half_bits bits, eight rounds,
 * walked until the index is below count (Black and Rogaway 2002); the same as src/base/shuffle.c.
 */
#include "common.clh"

static uint feistel_round(uint x, uint key)
{
    uint h = (x + key) * 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    return h ^ (h >> 16);
}

static uint permute(uint index, uint count, uint half_bits, const uint keys[CG_SHUFFLE_ROUNDS])
{
    const uint mask = (1u << half_bits) - 1u;
    do {
        uint left = index >> half_bits, right = index & mask;
        for (int i = 0; i < CG_SHUFFLE_ROUNDS; i++) {
            const uint next = left ^ (feistel_round(right, keys[i]) & mask);
            left = right;
            right = next;
        }
        index = left << half_bits | right;
    } while (index >= count);
    return index;
}

/* out[to + i] = (images[permute(first + i)] - 127.5) / 127.5. One row of an image a work-item.
 * NDRange: (rows, n). */
__kernel void gather_images(__global float *restrict out, __global const uchar *restrict images,
                            uint8 round_keys, uint first, uint count, uint half_bits, int to,
                            int rows, int columns, int n)
{
    const int row = (int)get_global_id(0);   /* 0 .. rows - 1 */
    const int image = (int)get_global_id(1); /* 0 .. n - 1    */
    uint keys[CG_SHUFFLE_ROUNDS];

    if (row >= rows || image >= n)
        return;
    vstore8(round_keys, 0, keys);
    const size_t from = (size_t)permute(first + (uint)image, count, half_bits, keys);
    __global const uchar *in = images + (from * (size_t)rows + (size_t)row) * (size_t)columns;
    __global float *o = out + ((size_t)(to + image) * (size_t)rows + (size_t)row) * (size_t)columns;
    for (int i = 0; i < columns; i++)
        o[i] = DIVIDE(float, convert_float(in[i]) - CG_PIXEL_MIDDLE, CG_PIXEL_MIDDLE);
}
