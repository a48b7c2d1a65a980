/* The sum of a feature map's pixels from its spectrum, on GPUs: a bias's gradient. */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "fourier_tiled.clh"

/* db[blocks * BLOCK] = the sum over images of in_image[n] times all that is in the map: a transform
 * at frequency 0 is the sum. For maps of one phase. Of each channel there are IMAGES sums, over
 * every IMAGES-th image. NDRange: (ITEMS * blocks). */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
fourier_sum_tiled(__global float *restrict db, __global const float *restrict spectrum,
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
