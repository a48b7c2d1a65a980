/* Batchnorms in spot checks: moments of what was written, and the way back through a layer. */
#ifndef CLGAN_VERIFY_SPOT_NORM_H
#define CLGAN_VERIFY_SPOT_NORM_H

#include "verify/spot_array.h"

/* Compares the moments that the stage took of a map with those of the map that it wrote. */
cg_status cg_spot_compare_moments(cg_spot *spot, cg_verify_result *result);

/* A batchnorm's backward pass: what it reads. */
typedef struct cg_spot_norm {
    const cg_batchnorm *bn;
    size_t features, samples, step; /* samples of a feature lie `step` floats apart */
    const float *x, *dy;
    const float *mean, *inv_std, *scale, *shift;
    cg_buffer *dgamma, *dbeta;
    cg_approx (*sums)[2]; /* [features]: dbeta and dgamma */
    bool summed;
} cg_spot_norm;

/* Fetches them and adds dgamma and dbeta to what the stage writes; spot->model must begin with a
 * pointer to the norm then. */
cg_status cg_spot_norm_init(cg_spot_norm *norm, cg_spot *spot, const cg_batchnorm *bn,
                            const cg_map *dy, cg_buffer *dgamma, cg_buffer *dbeta);

/* Returns the index of sample 0 of feature f, [blocks][groups][32], in x and dy. */
size_t cg_spot_norm_first(const cg_spot_norm *norm, size_t f);

/* dx of the sample at `at` of feature f, by the device's dgamma and dbeta. */
cg_approx cg_spot_norm_gradient(const cg_spot *spot, const cg_spot_norm *norm, size_t f, size_t at);

#endif
