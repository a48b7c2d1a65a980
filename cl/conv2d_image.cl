/* Convolution between an image with one channel (the large map, plain) and a blocked map, for CPU
 * runtimes. The passes and their index equations: conv2d.clh, with cl = 1.
 *
 * The image's canvas: conv2d_image.clh.
 *
 * down:   weights of all taps stay in registers, pixels are broadcast.
 * up:     per pixel of S one product [taps] = S[c] W[taps][c] with the taps as lanes, which is then
 *         added to the canvas.
 * weight: all taps are accumulators; per pixel of S one vector meets KERNEL * KERNEL pixels. One
 *         more tap meets 1: the bias's gradient.
 * Local size 1; widths and kernel are known to the compiler.
 */
#include "common.clh"
#include "conv2d.clh"
#include "conv2d_image.clh"

#define PIXELS_AHEAD 32 /* pixels of the blocked map that are asked for early */
#define TAP_SUMS     CG_TAP_SUMS(KERNEL * KERNEL)
/* The numbers of sums of the weight pass, and of taps of the pass up, that fit the registers: 32 in
 * AVX-512 and NEON, 16 in AVX. */
#define SUMS_AT_ONCE (VEC == 8 ? 13 : TAP_SUMS)
#define TAPS_AT_ONCE (VEC == 16 ? CG_IMAGE_TAPS : CG_IMAGE_TAPS / 2)
#if KERNEL * KERNEL > CG_IMAGE_TAPS
#error "the kernel has too many taps"
#endif

/* NDRange: (n, blocks of cs), local size 1; local memory: a canvas. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv2d_down_image(__global float *restrict y, __global const float *restrict x,
                  __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
                  __local float *canvas, const cg_geometry g)
{
    const int lh = g.large_h, sh = g.small_h;
    const int n = (int)GROUP_ID(0);     /* 0 .. n - 1      */
    const int block = (int)GROUP_ID(1); /* 0 .. blocks - 1 */
    const prologue pro = PROLOGUE_IN;
    const epilogue epi = EPILOGUE;
    const size_t first = map_index(g.small_pitch, sh * SMALL_W, block, n, 0, 0);

    load_canvas(canvas, x + (size_t)n * (size_t)(lh * LARGE_W), CANVAS_H(sh), lh, &pro, n);
    for (int v = 0; v < CG_BLOCK; v += VEC) {
        const int c = block * CG_BLOCK + v;
        vfloat weight[KERNEL * KERNEL];
        load_tap_weights(weight, w, c, g.small_c);
        for (int p = 0; p < sh * SMALL_W; p++) {
            const vfloat sum = convolve_pixel(canvas, weight, p / SMALL_W, p % SMALL_W);
            const size_t to = first + (size_t)(p * CG_BLOCK + v);
            VSTREAM(epilogue_vector(sum, &epi, to, c, n), y, to);
        }
    }
}

/* taps[CG_IMAGE_RUN][CG_IMAGE_TAPS] = for each pixel: sum over one block's channels of
 * S[c] W[tap][c]. */
static inline void dot_taps(__local float *taps, __local const float *s, __local const float *w,
                            int channels, bool first)
{
    for (int t = 0; t < CG_IMAGE_TAPS; t += TAPS_AT_ONCE) {
        vfloat sum[CG_IMAGE_RUN][TAPS_AT_ONCE / VEC];
        UNROLL for (int i = 0; i < CG_IMAGE_RUN; i++)
            UNROLL for (int v = 0; v < TAPS_AT_ONCE; v += VEC)
                sum[i][v / VEC] =
                    first ? (vfloat)(0.0f) : *(__local vfloat *)(taps + i * CG_IMAGE_TAPS + t + v);
        for (int c = 0; c < channels; c++) {
            UNROLL for (int v = 0; v < TAPS_AT_ONCE; v += VEC) {
                const vfloat weight = *(__local const vfloat *)(w + c * CG_IMAGE_TAPS + t + v);
                UNROLL for (int i = 0; i < CG_IMAGE_RUN; i++)
                    sum[i][v / VEC] = MAD(vfloat, s[i * CG_BLOCK + c], weight, sum[i][v / VEC]);
            }
        }
        UNROLL for (int i = 0; i < CG_IMAGE_RUN; i++)
            UNROLL for (int v = 0; v < TAPS_AT_ONCE; v += VEC)
                *(__local vfloat *)(taps + i * CG_IMAGE_TAPS + t + v) = sum[i][v / VEC];
    }
}

