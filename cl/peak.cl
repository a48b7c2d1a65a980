/* The peak rates of a device for `clgan bench`: multiply-adds in registers, and a copy.
 *
 * peak_fma: one work-item keeps CG_PEAK_ACCUMULATORS vectors x = a x + b, which do not depend on
 *   each other: iterations * CG_PEAK_ACCUMULATORS * VEC * 2 operations. With 0 < a < 1 they end at
 *   b / (1 - a), whatever they start from; their sum is stored.   out [items * VEC]
 * peak_copy: y = scale x. A work-item copies `vectors` vectors of WIDE floats: number
 *   i * first + k * step for k < vectors, so neighbours for a CPU's item (first = vectors,
 *   step = 1) and for a GPU's work-group (first = 1, step = items).   x, y [items * vectors * WIDE]
 *
 * No local memory. The NDRange has exactly the wanted items.
 */
#include "common.clh"

#define WIDE CG_PEAK_WIDE(VEC)
#if VEC == 1
typedef float4 wide;
#else
typedef vfloat wide;
#endif

/* NDRange: (items). */
__kernel void peak_fma(__global float *restrict out, float a, float b, int iterations)
{
    const int i = (int)get_global_id(0); /* 0 .. items - 1 */
    vfloat x[CG_PEAK_ACCUMULATORS];
    UNROLL for (int k = 0; k < CG_PEAK_ACCUMULATORS; k++)
        x[k] = (vfloat)(convert_float(i % 64 + k));
    for (int t = 0; t < iterations; t++) {
        UNROLL for (int k = 0; k < CG_PEAK_ACCUMULATORS; k++) x[k] = a * x[k] + b;
    }
    vfloat sum = x[0];
    UNROLL for (int k = 1; k < CG_PEAK_ACCUMULATORS; k++) sum += x[k];
    VSTORE(sum, out, i * VEC);
}

/* NDRange: (items). The factor keeps compilers from calling memcpy. */
__kernel void peak_copy(__global float *restrict y, __global const float *restrict x, float scale,
                        int vectors, int first, int step)
{
    const int i = (int)get_global_id(0) * first; /* 0 .. items * vectors - 1 */
    __global const wide *from = (__global const wide *)x + i;
    __global wide *to = (__global wide *)y + i;
    for (int k = 0; k < vectors; k++)
        to[k * step] = scale * from[k * step];
}
