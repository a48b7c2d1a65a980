/* The interface that an algorithm of the convolution implements. ops/conv2d_args.h makes a call's
 * kernel arguments; ops/defaults.c has the order in which algorithms are preferred. */
#ifndef CLGAN_OPS_CONV2D_ALGORITHM_H
#define CLGAN_OPS_CONV2D_ALGORITHM_H

#include "ocl/launch.h"
#include "ops/conv2d_call.h"
#include "ops/variant.h"

/* An implementation. All take any batch, stride and number of channels that their line of
 * ops/defaults.c and their `serves` admit. */
typedef struct cg_conv2d_algorithm {
    cg_variant variants[CG_VARIANTS]; /* its names */
    bool (*serves)(const cg_runtime *rt, const cg_conv2d_shape *shape, cg_conv2d_pass pass);
    size_t (*workspace)(const cg_conv2d_shape *shape, cg_conv2d_pass pass); /* bytes */
    size_t (*spectrum)(const cg_conv2d_shape *shape,
                       cg_conv2d_operand operand); /* bytes; NULL: it transforms nothing */
    cg_status (*enqueue)(cg_runtime *rt, const cg_conv2d *call);
    /* The extras that it takes itself, and cg_conv2d_enqueue enqueues for the others: the bias's
     * gradient; the moments, in this many partials (NULL: it takes none). */
    bool writes_db;
    bool (*transforms)(const cg_conv2d *call); /* as cg_conv2d_transforms(); NULL: it never does */
    size_t (*moments)(const cg_conv2d_shape *shape, cg_conv2d_pass pass);
    double (*flop)(const cg_conv2d *call); /* as cg_conv2d_flop_done() */
    bool strict; /* in strict programs its sums are those of docs/strict.md */
} cg_conv2d_algorithm;

extern const cg_conv2d_algorithm cg_conv2d_fourier, cg_conv2d_direct, cg_conv2d_image,
    cg_conv2d_tiled, cg_conv2d_fourier_tiled, cg_conv2d_canvas, cg_conv2d_plain;

/* The value of the variant that a call names. */
static inline size_t cg_conv2d_variant(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    return cg_variant_find(a->variants, call->algorithm)->value;
}

#endif