/* weights[cs][CG_IMAGE_TAPS] = w[tap][cs], zero beyond the taps. */
static void load_weights(__local float *weights, __global const float *w, int cs)
{
    for (int c = 0; c < cs; c++)
        for (int t = 0; t < CG_IMAGE_TAPS; t++)
            weights[c * CG_IMAGE_TAPS + t] = t < KERNEL * KERNEL ? w[t * cs + c] : 0.0f;
}

/* pixels[run][CG_BLOCK] = the prologue of `run` pixels of one block, from pixel p0 of image n. */
static void load_run(__local float *pixels, __global const float *x, const prologue *pro,
                     int block, int n, int p0, int run)
{
    for (int i = 0; i < run; i++) {
        const int f = feature_index(pro, block, p0 + i, 0);
        for (int v = 0; v < CG_BLOCK; v += VEC) {
            PREFETCH(x + (i + PIXELS_AHEAD) * CG_BLOCK + v);
            *(__local vfloat *)(pixels + i * CG_BLOCK + v) =
                prologue_vector(VLOAD(x, i * CG_BLOCK + v), pro, f + v, n);
        }
    }
}

/* Adds the taps of the pixels p0 .. p0 + run - 1 to the canvas. */
static void scatter_run(__local float *canvas, __local const float *taps, int p0, int run)
{
    for (int p = p0; p < p0 + run; p++, taps += CG_IMAGE_TAPS) {
        __local float *to = canvas + p / SMALL_W * STRIDE * CANVAS_W + p % SMALL_W * STRIDE;
        for (int ky = 0; ky < KERNEL; ky++)
            UNROLL for (int kx = 0; kx < KERNEL; kx++)
                to[ky * CANVAS_W + kx] += taps[ky * KERNEL + kx];
    }
}

/* Image n of y from its canvas: by vectors where every image begins with a whole one. */
static void store_image(__global float *y, __local const float *canvas, const epilogue *epi, int lh,
                        int n)
{
    const int count = lh * LARGE_W; /* pixels */
    const size_t first = (size_t)n * (size_t)count;
    int p = 0;

    for (; count % VEC == 0 && p < count; p += VEC) {
        float lanes[VEC];
        UNROLL for (int i = 0; i < VEC; i++)
            lanes[i] = canvas[((p + i) / LARGE_W + PAD) * CANVAS_W + (p + i) % LARGE_W + PAD];
        const size_t to = first + (size_t)p;
        VSTORE(epilogue_vector(*(vfloat *)lanes, epi, to, 0, n), y, to);
    }
    for (; p < count; p++) {
        const float sum = canvas[(p / LARGE_W + PAD) * CANVAS_W + p % LARGE_W + PAD];
        y[first + (size_t)p] = epilogue_scalar(sum, epi, first + (size_t)p, 0, n);
    }
}

