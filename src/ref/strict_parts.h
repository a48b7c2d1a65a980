/* The parts of the strict step (strict.h) and what they share. Each file has some rows of the table
 * of sums in docs/strict.md:
 *
 *     strict_inputs.c     random numbers, masks, images
 *     strict_fourier.c    transforms; convolutions by them
 *     strict_product.c    products of spectra
 *     strict_layers.c     dense layers, convolutions with an image, D's activations
 *     strict_norm.c       moments, batch normalisation
 *     strict_losses.c     losses
 *     strict_step.c       Adam, and the order of all of these
 */
#ifndef CLGAN_REF_STRICT_PARTS_H
#define CLGAN_REF_STRICT_PARTS_H

#include "ref/strict.h"
#include "ref/strict_fourier.h"

#include <stdbool.h>

enum {
    PIXELS4 = CG_SIDE4 * CG_SIDE4,
    PIXELS2 = CG_SIDE2 * CG_SIDE2,
    SHARE = 8 /* images that sums and moments go through at a time */
};

/* A batchnorm's forward pass leaves these for each feature. */
typedef struct cg_strict_norm {
    size_t features;
    float *mean, *inverse, *scale, *shift;
} cg_strict_norm;

struct cg_strict {
    cg_strict_options options;
    cg_strict_state state;
    float *grad[CG_PARAM_COUNT];
    size_t fakes, reals;
    float *noise, *images, *h0, *h1, *h2, *n0, *n1, *n2; /* n: after batchnorm and LeakyReLU */
    float *dh0, *dh1, *dh2, *dimages, *a1, *a2, *da1, *da2;
    uint8_t *mask1, *mask2; /* [n, pixels, channels]; gates from the forward pass on */
    float *logits, *factor_d, *factor_g;
    cg_strict_norm norms[3];
    float *small, *large, *weight, *result; /* spectra */
    void *blocks[128];                      /* all that is to be freed */
    size_t block_count;
};

/* ---- inputs: numbers of fakes and reals of a step, then s->noise and the real images --------- */

void cg_strict_take_images(cg_strict *s, uint64_t step);
void cg_strict_draw_noise(cg_strict *s, uint64_t step);
void cg_strict_draw_mask(uint8_t *mask, const cg_strict *s, uint32_t layer, uint64_t step,
                         size_t pixels, size_t channels);

/* ---- batch normalisation i ------------------------------------------------------------------- */

/* s->norms[i] = that of x: a feature at each position, [n, features], or each channel of the large
 * map of a transposed convolution. The moving statistics move. */
void cg_strict_norm_positions(cg_strict *s, size_t i, const float *x, size_t n);
void cg_strict_norm_channels(cg_strict *s, size_t i, const float *x, const cg_strict_conv *c);

/* y = LeakyReLU(scale x + shift), [n, features]. */
void cg_strict_normalise(float *y, const float *x, const cg_strict_norm *bn, size_t n);

/* dy [samples, features] becomes the gradient at x. */
void cg_strict_norm_bwd(cg_strict *s, size_t i, float *dy, const float *x, size_t samples);

/* ---- layers ---------------------------------------------------------------------------------- */

/* y[rows][columns] = sum over k of a[row, k] b[k][columns], with a's rows and its k this many
 * floats apart. */
void cg_strict_dense(float *y, const float *a, size_t row_step, size_t k_step, const float *b,
                     size_t rows, size_t k_count, size_t columns);

/* Convolutions between an image [28, 28] and a map [14, 14, channels]: DOWN, UP, and the gradients
 * of n images, dw [25][64] and db [64], NULL where it is not wanted; factor [n], NULL: 1. */
void cg_strict_image_down(float *y, const float *image, const float *w, size_t channels);
void cg_strict_image_up(float *image, const float *x, const float *w, size_t channels);
void cg_strict_image_weight(float *dw, float *db, const float *images, const float *x,
                            const float *factor, size_t n);

/* y [rows, channels] += bias, LeakyReLU, dropout; the mask becomes its gates. */
void cg_strict_activate(float *y, uint8_t *mask, const float *bias, size_t rows, size_t channels);

/* A gradient behind an activation becomes that before it. */
float cg_strict_gated(float g, uint8_t gate);

/* d.dense: logits [n] of x [n, features], without the bias, and its weight's gradient. */
void cg_strict_column_fwd(float *logits, const float *x, const float *w, size_t n);
void cg_strict_column_bwd_weight(float *dw, const float *x, const float *factor, size_t n);

/* ---- losses: the logits get their bias; factors are the losses' derivatives ------------------ */

void cg_strict_losses(cg_strict *s);

#endif
