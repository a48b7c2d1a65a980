/* Dense layers. Asynchronous. */
#ifndef CLGAN_OPS_DENSE_H
#define CLGAN_OPS_DENSE_H

#include "ops/conv2d_call.h"
#include "ops/dense_product.h"

/* ---- a vector to a map: y[n, h, w, c] = x[n, in] w ----------------------------------------------
 * w: panels [c/32][in][h*w][32], so that y comes out blocked: one product a block. c % 32 == 0.
 * moments: of y, by channel and position (groups = h*w); NULL: not wanted. */
cg_status cg_dense_fwd(cg_runtime *rt, const cg_map *y, const cg_buffer *x, const cg_buffer *w,
                       size_t in, cg_moments *moments, const char *algorithm);

/* dw = x^T dy, as panels like w. With a norm (else NULL) dy is the gradient at the result of its
 * LeakyReLU, dgamma and dbeta are written, and dy holds nothing of use afterwards. */
cg_status cg_dense_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_buffer *x, const cg_map *dy,
                              size_t in, const cg_dense_norm *norm, const char *algorithm);

/* The product alone, whose width is a multiple of CG_BLOCK; neither moments nor a norm are asked
 * for. */
cg_status cg_dense_multiply(cg_runtime *rt, const cg_dense_product *product, const char *algorithm);

/* The index-th algorithm in the order of ops/defaults.c, or NULL after the last. */
const cg_dense_algorithm *cg_dense_algorithm_at(size_t index);

/* The named one, or for NULL the device's default; NULL when there is none. */
const cg_dense_algorithm *cg_dense_choose(const cg_runtime *rt, const char *algorithm);

/* The one that strict programs take on a device. */
const cg_dense_algorithm *cg_dense_choose_strict(const cg_runtime *rt);

/* True when it is written for this kind of device: one from the table, which all of them are. */
bool cg_dense_suits(const cg_runtime *rt, const cg_dense_algorithm *algorithm);

/* ---- a map to one number: y[n] = sum over h, w, c of x w ----------------------------------------
 * w: [c/32][h*w][32] like one image of x. n images are processed, x->n is the pitch. */
cg_status cg_dense_column_fwd(cg_runtime *rt, cg_buffer *y, const cg_map *x, const cg_buffer *w,
                              size_t n);

/* dw = sum over the images of factor[n] x[n]; workspace: cg_dense_column_workspace() bytes. */
cg_status cg_dense_column_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_map *x,
                                     const cg_buffer *factor, size_t n, cg_buffer *workspace);
size_t cg_dense_column_workspace(const cg_map *x, size_t n);

/* The gates of a LeakyReLU and the dropout after it. */
typedef struct cg_gates {
    const cg_buffer *bytes; /* laid out like the map (conv2d_call.h) */
    float mask_scale;       /* 1 / keep */
    float slope;
} cg_gates;

/* dx[n] = w mask/keep leaky'(), the gradient before dropout and LeakyReLU for a unit gradient at
 * every y. With a consumer (NULL: none), dx's transform is written for the convolutions that read
 * it, and dx itself is not. */
cg_status cg_dense_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w,
                              const cg_gates *gates, size_t n, const cg_consumer *consumer);

#endif
