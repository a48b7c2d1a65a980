/* Transforms a convolution's weights into their spectra (fourier.clh), and back, on GPUs.
 * Taps, phases and layouts: fourier_weights.cl. One work-item transforms one lane of one row, all
 * in registers.
 */
#include "common.clh"
#include "fourier.clh"
#include "fourier_options.clh"

/* Finds the vector of weights at c_large, c_small. */
static inline size_t find_weight(int ky, int kx, int c_large, int c_small, int cl, int cs)
{
    return (size_t)((ky * KERNEL + kx) * cl + c_large) * (size_t)cs + (size_t)c_small;
}

/* The first `lanes` of a vector, the others zero. */
static inline vfloat load_lanes(__global const float *w, int lanes)
{
    vfloat value;
    float *to = (float *)&value;
    UNROLL for (int i = 0; i < VEC; i++)
        to[i] = i < lanes ? w[i] : 0.0f;
    return value;
}

/* NDRange: (rows * BLOCK_VECTORS, blocks of small channels). */
__kernel void fourier_weights_tiled(__global float *restrict spectrum,
                                    __global const float *restrict w, int cl, int cs, int rows)
{
    const int row = (int)get_global_id(0) / BLOCK_VECTORS;
    const int lane = (int)get_global_id(0) % BLOCK_VECTORS * VEC;
    const int block = (int)get_global_id(1);
    const int channels = (cl + CG_BLOCK - 1) / CG_BLOCK * CG_BLOCK; /* of a phase, rounded up */
    const int c_large = row % channels, phase = row / channels;
    const int c_small = block * CG_BLOCK + lane;
    const int lanes = c_large < cl ? min(VEC, cs - c_small) : 0; /* that exist */
    vfloat x[N], re[TAPS][NYQUIST + 1], im[TAPS][NYQUIST + 1];

    if (row >= rows)
        return;
    UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
    UNROLL_LANE for (int j = 0; j < TAPS; j++) {
        const int ky = TAP(j, phase / STRIDE);
        UNROLL for (int k = 0; k < TAPS; k++) {
            const int kx = TAP(k, phase % STRIDE);
            x[CYCLIC(FIRST + k)] =
                IS_TAP(ky) && IS_TAP(kx)
                    ? load_lanes(w + find_weight(ky, kx, c_large, c_small, cl, cs), lanes)
                    : (vfloat)(0.0f);
        }
        dft(re[j], im[j], x);
    }
    forward_columns(spectrum + row_index(rows, block, row, lane),
                    CG_FOURIER_PLANE_FLOATS(get_global_size(1), rows), re, im, FIRST, TAPS);
}

/* dw [KERNEL][KERNEL][cl][cs] from its spectrum.
 * NDRange: (rows * BLOCK_VECTORS, blocks of small channels). */
__kernel void fourier_weights_inverse_tiled(__global float *restrict dw,
                                            __global const float *restrict spectrum, int cl, int cs,
                                            int rows)
{
    const int row = (int)get_global_id(0) / BLOCK_VECTORS;
    const int lane = (int)get_global_id(0) % BLOCK_VECTORS * VEC;
    const int block = (int)get_global_id(1);
    const int channels = (cl + CG_BLOCK - 1) / CG_BLOCK * CG_BLOCK;
    const int c_large = row % channels, phase = row / channels;
    const int c_small = block * CG_BLOCK + lane;
    const int lanes = min(VEC, cs - c_small);
    vfloat x[N], re[TAPS][NYQUIST + 1], im[TAPS][NYQUIST + 1];

    if (row >= rows || c_large >= cl || lanes <= 0)
        return;
    inverse_columns(re, im, spectrum + row_index(rows, block, row, lane),
                    CG_FOURIER_PLANE_FLOATS(get_global_size(1), rows), FIRST, TAPS);
    UNROLL_LANE for (int j = 0; j < TAPS; j++) {
        const int ky = TAP(j, phase / STRIDE);
        inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
        UNROLL for (int k = 0; k < TAPS; k++) {
            const int kx = TAP(k, phase % STRIDE);
            const vfloat value = x[CYCLIC(FIRST + k)];
            UNROLL for (int i = 0; i < VEC; i++)
                if (IS_TAP(ky) && IS_TAP(kx) && i < lanes)
                    dw[find_weight(ky, kx, c_large, c_small, cl, cs) + (size_t)i] =
                        ((const float *)&value)[i];
        }
    }
}
