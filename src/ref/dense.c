/* A dense layer is a 1 x 1 convolution over 1 x 1 maps: [in, out] is [1, 1, ci, co]. */
#include "ref/dense.h"

#include "ref/conv2d.h"

#include <string.h>

static cg_ref_conv dense_as_conv(size_t n, size_t in, size_t out)
{
    return (cg_ref_conv){.n = n, .h = 1, .w = 1, .ci = in, .co = out, .k = 1, .stride = 1};
}

void cg_ref_dense_fwd(double *y, const double *x, const double *w, size_t n, size_t in, size_t out)
{
    cg_ref_conv conv = dense_as_conv(n, in, out);
    cg_ref_conv2d_fwd(y, x, w, &conv);
}

void cg_ref_dense_bwd_data(double *dx, const double *dy, const double *w, size_t n, size_t in,
                           size_t out)
{
    cg_ref_conv conv = dense_as_conv(n, in, out);
    cg_ref_conv2d_bwd_data(dx, dy, w, &conv);
}

void cg_ref_dense_bwd_weight(double *dw, const double *dy, const double *x, size_t n, size_t in,
                             size_t out)
{
    cg_ref_conv conv = dense_as_conv(n, in, out);
    cg_ref_conv2d_bwd_weight(dw, dy, x, &conv);
}

void cg_ref_bias_fwd(double *y, const double *x, const double *b, size_t rows, size_t channels)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            y[r * channels + c] = x[r * channels + c] + b[c];
}

void cg_ref_bias_bwd(double *db, const double *dy, size_t rows, size_t channels)
{
    memset(db, 0, channels * sizeof *db);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            db[c] += dy[r * channels + c];
}
