/* Convolutions between an image with one channel and a blocked map, for GPUs: a work-group has one
 * image in local memory, on a canvas with its padding, and a work-item one channel. Passes:
 * conv2d.clh.
 *
 * Build options: KERNEL, STRIDE, PAD (above and left), LARGE_H, LARGE_W, SMALL_H, SMALL_W, SMALL_C,
 * and ITEMS, the size of a group: smaller ones are for devices that allow no larger ones, and give
 * the same bits.
 */
#include "common.clh"
#include "conv2d.clh"

#ifndef KERNEL
#define KERNEL  5
#define STRIDE  2
#define PAD     1
#define LARGE_H 28
#define LARGE_W 28
#define SMALL_H 14
#define SMALL_W 14
#define SMALL_C 64
#endif

#ifndef ITEMS /* a multiple of CG_BLOCK that divides CG_CANVAS_ROWS * CG_BLOCK */
#define ITEMS (CG_CANVAS_ROWS * CG_BLOCK)
#endif
#define PIXELS_AT_ONCE (ITEMS / CG_BLOCK) /* that a group works on */
#define KERNEL_TAPS    (KERNEL * KERNEL)
#define TAP_SUMS       CG_TAP_SUMS(KERNEL_TAPS)
#define CANVAS_H       CG_CANVAS_SIDE(SMALL_H, STRIDE, KERNEL)
#define CANVAS_W       CG_CANVAS_SIDE(SMALL_W, STRIDE, KERNEL)
#define LARGE_PIXELS   (LARGE_H * LARGE_W)
#define SMALL_PIXELS   (SMALL_H * SMALL_W)

/* Strict programs sum in conv2d_image.cl's order: in DOWN each row of taps for itself, in UP from
 * the bias on in the order of the small pixels, in WEIGHT each image for itself, CG_IMAGE_EACH of
 * them a part, by the first CG_BLOCK work-items of a group. */
#define TAPS_AT_ONCE   (IS_STRICT ? KERNEL : KERNEL_TAPS)
#define SUM_ROWS       (IS_STRICT ? 1 : CG_CANVAS_ROWS)
#define OWN_ROWS       (IS_STRICT ? 1 : CG_CANVAS_ROWS / PIXELS_AT_ONCE) /* of a work-item */
#define EACH           (IS_STRICT ? CG_IMAGE_EACH : CG_CANVAS_EACH)

/* canvas[CANVAS_H][CANVAS_W] = image n behind its prologue, zero around it. */
static inline void load_canvas(__local float *canvas, __global const float *x, const prologue *pro,
                               int n)
{
    for (int i = (int)get_local_id(0); i < CANVAS_H * CANVAS_W; i += ITEMS) {
        const int y = i / CANVAS_W - PAD, at = i % CANVAS_W - PAD;
        const int p = y * LARGE_W + at;
        float v = 0.0f;
        if (y >= 0 && y < LARGE_H && at >= 0 && at < LARGE_W)
            v = prologue_scalar(x[(size_t)n * LARGE_PIXELS + (size_t)p], pro,
                                position_feature(pro, p), n);
        canvas[i] = v;
    }
}

/* The canvas under the first tap of small pixel p. */
static inline __local const float *under(__local const float *canvas, int p)
{
    return canvas + p / SMALL_W * STRIDE * CANVAS_W + p % SMALL_W * STRIDE;
}

