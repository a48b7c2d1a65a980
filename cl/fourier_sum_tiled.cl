/* The sum of a feature map's pixels from its spectrum, on GPUs: a bias's gradient. */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "fourier_tiled.clh"

/* The sums of a channel; a strict program has one, as fourier_map_sum does. */
#define SUMS (IS_STRICT ? 1 : CG_FOURIER_IMAGES)

/* db[blocks * CG_BLOCK] = the sum over images of in_image[n] times all that is in the map: a
 * transform at frequency 0 is the sum. The map has one phase. Each channel has SUMS sums, each
 * over every SUMS-th image. NDRange: (LINE_ITEMS * blocks). */
__kernel __attribute__((reqd_work_group_size(LINE_ITEMS, 1, 1))) void
fourier_sum_tiled(__global float *restrict db, __global const float *restrict spectrum,
                  __global const float *restrict in_image, int in_flags, int n_count, int rows,
                  int blocks)
{
    __local vfloat sums[SUMS * BLOCK_VECTORS];
    const int line = (int)get_local_id(0) / BLOCK_VECTORS;
    const int lane = (int)get_local_id(0) % BLOCK_VECTORS;
    const int block = (int)GROUP_ID(0);
    vfloat all = (vfloat)(0.0f);

    spectrum += REAL_PLANE(0, 0) * CG_FOURIER_PLANE_FLOATS(blocks, rows) +
                row_index(rows, block, 0, lane * VEC);
    for (int i = line; i < SUMS; i += LINES) {
        vfloat sum = (vfloat)(0.0f);
        UNROLL_LOADS for (int n = i; n < n_count; n += SUMS)
            sum = MAD(vfloat, IN_FLAGS_OF(in_flags) & CG_PROLOGUE_IMAGE ? in_image[n] : 1.0f,
                      VLOAD(spectrum, n * CG_BLOCK), sum);
        sums[i * BLOCK_VECTORS + lane] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (line > 0)
        return;
    for (int i = 0; i < SUMS; i++)
        all += sums[i * BLOCK_VECTORS + lane];
    VSTORE(all, db, block * CG_BLOCK + lane * VEC);
}
