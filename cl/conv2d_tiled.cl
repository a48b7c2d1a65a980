/* Convolution for GPUs: implicit matrix products on tiles in local memory. Passes: conv2d.clh.
 *
 * Down and up: the rows of a product are images at one pixel of the output, its columns output
 * channels, its inner dimension input channels at each tap. All rows share the pixel, so that taps
 * which meet padding or belong to another phase of the stride are skipped for all of them at once.
 * Weight gradient: rows are large channels, columns small channels, the inner dimension images at
 * each pixel that the tap meets.
 *
 * A work-group has a tile of ROWS x COLUMNS results, a work-item 8 rows and 4 columns of them
 * (quads.clh): 8 x 8 left an H100 with too few work-items to hide its latencies. Down and up read
 * the next step into registers while they multiply; local memory has room for two steps there, so
 * that one barrier a step is enough. (Implicit GEMM: Chetlur et al., cuDNN, 2014.)
 *
 * Build macros: UP, KERNEL, STRIDE, PAD (above and left), LARGE_C and SMALL_C channels; ROWS and
 * COLUMNS.
 */
#ifdef STRICT
#error "strict programs have other algorithms: docs/strict.md"
#endif

#include "common.clh"
#include "conv2d.clh"

#ifndef KERNEL
#define UP      0
#define KERNEL  5
#define STRIDE  2
#define PAD     1
#define LARGE_C 64
#define SMALL_C 128
#endif

#define ROW_QUADS CG_TILED_ROW_QUADS
#include "quads.clh"

#define LOAD4_MASK(p, i)     convert_float4(*(__global const uchar4 *)((p) + (i)))
#define STORE4_MASK(v, p, i) (*(__global uchar4 *)((p) + (i)) = convert_uchar4(v))
DEFINE_PROLOGUE(prologue4, float4, LOAD4)
DEFINE_EPILOGUE(epilogue4, float4, LOAD4, LOAD4_MASK, STORE4_MASK)

/* v with what lies in lanes count, count + 1, ... made zero. */
static inline float4 first_lanes(float4 v, int count)
{
    return select((float4)(0.0f), v, (int4)(0, 1, 2, 3) < (int4)(count));
}

/* Channels c .. c + 3 of pixel p of image n, zero from n_last on and beyond the channels. */
static inline float4 map_quad(__global const float *x, const prologue *pro, int pitch, int pixels,
                              int p, int n, int n_last, int c, int channels)
{
    const int block = c / CG_BLOCK, lane = c % CG_BLOCK;
    if (n >= n_last || c >= channels)
        return (float4)(0.0f);
    const size_t at = map_index(pitch, pixels, block, n, p, lane);
    const float4 v = prologue4(LOAD4(x, at), pro, feature_index(pro, block, p, lane), n);
    return channels % 4 ? first_lanes(v, channels - c) : v;
}

/* ---- down and up ----------------------------------------------------------------------------- */

#if UP
#define IN_C  SMALL_C
#define OUT_C LARGE_C
#else
#define IN_C  LARGE_C
#define OUT_C SMALL_C
#endif

/* The place in the input that tap t takes to place o of the output, -1 where there is none. */
static inline int source(int o, int t, int size)
{
#if UP
    const int at = o + PAD - t;
    return at >= 0 && at % STRIDE == 0 && at / STRIDE < size ? at / STRIDE : -1;
#else
    const int at = o * STRIDE - PAD + t;
    return at >= 0 && at < size ? at : -1;
#endif
}

/* W[tap] of input channels c_in .. and output channel c_out, or of output channels c_out .. and
 * input channel c_in: the quad that lies together. Zero beyond the channels. */
static inline float4 weight_quad(__global const float *w, int tap, int c_in, int c_out)
{
    const int large = UP ? c_out : c_in, small = UP ? c_in : c_out;
    __global const float *at = w + (tap * LARGE_C + large) * SMALL_C + small;
    float4 v = (float4)(0.0f);
    if (large >= LARGE_C || small >= SMALL_C)
        return v;
#if SMALL_C % 4 == 0
    v = LOAD4(at, 0);
#else
    v.s0 = at[0];
    v.s1 = small + 1 < SMALL_C ? at[1] : 0.0f;
    v.s2 = small + 2 < SMALL_C ? at[2] : 0.0f;
    v.s3 = small + 3 < SMALL_C ? at[3] : 0.0f;
#endif
    return v;
}

