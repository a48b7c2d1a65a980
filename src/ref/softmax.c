/* Softmax cross-entropy in float64. */
#include "ref/softmax.h"

#include <math.h>

static double largest(const double *x, size_t classes)
{
    double max = x[0];
    for (size_t c = 1; c < classes; c++)
        max = x[c] > max ? x[c] : max;
    return max;
}

/* The sum of exp(x[c] - max). */
static double sum_exp(const double *x, size_t classes, double max)
{
    double sum = 0;
    for (size_t c = 0; c < classes; c++)
        sum += exp(x[c] - max);
    return sum;
}

void cg_ref_softmax_fwd(double *loss, const double *x, const uint8_t *labels, size_t n,
                        size_t classes)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = x + i * classes;
        double max = largest(row, classes);
        loss[i] = log(sum_exp(row, classes, max)) - (row[labels[i]] - max);
    }
}

void cg_ref_softmax_bwd(double *dx, const double *x, const uint8_t *labels, size_t n,
                        size_t classes)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = x + i * classes;
        double max = largest(row, classes), sum = sum_exp(row, classes, max);
        for (size_t c = 0; c < classes; c++)
            dx[i * classes + c] = (exp(row[c] - max) / sum - (c == labels[i])) / (double)n;
    }
}
