/* Counter-based random numbers: Philox4x32-10 with key = seed and counter = (index, layer, step,
 * stream). Nothing is kept between calls. Source: Salmon, Moraes, Dror and Shaw, SC11.
 *
 * Outputs come in groups of 64: word j of counter 16 g + l is element 64 g + 16 j + l, whatever VEC
 * is. Those of masks are halves of words, in groups of 128: the high half of that word is element
 * 128 g + 32 j + l, its low half the 16th after it. Buffers have room for whole groups.
 */
#include "common.clh"

/* Numbers of 64 bits of which the low half counts, as processors multiply vectors: SETS of them
 * make up a vuint, of its even and of its odd lanes. The high halves may hold anything.
 */
#if VEC == 1
#define SETS 1
typedef ulong wide;
#define WIDE(x, set) ((ulong)(x))
#define NARROW(x)    ((uint)(x)[0])
#else
#define SETS 2
#if VEC == 16
#define PAIRS 8
#elif VEC == 8
#define PAIRS 4
#else
#define PAIRS 2
#endif
typedef JOIN(ulong, PAIRS) wide;
#define WIDE(x, set) (JOIN(as_ulong, PAIRS)(x) >> (ulong)(32 * (set)))
#define NARROW(x)    JOIN(as_uint, VEC)(((x)[0] & LOW) | ((x)[1] << 32))
#endif
#define LOW 0xFFFFFFFFul

/* The four output words for VEC consecutive counters. */
static void philox4x32(vuint out[4], vuint index, uint layer, uint step, uint stream, uint2 key)
{
    wide c0[SETS], c1[SETS], c2[SETS], c3[SETS];
    UNROLL for (int set = 0; set < SETS; set++) {
        c0[set] = WIDE(index, set);
        c1[set] = (wide)(layer);
        c2[set] = (wide)(step);
        c3[set] = (wide)(stream);
    }
    /* Unrolled: in the first two rounds one product of two is the same in all lanes. */
    UNROLL for (int round = 0; round < 10; round++) {
        UNROLL for (int set = 0; set < SETS; set++) {
            const wide product0 = (c0[set] & LOW) * 0xD2511F53ul;
            const wide product2 = (c2[set] & LOW) * 0xCD9E8D57ul;
            c0[set] = (product2 >> 32) ^ c1[set] ^ (ulong)key.x;
            c1[set] = product2;
            c2[set] = (product0 >> 32) ^ c3[set] ^ (ulong)key.y;
            c3[set] = product0;
        }
        key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
    }
    out[0] = NARROW(c0);
    out[1] = NARROW(c1);
    out[2] = NARROW(c2);
    out[3] = NARROW(c3);
}

/* The counters first .. first + VEC - 1. */
static vuint counters(uint first)
{
    uint lanes[VEC];
    UNROLL for (uint i = 0; i < VEC; i++) lanes[i] = first + i;
#if VEC == 1
    return lanes[0];
#elif VEC == 4
    return vload4(0, lanes);
#elif VEC == 8
    return vload8(0, lanes);
#else
    return vload16(0, lanes);
#endif
}

/* Returns the element that word 0 of the counters from `first` becomes; word j lies
 * CG_RANDOM_COUNTERS * j further. */
static int element_of(int first)
{
    return first / CG_RANDOM_COUNTERS * CG_RANDOM_GROUP + first % CG_RANDOM_COUNTERS;
}

/* The raw words, for tests. NDRange: (groups * CG_RANDOM_COUNTERS / VEC). */
__kernel void random_words(__global uint *restrict out, uint layer, uint step, uint stream,
                           uint2 key, int count)
{
    const int first = (int)get_global_id(0) * VEC; /* counter, 0 .. count / 4 - 1 */
    vuint words[4];
    if (first >= count / 4)
        return;
    philox4x32(words, counters((uint)first), layer, step, stream, key);
    UNROLL for (int j = 0; j < 4; j++)
        *(__global vuint *)(out + element_of(first) + CG_RANDOM_COUNTERS * j) = words[j];
}

/* out ~ N(0, 1) by Box and Muller 1958: words (0, 1) and (2, 3) give two pairs.
 * NDRange: (count / 4 / VEC), count a multiple of CG_RANDOM_GROUP. */
__kernel void random_normal(__global float *restrict out, uint layer, uint step, uint stream,
                            uint2 key, int count)
{
    const int first = (int)get_global_id(0) * VEC; /* counter, 0 .. count / 4 - 1 */
    vuint words[4];
    if (first >= count / 4)
        return;
    philox4x32(words, counters((uint)first), layer, step, stream, key);
    UNROLL for (int j = 0; j < 4; j += 2) {
        const vfloat u = (VFLOAT(words[j]) + 0.5f) * 0x1p-32f; /* never 0: log is finite */
        const vfloat angle = VFLOAT(words[j + 1]) * 0x1p-31f;  /* in half turns          */
        const vfloat radius = SQRT(vfloat, -2.0f * LOG(vfloat, min(u, 1.0f)));
        const vfloat x = FLUSH(vfloat, radius * COSPI(vfloat, angle));
        const vfloat y = FLUSH(vfloat, radius * SINPI(vfloat, angle));
        VSTORE(x, out, element_of(first) + CG_RANDOM_COUNTERS * j);
        VSTORE(y, out, element_of(first) + CG_RANDOM_COUNTERS * (j + 1));
    }
}

/* 1 with probability threshold / 2^16, else 0: count bytes of `out` for `layer`, and after them
 * next_count of `next` for the layer after it. NDRange: ((count + next_count) / 8 / VEC), each a
 * multiple of CG_MASK_GROUP. */
__kernel void random_mask(__global uchar *restrict out, __global uchar *restrict next, uint layer,
                          uint step, uint stream, uint2 key, int count, int next_count,
                          uint threshold)
{
    int first = (int)get_global_id(0) * VEC; /* counter, of both */
    vuint words[4];
    if (first >= (count + next_count) / 8)
        return;
    if (first >= count / 8) {
        first -= count / 8;
        layer++;
        out = next;
    }
    philox4x32(words, counters((uint)first), layer, step, stream, key);
    out += first / CG_RANDOM_COUNTERS * CG_MASK_GROUP + first % CG_RANDOM_COUNTERS;
    UNROLL for (int j = 0; j < 8; j++) {
        const vuint half_word = j % 2 ? words[j / 2] & 0xFFFFu : words[j / 2] >> 16;
        const vuint keep = select((vuint)(0u), (vuint)(1u), half_word < threshold);
        *(__global vuchar *)(out + CG_RANDOM_COUNTERS * j) = VUCHAR(keep);
    }
}
