/* Between feature maps and their spectra (fourier.clh), for the Fourier form of a convolution on
 * GPUs. Phases, layout and what is left out of a spectrum: fourier_map.cl.
 *
 * One work-item transforms one lane of one image of one phase, all in registers; neighbours have
 * the lanes of a block, then the next image, so that all of their accesses lie side by side. What
 * is summed over a group's images goes through local memory, and is added in the images' order.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"

#ifndef LINES /* images that a group works on at a time: a divisor of IMAGES */
#define LINES 8
#endif
#ifndef MOMENTS /* whether the inverse takes those of what it writes */
#define MOMENTS 1
#endif
#define LANES  (BLOCK / VEC)
#define ITEMS  (LINES * LANES)
#define IMAGES 8 /* whose sums a group adds up; fewer LINES give the same bits */

/* A work-item's place. */
typedef struct {
    int n, block, lane;   /* image; block of channels; first lane */
    int phase_y, phase_x;
    size_t spectrum;      /* of the lane in plane 0 */
    size_t stride;        /* from plane to plane    */
} place;

static inline place find_place(int n, int rows, int blocks)
{
    place at;
    const int map = (int)get_global_id(1); /* 0 .. phases * blocks - 1 */
    at.n = n;
    at.lane = (int)get_local_id(0) % LANES * VEC;
    at.block = map % blocks;
    at.phase_y = map / blocks / STEP;
    at.phase_x = map / blocks % STEP;
    at.spectrum = ((size_t)map * (size_t)rows + (size_t)n) * BLOCK + (size_t)at.lane;
    at.stride = PLANE_FLOATS(get_global_size(1), rows);
    return at;
}

/* NDRange: (rows * LANES, phases * blocks), rows a multiple of LINES. */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
fourier_map_tiled(__global float *restrict spectrum, __global const float *restrict map,
                  PROLOGUE_PARAMS(in), int n_count, int rows, int pitch, int blocks)
{
    const place at = find_place((int)get_global_id(0) / LANES, rows, blocks);
    const prologue pro = PROLOGUE_IN;
    const size_t first = ((size_t)at.block * (size_t)pitch + (size_t)at.n) * (MAP_H * MAP_W);
    vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];

    UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
    UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
        const int y = j * STEP + at.phase_y;
        UNROLL for (int k = 0; k < PHASE_W; k++) {
            const int p = y * MAP_W + k * STEP + at.phase_x;
            const int f = (at.block * pro.groups + (pro.groups == 1 ? 0 : p)) * BLOCK + at.lane;
            x[k] = (vfloat)(0.0f);
            if (y < MAP_H && k * STEP + at.phase_x < MAP_W && at.n < n_count)
                x[k] = prologue_vector(
                    VLOAD(map, (first + (size_t)p) * BLOCK + (size_t)at.lane), &pro, f, at.n);
        }
        dft(re[j], im[j], x);
    }
    forward_columns(spectrum + at.spectrum, at.stride, re, im, 0, PHASE_H);
}

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

/* sums: [shares][3][blocks * BLOCK], a share being the group's images in one phase: number, mean
 * and sum of squares of `images` times as many samples. Merging: batchnorm.cl. */
static inline void store_merged(__global float *sums, __local const vfloat *mean,
                                __local const vfloat *squares, int images, const place *at,
                                int blocks)
{
    const float count =
        (float)(phase_size(MAP_H, at->phase_y) * phase_size(MAP_W, at->phase_x));
    const size_t share =
        get_group_id(0) * (size_t)(STEP * STEP) + (size_t)(at->phase_y * STEP + at->phase_x);
    moments all = {(vfloat)(0.0f), (vfloat)(0.0f)};
    for (int i = 0; i < images; i++) {
        const float part = 1.0f / (float)(i + 1);
        const vfloat d = mean[i * LANES + at->lane / VEC] - all.mean;
        all.mean += d * part;
        all.squares += squares[i * LANES + at->lane / VEC] + d * d * (count * (float)i * part);
    }
    sums += 3 * share * (size_t)(blocks * BLOCK) + (size_t)(at->block * BLOCK + at->lane);
    VSTORE((vfloat)(count * (float)images), sums, 0);
    VSTORE(all.mean, sums, blocks * BLOCK);
    VSTORE(all.squares, sums, 2 * blocks * BLOCK);
}

