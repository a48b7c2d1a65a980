/* Moments that a convolution gives beside its output (ops/moments.h). */
#ifndef CLGAN_VERIFY_MOMENTS_H
#define CLGAN_VERIFY_MOMENTS_H

#include "verify/approx.h"
#include "verify/case.h"

/* Moments of a feature's samples; of the shares that they were merged of, the largest count. */
typedef struct cg_merged_moments {
    double count, mean, squares, largest;
} cg_merged_moments;

/* Merges the shares of feature f, moments[partials][CG_MOMENTS][features], in float64. */
cg_merged_moments cg_merge_moments(const float *moments, size_t partials, size_t features,
                                   size_t f);

/* Moments of a feature's samples, in float64, and their range. */
typedef struct cg_exact_moments {
    double mean, variance, low, high;
} cg_exact_moments;

/* m[f] = those of y[f], y[step + f], ..., for up to CG_BLOCK features. */
void cg_exact_moments_find(cg_exact_moments m[CG_BLOCK], size_t features, const float *y,
                           size_t step, size_t samples);

/* The same, and how far from them a device may be whose largest share has so many samples. */
void cg_expect_moments(cg_approx *mean, cg_approx *variance, const cg_exact_moments *m,
                       size_t largest);

/* Compares the moments of each channel of a map with the map itself; blocking. */
cg_status cg_verify_moments(cg_harness *harness, const cg_moments *moments, const cg_map *map);

#endif
