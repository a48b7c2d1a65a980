/* The expected results of a batchnorm from a feature's moments, with float32's errors. */
#ifndef CLGAN_VERIFY_EXPECT_NORM_H
#define CLGAN_VERIFY_EXPECT_NORM_H

#include "verify/approx.h"

/* scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. */
typedef struct cg_expected_norm {
    cg_approx inv_std, scale, shift;
} cg_expected_norm;

static inline cg_expected_norm cg_expect_norm(cg_approx mean, cg_approx variance, double gamma,
                                              double beta, double epsilon)
{
    cg_approx root = cg_approx_sqrt(cg_approx_add(variance, cg_approx_exact(epsilon)));
    cg_approx inverse = cg_approx_div(cg_approx_exact(1), root);
    cg_approx scale = cg_approx_round(cg_approx_mul(cg_approx_exact(gamma), inverse), 1);
    cg_approx shift = cg_approx_sub(cg_approx_exact(beta), cg_approx_mul(mean, scale));
    return (cg_expected_norm){inverse, scale, shift};
}

/* A moving statistic after the batch. */
static inline cg_approx cg_expect_moving(double before, cg_approx batch, double momentum)
{
    cg_approx keep = cg_approx_exact(momentum), take = cg_approx_sub(cg_approx_exact(1), keep);
    return cg_approx_add(cg_approx_mul(cg_approx_exact(before), keep), cg_approx_mul(batch, take));
}

#endif
