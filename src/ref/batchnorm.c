/* Batch normalisation with two passes over the data for the variance. */
#include "ref/batchnorm.h"

#include <math.h>
#include <string.h>

static void moments(double *mean, double *variance, const double *x, size_t rows, size_t channels)
{
    memset(mean, 0, channels * sizeof *mean);
    memset(variance, 0, channels * sizeof *variance);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            mean[c] += x[r * channels + c] / (double)rows;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < channels; c++) {
            double d = x[r * channels + c] - mean[c];
            variance[c] += d * d / (double)rows;
        }
    }
}

static void apply_affine(double *y, const double *x, const double *mean, const double *variance,
                         const cg_ref_batchnorm *bn)
{
    for (size_t c = 0; c < bn->channels; c++) {
        double scale = bn->gamma[c] / sqrt(variance[c] + bn->epsilon);
        for (size_t i = c; i < bn->rows * bn->channels; i += bn->channels)
            y[i] = scale * (x[i] - mean[c]) + bn->beta[c];
    }
}

void cg_ref_batchnorm_fwd(double *y, const double *x, const cg_ref_batchnorm *bn)
{
    moments(bn->mean, bn->variance, x, bn->rows, bn->channels);
    apply_affine(y, x, bn->mean, bn->variance, bn);
    if (!bn->moving_mean || !bn->moving_variance)
        return;
    double keep = bn->momentum, take = 1.0 - bn->momentum;
    for (size_t c = 0; c < bn->channels; c++) {
        bn->moving_mean[c] = bn->moving_mean[c] * keep + bn->mean[c] * take;
        bn->moving_variance[c] = bn->moving_variance[c] * keep + bn->variance[c] * take;
    }
}

void cg_ref_batchnorm_infer(double *y, const double *x, const cg_ref_batchnorm *bn)
{
    apply_affine(y, x, bn->moving_mean, bn->moving_variance, bn);
}

void cg_ref_batchnorm_bwd(double *dx, double *dgamma, double *dbeta, const double *dy,
                          const double *x, const cg_ref_batchnorm *bn)
{
    size_t size = bn->rows * bn->channels;
    double rows = (double)bn->rows;
    for (size_t c = 0; c < bn->channels; c++) {
        double inverse = 1.0 / sqrt(bn->variance[c] + bn->epsilon);
        double sum = 0, sum_u = 0;
        for (size_t i = c; i < size; i += bn->channels) {
            sum += dy[i];
            sum_u += dy[i] * (x[i] - bn->mean[c]) * inverse;
        }
        for (size_t i = c; i < size; i += bn->channels) {
            double u = (x[i] - bn->mean[c]) * inverse;
            dx[i] = bn->gamma[c] * inverse * (dy[i] - sum / rows - u * sum_u / rows);
        }
        dbeta[c] = sum;
        dgamma[c] = sum_u;
    }
}
