/* Running error analysis: a number in float64, and how far the float32 result of the same
 * operations may be from it.
 *
 * Each operation hands on the errors of its arguments and adds its own rounding: u = 2^-24 of the
 * result for +, -, * (a fused one rounds less), and what OpenCL C 1.2 allows for the others (table
 * 7.4 of the specification; 1 ulp is at most 2 u). Source: Higham, Accuracy and Stability of
 * Numerical Algorithms, 2002, sections 3.1 and 3.3.
 */
#ifndef CLGAN_VERIFY_APPROX_H
#define CLGAN_VERIFY_APPROX_H

#include "cl/shared.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define CG_ROUNDING 0x1p-24 /* u */

/* A result below it may be 0: devices may flush denormal numbers, and strict arithmetic flushes
 * what is below 2^-40 (docs/strict.md). */
static inline double cg_approx_least(bool strict)
{
    return strict ? (double)CG_STRICT_LEAST : (double)FLT_MIN;
}

typedef struct cg_approx {
    double value, error;
} cg_approx;

/* gamma_k = k u / (1 - k u): what k roundings, one after the other, can make of a relative error.
 * A sum of products a_i b_i in which each product passes at most k roundings, of its own and of the
 * additions after it, is wrong by at most gamma_k sum |a_i b_i|, in any order of summation. */
static inline double cg_gamma(size_t k)
{
    double ku = (double)k * CG_ROUNDING;
    return ku / (1 - ku);
}

/* The same for a sum of many terms, by what roundings do together: where each is as likely up as
 * down, whatever the others were, the bound holds but for a probability of 2 k exp(-lambda^2 / 2),
 * here of 3e-9 in a sum of 100,000 terms. Source: Higham and Mary, A New Approach to Probabilistic
 * Rounding Error Analysis, SIAM J. Sci. Comput. 41, 2019, theorem 2.4, lambda = 8. */
static inline double cg_gamma_likely(size_t k)
{
    double few = (double)k * CG_ROUNDING, many = 8 * sqrt((double)k) * CG_ROUNDING;
    return many < few ? expm1(many + few * CG_ROUNDING / (1 - CG_ROUNDING)) : cg_gamma(k);
}

/* A number that float32 holds. */
static inline cg_approx cg_approx_exact(double value)
{
    return (cg_approx){value, 0};
}

/* `roundings` more roundings of the result. */
static inline cg_approx cg_approx_round(cg_approx a, double roundings)
{
    return (cg_approx){a.value, a.error + roundings * CG_ROUNDING * (fabs(a.value) + a.error)};
}

static inline cg_approx cg_approx_add(cg_approx a, cg_approx b)
{
    return cg_approx_round((cg_approx){a.value + b.value, a.error + b.error}, 1);
}

static inline cg_approx cg_approx_sub(cg_approx a, cg_approx b)
{
    return cg_approx_round((cg_approx){a.value - b.value, a.error + b.error}, 1);
}

static inline cg_approx cg_approx_mul(cg_approx a, cg_approx b)
{
    double error = fabs(a.value) * b.error + fabs(b.value) * a.error + a.error * b.error;
    return cg_approx_round((cg_approx){a.value * b.value, error}, 1);
}

/* 2.5 ulp; |b| must be larger than its error. */
static inline cg_approx cg_approx_div(cg_approx a, cg_approx b)
{
    double quotient = a.value / b.value;
    double error = (a.error + fabs(quotient) * b.error) / (fabs(b.value) - b.error);
    return cg_approx_round((cg_approx){quotient, error}, 5);
}

/* 3 ulp; a >= 0. */
static inline cg_approx cg_approx_sqrt(cg_approx a)
{
    double root = sqrt(a.value), low = sqrt(fmax(a.value - a.error, 0));
    return cg_approx_round((cg_approx){root, fmax(sqrt(a.value + a.error) - root, root - low)}, 6);
}

/* 3 ulp. */
static inline cg_approx cg_approx_exp(cg_approx a)
{
    return cg_approx_round((cg_approx){exp(a.value), exp(a.value) * expm1(a.error)}, 6);
}

/* 2 ulp; a >= 0, where the slope is at most 1. */
static inline cg_approx cg_approx_log1p(cg_approx a)
{
    return cg_approx_round((cg_approx){log1p(a.value), a.error}, 4);
}

/* A number that is too little may have become 0. */
static inline cg_approx cg_approx_flush(cg_approx a, bool strict)
{
    const double least = cg_approx_least(strict);
    return (cg_approx){a.value, a.error + (fabs(a.value) < 2 * least ? least : 0)};
}

/* The bound of a result's error, with what flushing takes away: of an exact one that float32 has no
 * number for, too, whose error may be too little for float64. */
static inline double cg_approx_limit(cg_approx a, bool strict)
{
    const bool tiny = fabs(a.value) > 0 && fabs(a.value) < (double)FLT_MIN;
    return a.error > 0 || tiny ? a.error + cg_approx_least(strict) : 0;
}

/* max(a, 0): exact, and never further apart than a. */
static inline cg_approx cg_approx_positive(cg_approx a)
{
    return (cg_approx){fmax(a.value, 0), a.error};
}

#endif
