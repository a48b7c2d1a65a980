/* Products of spectra of the strict step: a matrix product at each frequency (docs/strict.md). */
#ifndef CLGAN_REF_STRICT_PRODUCT_H
#define CLGAN_REF_STRICT_PRODUCT_H

#include <stddef.h>

/* A matrix at one frequency: its real and its imaginary part, and how many floats lie between its
 * rows and between the steps of the inner dimension, k. */
typedef struct cg_strict_matrix {
    const float *re, *im;
    size_t row_step, k_step;
} cg_strict_matrix;

/* C[rows][columns] = A[rows][k] B[k][columns], or A conj(B) where sign is -1; imaginary parts are
 * NULL at a real frequency. scale [k]: of A, NULL: 1. B's columns are its rows here. */
typedef struct cg_strict_product {
    cg_strict_matrix a, b;
    float *c_re, *c_im;
    size_t rows, k, columns;
    float sign;
    const float *scale;
} cg_strict_product;

/* Multiplies at this many complex frequencies, whose numbers have two planes each, and at the real
 * ones behind them. The product's pointers are those of plane 0; a plane has this many floats.
 * There are at most 512 columns. */
void cg_strict_multiply(cg_strict_product p, size_t complexes, size_t reals, size_t a_plane,
                        size_t b_plane);

#endif
