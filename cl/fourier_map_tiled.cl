/* Transforms feature maps into their spectra (fourier.clh), for the Fourier form of a convolution
 * on GPUs. Phases, layout and what is left out of a spectrum: fourier_map.cl; who does what:
 * fourier_tiled.clh.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "fourier_tiled.clh"

/* NDRange: (rows * BLOCK_VECTORS, phases * blocks), rows a multiple of LINES. */
__kernel __attribute__((reqd_work_group_size(LINE_ITEMS, 1, 1))) void
fourier_map_tiled(__global float *restrict spectrum, __global const float *restrict map,
                  PROLOGUE_PARAMS(in), const cg_map_extent e)
{
    const place at = find_place((int)get_global_id(0) / BLOCK_VECTORS, &e);
    const prologue pro = PROLOGUE_IN;
    vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];

    UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
    UNROLL_LANE for (int j = 0; j < PHASE_H; j++) {
        const int y = j * STEP + at.phase_y;
        UNROLL for (int k = 0; k < PHASE_W; k++) {
            const int p = y * MAP_W + k * STEP + at.phase_x;
            const size_t from = map_index(e.pitch, MAP_H * MAP_W, at.block, at.n, p, at.lane);
            const int f = feature_index(&pro, at.block, p, at.lane);
            x[k] = (vfloat)(0.0f);
            if (y < MAP_H && k * STEP + at.phase_x < MAP_W && at.n < e.n)
                x[k] = prologue_vector(VLOAD(map, from), &pro, f, at.n);
        }
        dft(re[j], im[j], x);
    }
    forward_columns(spectrum + at.spectrum, at.stride, re, im, 0, PHASE_H);
}
