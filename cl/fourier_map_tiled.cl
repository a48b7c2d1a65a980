/* Between feature maps and their spectra (fourier.clh), for the Fourier form of a convolution on
 * GPUs. Phases, layout and what is left out of a spectrum: fourier_map.cl.
 *
 * One work-item transforms one lane of one image of one phase, all in registers; neighbours have
 * the lanes of a block, then the next image, so that all of their accesses lie side by side.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"

#define LANES (BLOCK / VEC)

/* A work-item's place, from its ids. */
typedef struct {
    int n, block, lane;   /* image; block of channels; first lane */
    int phase_y, phase_x;
    size_t spectrum;      /* of the lane in plane 0 */
    size_t stride;        /* from plane to plane    */
} place;

static inline place find_place(int rows, int blocks)
{
    place at;
    const int item = (int)get_global_id(0); /* 0 .. rows * LANES - 1, and beyond */
    const int map = (int)get_global_id(1);  /* 0 .. phases * blocks - 1          */
    at.n = item / LANES;
    at.lane = item % LANES * VEC;
    at.block = map % blocks;
    at.phase_y = map / blocks / STEP;
    at.phase_x = map / blocks % STEP;
    at.spectrum = ((size_t)map * (size_t)rows + (size_t)at.n) * BLOCK + (size_t)at.lane;
    at.stride = PLANE_FLOATS(get_global_size(1), rows);
    return at;
}

/* NDRange: (rows * LANES, phases * blocks). */
__kernel void fourier_map_tiled(__global float *restrict spectrum,
                                __global const float *restrict map, PROLOGUE_PARAMS(in),
                                int n_count, int rows, int pitch, int blocks)
{
    const place at = find_place(rows, blocks);
    const prologue pro = PROLOGUE_IN;
    const size_t first = ((size_t)at.block * (size_t)pitch + (size_t)at.n) * (MAP_H * MAP_W);
    vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];

    if (at.n >= rows)
        return;
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

/* in_image: factors of the images that the convolution reads, or flags without PROLOGUE_IMAGE.
 * NDRange: (n_count * LANES, phases * blocks). */
__kernel void fourier_map_inverse_tiled(__global float *restrict map,
                                        __global const float *restrict spectrum,
                                        __global const float *restrict in_image, int in_flags,
                                        EPILOGUE_PARAMS, int n_count, int rows, int pitch,
                                        int blocks)
{
    const place at = find_place(rows, blocks);
    const epilogue epi = EPILOGUE;
    const size_t first = ((size_t)at.block * (size_t)pitch + (size_t)at.n) * (MAP_H * MAP_W);
    vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];

    if (at.n >= n_count)
        return;
    const float factor = IN_FLAGS & PROLOGUE_IMAGE ? in_image[at.n] : 1.0f;
    inverse_columns(re, im, spectrum + at.spectrum, at.stride, 0, PHASE_H);
    UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
        const int y = j * STEP + at.phase_y;
        inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
        UNROLL for (int k = 0; k < PHASE_W; k++) {
            const int p = y * MAP_W + k * STEP + at.phase_x;
            const size_t to = (first + (size_t)p) * BLOCK + (size_t)at.lane;
            if (y < MAP_H && k * STEP + at.phase_x < MAP_W)
                VSTORE(epilogue_vector(factor * x[k], &epi, to, at.block * BLOCK + at.lane, at.n),
                       map, to);
        }
    }
}
