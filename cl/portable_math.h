/* Elementary functions have the same bits on every conforming OpenCL device, and in C on the host,
 * for every argument. OpenCL's own may differ by a few ulp from device to device.
 *
 * They are made of fma, of single additions and multiplications, which IEEE 754 defines to the last
 * bit, of operations on integers, and of comparisons of integers. They need neither a device's
 * division nor what it does with denormal numbers: a denormal argument counts as a zero with its
 * sign, a denormal result is a zero with its sign, and no intermediate result is denormal. NaN as a
 * result always has the bits CG_FLOAT_NAN. Rounding to the nearest, the default, is required.
 *
 *     portable_div(a, b), portable_rcp(x), portable_sqrt(x)      correctly rounded
 *     portable_rsqrt(x)                                          1 / sqrt(x)
 *     portable_exp(x), portable_log(x), portable_log1p(x), portable_tanh(x)
 *     portable_sinpi(x), portable_cospi(x)                       of pi x
 *     portable_flush(x)        denormals and zeros become +0, each NaN the same one
 *
 * are for floats; portable_vdiv and the like are for kernels' vfloat. docs/kernels.md has the
 * errors, which were measured with all arguments. Host code calls base/portable_math.h.
 *
 * Contraction is off from here on. Options that let a compiler break IEEE 754 are refused.
 */
#ifndef CG_PORTABLE_MATH_H
#define CG_PORTABLE_MATH_H

#if defined(__FAST_RELAXED_MATH__) || defined(__FAST_MATH__)
#error "these functions need IEEE 754: no -cl-fast-relaxed-math, no -ffast-math"
#endif

#define CG_FLOAT_SIGN     0x80000000u
#define CG_FLOAT_ABS      0x7FFFFFFFu
#define CG_FLOAT_FRACTION 0x007FFFFFu
#define CG_FLOAT_ONE      0x3F800000u
#define CG_FLOAT_SMALLEST 0x00800000u /* normal */
#define CG_FLOAT_INFINITY 0x7F800000u
#define CG_FLOAT_NAN      0x7FC00000u

#define CG_FLOAT_ROUNDER 0x1.8p23f /* rounds to a whole number what is added to it, below 2^22 */
#define CG_LN2_HIGH      0x1.62e43p-1f
#define CG_LN2_LOW       -0x1.05c61p-29f

/* The functions of one argument, by the name of a constant and their own. */
#define CG_PORTABLE_UNARY(X) \
    X(FLUSH, flush)          \
    X(RCP, rcp)              \
    X(SQRT, sqrt)            \
    X(RSQRT, rsqrt)          \
    X(EXP, exp)              \
    X(LOG, log)              \
    X(LOG1P, log1p)          \
    X(TANH, tanh)            \
    X(SINPI, sinpi)          \
    X(COSPI, cospi)

/* CG_PORTABLE_FLUSH and so on, and the functions of two arguments behind them. */
#define CG_PORTABLE_CONSTANT(constant, function) CG_PORTABLE_##constant,
enum { CG_PORTABLE_UNARY(CG_PORTABLE_CONSTANT) CG_PORTABLE_DIV, CG_PORTABLE_FUNCTIONS };

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)

#pragma OPENCL FP_CONTRACT OFF

/* WIDTH is the number of lanes, nothing for a scalar. */
#define F            JOIN(float, WIDTH)
#define I            JOIN(int, WIDTH)
#define B            JOIN(uint, WIDTH)
#define F2B(x)       JOIN(as_uint, WIDTH)(x)
#define B2F(x)       JOIN(as_float, WIDTH)(x)
#define B2I(x)       JOIN(as_int, WIDTH)(x)
#define I2B(x)       JOIN(as_uint, WIDTH)(x)
#define I2F(x)       JOIN(convert_float, WIDTH)(x)
#define FMA(a, b, c) fma((a), (b), (c))

#define WIDTH
#define NAME(f) portable_##f
#include "portable_functions.h"
#undef WIDTH
#undef NAME

#if VEC == 1
#define WIDTH
#else
#define WIDTH VEC
#endif
#define NAME(f) portable_v##f
#include "portable_functions.h"
#undef WIDTH

#else

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD < 0
#error "it is not known which precision the compiler computes with"
#endif

static inline uint32_t portable_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float portable_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* a b + c of finite numbers, rounded once. Without an instruction for that, and where doubles are
 * computed as such, the sum is rounded to odd first: it gets its last bit from what would be lost,
 * so that the second rounding, to a float, is right (Boldo and Melquiond 2008). Some C libraries'
 * fmaf() rounds twice, that of older mingw-w64 for one; it is called on the x87 alone. */
static inline float portable_fma(float a, float b, float c)
{
#if defined(__FP_FAST_FMAF) || FLT_EVAL_METHOD != 0
    return fmaf(a, b, c);
#else
    const double product = (double)a * (double)b, addend = (double)c; /* exact */
    double sum = product + addend;
    const double high = sum - product;
    const double lost = (product - (sum - high)) + (addend - high); /* Knuth's TwoSum: exact */
    int64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    const int64_t step = (lost > 0) == (sum > 0) ? 1 : -1;
    bits += lost != 0 && (bits & 1) == 0 ? step : 0;
    memcpy(&sum, &bits, sizeof sum);
    return (float)sum;
#endif
}

#define F            float
#define I            int32_t
#define B            uint32_t
#define F2B(x)       portable_bits(x)
#define B2F(x)       portable_float(x)
#define B2I(x)       ((int32_t)(x))
#define I2B(x)       ((uint32_t)(x))
#define I2F(x)       ((float)(x))
#define FMA(a, b, c) portable_fma((a), (b), (c))
#define NAME(f)      portable_##f
#include "portable_functions.h"

#endif

#undef F
#undef I
#undef B
#undef F2B
#undef B2F
#undef B2I
#undef I2B
#undef I2F
#undef FMA
#undef NAME

#endif
