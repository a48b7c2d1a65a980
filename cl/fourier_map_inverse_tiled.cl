/* From spectra (fourier.clh) to feature maps, for the Fourier form of a convolution on GPUs, with
 * the moments of what is written. It is not in fourier_map_tiled.cl because it is built with other
 * options, and building either takes long. Who does what: fourier_tiled.clh.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "fourier_tiled.clh"

#ifndef MOMENTS /* whether to take them */
#define MOMENTS 1
#endif

/* The samples of a channel in one phase of an image: their mean, and the sum of their squared
 * differences from it. */
typedef struct {
    vfloat mean, squares;
} moments;

static inline int phase_size(int size, int phase)
{
    return (size - phase + STEP - 1) / STEP;
}

/* One image's phase; v: what is at each of its places, in a map of whole phases. */
static inline moments measure(vfloat v[PHASE_H][PHASE_W], const place *at)
{
    const int h = phase_size(MAP_H, at->phase_y), w = phase_size(MAP_W, at->phase_x);
    moments m = {(vfloat)(0.0f), (vfloat)(0.0f)};
    UNROLL for (int i = 0; i < PHASE_H * PHASE_W; i++)
        if (i / PHASE_W < h && i % PHASE_W < w)
            m.mean += v[i / PHASE_W][i % PHASE_W];
    m.mean /= (float)max(h * w, 1);
    UNROLL for (int i = 0; i < PHASE_H * PHASE_W; i++) {
        const vfloat d = v[i / PHASE_W][i % PHASE_W] - m.mean;
        if (i / PHASE_W < h && i % PHASE_W < w)
            m.squares += d * d;
    }
    return m;
}

/* sums: [partials][CG_MOMENTS][blocks * CG_BLOCK], a part being the group's images in one phase:
 * number, mean and sum of squares of `images` times as many samples. Merging: batchnorm.cl. */
static inline void store_merged(__global float *sums, __local const vfloat *mean,
                                __local const vfloat *squares, int images, const place *at,
                                int blocks)
{
    const float count =
        (float)(phase_size(MAP_H, at->phase_y) * phase_size(MAP_W, at->phase_x));
    const size_t part =
        get_group_id(0) * (size_t)(STEP * STEP) + (size_t)(at->phase_y * STEP + at->phase_x);
    moments all = {(vfloat)(0.0f), (vfloat)(0.0f)};
    for (int i = 0; i < images; i++) {
        const float part = 1.0f / (float)(i + 1);
        const vfloat d = mean[i * BLOCK_VECTORS + at->lane / VEC] - all.mean;
        all.mean += d * part;
        all.squares +=
            squares[i * BLOCK_VECTORS + at->lane / VEC] + d * d * (count * (float)i * part);
    }
    sums += CG_MOMENTS * part * (size_t)(blocks * CG_BLOCK) +
            (size_t)(at->block * CG_BLOCK + at->lane);
    VSTORE((vfloat)(count * (float)images), sums, CG_MOMENT_COUNT * blocks * CG_BLOCK);
    VSTORE(all.mean, sums, CG_MOMENT_MEAN * blocks * CG_BLOCK);
    VSTORE(all.squares, sums, CG_MOMENT_SQUARES * blocks * CG_BLOCK);
}

/* in_image: factors of the images that the convolution reads, or flags without CG_PROLOGUE_IMAGE.
 * sums: written with MOMENTS. NDRange: (LINE_ITEMS * rows / CG_FOURIER_IMAGES, phases * blocks). */
__kernel __attribute__((reqd_work_group_size(LINE_ITEMS, 1, 1))) void
fourier_map_inverse_tiled(__global float *restrict map, __global const float *restrict spectrum,
                          __global const float *restrict in_image, int in_flags, EPILOGUE_PARAMS,
                          __global float *restrict sums, int n_count, int rows, int pitch,
                          int blocks)
{
#if MOMENTS
    __local vfloat mean[CG_FOURIER_IMAGES * BLOCK_VECTORS];
    __local vfloat squares[CG_FOURIER_IMAGES * BLOCK_VECTORS];
#endif
    const int line = (int)get_local_id(0) / BLOCK_VECTORS;
    const int n_first = (int)get_group_id(0) * CG_FOURIER_IMAGES;
    const epilogue epi = EPILOGUE;

    for (int i = line; i < CG_FOURIER_IMAGES && n_first + i < n_count; i += LINES) {
        const place at = find_place(n_first + i, rows, blocks);
        const size_t first = ((size_t)at.block * (size_t)pitch + (size_t)at.n) * (MAP_H * MAP_W);
        const float factor = IN_FLAGS & CG_PROLOGUE_IMAGE ? in_image[at.n] : 1.0f;
        vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];
        vfloat written[PHASE_H][PHASE_W];
        inverse_columns(re, im, spectrum + at.spectrum, at.stride, 0, PHASE_H);
        UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
            const int y = j * STEP + at.phase_y;
            inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
            UNROLL for (int k = 0; k < PHASE_W; k++) {
                const int p = y * MAP_W + k * STEP + at.phase_x;
                const size_t to = (first + (size_t)p) * CG_BLOCK + (size_t)at.lane;
                if (y < MAP_H && k * STEP + at.phase_x < MAP_W) {
                    written[j][k] = epilogue_vector(factor * x[k], &epi, to,
                                                    at.block * CG_BLOCK + at.lane, at.n);
                    VSTORE(written[j][k], map, to);
                }
            }
        }
#if MOMENTS
        const moments m = measure(written, &at);
        mean[i * BLOCK_VECTORS + at.lane / VEC] = m.mean;
        squares[i * BLOCK_VECTORS + at.lane / VEC] = m.squares;
#endif
    }
#if MOMENTS
    barrier(CLK_LOCAL_MEM_FENCE);
    if (line == 0) {
        const place at = find_place(n_first, rows, blocks);
        store_merged(sums, mean, squares, min(CG_FOURIER_IMAGES, n_count - n_first), &at, blocks);
    }
#endif
}
