/* The gradient of a bias: db[c] = sum over n, p of factor[n] dy[n, p, c], for blocked maps.
 *
 * One work-item sums VEC channels over CG_BIAS_EACH images; the partials are added in their order.
 */
#include "common.clh"

/* partial[part][blocks * CG_BLOCK]. NDRange: (blocks * CG_BLOCK / VEC, partials). */
__kernel void bias_bwd_partial(__global float *restrict partial, __global const float *restrict dy,
                               __global const float *restrict factor, int has_factor, int n_count,
                               int pitch, int pixels, int channels)
{
    const int c = (int)get_global_id(0) * VEC; /* 0 .. channels - 1 (padded) */
    const int n_first = (int)get_global_id(1) * CG_BIAS_EACH;
    const int n_last = min(n_first + CG_BIAS_EACH, n_count);
    vfloat total = (vfloat)(0.0f);

    if (c >= channels || n_first >= n_count)
        return;
    for (int n = n_first; n < n_last; n++) {
        const size_t from = map_index(pitch, pixels, c / CG_BLOCK, n, 0, c % CG_BLOCK);
        vfloat sum = (vfloat)(0.0f);
        UNROLL_LOADS for (int p = 0; p < pixels; p++)
            sum += VLOAD(dy, from + (size_t)(p * CG_BLOCK));
        total = MAD(vfloat, has_factor ? factor[n] : 1.0f, sum, total);
    }
    VSTORE(total, partial, (int)get_global_id(1) * channels + c);
}
