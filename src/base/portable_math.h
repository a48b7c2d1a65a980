/* Elementary functions with the same bits on every host and device: cl/portable_math.h in C. What
 * the C library and the compiler offer under these names may differ in the last bits. */
#ifndef CLGAN_BASE_PORTABLE_MATH_H
#define CLGAN_BASE_PORTABLE_MATH_H

#include "cl/portable_math.h"

#include <stddef.h>

/* a / b, rounded correctly. */
float cg_portable_div(float a, float b);

/* Declares cg_portable_exp(x) and the like, one for each function of CG_PORTABLE_UNARY. */
#define CG_PORTABLE_DECLARE(constant, function) float cg_portable_##function(float x);
CG_PORTABLE_UNARY(CG_PORTABLE_DECLARE)

/* A function of one argument as an object. */
typedef struct cg_portable_function {
    const char *name; /* "exp" */
    float (*value)(float x);
    void (*values)(float *y, const float *x, size_t n); /* y[i] = f(x[i]) for i < n */
} cg_portable_function;

/* The index is CG_PORTABLE_FLUSH or another one of that enumeration. */
extern const cg_portable_function cg_portable_functions[CG_PORTABLE_DIV];

#endif
