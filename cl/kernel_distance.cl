/* The kernel distance's sums: the polynomial kernel k(x, y) = (x.y / d + 1)^3 over a matrix of
 * products. The sums are of k - 1 = s^3 + 3 s^2 + 3 s, s = x.y / d. The 1 cancels between the three
 * means of the distance, and is left out to keep the digits that it would cost. Rows and columns of
 * zeros, which pad the sets, add nothing. Source: Binkowski et al. 2018.
 */
#include "common.clh"

/* partial[chunk][q] = sum over the chunk's rows p of k(products[p][q]) - 1, without p = q where
 * `same` says that both are one set. columns: a multiple of VEC.
 * NDRange: (columns / VEC, ceil(rows / CG_KERNEL_DISTANCE_CHUNK)). */
__kernel void kernel_distance_sum(__global float *restrict partial,
                                  __global const float *restrict products, int rows, int columns,
                                  float scale, int same)
{
    const int q = (int)get_global_id(0) * VEC; /* 0 .. columns - 1 */
    const int first = (int)get_global_id(1) * CG_KERNEL_DISTANCE_CHUNK;
    vfloat sum = (vfloat)(0.0f);

    if (q >= columns || first >= rows)
        return;
    for (int p = first; p < min(first + CG_KERNEL_DISTANCE_CHUNK, rows); p++) {
        const vfloat s = VLOAD(products, (size_t)p * (size_t)columns + (size_t)q) * scale;
        vfloat term = s * (s * (s + 3.0f) + 3.0f);
        if (same && p >= q && p < q + VEC)
            ((float *)&term)[p - q] = 0.0f;
        sum += term;
    }
    VSTORE(sum, partial, get_global_id(1) * (size_t)columns + (size_t)q);
}
