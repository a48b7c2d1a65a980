/* Values of the functions of portable_math.h, for tests: out[i] = f(x[i], y[i]), where x holds the
 * bits of floats, less `first`. A test of all arguments thereby uploads x once. f is one of
 * CG_PORTABLE_FLUSH and the like; y [count] is read by functions of two arguments alone.
 *
 * A work-item of the one kernel computes a float, of the other a vector of VEC.
 */
#include "common.clh"
#include "portable_math.h"

#if VEC == 1
#define AS_VFLOAT(x) as_float(x)
#else
#define AS_VFLOAT(x) JOIN(as_float, VEC)(x)
#endif

#define SCALAR_CASE(constant, function) \
    case CG_PORTABLE_##constant:        \
        value = portable_##function(a); \
        break;
#define VECTOR_CASE(constant, function)  \
    case CG_PORTABLE_##constant:         \
        value = portable_v##function(a); \
        break;

/* NDRange: (count). */
__kernel void portable_math_scalar(__global float *restrict out, __global const uint *restrict x,
                                   __global const float *restrict y, uint first, int count,
                                   int function)
{
    const int i = (int)get_global_id(0); /* 0 .. count - 1 */
    if (i >= count)
        return;
    const float a = as_float(x[i] + first);
    float value = a;
    switch (function) {
        CG_PORTABLE_UNARY(SCALAR_CASE)
    case CG_PORTABLE_DIV:
        value = portable_div(a, y[i]);
        break;
    }
    out[i] = value;
}

/* NDRange: (count / VEC). */
__kernel void portable_math_vector(__global float *restrict out, __global const uint *restrict x,
                                   __global const float *restrict y, uint first, int count,
                                   int function)
{
    const int i = (int)get_global_id(0) * VEC; /* 0 .. count - VEC */
    if (i >= count)
        return;
    const vfloat a = AS_VFLOAT(*(__global const vuint *)(x + i) + first);
    vfloat value = a;
    switch (function) {
        CG_PORTABLE_UNARY(VECTOR_CASE)
    case CG_PORTABLE_DIV:
        value = portable_vdiv(a, VLOAD(y, i));
        break;
    }
    VSTORE(value, out, i);
}
