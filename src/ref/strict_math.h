/* Arithmetic of the strict step on the host (strict.h): each operation is rounded for itself. */
#ifndef CLGAN_REF_STRICT_MATH_H
#define CLGAN_REF_STRICT_MATH_H

#include "base/portable_math.h"

#define SLOPE ((float)0.3f)

/* Zeroes what is too small for its products with others to be normal numbers. */
static inline float flush_below(float x, float least)
{
    return fabsf(x) < least ? 0.0f : x;
}

static inline float flush(float x)
{
    return flush_below(x, 0x1p-40f);
}

static inline float leaky(float x)
{
    return x > 0.0f ? x : SLOPE * x;
}

static inline float fma32(float a, float b, float c)
{
    return portable_fma(a, b, c);
}

#endif