/* NDRange: (ceil(n / CG_IMAGE_EACH) * SPREAD), local size 1, CG_IMAGE_EACH images a work-item.
 * Local memory: weights [blocks * CG_BLOCK][CG_IMAGE_TAPS], a run's pixels
 * [CG_IMAGE_RUN][CG_BLOCK], their taps [CG_IMAGE_RUN][CG_IMAGE_TAPS], and a canvas. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv2d_up_image(__global float *restrict y, __global const float *restrict x,
                __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
                __local float *weights, __local float *pixels, __local float *taps,
                __local float *canvas, const cg_geometry g)
{
    const int n_first = OWN_GROUP * CG_IMAGE_EACH;
    const int n_last = min(n_first + CG_IMAGE_EACH, g.n_last);
    const int cs = g.small_c, blocks = (cs + CG_BLOCK - 1) / CG_BLOCK;
    const int count = g.small_h * SMALL_W;
    const int canvas_floats = CANVAS_H(g.small_h) * CANVAS_W;
    const prologue pro = PROLOGUE_IN;
    epilogue epi = EPILOGUE;
    const float start = epi.flags & CG_EPILOGUE_BIAS ? epi.bias[0] : 0.0f;
    epi.flags &= ~CG_EPILOGUE_BIAS; /* of the one channel: the canvas starts with it */

    if (IS_IDLE)
        return;
    load_weights(weights, w, cs);
    for (int n = n_first; n < n_last; n++) {
        for (int i = 0; i < canvas_floats; i++)
            canvas[i] = start;
        for (int p0 = 0; p0 < count; p0 += CG_IMAGE_RUN) {
            const int run = min(CG_IMAGE_RUN, count - p0);
            for (int b = 0; b < blocks; b++) {
                load_run(pixels, x + map_index(g.small_pitch, count, b, n, p0, 0), &pro, b, n, p0,
                         run);
                dot_taps(taps, pixels, weights + b * CG_BLOCK * CG_IMAGE_TAPS,
                         min(CG_BLOCK, cs - b * CG_BLOCK), b == 0);
            }
            scatter_run(canvas, taps, p0, run);
        }
        store_image(y, canvas, &epi, g.large_h, n);
    }
}

/* partial[part][TAP_SUMS][blocks * CG_BLOCK]. NDRange: (partials * SPREAD, blocks of cs), local
 * size 1, CG_IMAGE_EACH images a work-item; local memory: a canvas. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv2d_weight_image(__global float *restrict partial, __global const float *restrict l,
                    __global const float *restrict s, PROLOGUE_PARAMS(large),
                    PROLOGUE_PARAMS(small), __local float *canvas, const cg_geometry g)
{
    const int n_first = OWN_GROUP * CG_IMAGE_EACH;
    const int n_last = min(n_first + CG_IMAGE_EACH, g.n_last);
    const int block = (int)GROUP_ID(1);
    const int blocks = (g.small_c + CG_BLOCK - 1) / CG_BLOCK;
    const int lh = g.large_h, count = g.small_h * SMALL_W;
    const prologue pro_large = PROLOGUE_LARGE, pro_small = PROLOGUE_SMALL;
    __global float *out = partial + row_index(blocks, OWN_GROUP * TAP_SUMS, block, 0);

    if (IS_IDLE)
        return;
    for (int n = n_first; n < n_last; n++) {
        const size_t from = map_index(g.small_pitch, count, block, n, 0, 0);
        load_canvas(canvas, l + (size_t)n * (size_t)(lh * LARGE_W), CANVAS_H(g.small_h), lh,
                    &pro_large, n);
        for (int v = 0; v < CG_BLOCK; v += VEC) {
            UNROLL for (int first = 0; first < TAP_SUMS; first += SUMS_AT_ONCE) {
                vfloat sum[SUMS_AT_ONCE];
                UNROLL for (int i = 0; i < SUMS_AT_ONCE; i++) sum[i] = (vfloat)(0.0f);
                for (int p = 0; p < count; p++) {
                    const int f = feature_index(&pro_small, block, p, v);
                    const size_t at = from + (size_t)(p * CG_BLOCK + v);
                    PREFETCH(s + at + PIXELS_AHEAD * CG_BLOCK);
                    const vfloat small = prologue_vector(VLOAD(s, at), &pro_small, f, n);
                    __local const float *in =
                        canvas + p / SMALL_W * STRIDE * CANVAS_W + p % SMALL_W * STRIDE;
                    UNROLL for (int i = 0; i < SUMS_AT_ONCE; i++) {
                        const int t = first + i;
                        if (t < TAP_SUMS - 1)
                            sum[i] = MAD(vfloat, in[t / KERNEL * CANVAS_W + t % KERNEL], small,
                                         sum[i]);
                        else if (t == TAP_SUMS - 1)
                            sum[i] += small;
                    }
                }
                UNROLL for (int i = 0; i < SUMS_AT_ONCE && first + i < TAP_SUMS; i++) {
                    const size_t to = (size_t)((first + i) * blocks * CG_BLOCK + v);
                    VSTORE(n == n_first ? sum[i] : VLOAD(out, to) + sum[i], out, to);
                }
            }
        }
    }
}
