/* Operations on single elements. */
#include "ref/pointwise.h"

#include <math.h>

void cg_ref_leaky_relu_fwd(double *y, const double *x, size_t n, double slope)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

void cg_ref_leaky_relu_bwd(double *dx, const double *dy, const double *x, size_t n, double slope)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
}

void cg_ref_dropout_fwd(double *y, const double *x, const uint8_t *mask, size_t n, double keep)
{
    for (size_t i = 0; i < n; i++)
        y[i] = mask[i] ? x[i] / keep : 0;
}

void cg_ref_dropout_bwd(double *dx, const double *dy, const uint8_t *mask, size_t n, double keep)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = mask[i] ? dy[i] / keep : 0;
}

void cg_ref_tanh_fwd(double *y, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = tanh(x[i]);
}

void cg_ref_tanh_bwd(double *dx, const double *dy, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1.0 - y[i] * y[i]);
}

void cg_ref_image_scale(double *y, const uint8_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = ((double)x[i] - 127.5) / 127.5;
}
