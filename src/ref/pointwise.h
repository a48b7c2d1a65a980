/* Operations on single elements in float64: LeakyReLU, dropout, tanh, image scaling.
 * Arrays hold n elements of any shape; outputs are written (=) and may be the input itself. */
#ifndef CLGAN_REF_POINTWISE_H
#define CLGAN_REF_POINTWISE_H

#include <stddef.h>
#include <stdint.h>

/* y = x for x > 0, else slope x. The network's slope is (double)0.3f. */
void cg_ref_leaky_relu_fwd(double *y, const double *x, size_t n, double slope);

/* dx = dy for x > 0, else slope dy; x is fwd's input. */
void cg_ref_leaky_relu_bwd(double *dx, const double *dy, const double *x, size_t n, double slope);

/* y = x / keep where mask is not 0, else 0. keep is the probability to keep, mask 1 means keep. */
void cg_ref_dropout_fwd(double *y, const double *x, const uint8_t *mask, size_t n, double keep);

/* dx = dy / keep where mask is not 0, else 0. */
void cg_ref_dropout_bwd(double *dx, const double *dy, const uint8_t *mask, size_t n, double keep);

/* y = tanh(x). */
void cg_ref_tanh_fwd(double *y, const double *x, size_t n);

/* dx = dy (1 - y^2); y is fwd's output. */
void cg_ref_tanh_bwd(double *dx, const double *dy, const double *y, size_t n);

/* y = (x - 127.5) / 127.5: bytes to [-1, 1]. Independent of cl/shared.h, whose function is checked
 * by it. */
void cg_ref_image_scale(double *y, const uint8_t *x, size_t n);

#endif