/* NDRange: (ITEMS * n, blocks of SMALL_C). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
conv2d_down_canvas(__global float *restrict y, __global const float *restrict x,
                   __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
                   const cg_geometry g)
{
    __local float canvas[CANVAS_H * CANVAS_W];
    const int lane = (int)get_local_id(0) % CG_BLOCK;
    const int n = (int)GROUP_ID(0), block = (int)GROUP_ID(1);
    const int c = block * CG_BLOCK + lane;
    const prologue pro = PROLOGUE(in);
    const epilogue epi = EPILOGUE;
    float weight[KERNEL_TAPS];

    UNROLL for (int t = 0; t < KERNEL_TAPS; t++)
        weight[t] = c < SMALL_C ? w[t * SMALL_C + c] : 0.0f;
    load_canvas(canvas, x, &pro, n);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int p = (int)get_local_id(0) / CG_BLOCK; p < SMALL_PIXELS; p += PIXELS_AT_ONCE) {
        __local const float *at = under(canvas, p);
        const size_t to = map_index(g.small_pitch, SMALL_PIXELS, block, n, p, lane);
        float sum = 0.0f;
        UNROLL for (int first = 0; first < KERNEL_TAPS; first += TAPS_AT_ONCE) {
            float part = 0.0f;
            UNROLL for (int t = first; t < first + TAPS_AT_ONCE; t++)
                part = MAD(float, at[t / KERNEL * CANVAS_W + t % KERNEL], weight[t], part);
            sum = first ? sum + part : part;
        }
        y[to] = c < SMALL_C ? epilogue_scalar(sum, &epi, to, c, n) : 0.0f;
    }
}

/* The taps first, first + STRIDE, ... of an axis: how many there are, and the i-th of them, which
 * in strict programs is the i-th last. */
static inline int tap_count(int first)
{
    return (KERNEL - first + STRIDE - 1) / STRIDE;
}

static inline int tap_at(int i, int first)
{
    return first + (IS_STRICT ? tap_count(first) - 1 - i : i) * STRIDE;
}

/* First what each small pixel gives to each of its taps, then the sums. NDRange: (ITEMS * n). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
conv2d_up_canvas(__global float *restrict y, __global const float *restrict x,
                 __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
                 const cg_geometry g)
{
    __local float weight[SMALL_C * KERNEL_TAPS];    /* [SMALL_C][KERNEL_TAPS]      */
    __local float give[KERNEL_TAPS * SMALL_PIXELS]; /* [KERNEL_TAPS][SMALL_PIXELS] */
    const int item = (int)get_local_id(0);
    const int n = (int)GROUP_ID(0);
    const prologue pro = PROLOGUE(in);
    epilogue epi = EPILOGUE;

    for (int i = item; i < SMALL_C * KERNEL_TAPS; i += ITEMS)
        weight[i % SMALL_C * KERNEL_TAPS + i / SMALL_C] = w[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int p = item; p < SMALL_PIXELS; p += ITEMS) {
        float sum[KERNEL_TAPS];
        UNROLL for (int t = 0; t < KERNEL_TAPS; t++)
            sum[t] = 0.0f;
        for (int c = 0; c < SMALL_C; c++) {
            const int block = c / CG_BLOCK, lane = c % CG_BLOCK;
            const size_t at = map_index(g.small_pitch, SMALL_PIXELS, block, n, p, lane);
            const int f = feature_index(&pro, block, p, lane);
            const float v = prologue_scalar(x[at], &pro, f, n);
            UNROLL for (int t = 0; t < KERNEL_TAPS; t++)
                sum[t] = MAD(float, v, weight[c * KERNEL_TAPS + t], sum[t]);
        }
        UNROLL for (int t = 0; t < KERNEL_TAPS; t++)
            give[t * SMALL_PIXELS + p] = sum[t];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const float start = IS_STRICT && epi.flags & CG_EPILOGUE_BIAS ? epi.bias[0] : 0.0f;
    if (IS_STRICT)
        epi.flags &= ~CG_EPILOGUE_BIAS;
    for (int p = item; p < LARGE_PIXELS; p += ITEMS) {
        const size_t to = (size_t)n * LARGE_PIXELS + (size_t)p;
        const int ky_first = (p / LARGE_W + PAD) % STRIDE, kx_first = (p % LARGE_W + PAD) % STRIDE;
        float sum = start;
        for (int i = 0; i < tap_count(ky_first); i++) {
            const int ky = tap_at(i, ky_first);
            const int sy = (p / LARGE_W + PAD - ky) / STRIDE;
            if (p / LARGE_W + PAD < ky || sy >= SMALL_H)
                continue;
            for (int j = 0; j < tap_count(kx_first); j++) {
                const int kx = tap_at(j, kx_first);
                const int sx = (p % LARGE_W + PAD - kx) / STRIDE;
                if (p % LARGE_W + PAD >= kx && sx < SMALL_W)
                    sum += give[(ky * KERNEL + kx) * SMALL_PIXELS + sy * SMALL_W + sx];
            }
        }
        y[to] = epilogue_scalar(sum, &epi, to, 0, n);
    }
}