/* The loads of a work-item of conv2d_tiled: quads of DEPTH input channels for images and for output
 * channels. */
typedef struct {
    float4 x[A_PASSES], w[B_PASSES];
} load;

/* x, w: the quads of input channels k0 .. k0 + DEPTH - 1 at a tap, which meets pixel ip. */
static inline void load_map(load *to, __global const float *x, __global const float *w,
                            const prologue *pro, int tap, int ip, int k0, int c0, int n0,
                            int n_count, int pitch, int pixels)
{
    const int item = (int)get_local_id(0);
    const int c = k0 + item % QUADS * 4;
    UNROLL for (int i = 0; i < A_PASSES; i++)
        to->x[i] = map_quad(x, pro, pitch, pixels, ip, n0 + quad_column(i), n_count, c, IN_C);
    UNROLL for (int i = 0; i < B_PASSES; i++) {
#if UP
        to->w[i] = weight_quad(w, tap, c, c0 + quad_column(i));
#else
        to->w[i] = weight_quad(w, tap, k0 + quad_line(i, COLUMNS), c0 + item % ACROSS * 4);
#endif
    }
}

static inline void store_map(__local float *a, __local float *b, const load *from)
{
    const int item = (int)get_local_id(0);
    UNROLL for (int i = 0; i < A_PASSES; i++)
        store_quad(a, A_PITCH, item % QUADS, quad_column(i), from->x[i]);
    UNROLL for (int i = 0; i < B_PASSES; i++) {
#if UP
        store_quad(b, B_PITCH, item % QUADS, quad_column(i), from->w[i]);
#else
        LOCAL4(b, quad_line(i, COLUMNS) * B_PITCH + item % ACROSS * 4) = from->w[i];
#endif
    }
}

/* The pixel of the input that a tap takes to pixel p of the output, -1 where there is none. */
static inline int source_pixel(int p, int tap, int in_h, int in_w, int out_w)
{
    const int iy = source(p / out_w, tap / KERNEL, in_h);
    const int ix = source(p % out_w, tap % KERNEL, in_w);
    return iy < 0 || ix < 0 ? -1 : iy * in_w + ix;
}

/* The next tap from `tap` on that meets the input, and its pixel; KERNEL^2 after the last. */
static inline int next_tap(int tap, int *ip, int p, int in_h, int in_w, int out_w)
{
    while (tap < KERNEL * KERNEL && (*ip = source_pixel(p, tap, in_h, in_w, out_w)) < 0)
        tap++;
    return tap;
}

/* NDRange: (QUAD_ITEMS * tiles of output channels, tiles of images, output pixels). */
__kernel __attribute__((reqd_work_group_size(QUAD_ITEMS, 1, 1))) void
conv2d_tiled(__global float *restrict y, __global const float *restrict x,
             __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
             const cg_geometry g)
{
    __local float a[2][DEPTH * A_PITCH] __attribute__((aligned(16)));
    __local float b[2][DEPTH * B_PITCH] __attribute__((aligned(16)));
    const int c0 = (int)GROUP_ID(0) * COLUMNS; /* first output channel */
    const int n0 = (int)GROUP_ID(1) * ROWS;    /* first image          */
    const int p = (int)GROUP_ID(2);            /* 0 .. out_h * out_w-1 */
    const int row = item_row(), column = item_column();
    const int in_h = UP ? g.small_h : g.large_h, in_w = UP ? g.small_w : g.large_w;
    const int out_h = UP ? g.large_h : g.small_h, out_w = UP ? g.large_w : g.small_w;
    const int x_pitch = UP ? g.small_pitch : g.large_pitch;
    const int y_pitch = UP ? g.large_pitch : g.small_pitch;
    const prologue pro = PROLOGUE(in);
    const epilogue epi = EPILOGUE;
    float4 sum[4 * ROW_QUADS];
    load next;
    int ip = -1, k0 = 0, stage = 0;
    int tap = next_tap(0, &ip, p, in_h, in_w, out_w);

    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++)
        sum[i] = (float4)(0.0f);
    if (tap < KERNEL * KERNEL)
        load_map(&next, x, w, &pro, tap, ip, k0, c0, n0, g.n_last, x_pitch, in_h * in_w);
    while (tap < KERNEL * KERNEL) {
        store_map(a[stage], b[stage], &next);
        barrier(CLK_LOCAL_MEM_FENCE);
        k0 += DEPTH;
        if (k0 >= IN_C) {
            k0 = 0;
            tap = next_tap(tap + 1, &ip, p, in_h, in_w, out_w);
        }
        if (tap < KERNEL * KERNEL)
            load_map(&next, x, w, &pro, tap, ip, k0, c0, n0, g.n_last, x_pitch, in_h * in_w);
        multiply_quads(sum, a[stage], b[stage], row, column);
        stage = !stage;
    }
    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++) {
        const int n = n0 + tile_row(row, i);
        const int c = c0 + column;
        if (n < g.n_last && c < (OUT_C + CG_BLOCK - 1) / CG_BLOCK * CG_BLOCK) {
            const size_t to =
                map_index(y_pitch, out_h * out_w, c / CG_BLOCK, n, p, c % CG_BLOCK);
            const float4 v = epilogue4(sum[i], &epi, to, c, n);
            *(__global float4 *)(y + to) = OUT_C % CG_BLOCK ? first_lanes(v, OUT_C - c) : v;
        }
    }
}

