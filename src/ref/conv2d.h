/* 2-D convolution and transposed convolution in float64, SAME padding, the oracle of ops/conv2d.
 *
 * Layouts are Keras': maps [n, h, w, c], convolution weights [kh, kw, ci, co], row-major. A
 * transposed convolution is the gradient of a convolution by its input, so it is described by the
 * geometry of the convolution that it transposes, and its weights [kh, kw, co, ci] in Keras' words
 * are the [kh, kw, ci, co] of that convolution.
 *
 * No call allocates or fails; outputs are written (=), never accumulated, and must not overlap
 * inputs.
 */
#ifndef CLGAN_REF_CONV2D_H
#define CLGAN_REF_CONV2D_H

#include <stddef.h>

/* A convolution: n maps of h x w x ci (its INPUT, the large map) to oh x ow x co, where
 * oh = ceil(h / stride), ow = ceil(w / stride); k x k taps. stride and k are at least 1. */
typedef struct cg_ref_conv {
    size_t n, h, w, ci, co, k, stride;
} cg_ref_conv;

/* ceil(size / stride): the output's height or width. */
size_t cg_ref_conv_out(size_t size, size_t stride);

/* Rows (or columns) of zeros before the input's first: max((out - 1) stride + k - size, 0) / 2, as
 * TensorFlow pads SAME; what is odd goes after. 5 x 5, stride 2, 28 -> 14: 1 before, 2 after. */
size_t cg_ref_conv_pad(size_t size, size_t k, size_t stride);

/* y[n, p, q, co] = sum over a, b, ci of x[n, p s + a - pad, q s + b - pad, ci] w[a, b, ci, co].
 *   y [n, oh, ow, co]   x [n, h, w, ci]   w [k, k, ci, co] */
void cg_ref_conv2d_fwd(double *y, const double *x, const double *w, const cg_ref_conv *conv);

/* dx[n, p s + a - pad, q s + b - pad, ci] = sum of dy[n, p, q, co] w[a, b, ci, co].
 *   dx [n, h, w, ci]   dy [n, oh, ow, co]   w [k, k, ci, co] */
void cg_ref_conv2d_bwd_data(double *dx, const double *dy, const double *w, const cg_ref_conv *conv);

/* dw[a, b, ci, co] = sum over n, p, q of x[n, p s + a - pad, q s + b - pad, ci] dy[n, p, q, co].
 *   dw [k, k, ci, co]   dy [n, oh, ow, co]   x [n, h, w, ci] */
void cg_ref_conv2d_bwd_weight(double *dw, const double *dy, const double *x,
                              const cg_ref_conv *conv);

/* y = the transposed convolution of x; `conv` is the convolution from y's shape to x's.
 *   y [n, h, w, ci]   x [n, oh, ow, co]   w [k, k, ci, co] */
void cg_ref_conv2d_transpose_fwd(double *y, const double *x, const double *w,
                                 const cg_ref_conv *conv);

/*   dx [n, oh, ow, co]   dy [n, h, w, ci]   w [k, k, ci, co] */
void cg_ref_conv2d_transpose_bwd_data(double *dx, const double *dy, const double *w,
                                      const cg_ref_conv *conv);

/*   dw [k, k, ci, co]   dy [n, h, w, ci]   x [n, oh, ow, co] */
void cg_ref_conv2d_transpose_bwd_weight(double *dw, const double *dy, const double *x,
                                        const cg_ref_conv *conv);

#endif