/* sum += what the pixels p, p + SUM_ROWS, ... of an image's block give to the taps of
 * a channel, and, as the last one, their own sum: the bias's gradient. */
static inline void add_pixels(float sum[TAP_SUMS], __local const float *canvas,
                              __global const float *s, const prologue *pro, int p, int n, int block,
                              int lane)
{
    for (; p < SMALL_PIXELS; p += SUM_ROWS) {
        const int f = feature_index(pro, block, p, lane);
        const float v = prologue_scalar(s[p * CG_BLOCK + lane], pro, f, n);
        __local const float *to = under(canvas, p);
        UNROLL_LANE for (int t = 0; t < KERNEL_TAPS; t++)
            sum[t] = MAD(float, to[t / KERNEL * CANVAS_W + t % KERNEL], v, sum[t]);
        sum[KERNEL_TAPS] += v;
    }
}

/* A work-item's sums of a channel. */
typedef float tap_sums[OWN_ROWS][TAP_SUMS];

/* Puts them into local memory, or adds them to what is there, and clears them. */
static inline void store_sums(__local float *sums, tap_sums sum, int line, int lane, bool first)
{
    UNROLL_LANE for (int i = 0; i < OWN_ROWS; i++) {
        UNROLL_LANE for (int t = 0; t < TAP_SUMS; t++) {
            const int row = line + i * PIXELS_AT_ONCE;
            __local float *to = sums + (row * TAP_SUMS + t) * CG_BLOCK + lane;
            *to = first ? sum[i][t] : *to + sum[i][t];
            sum[i][t] = 0.0f;
        }
    }
}

/* partial[part][TAP_SUMS][blocks * CG_BLOCK], a part being EACH images of one group. There are
 * SUM_ROWS of each sum of a channel, over every SUM_ROWS-th pixel; a work-item has as many of them
 * as the group is too small for. NDRange: (ITEMS * partials, blocks of SMALL_C). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
conv2d_weight_canvas(__global float *restrict partial, __global const float *restrict l,
                     __global const float *restrict s, PROLOGUE_PARAMS(large),
                     PROLOGUE_PARAMS(small), const cg_geometry g)
{
    __local float canvas[CANVAS_H * CANVAS_W];
    __local float sums[SUM_ROWS * TAP_SUMS * CG_BLOCK]; /* [row][TAP_SUMS][CG_BLOCK] */
    const int item = (int)get_local_id(0);
    const int lane = item % CG_BLOCK, line = item / CG_BLOCK;
    const int block = (int)GROUP_ID(1);
    const int n_first = (int)GROUP_ID(0) * EACH;
    const int n_last = min(n_first + EACH, g.n_last);
    const prologue pro_large = PROLOGUE(large), pro_small = PROLOGUE(small);
    tap_sums sum;

    UNROLL_LANE for (int i = 0; i < OWN_ROWS * TAP_SUMS; i++)
        sum[i / TAP_SUMS][i % TAP_SUMS] = 0.0f;
    for (int n = n_first; n < n_last; n++) {
        load_canvas(canvas, l, &pro_large, n);
        barrier(CLK_LOCAL_MEM_FENCE);
        __global const float *image = s + map_index(g.small_pitch, SMALL_PIXELS, block, n, 0, 0);
        if (line < SUM_ROWS)
            UNROLL_LANE for (int i = 0; i < OWN_ROWS; i++)
                add_pixels(sum[i], canvas, image, &pro_small, line + i * PIXELS_AT_ONCE, n, block,
                           lane);
        if (IS_STRICT && line < SUM_ROWS)
            store_sums(sums, sum, line, lane, n == n_first);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (!IS_STRICT)
        store_sums(sums, sum, line, lane, true);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < TAP_SUMS * CG_BLOCK; i += ITEMS) {
        const int sum_at = (int)GROUP_ID(0) * TAP_SUMS + i / CG_BLOCK;
        float all = 0.0f;
        for (int r = 0; r < SUM_ROWS; r++)
            all += sums[r * TAP_SUMS * CG_BLOCK + i];
        partial[row_index((int)get_num_groups(1), sum_at, block, i % CG_BLOCK)] = all;
    }
}
