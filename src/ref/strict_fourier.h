/* Convolutions by discrete Fourier transforms of the strict step (strict.h, docs/strict.md). */
#ifndef CLGAN_REF_STRICT_FOURIER_H
#define CLGAN_REF_STRICT_FOURIER_H

#include <stddef.h>

/* A 5x5 convolution between a large map, `large` pixels a side, and a small one: SAME padding,
 * stride = large / small. The cycle of the transforms is 9 for stride 1, 8 for stride 2. */
typedef struct cg_strict_conv {
    size_t n;            /* images                */
    size_t large, small; /* pixels of a side      */
    size_t cl, cs;       /* channels of both maps */
    size_t stride;
} cg_strict_conv;

/* Floats of the spectrum of the large map, of the small one, of the weights. */
size_t cg_strict_large_floats(const cg_strict_conv *c);
size_t cg_strict_small_floats(const cg_strict_conv *c);
size_t cg_strict_weight_floats(const cg_strict_conv *c);

/* spectrum = that of a map [n, side, side, channels] or of weights [5, 5, cl, cs]. */
void cg_strict_transform_large(float *spectrum, const float *map, const cg_strict_conv *c);
void cg_strict_transform_small(float *spectrum, const float *map, const cg_strict_conv *c);
void cg_strict_transform_weight(float *spectrum, const float *w, const cg_strict_conv *c);

/* The map, before an epilogue, or the weights' gradient, from spectra of the other two; `result` is
 * room for its own spectrum. factor [n]: of the images, NULL: 1. */
void cg_strict_conv_down(float *small_map, float *result, const float *large, const float *weight,
                         const cg_strict_conv *c);
void cg_strict_conv_up(float *large_map, float *result, const float *small, const float *weight,
                       const cg_strict_conv *c);
void cg_strict_conv_weight(float *dw, float *result, const float *large, const float *small,
                           const float *factor, const cg_strict_conv *c);

/* db[cs] = the sum over images of factor[n] times all of the small map's pixels. */
void cg_strict_sum_small(float *db, const float *small, const float *factor,
                         const cg_strict_conv *c);

#endif
