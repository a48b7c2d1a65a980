/* The products of spectra (fourier.clh) on GPUs: at each frequency a product of complex matrices
 *
 *     C[rows][columns] = A[rows][K] B[K][columns]      (CONJUGATE: A conj(B))
 *
 * by three real products; formulas and layouts: fourier_product.cl.
 *
 * A work-group has a tile of ROWS x COLUMNS results at one frequency (quads.clh), a work-item 4
 * ROW_QUADS x 4 of them, each as three sums: 48 or 96 registers. DEPTH steps of both factors are in
 * local memory, of B all three; A's third one is made of what a work-item has read from there: one
 * more to read would keep local memory busier than the multiply-adds. The next step is read into
 * registers while the group multiplies. Real frequencies need one product and come last, when
 * groups run out.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "quads.clh"

#ifndef UP /* the pass, as in fourier_product.cl */
#define UP 0
#endif
#ifndef WEIGHT
#define WEIGHT 0
#endif
#define CONJUGATE (!UP)

#define A_PART (DEPTH * A_PITCH) /* floats of a tile's real or imaginary part */
#define B_PART (DEPTH * B_PITCH)

/* Four complex numbers; of a real frequency the imaginary parts are 0. */
typedef struct {
    float4 re, im;
} quad;

/* The loads of a work-item for both tiles. */
typedef struct {
    quad a[A_PASSES], b[B_PASSES];
} load;

/* The factors at one frequency, [blocks][a_rows or k_pitch][CG_BLOCK], and what is to be done. */
typedef struct {
    __global const float *a, *b;
    size_t a_plane, b_plane; /* from the real to the imaginary part */
    int rows, columns, k_count, k_pitch;
    bool is_complex;
    __global const float *large_image, *small_image; /* used as the flags say */
    int large_flags, small_flags;
} source;

static inline quad load_quad(__global const float *from, size_t at, size_t plane, bool is_complex,
                             bool exists)
{
    quad q = {(float4)(0.0f), (float4)(0.0f)};
    if (exists)
        q.re = LOAD4(from, at);
    if (exists && is_complex)
        q.im = LOAD4(from, at + plane);
    return q;
}

/* The quad at column `c` of line `line` of blocks with `lines` lines. */
static inline size_t find_quad(int c, int line, int lines)
{
    return row_index(lines, c / CG_BLOCK, line, c % CG_BLOCK);
}

/* A's i-th quad of steps k0 .. k0 + DEPTH - 1 and rows r0 .. r0 + ROWS - 1. */
static inline quad load_a(const source *s, int i, int k0, int r0)
{
#if WEIGHT
    const int k = k0 + quad_line(i, ROWS);
    const int r = r0 + (int)get_local_id(0) % (ROWS / 4) * 4;
    const bool exists = k < s->k_count && r < s->rows;
    quad q = load_quad(s->a, find_quad(r, k, s->k_pitch), s->a_plane, s->is_complex, exists);
    const float factor = (exists && s->large_flags & CG_PROLOGUE_IMAGE ? s->large_image[k] : 1.0f) *
                         (exists && s->small_flags & CG_PROLOGUE_IMAGE ? s->small_image[k] : 1.0f);
    q.re = FLUSH(float4, q.re * factor);
    q.im = FLUSH(float4, q.im * factor);
    return q;
#else
    const int k = k0 + (int)get_local_id(0) % QUADS * 4;
    const int r = r0 + quad_column(i);
    return load_quad(s->a, find_quad(k, r, s->rows), s->a_plane, s->is_complex, r < s->rows);
#endif
}

/* B's i-th quad of steps k0 .. k0 + DEPTH - 1 and columns c0 .. c0 + COLUMNS - 1. */
static inline quad load_b(const source *s, int i, int k0, int c0)
{
#if UP
    const int k = k0 + (int)get_local_id(0) % QUADS * 4;
    const int c = c0 + quad_column(i);
    const size_t at = find_quad(k, c, s->columns);
#else
    const int k = k0 + quad_line(i, COLUMNS);
    const int c = c0 + (int)get_local_id(0) % ACROSS * 4;
    const size_t at = find_quad(c, k, s->k_pitch);
#endif
    return load_quad(s->b, at, s->b_plane, s->is_complex, k < s->k_count && c < s->columns);
}

static inline void load_tiles(load *to, const source *s, int k0, int r0, int c0)
{
    UNROLL for (int i = 0; i < A_PASSES; i++)
        to->a[i] = load_a(s, i, k0, r0);
    UNROLL for (int i = 0; i < B_PASSES; i++)
        to->b[i] = load_b(s, i, k0, c0);
}

static inline void store_a(__local float *a, int i, float4 v)
{
#if WEIGHT
    LOCAL4(a, quad_line(i, ROWS) * A_PITCH + (int)get_local_id(0) % (ROWS / 4) * 4) = v;
#else
    store_quad(a, A_PITCH, (int)get_local_id(0) % QUADS, quad_column(i), v);
#endif
}

static inline void store_b(__local float *b, int i, float4 v)
{
#if UP
    store_quad(b, B_PITCH, (int)get_local_id(0) % QUADS, quad_column(i), v);
#else
    LOCAL4(b, quad_line(i, COLUMNS) * B_PITCH + (int)get_local_id(0) % ACROSS * 4) = v;
#endif
}

