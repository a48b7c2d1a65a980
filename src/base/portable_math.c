/* The functions of cl/portable_math.h for callers on the host. CMake compiles this file without
 * contraction of a product and a sum, which some compilers do unasked. */
#include "base/portable_math.h"

float cg_portable_div(float a, float b)
{
    return portable_div(a, b);
}

#define DEFINE(constant, function)                                    \
    float cg_portable_##function(float x)                             \
    {                                                                 \
        return portable_##function(x);                                \
    }                                                                 \
    static void function##_of_all(float *y, const float *x, size_t n) \
    {                                                                 \
        for (size_t i = 0; i < n; i++)                                \
            y[i] = portable_##function(x[i]);                         \
    }
CG_PORTABLE_UNARY(DEFINE)

#define ENTRY(constant, function) \
    [CG_PORTABLE_##constant] = {#function, cg_portable_##function, function##_of_all},
const cg_portable_function cg_portable_functions[] = {CG_PORTABLE_UNARY(ENTRY)};
