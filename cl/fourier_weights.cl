/* Transforms a convolution's weights into their spectra (fourier.clh), and back.
 *
 * L[s i - p + t] with t - p = s d + q is L's phase q at i + d: along an axis the tap t is tap d of
 * the kernel of phase q, d = FIRST .. FIRST + TAPS - 1. A tap t outside of W is 0. Phases count as
 * further large channels, each with its blocks: phase, block, lane. They are the rows of the
 * spectrum, [plane][blocks of small channels][rows][CG_BLOCK], for the weights and for their
 * gradient.
 */
#include "common.clh"
#include "fourier.clh"
#include "fourier_options.clh"

#ifndef WEIGHT_ROWS /* that a work-item transforms: they divide CG_BLOCK */
#define WEIGHT_ROWS CG_BLOCK
#endif
#if CG_BLOCK % WEIGHT_ROWS != 0
#error "WEIGHT_ROWS must divide CG_BLOCK"
#endif

/* One work-item has WEIGHT_ROWS rows of one block. tile: [TAPS * TAPS][WEIGHT_ROWS][CG_BLOCK].
 * NDRange: (rows / WEIGHT_ROWS, blocks of small channels), local size 1. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_weights(__global float *restrict spectrum, __global const float *restrict w,
                __local float *tile, int cl, int cs)
{
    const int row = (int)GROUP_ID(0) * WEIGHT_ROWS; /* the first */
    const int row_block = row / CG_BLOCK;               /* phase * large_blocks + block */
    const int c_small = (int)GROUP_ID(1) * CG_BLOCK;
    const int large_blocks = (cl + CG_BLOCK - 1) / CG_BLOCK;
    const int c_large = row_block % large_blocks * CG_BLOCK + row % CG_BLOCK;
    const int phase = row_block / large_blocks;
    const int rows = STRIDE * STRIDE * large_blocks * CG_BLOCK;
    const size_t stride = CG_FOURIER_PLANE_FLOATS(get_num_groups(1), rows);
    __global float *to = spectrum + row_index(rows, (int)GROUP_ID(1), row, 0);

    for (int t = 0; t < TAPS * TAPS; t++) {
        const int ky = TAP(t / TAPS, phase / STRIDE), kx = TAP(t % TAPS, phase % STRIDE);
        const bool none = !IS_TAP(ky) || !IS_TAP(kx);
        for (int l = 0; l < WEIGHT_ROWS; l++) {
            const int lanes = none || c_large + l >= cl ? 0 : min(CG_BLOCK, cs - c_small);
            __global const float *from = w + ((size_t)((ky * KERNEL + kx) * cl + c_large + l)) *
                                                 (size_t)cs + (size_t)c_small;
            __local float *line = tile + (t * WEIGHT_ROWS + l) * CG_BLOCK;
            for (int s = 0; s < lanes; s++)
                line[s] = from[s];
            for (int s = lanes; s < CG_BLOCK; s++)
                line[s] = 0.0f;
        }
    }
    for (int at = 0; at < WEIGHT_ROWS * CG_BLOCK; at += VEC) {
        vfloat x[N], re[TAPS][NYQUIST + 1], im[TAPS][NYQUIST + 1];
        UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
        for (int j = 0; j < TAPS; j++) {
            UNROLL for (int k = 0; k < TAPS; k++)
                x[CYCLIC(FIRST + k)] =
                    *(__local const vfloat *)(tile + (j * TAPS + k) * WEIGHT_ROWS * CG_BLOCK + at);
            dft(re[j], im[j], x);
        }
        forward_columns(to + at, stride, re, im, FIRST, TAPS);
    }
}

/* dw [KERNEL][KERNEL][cl][cs] from its spectrum. One work-item has one row.
 * NDRange: (rows, blocks of small channels). */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_weights_inverse(__global float *restrict dw, __global const float *restrict spectrum,
                        int cl, int cs)
{
    const int row = (int)GROUP_ID(0), s_block = (int)GROUP_ID(1);
    const int large_blocks = (cl + CG_BLOCK - 1) / CG_BLOCK;
    const int c_large = row % (large_blocks * CG_BLOCK);
    const int phase = row / (large_blocks * CG_BLOCK);
    const int rows = STRIDE * STRIDE * large_blocks * CG_BLOCK;
    const size_t stride = CG_FOURIER_PLANE_FLOATS(get_num_groups(1), rows);
    __global const float *from = spectrum + row_index(rows, s_block, row, 0);

    if (c_large >= cl)
        return;
    for (int v = 0; v < CG_BLOCK; v += VEC) {
        vfloat re[TAPS][NYQUIST + 1], im[TAPS][NYQUIST + 1], x[N];
        inverse_columns(re, im, from + v, stride, FIRST, TAPS);
        for (int j = 0; j < TAPS; j++) {
            const int ky = TAP(j, phase / STRIDE);
            inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
            UNROLL for (int k = 0; k < TAPS; k++) {
                const int kx = TAP(k, phase % STRIDE);
                const int c_small = s_block * CG_BLOCK + v;
                const vfloat value = x[CYCLIC(FIRST + k)];
                const size_t to = (size_t)((ky * KERNEL + kx) * cl + c_large) * (size_t)cs +
                                  (size_t)c_small;
                if (!IS_TAP(ky) || !IS_TAP(kx))
                    continue;
                if (cs % VEC == 0 && c_small < cs) { /* taps are far apart, often by 2^n */
                    VSTREAM(value, dw, to);
                } else {
                    const float *lanes = (const float *)&value;
                    for (int s = 0; s < VEC && c_small + s < cs; s++)
                        dw[to + (size_t)s] = lanes[s];
                }
            }
        }
    }
}
