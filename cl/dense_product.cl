/* Products of a dense layer from vectors to a blocked map, for CPU runtimes:
 *
 *     c[block][row][width] = sum over k of  a[row][k] b[block][k][width]
 *
 * forward: rows are images, k the vector's elements, b the weights, c the map.
 * the weights' gradient: a is transposed, [k][row]; rows are the vector's elements, k images, b the
 * map's gradient, c the weights'.
 *
 * One work-item has all rows of up to PANELS panels of 32 columns. Local size 1; the method is that
 * of fourier_product.cl: chunks of a [PART] and b [PANELS][PART] in local memory, register tiles.
 */
#include "common.clh"
#include "tile.clh"

/* BLOCK rows of a chunk of a, from row r0 and k0 on; what lies beyond the rows is left as it is. */
static inline void load_a(__local float *to, __global const float *a, int r0, int rows, int k0,
                          int chunk, int a_pitch, bool transposed)
{
    const int row_count = min(BLOCK, rows - r0);
    for (int k = 0; transposed && k < chunk; k++)
        for (int r = 0; r < row_count; r++)
            to[k * BLOCK + r] = a[(k0 + k) * a_pitch + r0 + r];
    for (int r = 0; !transposed && r < row_count; r++)
        for (int k = 0; k < chunk; k++)
            to[r * CHUNK + k] = a[(r0 + r) * a_pitch + k0 + k];
}

/* c[row_count][COLUMNS] = sum, or, where there is something already, += ; row_count <= ROWS. */
static inline void add_tile(__global float *c, int pitch, vfloat sum[ROWS][VECTORS], int row_count,
                            bool first)
{
    UNROLL for (int r = 0; r < ROWS; r++) {
        UNROLL for (int v = 0; v < VECTORS; v++) {
            __global float *at = c + r * pitch + v * VEC;
            if (r < row_count)
                VSTORE(first ? sum[r][v] : VLOAD(at, 0) + sum[r][v], at, 0);
        }
    }
}

/* width: floats of a block in a row, a multiple of BLOCK. */
static inline void multiply(__global float *c, __global const float *a, __global const float *b,
                            __local float *a_part, __local float *b_part, int rows, int k_count,
                            int a_pitch, int width, int panels, bool transposed)
{
    const int first_panel = OWN_GROUP * PANELS;
    const int panel_count = min(PANELS, panels - first_panel);
    size_t b_at[PANELS], c_at[PANELS];

    for (int p = 0; p < panel_count; p++) {
        const size_t at = (size_t)(first_panel + p) * BLOCK;
        const size_t block = at / (size_t)width, column = at % (size_t)width;
        b_at[p] = block * (size_t)k_count * (size_t)width + column;
        c_at[p] = block * (size_t)rows * (size_t)width + column;
    }
    for (int k0 = 0; k0 < k_count; k0 += CHUNK) {
        const int chunk = min(CHUNK, k_count - k0);
        for (int p = 0; p < panel_count; p++)
            for (int k = 0; k < chunk; k++)
                UNROLL for (int v = 0; v < BLOCK; v += VEC)
                    LOCAL_STORE(VLOAD(b, b_at[p] + (size_t)((k0 + k) * width + v)), b_part,
                                p * PART + k * BLOCK + v);
        for (int r0 = 0; r0 < rows; r0 += BLOCK) {
            load_a(a_part, a, r0, rows, k0, chunk, a_pitch, transposed);
            for (int p = 0; p < panel_count; p++) {
                for (int r = 0; r < min(BLOCK, rows - r0); r += ROWS) {
                    for (int v = 0; v < BLOCK; v += COLUMNS) {
                        vfloat sum[ROWS][VECTORS];
                        prefetch_tile(c + c_at[p] + (size_t)((r0 + r) * width + v), width);
                        multiply_tile(sum, a_part + r * ROW_STEP(transposed),
                                      b_part + p * PART + v, chunk, transposed);
                        add_tile(c + c_at[p] + (size_t)((r0 + r) * width + v), width, sum,
                                 rows - r0 - r, k0 == 0);
                    }
                }
            }
        }
    }
}

/* NDRange of both: (groups of PANELS panels * SPREAD). */
#define DEFINE_PRODUCT(name, transposed)                                                           \
    __kernel __attribute__((reqd_work_group_size(1, 1, 1))) void name(                             \
        __global float *restrict c, __global const float *restrict a,                              \
        __global const float *restrict b, __local float *a_part, __local float *b_part, int rows,  \
        int k_count, int a_pitch, int width, int panels)                                           \
    {                                                                                              \
        if (IS_IDLE)                                                                               \
            return;                                                                                \
        multiply(c, a, b, a_part, b_part, rows, k_count, a_pitch, width, panels, transposed);      \
    }
DEFINE_PRODUCT(dense_product_fwd, false)
DEFINE_PRODUCT(dense_product_bwd_weight, true)