/* in_image: factors of the images that the convolution reads, or flags without PROLOGUE_IMAGE.
 * sums: written with MOMENTS. NDRange: (ITEMS * n_count / IMAGES, phases * blocks). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
fourier_map_inverse_tiled(__global float *restrict map, __global const float *restrict spectrum,
                          __global const float *restrict in_image, int in_flags, EPILOGUE_PARAMS,
                          __global float *restrict sums, int n_count, int rows, int pitch,
                          int blocks)
{
#if MOMENTS
    __local vfloat mean[IMAGES * LANES], squares[IMAGES * LANES];
#endif
    const int line = (int)get_local_id(0) / LANES;
    const int n_first = (int)get_group_id(0) * IMAGES;
    const epilogue epi = EPILOGUE;

    for (int i = line; i < IMAGES && n_first + i < n_count; i += LINES) {
        const place at = find_place(n_first + i, rows, blocks);
        const size_t first = ((size_t)at.block * (size_t)pitch + (size_t)at.n) * (MAP_H * MAP_W);
        const float factor = IN_FLAGS & PROLOGUE_IMAGE ? in_image[at.n] : 1.0f;
        vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];
        vfloat written[PHASE_H][PHASE_W];
        inverse_columns(re, im, spectrum + at.spectrum, at.stride, 0, PHASE_H);
        UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
            const int y = j * STEP + at.phase_y;
            inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
            UNROLL for (int k = 0; k < PHASE_W; k++) {
                const int p = y * MAP_W + k * STEP + at.phase_x;
                const size_t to = (first + (size_t)p) * BLOCK + (size_t)at.lane;
                if (y < MAP_H && k * STEP + at.phase_x < MAP_W) {
                    written[j][k] = epilogue_vector(factor * x[k], &epi, to,
                                                    at.block * BLOCK + at.lane, at.n);
                    VSTORE(written[j][k], map, to);
                }
            }
        }
#if MOMENTS
        const moments m = measure(written, &at);
        mean[i * LANES + at.lane / VEC] = m.mean;
        squares[i * LANES + at.lane / VEC] = m.squares;
#endif
    }
#if MOMENTS
    barrier(CLK_LOCAL_MEM_FENCE);
    if (line == 0) {
        const place at = find_place(n_first, rows, blocks);
        store_merged(sums, mean, squares, min(IMAGES, n_count - n_first), &at, blocks);
    }
#endif
}

/* db[blocks * BLOCK] = the sum over images of in_image[n] times all that is in the map: a transform
 * at frequency 0 is the sum. For maps of one phase. Of each channel there are IMAGES sums, over
 * every IMAGES-th image. NDRange: (ITEMS * blocks). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
fourier_map_sum_tiled(__global float *restrict db, __global const float *restrict spectrum,
                      __global const float *restrict in_image, int in_flags, int n_count, int rows,
                      int blocks)
{
    __local vfloat sums[IMAGES * LANES];
    const int line = (int)get_local_id(0) / LANES, lane = (int)get_local_id(0) % LANES;
    const int block = (int)get_group_id(0);
    vfloat all = (vfloat)(0.0f);

    spectrum += REAL_PLANE(0, 0) * PLANE_FLOATS(blocks, rows) +
                (size_t)block * (size_t)rows * BLOCK + (size_t)(lane * VEC);
    for (int i = line; i < IMAGES; i += LINES) {
        vfloat sum = (vfloat)(0.0f);
        UNROLL_LOADS for (int n = i; n < n_count; n += IMAGES)
            sum += (IN_FLAGS & PROLOGUE_IMAGE ? in_image[n] : 1.0f) * VLOAD(spectrum, n * BLOCK);
        sums[i * LANES + lane] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (line > 0)
        return;
    for (int i = 0; i < IMAGES; i++)
        all += sums[i * LANES + lane];
    VSTORE(all, db, block * BLOCK + lane * VEC);
}
