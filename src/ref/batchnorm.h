/* Batch normalisation in float64, over the rows of a [rows, channels] matrix: a map [n, h, w, c]
 * has n h w rows, the dense layer's output [n, features] has n. Outputs are written (=). Source:
 * Ioffe and Szegedy 2015, in Keras' form (moving variance from the biased variance).
 */
#ifndef CLGAN_REF_BATCHNORM_H
#define CLGAN_REF_BATCHNORM_H

#include <stddef.h>

/* A layer: its sizes, constants and [channels] vectors, all the caller's. */
typedef struct cg_ref_batchnorm {
    size_t rows, channels;
    double epsilon, momentum;
    const double *gamma, *beta;
    double *mean, *variance; /* of the batch, variance biased: fwd writes, bwd reads */
    double *moving_mean, *moving_variance; /* fwd updates both unless both are NULL; infer reads */
} cg_ref_batchnorm;

/* mean = 1/rows sum x, variance = 1/rows sum (x - mean)^2,
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta,
 * moving = moving momentum + batch (1 - momentum) for both statistics.   y, x [rows, channels] */
void cg_ref_batchnorm_fwd(double *y, const double *x, const cg_ref_batchnorm *bn);

/* y = gamma (x - moving_mean) / sqrt(moving_variance + epsilon) + beta; y may be x. Reads neither
 * mean nor variance. */
void cg_ref_batchnorm_infer(double *y, const double *x, const cg_ref_batchnorm *bn);

/* With u = (x - mean) / sqrt(variance + epsilon), sums over the rows:
 * dbeta = sum dy, dgamma = sum dy u,
 * dx = gamma / sqrt(variance + epsilon) (dy - dbeta / rows - u dgamma / rows); dx may be dy.
 *   dx, dy, x [rows, channels]   dgamma, dbeta [channels]   x is fwd's input */
void cg_ref_batchnorm_bwd(double *dx, double *dgamma, double *dbeta, const double *dy,
                          const double *x, const cg_ref_batchnorm *bn);

#endif
