/* Sums of partial results, in a fixed order. */
#include "common.clh"

/* y[i] = partial[0][i] + partial[1][i] + ..., i < count. NDRange: (count). */
__kernel void sum_partials(__global float *restrict y, __global const float *restrict partial,
                         int count, int partials)
{
    const int i = (int)get_global_id(0); /* 0 .. count - 1 */
    float sum = 0.0f;

    if (i >= count)
        return;
    UNROLL_LOADS for (int s = 0; s < partials; s++)
        sum += partial[(size_t)s * (size_t)count + (size_t)i];
    y[i] = sum;
}

/* dw[tap][channels] and db[width] = the partials' sums; partial: [partials][CG_TAP_SUMS(taps)]
 * [width], the last being db's. width: the channels, padded. NDRange: (width, CG_TAP_SUMS(taps), or
 * taps where db is not wanted). */
__kernel void sum_tap_partials(__global float *restrict dw, __global float *restrict db,
                             __global const float *restrict partial, int taps, int channels,
                             int partials)
{
    const int width = (channels + CG_BLOCK - 1) / CG_BLOCK * CG_BLOCK;
    const int c = (int)get_global_id(0);   /* 0 .. width - 1 */
    const int tap = (int)get_global_id(1); /* 0 .. taps      */
    float sum = 0.0f;

    if (c >= width)
        return;
    UNROLL_LOADS for (int s = 0; s < partials; s++)
        sum += partial[(s * CG_TAP_SUMS(taps) + tap) * width + c];
    if (tap == taps)
        db[c] = sum;
    else if (c < channels)
        dw[tap * channels + c] = sum;
}