static inline void store_tiles(__local float *a, __local float *b, const load *from,
                               bool is_complex)
{
    UNROLL for (int i = 0; i < A_PASSES; i++) {
        const quad q = from->a[i];
        store_a(a, i, q.re);
        if (is_complex)
            store_a(a + A_PART, i, q.im);
    }
    UNROLL for (int i = 0; i < B_PASSES; i++) {
        const quad q = from->b[i];
        store_b(b, i, q.re);
        if (is_complex) {
            store_b(b + B_PART, i, q.im);
            store_b(b + 2 * B_PART, i, q.im - q.re);
        }
    }
}

/* sum += the three real products of a complex one, over DEPTH. */
static inline void multiply_complex(float4 sum[3][4 * ROW_QUADS], __local const float *a,
                                    __local const float *b, int row, int column)
{
    UNROLL for (int k = 0; k < DEPTH; k++) {
        const quad c = {LOCAL4(b, k * B_PITCH + column), LOCAL4(b, B_PART + k * B_PITCH + column)};
        const float4 c3 = LOCAL4(b, 2 * B_PART + k * B_PITCH + column);
        UNROLL for (int q = 0; q < ROW_QUADS; q++) {
            const int at = k * A_PITCH + q * (ROWS / ROW_QUADS) + row;
            const quad r = {LOCAL4(a, at), LOCAL4(a, A_PART + at)};
            add_product(sum[0] + 4 * q, r.re, c.re);
            add_product(sum[1] + 4 * q, r.im, c.im);
            add_product(sum[2] + 4 * q, CONJUGATE ? r.re + r.im : r.re - r.im, c3);
        }
    }
}

/* A work-item's results of a chunk of the inner dimension: the first one's are stored, those of
 * others, which only strict programs have, are added in fourier_product.cl's order. */
static inline void store_results(__global float *c, size_t c_plane, float4 sum[3][4 * ROW_QUADS],
                                 const source *s, int r0, int row, int c_first, bool first)
{
    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++) {
        const int r = r0 + tile_row(row, i);
        if (r >= s->rows)
            continue;
        __global float *to = c + find_quad(c_first, r, s->rows);
        const float4 p1 = sum[0][i], p2 = sum[1][i], p3 = sum[2][i];
        float4 re = CONJUGATE ? p1 + p2 : p1 - p2;
        float4 im = CONJUGATE ? p2 - p1 - p3 : p1 + p2 + p3;
        if (!first) {
            re = LOAD4(to, 0) + p1;
            re = CONJUGATE ? re + p2 : re - p2;
        }
        if (!first && s->is_complex) {
            im = LOAD4(to, c_plane);
            im = CONJUGATE ? im - p1 + p2 - p3 : im + p1 + p2 + p3;
        }
        *(__global float4 *)to = re;
        if (s->is_complex)
            *(__global float4 *)(to + c_plane) = im;
    }
}

static inline void clear_sums(float4 sum[3][4 * ROW_QUADS])
{
    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++)
        sum[0][i] = sum[1][i] = sum[2][i] = (float4)(0.0f);
}

/* NDRange: (QUAD_ITEMS * tiles of columns, tiles of rows, COMPLEX + REALS). */
__kernel __attribute__((reqd_work_group_size(QUAD_ITEMS, 1, 1))) void
fourier_product_tiled(__global float *restrict c, __global const float *restrict a,
                      __global const float *restrict b, __global const float *restrict large_image,
                      int large_flags, __global const float *restrict small_image, int small_flags,
                      int rows, int k_count, int k_pitch, int blocks)
{
    __local float a_tile[2 * A_PART] __attribute__((aligned(16)));
    __local float b_tile[3 * B_PART] __attribute__((aligned(16)));
    const int c0 = (int)GROUP_ID(0) * COLUMNS;
    const int r0 = (int)GROUP_ID(1) * ROWS;
    const int frequency = (int)GROUP_ID(2); /* 0 .. COMPLEX + REALS - 1 */
    const bool is_complex = frequency < COMPLEX;
    const size_t plane = (size_t)(is_complex ? 2 * frequency : COMPLEX + frequency);
    const size_t a_plane = (size_t)rows * (size_t)k_pitch + CG_FOURIER_PLANE_PAD;
    const size_t b_plane = CG_FOURIER_PLANE_FLOATS(blocks, k_pitch);
    const size_t c_plane = CG_FOURIER_PLANE_FLOATS(blocks, rows);
    const source s = {a + plane * a_plane, b + plane * b_plane, a_plane,     b_plane,
                      rows,                blocks * CG_BLOCK,      k_count,     k_pitch,
                      is_complex,          large_image,         small_image,
                      LARGE_FLAGS_OF(large_flags), SMALL_FLAGS_OF(small_flags)};
    const int row = item_row(), column = item_column();
    float4 sum[3][4 * ROW_QUADS];
    load next;

    c += plane * c_plane;
    clear_sums(sum);
    load_tiles(&next, &s, 0, r0, c0);
    for (int k0 = 0; k0 < k_count; k0 += DEPTH) {
        store_tiles(a_tile, b_tile, &next, is_complex);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (k0 + DEPTH < k_count)
            load_tiles(&next, &s, k0 + DEPTH, r0, c0);
        if (is_complex)
            multiply_complex(sum, a_tile, b_tile, row, column);
        else
            multiply_quads(sum[0], a_tile, b_tile, row, column);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (IS_STRICT && (k0 + DEPTH) % CG_STRICT_CHUNK == 0 && k0 + DEPTH < k_count) {
            if (c0 + column < s.columns)
                store_results(c, c_plane, sum, &s, r0, row, c0 + column, k0 < CG_STRICT_CHUNK);
            clear_sums(sum);
        }
    }
    if (c0 + column < s.columns)
        store_results(c, c_plane, sum, &s, r0, row, c0 + column,
                      !IS_STRICT || k_count <= CG_STRICT_CHUNK);
}
