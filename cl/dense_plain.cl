/* The product of a dense layer (dense_product.cl has its layout) on any device: one result a
 * work-item, no local memory, no group of a certain size. Each sum runs over k in order, so that it
 * is wrong by at most gamma(k) times the sum of its terms' absolute values. Source: its definition.
 */
#include "common.clh"

/* a's elements are row_step floats apart from row to row, k_step along the sum.
 * NDRange: (width, rows, blocks). */
__kernel void dense_plain(__global float *restrict c, __global const float *restrict a,
                          __global const float *restrict b, int rows, int width, int k_count,
                          int row_step, int k_step)
{
    const int column = (int)get_global_id(0);
    const int row = (int)get_global_id(1);
    const size_t block = get_global_id(2);
    float sum = 0.0f;

    if (row >= rows || column >= width)
        return;
    a += (size_t)row * (size_t)row_step;
    b += block * (size_t)k_count * (size_t)width + (size_t)column;
    for (int k0 = 0; k0 < k_count; k0 += SUM_CHUNK(k_count)) {
        float part = 0.0f;
        for (int k = k0; k < min(k0 + SUM_CHUNK(k_count), k_count); k++)
            part = MAD(float, a[(size_t)k * (size_t)k_step], b[(size_t)k * (size_t)width], part);
        sum = k0 ? sum + part : part;
    }
    c[(block * (size_t)rows + (size_t)row) * (size_t)width + (size_t)column] = sum;
}
