/* A batchnorm for a check: its random operands, on the device and in ref/. */
#ifndef CLGAN_VERIFY_NORM_LAYER_H
#define CLGAN_VERIFY_NORM_LAYER_H

#include "ops/batchnorm.h"
#include "ref/batchnorm.h"
#include "verify/harness.h"

#define CG_NORM_EPSILON  1e-3
#define CG_NORM_MOMENTUM 0.99
#define CG_NORM_SLOPE    ((double)0.3f)

/* Features are [groups, c] on the device, and the channels of ref/'s rows. The harness owns all
 * arrays. */
typedef struct cg_norm_layer {
    cg_batchnorm bn;
    cg_ref_batchnorm ref;
    size_t groups, c, rows, features;
    /* Parts of a feature's samples whose moments the device merges; the samples that one has at
     * most; the work-items that sum one. */
    size_t shares, chunk, slices;
    double *x, *gamma, *beta, *moving_mean, *moving_variance;
    cg_moments moments;
} cg_norm_layer;

/* The values [features] that one array should have, and how far from them it may be. */
typedef struct cg_feature_check {
    double *value, *limit;
} cg_feature_check;

/* Draws x [rows, features] and the parameters, gives them to the device, and makes room for the
 * workspace. */
cg_status cg_norm_layer_draw(cg_norm_layer *l, cg_harness *harness, const cg_verify_map *m);

/* *array = zeros [features]. */
cg_status cg_norm_layer_array(double **array, cg_harness *harness, const cg_norm_layer *l);

/* Makes room for the values and limits of `count` feature arrays. */
cg_status cg_norm_layer_create_checks(cg_feature_check *checks, size_t count, cg_harness *harness,
                                      const cg_norm_layer *l);

/* *buffer = a feature array that the device is to write. */
cg_status cg_norm_layer_output(cg_buffer **buffer, cg_harness *harness, const cg_norm_layer *l);

#endif
