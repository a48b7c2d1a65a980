/* The products of a dense layer, and the algorithms that compute them; ops/defaults.c has the one
 * that a device takes. */
#ifndef CLGAN_OPS_DENSE_PRODUCT_H
#define CLGAN_OPS_DENSE_PRODUCT_H

#include "ops/batchnorm.h"
#include "ops/variant.h"

/* The batchnorm after a dense layer, with groups = h*w, and the gradients of its gamma and beta. */
typedef struct cg_dense_norm {
    const cg_batchnorm *layer;
    cg_buffer *dgamma, *dbeta;
} cg_dense_norm;

/* c[block][rows][width] = a b[block][k][width] for each of c's blocks; a is [rows][k], or [k][rows]
 * where it is transposed. */
typedef struct cg_dense_product {
    cg_buffer *c;
    const cg_buffer *a, *b;
    bool transposed;
    size_t blocks, rows, width, k;
    cg_buffer *moments;        /* of c's columns, as one share; NULL: not wanted */
    const cg_dense_norm *norm; /* through which b goes first; NULL: none */
} cg_dense_product;

/* An implementation. */
typedef struct cg_dense_algorithm {
    cg_variant variants[CG_VARIANTS]; /* its names */
    bool (*serves)(const cg_runtime *rt);
    cg_status (*product)(cg_runtime *rt, const cg_dense_product *p, const cg_variant *variant);
    bool normalises; /* heeds `moments` and `norm`, for which the others need further launches */
    bool strict;     /* in strict programs its sums are those of docs/strict.md */
} cg_dense_algorithm;

/* cl/dense_product.cl, for CPUs; CLBlast; and the plain product, for any device. */
extern const cg_dense_algorithm cg_dense_own, cg_dense_clblast, cg_dense_plain;

#endif
