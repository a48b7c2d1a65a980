/* The plain matrix product: any sizes and strides, any device, one result a work-item.
 *
 *     c[z][i][j] = sum over p of  a[z][i][p] b[z][p][j],  or added to what is there
 *
 * Each sum runs over p in order. No local memory, no group of a certain size. Source: its
 * definition.
 */
#include "common.clh"

/* The index of an element of a matrix of the z-th product. */
static inline size_t element(const cg_product_matrix m, int z, int row, int column)
{
    return (size_t)m.offset + (size_t)z * (size_t)m.stride + (size_t)row * (size_t)m.row_step +
           (size_t)column * (size_t)m.column_step;
}

/* NDRange: (columns, rows, products). */
__kernel void product_plain(__global float *restrict c, __global const float *restrict a,
                            __global const float *restrict b, const cg_product_matrix c_layout,
                            const cg_product_matrix a_layout, const cg_product_matrix b_layout,
                            int rows, int columns, int k_count, int added)
{
    const int j = (int)get_global_id(0); /* 0 .. columns - 1  */
    const int i = (int)get_global_id(1); /* 0 .. rows - 1     */
    const int z = (int)get_global_id(2); /* 0 .. products - 1 */
    float sum = 0.0f;

    if (i >= rows || j >= columns)
        return;
    for (int p = 0; p < k_count; p++)
        sum += a[element(a_layout, z, i, p)] * b[element(b_layout, z, p, j)];
    const size_t to = element(c_layout, z, i, j);
    c[to] = added ? c[to] + sum : sum;
}
