/* Dense layers and biases in float64. Row-major; outputs are written (=); no call allocates. */
#ifndef CLGAN_REF_DENSE_H
#define CLGAN_REF_DENSE_H

#include <stddef.h>

/* y = x w.   y [n, out]   x [n, in]   w [in, out] */
void cg_ref_dense_fwd(double *y, const double *x, const double *w, size_t n, size_t in, size_t out);

/* dx = dy w^T.   dx [n, in]   dy [n, out]   w [in, out] */
void cg_ref_dense_bwd_data(double *dx, const double *dy, const double *w, size_t n, size_t in,
                           size_t out);

/* dw = x^T dy.   dw [in, out]   dy [n, out]   x [n, in] */
void cg_ref_dense_bwd_weight(double *dw, const double *dy, const double *x, size_t n, size_t in,
                             size_t out);

/* y[r, c] = x[r, c] + b[c]; y may be x.   y, x [rows, channels]   b [channels] */
void cg_ref_bias_fwd(double *y, const double *x, const double *b, size_t rows, size_t channels);

/* db[c] = sum over r of dy[r, c].   db [channels]   dy [rows, channels] */
void cg_ref_bias_bwd(double *db, const double *dy, size_t rows, size_t channels);

#endif
