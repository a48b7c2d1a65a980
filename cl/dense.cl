/* Backward through a dense layer with one output, dropout and LeakyReLU before it:
 * dx[n, f] = w[f] (mask / keep) leaky'(x), for a unit gradient at every image's output.
 * x is LeakyReLU's result after dropout, a blocked map; w is [blocks][pixels][BLOCK].
 */
#include "common.clh"

/* NDRange: (pixels * BLOCK / VEC, n, blocks). */
__kernel void dense_column_bwd(__global float *restrict dx, __global const float *restrict w,
                               __global const float *restrict x,
                               __global const uchar *restrict mask, int n_count, int pitch,
                               int pixels, float mask_scale, float slope)
{
    const int f = (int)get_global_id(0) * VEC; /* within a block: 0 .. pixels * BLOCK - 1 */
    const int n = (int)get_global_id(1);       /* 0 .. n_count - 1                        */
    const int b = (int)get_global_id(2);       /* block                                   */
    const size_t width = (size_t)(pixels * BLOCK);
    const size_t at = ((size_t)b * (size_t)pitch + (size_t)n) * width + (size_t)f;

    if (f >= pixels * BLOCK || n >= n_count)
        return;
    const vfloat keep = VFLOAT(*(__global const vuchar *)(mask + at)) * mask_scale;
    VSTORE(LEAKY_GRAD(VLOAD(w, (size_t)b * width + (size_t)f), VLOAD(x, at), slope) * keep, dx, at);
}
