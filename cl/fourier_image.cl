/* A convolution of images with one channel whose result another one reads, by its spectrum alone
 * (fourier_map.cl): each row of the result is transformed as soon as it is computed, and no map is
 * written. It is for CPU runtimes; conv2d_image.clh has the image's canvas.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#ifndef SMALL_W
#define SMALL_W MAP_W
#endif
#include "conv2d_image.clh"

/* re + im i [phase][row of it][kx] = row y of the convolution, after the epilogue, transformed. */
static inline void transform_row(vfloat re[STEP * STEP][PHASE_H][NYQUIST + 1],
                                 vfloat im[STEP * STEP][PHASE_H][NYQUIST + 1],
                                 __local const float *canvas, const vfloat *weight,
                                 const epilogue *epi, size_t first, int y, int c, int n)
{
    vfloat row[STEP * PHASE_W], x[N];

    UNROLL for (int k = 0; k < STEP * PHASE_W; k++) row[k] = (vfloat)(0.0f);
    for (int k = 0; k < MAP_W && y < MAP_H; k++)
        row[k] = epilogue_vector(convolve_pixel(canvas, weight, y, k), epi,
                                 first + (size_t)((y * MAP_W + k) * CG_BLOCK), c, n);
    UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
    for (int phase_x = 0; phase_x < STEP; phase_x++) {
        const int phase = y % STEP * STEP + phase_x;
        UNROLL for (int k = 0; k < PHASE_W; k++) x[k] = row[k * STEP + phase_x];
        dft(re[phase][y / STEP], im[phase][y / STEP], x);
    }
}

/* The small map is not written: there is room for small_pitch images in its mask.
 * NDRange: (rows / CG_FOURIER_IMAGES * SPREAD, blocks of cs), local size 1; local memory: a canvas.
 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_map_of_image(__global float *restrict spectrum, __global const float *restrict x,
                     __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
                     __local float *canvas, int rows, const cg_geometry g)
{
    const int block = (int)GROUP_ID(1), blocks = (int)get_num_groups(1);
    const int n_first = OWN_GROUP * CG_FOURIER_IMAGES, n_count = g.n_last;
    const size_t stride = CG_FOURIER_PLANE_FLOATS(STEP * STEP * blocks, rows);
    const prologue pro = PROLOGUE_IN;
    const epilogue epi = EPILOGUE;

    if (IS_IDLE)
        return;
    for (int n = n_first; n < n_first + CG_FOURIER_IMAGES; n++) {
        if (n < n_count)
            load_canvas(canvas, x + (size_t)n * (size_t)(g.large_h * LARGE_W), CANVAS_H(MAP_H),
                        g.large_h, &pro, n);
        for (int v = 0; v < CG_BLOCK; v += VEC) {
            const int c = block * CG_BLOCK + v;
            const size_t first = map_index(g.small_pitch, MAP_H * MAP_W, block, n, 0, v);
            vfloat weight[KERNEL * KERNEL];
            vfloat re[STEP * STEP][PHASE_H][NYQUIST + 1], im[STEP * STEP][PHASE_H][NYQUIST + 1];

            load_tap_weights(weight, w, c, g.small_c);
            for (int y = 0; y < STEP * PHASE_H && n < n_count; y++)
                transform_row(re, im, canvas, weight, &epi, first, y, c, n);
            for (int phase = 0; phase < STEP * STEP; phase++) {
                __global float *to = spectrum + row_index(rows, phase * blocks + block, n, v);
                if (n < n_count)
                    forward_columns(to, stride, re[phase], im[phase], 0, PHASE_H);
                else
                    clear_planes(to, stride);
            }
        }
    }
}
