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
 * It has all rows of its columns, and so computes the sums over them that the batchnorm after the
 * layer needs.
 */
#include "common.clh"
#include "batchnorm.clh"
#include "moments.clh"
#include "tile.clh"

/* CG_BLOCK rows of a chunk of a, from row r0 and k0 on; what lies beyond the rows is left as it is.
 */
static inline void load_a(__local float *to, __global const float *a, int r0, int rows, int k0,
                          int chunk, int a_pitch, bool transposed)
{
    const int row_count = min(CG_BLOCK, rows - r0);
    for (int k = 0; transposed && k < chunk; k++)
        for (int r = 0; r < row_count; r++)
            to[k * CG_BLOCK + r] = a[(k0 + k) * a_pitch + r0 + r];
    for (int r = 0; !transposed && r < row_count; r++)
        for (int k = 0; k < chunk; k++)
            to[r * TILE_CHUNK + k] = a[(r0 + r) * a_pitch + k0 + k];
}

/* c[row_count][TILE_COLUMNS] = sum, or, where there is something already, += ; row_count is at most
 * TILE_ROWS. */
static inline void add_tile(__global float *c, int pitch, vfloat sum[TILE_ROWS][TILE_VECTORS],
                            int row_count, bool first)
{
    UNROLL for (int r = 0; r < TILE_ROWS; r++) {
        UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
            __global float *at = c + r * pitch + v * VEC;
            if (r < row_count)
                VSTORE(first ? sum[r][v] : VLOAD(at, 0) + sum[r][v], at, 0);
        }
    }
}

/* The transformation of B's rows before they are multiplied: none, or, where they are gradients
 * after a batchnorm and LeakyReLU, the backward pass of both (batchnorm.clh). k then runs over all
 * samples, and a panel's columns are features, of which the work-item has every sample. */
typedef struct {
    bool normalised;
    norm_layer layer;
    __global float *dgamma, *dbeta;
} backward;

#define ROWS_AHEAD 8 /* rows that are asked for early */

/* dgamma and dbeta of a panel, from feature f on; b: its first row, at element `at`. */
static inline void sum_gradients(const backward *through, __global const float *b, size_t at, int f,
                                 int samples, int width)
{
    vfloat g[BLOCK_VECTORS], gx[BLOCK_VECTORS];

    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) g[v] = gx[v] = (vfloat)(0.0f);
    for (int k = 0; k < samples; k++) {
        const size_t row = at + (size_t)k * (size_t)width;
        for (int i = 0; i < CG_BLOCK; i += CACHE_LINE) {
            PREFETCH(b + row + ROWS_AHEAD * width + i);
            PREFETCH(through->layer.x + row + ROWS_AHEAD * width + i);
        }
        UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
            const size_t i = row + (size_t)(v * VEC);
            const norm_element e = norm_read(&through->layer, VLOAD(b, i), i, f + v * VEC);
            g[v] += e.g;
            gx[v] = MAD(vfloat, e.g, e.xhat, gx[v]);
        }
    }
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
        VSTORE(g[v], through->dbeta, f + v * VEC);
        VSTORE(gx[v], through->dgamma, f + v * VEC);
    }
}

/* A panel's chunk: `chunk` of k_count rows from element `at` on. */
static inline void load_b(__local float *to, __global const float *b, const backward *through,
                          size_t at, int f, int chunk, int k_count, int width)
{
    for (int v = 0; v < CG_BLOCK; v += VEC) {
        vfloat mean_g = (vfloat)(0.0f), mean_gx = mean_g;
        if (through->normalised) {
            mean_g = FLUSH(vfloat, DIVIDE(vfloat, VLOAD(through->dbeta, f + v), (float)k_count));
            mean_gx = FLUSH(vfloat, DIVIDE(vfloat, VLOAD(through->dgamma, f + v), (float)k_count));
        }
        for (int k = 0; k < chunk; k++) {
            const size_t i = at + (size_t)(k * width + v);
            vfloat value = VLOAD(b, i);
            if (through->normalised) {
                const norm_element e = norm_read(&through->layer, value, i, f + v);
                value = norm_gradient(&through->layer, e, mean_g, mean_gx, f + v);
            }
            LOCAL_STORE(value, to, k * CG_BLOCK + v);
        }
    }
}

