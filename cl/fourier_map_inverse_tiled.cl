/* Transforms spectra (fourier.clh) into feature maps, for the Fourier form of a convolution on
 * GPUs, with the moments of what is written. It is not in fourier_map_tiled.cl because it is built
 * with other options, and building either takes long. fourier_tiled.clh says what a work-item does.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "fourier_tiled.clh"
#include "moments.clh"

#ifndef MOMENTS /* whether to take them */
#define MOMENTS 1
#endif

static inline int phase_size(int size, int phase)
{
    return (size - phase + STEP - 1) / STEP;
}

/* One image's phase; v: what is at each of its places, in a map of whole phases. */
static inline sample_moments measure(vfloat v[PHASE_H][PHASE_W], const place *at)
{
    const int h = phase_size(MAP_H, at->phase_y), w = phase_size(MAP_W, at->phase_x);
    sample_moments m = NO_SAMPLES;
    m.count = (vfloat)((float)(h * w));
    UNROLL for (int i = 0; i < PHASE_H * PHASE_W; i++)
        if (i / PHASE_W < h && i % PHASE_W < w)
            m.mean += v[i / PHASE_W][i % PHASE_W];
    m.mean = FLUSH(vfloat, DIVIDE(vfloat, m.mean, (float)max(h * w, 1)));
    UNROLL for (int i = 0; i < PHASE_H * PHASE_W; i++) {
        const vfloat d = v[i / PHASE_W][i % PHASE_W] - m.mean;
        if (i / PHASE_W < h && i % PHASE_W < w)
            m.squares = MAD(vfloat, d, d, m.squares);
    }
    return m;
}

/* sums: [partials][CG_MOMENTS][blocks * CG_BLOCK], a share being the group's images in one phase,
 * each of which has as many samples. */
static inline void store_merged(__global float *sums, __local const vfloat *mean,
                                __local const vfloat *squares, int images, const place *at,
                                int blocks)
{
    const int samples = phase_size(MAP_H, at->phase_y) * phase_size(MAP_W, at->phase_x);
    const int share = ((int)GROUP_ID(0) * STEP + at->phase_y) * STEP + at->phase_x;
    const int channels = blocks * CG_BLOCK;
    sample_moments all = NO_SAMPLES;
    for (int i = 0; i < images; i++) {
        const int from = i * BLOCK_VECTORS + at->lane / VEC;
        const sample_moments m = {(vfloat)((float)samples), mean[from], squares[from]};
        all = merge_part(all, m, DIVIDE(vfloat, (vfloat)(1.0f), (float)(i + 1)));
    }
    store_moments(sums, moments_index(channels, share, at->block * CG_BLOCK + at->lane), channels,
                  all);
}

/* in_image: factors of the images that the convolution reads, or flags without CG_PROLOGUE_IMAGE.
 * sums: written with MOMENTS. NDRange: (LINE_ITEMS * rows / CG_FOURIER_IMAGES, phases * blocks). */
__kernel __attribute__((reqd_work_group_size(LINE_ITEMS, 1, 1))) void
fourier_map_inverse_tiled(__global float *restrict map, __global const float *restrict spectrum,
                          __global const float *restrict in_image, int in_flags, EPILOGUE_PARAMS,
                          __global float *restrict sums, const cg_map_extent e)
{
#if MOMENTS
    __local vfloat mean[CG_FOURIER_IMAGES * BLOCK_VECTORS];
    __local vfloat squares[CG_FOURIER_IMAGES * BLOCK_VECTORS];
#endif
    const int line = (int)get_local_id(0) / BLOCK_VECTORS;
    const int n_first = (int)GROUP_ID(0) * CG_FOURIER_IMAGES;
    const epilogue epi = EPILOGUE;

    for (int i = line; i < CG_FOURIER_IMAGES && n_first + i < e.n; i += LINES) {
        const place at = find_place(n_first + i, &e);
        const float factor = IN_FLAGS_OF(in_flags) & CG_PROLOGUE_IMAGE ? in_image[at.n] : 1.0f;
        vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];
        vfloat written[PHASE_H][PHASE_W];
        inverse_columns(re, im, spectrum + at.spectrum, at.stride, 0, PHASE_H);
        UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
            const int y = j * STEP + at.phase_y;
            inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
            UNROLL for (int k = 0; k < PHASE_W; k++) {
                const int p = y * MAP_W + k * STEP + at.phase_x;
                const size_t to = map_index(e.pitch, MAP_H * MAP_W, at.block, at.n, p, at.lane);
                if (y < MAP_H && k * STEP + at.phase_x < MAP_W) {
                    written[j][k] = epilogue_vector(FLUSH(vfloat, factor * x[k]), &epi, to,
                                                    at.block * CG_BLOCK + at.lane, at.n);
                    VSTORE(written[j][k], map, to);
                }
            }
        }
#if MOMENTS
        const sample_moments m = measure(written, &at);
        mean[i * BLOCK_VECTORS + at.lane / VEC] = m.mean;
        squares[i * BLOCK_VECTORS + at.lane / VEC] = m.squares;
#endif
    }
#if MOMENTS
    barrier(CLK_LOCAL_MEM_FENCE);
    if (line == 0) {
        const place at = find_place(n_first, &e);
        store_merged(sums, mean, squares, min(CG_FOURIER_IMAGES, e.n - n_first), &at, e.blocks);
    }
#endif
}
