/* A dense layer with one output, on a blocked map x; w is [blocks][pixels][CG_BLOCK].
 * Forward: y[n] = sum over f of x[n, f] w[f].
 * Weight gradient: dw[f] = sum over n of factor[n] x[n, f].
 * Backward through it, dropout and LeakyReLU before it:
 * dx[n, f] = w[f] (mask / keep) leaky'(x), for a unit gradient at every image's output; a byte of
 * the gates (conv2d.clh) has both.
 */
#include "common.clh"
#include "conv2d.clh"

/* The sums of an output; in strict programs one for each lane of a block. */
#define COLUMN_SUMS (IS_STRICT ? BLOCK_VECTORS : CG_DENSE_ITEMS(VEC))
#define SUMMED      (IS_STRICT ? VEC : 1) /* sums that a vector is added up to */

/* A group has one image and COLUMN_SUMS sums of it, shared out to as many work-items as the device
 * allows, at most one each. The lanes' and then these sums are added in their order.
 * NDRange: (work-items of a group * n). */
__kernel void dense_column_fwd(__global float *restrict y, __global const float *restrict x,
                               __global const float *restrict w, int pitch, int pixels, int blocks)
{
    __local float sums[COLUMN_SUMS * SUMMED];
    const int n = (int)GROUP_ID(0);
    const int width = pixels * CG_BLOCK;

    for (int s = (int)get_local_id(0); s < COLUMN_SUMS; s += (int)get_local_size(0)) {
        vfloat sum = (vfloat)(0.0f);
        for (int b = 0; b < blocks; b++) {
            __global const float *row = x + map_index(pitch, pixels, b, n, 0, 0);
            for (int f = s * VEC; f < width; f += COLUMN_SUMS * VEC)
                sum = MAD(vfloat, VLOAD(row, f), VLOAD(w, b * width + f), sum);
        }
        for (int i = 0; i < SUMMED; i++) {
            float lanes = 0.0f;
            for (int v = i; v < VEC; v += SUMMED)
                lanes += ((const float *)&sum)[v];
            sums[s * SUMMED + i] = lanes;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float all = 0.0f;
        for (int i = 0; i < COLUMN_SUMS * SUMMED; i++)
            all += sums[i];
        y[n] = all;
    }
}

/* partial[part][blocks][pixels][CG_BLOCK]: the sum over CG_DENSE_EACH images.
 * NDRange: (pixels * CG_BLOCK / VEC, partials, blocks). */
__kernel void dense_column_bwd_weight(__global float *restrict partial,
                                      __global const float *restrict x,
                                      __global const float *restrict factor, int n_count,
                                      int pitch, int pixels, int blocks)
{
    const int f = (int)get_global_id(0) * VEC; /* within a block: 0 .. pixels * CG_BLOCK - 1 */
    const int part = (int)get_global_id(1), b = (int)get_global_id(2);
    const int n_first = part * CG_DENSE_EACH;
    vfloat sum = (vfloat)(0.0f);

    if (f >= pixels * CG_BLOCK || n_first >= n_count)
        return;
    for (int n = n_first; n < min(n_first + CG_DENSE_EACH, n_count); n++)
        sum = MAD(vfloat, factor[n], VLOAD(x, map_index(pitch, pixels, b, n, 0, f)), sum);
    VSTORE(sum, partial, map_index(blocks, pixels, part, b, 0, f));
}

/* NDRange: (pixels * CG_BLOCK / VEC, n, blocks). */
__kernel void dense_column_bwd(__global float *restrict dx, __global const float *restrict w,
                               __global const uchar *restrict gates, int n_count, int pitch,
                               int pixels, float mask_scale, float slope)
{
    const int f = (int)get_global_id(0) * VEC; /* within a block: 0 .. pixels * CG_BLOCK - 1 */
    const int n = (int)get_global_id(1);       /* 0 .. n_count - 1                        */
    const int b = (int)get_global_id(2);       /* block                                   */
    const size_t at = map_index(pitch, pixels, b, n, 0, f);

    if (f >= pixels * CG_BLOCK || n >= n_count)
        return;
    const vfloat g = VLOAD(w, row_index(pixels, b, 0, f));
    const vfloat gate = VECTOR_LOAD_MASK(gates, at);
    VSTREAM(FLUSH(vfloat, GATED(g, gate, slope, mask_scale)), dx, at);
}
