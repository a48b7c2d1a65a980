/* The expected sums of a pass of a convolution, by ref/conv2d, and how far from them float32 may
 * be (expect_conv2d.c derives it). */
#ifndef CLGAN_VERIFY_EXPECT_CONV2D_H
#define CLGAN_VERIFY_EXPECT_CONV2D_H

#include "cl/shared.h"
#include "verify/harness.h"

enum {
    /* A product of a sum of K passes at most K + this many roundings. */
    CG_CONV2D_ROUNDINGS = 16,
    /* The roundings of a transform's two passes, each of up to CG_FOURIER_MAX_CYCLE numbers. */
    CG_TRANSFORM_ROUNDINGS = 2 * CG_FOURIER_MAX_CYCLE + 8
};

/* The slope of LeakyReLU: as float32 holds it, or one that is exact. */
static inline double cg_conv2d_slope(const cg_harness *harness)
{
    return harness->integers ? 0.5 : (double)0.3f;
}

/* A map that the pass reads, as its sums see it: [n, h, w, c] after the prologue. All is NULL for
 * the map that it does not read. */
typedef struct cg_conv2d_input {
    double *value;
    double *magnitude;   /* the sum of the absolute values of the value's parts  */
    const double *error; /* what the device's input may be wrong by; NULL: exact */
} cg_conv2d_input;

/* The two arrays that a pass reads, of three. */
typedef struct cg_conv2d_operands {
    cg_conv2d_input large, small;
    const double *w; /* [k, k, cl, cs]; NULL for the weight pass */
} cg_conv2d_operands;

/* The array that a pass writes, as it should be: |result - value| <= limit. */
typedef struct cg_conv2d_expected {
    size_t size;
    double *value, *limit;
    double *gate,
        *gate_limit; /* the gates that LeakyReLU makes of its mask; NULL: there are none */
} cg_conv2d_expected;

/* Fills in value and limit, which the harness owns, for the sums before the epilogue; the caller
 * has set e->size. `transformed`: by an algorithm that works on transforms. CG_ERR_ARGUMENT,
 * logged, for a case of whole numbers with sums that float32 would round. */
cg_status cg_expect_conv2d(cg_conv2d_expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                           const cg_conv2d_operands *operands, bool transformed);

#endif
