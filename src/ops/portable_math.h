/* The functions of cl/portable_math.h on arrays, for whoever compares a device with the host. */
#ifndef CLGAN_OPS_PORTABLE_MATH_H
#define CLGAN_OPS_PORTABLE_MATH_H

#include "ocl/buffer.h"

#include "cl/portable_math.h"

/* out[i] = f(a, y[i]) for i < n, where a is the float with the bits x[i] + first: x [n] of
 * uint32_t, y [n] and out [n] of floats, y NULL for a function of one argument. f is
 * CG_PORTABLE_FLUSH or the like. `vectors` computes with the device's explicit vectors,
 * which n is then a multiple of. Asynchronous. CG_ERR_SHAPE when n is not. */
cg_status cg_portable_math(cg_runtime *rt, cg_buffer *out, const cg_buffer *x, const cg_buffer *y,
                           uint32_t first, size_t n, int f, bool vectors);

#endif