/* ---- weight gradient ------------------------------------------------------------------------- */

/* partial[part][tap][LARGE_C][SMALL_C]; images_each: images of one group, a multiple of DEPTH.
 * NDRange: (QUAD_ITEMS * tiles of large channels * tiles of small channels, taps, partials). */
__kernel __attribute__((reqd_work_group_size(QUAD_ITEMS, 1, 1))) void
conv2d_weight_tiled(__global float *restrict partial, __global const float *restrict l,
                    __global const float *restrict s, PROLOGUE_PARAMS(large),
                    PROLOGUE_PARAMS(small), int images_each, const cg_geometry g)
{
    __local float a[DEPTH * A_PITCH] __attribute__((aligned(16)));
    __local float b[DEPTH * B_PITCH] __attribute__((aligned(16)));
    const int small_tiles = (SMALL_C + COLUMNS - 1) / COLUMNS;
    const int item = (int)get_local_id(0);
    const int large0 = (int)GROUP_ID(0) / small_tiles * ROWS;
    const int small0 = (int)GROUP_ID(0) % small_tiles * COLUMNS;
    const int tap = (int)GROUP_ID(1);
    const int n_first = (int)GROUP_ID(2) * images_each;
    const int n_last = min(n_first + images_each, g.n_last);
    const int lh = g.large_h, lw = g.large_w, sh = g.small_h, sw = g.small_w;
    const int row = item_row(), column = item_column();
    const prologue pro_large = PROLOGUE(large), pro_small = PROLOGUE(small);
    float4 sum[4 * ROW_QUADS];

    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++)
        sum[i] = (float4)(0.0f);
    for (int p = 0; p < sh * sw; p++) {
        const int ly = p / sw * STRIDE - PAD + tap / KERNEL;
        const int lx = p % sw * STRIDE - PAD + tap % KERNEL;
        if (ly < 0 || ly >= lh || lx < 0 || lx >= lw)
            continue;
        for (int n0 = n_first; n0 < n_last; n0 += DEPTH) {
            UNROLL for (int i = 0; i < A_PASSES; i++) {
                const int k = quad_line(i, ROWS), c = item % (ROWS / 4) * 4;
                LOCAL4(a, k * A_PITCH + c) =
                    map_quad(l, &pro_large, g.large_pitch, lh * lw, ly * lw + lx, n0 + k, n_last,
                             large0 + c, LARGE_C);
            }
            UNROLL for (int i = 0; i < B_PASSES; i++) {
                const int k = quad_line(i, COLUMNS), c = item % ACROSS * 4;
                LOCAL4(b, k * B_PITCH + c) = map_quad(s, &pro_small, g.small_pitch, sh * sw, p,
                                                      n0 + k, n_last, small0 + c, SMALL_C);
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_quads(sum, a, b, row, column);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }
    __global float *out =
        partial + (GROUP_ID(2) * (size_t)(KERNEL * KERNEL) + (size_t)tap) * LARGE_C * SMALL_C;
    UNROLL for (int i = 0; i < 4 * ROW_QUADS; i++) {
        const int c_large = large0 + tile_row(row, i);
        const int c_small = small0 + column;
        const float v[4] = {sum[i].s0, sum[i].s1, sum[i].s2, sum[i].s3};
        UNROLL for (int e = 0; e < 4; e++)
            if (c_large < LARGE_C && c_small + e < SMALL_C)
                out[c_large * SMALL_C + c_small + e] = v[e];
    }
}