/* Moments of a panel of c, from feature f on: all its rows are one share. */
static inline void measure_panel(__global float *moments, __global const float *c, int f, int rows,
                                 int width, int features)
{
    vfloat mean[BLOCK_VECTORS], squares[BLOCK_VECTORS];

    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) mean[v] = squares[v] = (vfloat)(0.0f);
    for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) mean[v] += VLOAD(c, r * width + v * VEC);
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) 
        mean[v] = FLUSH(vfloat, DIVIDE(vfloat, mean[v], (float)rows));
    for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
            const vfloat d = VLOAD(c, r * width + v * VEC) - mean[v];
            squares[v] = MAD(vfloat, d, d, squares[v]);
        }
    }
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
        const sample_moments m = {(vfloat)((float)rows), mean[v], squares[v]};
        store_moments(moments, moments_index(features, 0, f + v * VEC), features, m);
    }
}

/* width: floats of a block in a row, a multiple of CG_BLOCK. moments: of the features of c, where
 * wanted. */
static inline void multiply(__global float *c, __global const float *a, __global const float *b,
                            __global float *moments, bool take_moments, const backward *through,
                            __local float *a_part, __local float *b_part, int rows, int k_count,
                            int a_pitch, int width, int panels, bool transposed)
{
    const int first_panel = OWN_GROUP * PANELS;
    const int panel_count = min(PANELS, panels - first_panel);
    size_t b_at[PANELS], c_at[PANELS];

    for (int p = 0; p < panel_count; p++) {
        const size_t at = (size_t)(first_panel + p) * CG_BLOCK;
        const size_t block = at / (size_t)width, column = at % (size_t)width;
        b_at[p] = block * (size_t)k_count * (size_t)width + column;
        c_at[p] = block * (size_t)rows * (size_t)width + column;
        if (through->normalised)
            sum_gradients(through, b, b_at[p], (int)at, k_count, width);
    }
    for (int k0 = 0; k0 < k_count; k0 += TILE_CHUNK) {
        const int chunk = min(TILE_CHUNK, k_count - k0);
        for (int p = 0; p < panel_count; p++)
            load_b(b_part + p * PART, b, through, b_at[p] + (size_t)k0 * (size_t)width,
                   (first_panel + p) * CG_BLOCK, chunk, k_count, width);
        for (int r0 = 0; r0 < rows; r0 += CG_BLOCK) {
            load_a(a_part, a, r0, rows, k0, chunk, a_pitch, transposed);
            for (int p = 0; p < panel_count; p++) {
                for (int r = 0; r < min(CG_BLOCK, rows - r0); r += TILE_ROWS) {
                    for (int v = 0; v < CG_BLOCK; v += TILE_COLUMNS) {
                        vfloat sum[TILE_ROWS][TILE_VECTORS];
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
    for (int p = 0; p < panel_count && take_moments; p++)
        measure_panel(moments, c + c_at[p], (first_panel + p) * CG_BLOCK, rows, width,
                      panels * CG_BLOCK);
}

#define PRODUCT_PARAMS                                                                             \
    __local float *a_part, __local float *b_part, int rows, int k_count, int a_pitch, int width,   \
        int panels

/* moments: [CG_MOMENTS][panels * CG_BLOCK], where they are wanted.
 * NDRange of both: (groups of PANELS panels * SPREAD). */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
dense_product_fwd(__global float *restrict c, __global const float *restrict a,
                  __global const float *restrict b, __global float *restrict moments,
                  int take_moments, PRODUCT_PARAMS)
{
    const backward as_it_is = {.normalised = false};
    if (IS_IDLE)
        return;
    multiply(c, a, b, moments, take_moments != 0, &as_it_is, a_part, b_part, rows, k_count, a_pitch,
             width, panels, false);
}

/* dgamma and dbeta are written where b's rows are normalised. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
dense_product_bwd_weight(__global float *restrict c, __global const float *restrict a,
                         __global const float *restrict b, NORM_PARAMS,
                         __global float *restrict dgamma, __global float *restrict dbeta,
                         int normalised, PRODUCT_PARAMS)
{
    const backward through = {normalised != 0, NORM_LAYER, dgamma, dbeta};
    if (IS_IDLE)
        return;
    multiply(c, a, b, c, false, &through, a_part, b_part, rows, k_count, a_pitch, width, panels,
             true);
}
