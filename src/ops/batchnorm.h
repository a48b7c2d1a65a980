/* Batch normalisation in training, followed by LeakyReLU.
 *
 * A feature is a channel (groups = 1), or a channel at a position (groups = h*w: batchnorm after
 * a dense layer). Feature arrays are padded like maps: [ceil(c/32)][groups][32] floats.
 * The normalised map is never written: forward ends in scale and shift, which the next layer
 * applies on load (cg_prologue).
 */
#ifndef CLGAN_OPS_BATCHNORM_H
#define CLGAN_OPS_BATCHNORM_H

#include "ops/conv2d_call.h"
#include "ops/moments.h"

typedef struct cg_batchnorm {
    cg_map x;       /* the layer's input; all of its n images count */
    size_t groups;  /* 1, or x.h * x.w */
    float slope;    /* of the LeakyReLU behind */
    float momentum; /* moving = momentum * moving + (1 - momentum) * batch */
    float epsilon;  /* added to the variance */
    cg_buffer *gamma, *beta;
    cg_buffer *moving_mean, *moving_variance;
    cg_buffer *mean, *inv_std; /* of the batch: written by fwd, read by bwd */
    cg_buffer *scale, *shift;  /* y = scale x + shift: written by fwd and inference */
    cg_moments *moments;       /* of x: read by fwd */
    cg_buffer *workspace;      /* at least cg_batchnorm_workspace() bytes: for bwd */
} cg_batchnorm;

size_t cg_batchnorm_workspace(const cg_batchnorm *bn);

/* Floats in a feature array. */
size_t cg_batchnorm_features(const cg_batchnorm *bn);

/* mean, inv_std, scale, shift = from the batch's moments, which somebody has taken; the moving
 * statistics take a step towards the batch's mean and biased variance. Asynchronous, as all below.
 */
cg_status cg_batchnorm_fwd(cg_runtime *rt, const cg_batchnorm *bn);

/* scale, shift = from the moving statistics. */
cg_status cg_batchnorm_inference(cg_runtime *rt, const cg_batchnorm *bn);

/* dy [like x], the gradient at LeakyReLU's result, becomes dx in place; dgamma, dbeta are written.
 */
cg_status cg_batchnorm_bwd(cg_runtime *rt, cg_map dy, cg_buffer *dgamma, cg_buffer *dbeta,
                           const cg_batchnorm *bn);

/* The same in two halves, between which sums over the parts of a batch can be added: dgamma and
 * dbeta are written, from the n images of x; dy becomes dx, by dgamma and dbeta of a batch of
 * all_n images. */
cg_status cg_batchnorm_bwd_sums(cg_runtime *rt, cg_map dy, cg_buffer *dgamma, cg_buffer *dbeta,
                                const cg_batchnorm *bn);
cg_status cg_batchnorm_bwd_apply(cg_runtime *rt, cg_map dy, const cg_buffer *dgamma,
                                 const cg_buffer *dbeta, const cg_batchnorm *bn, size_t all_n);

/* The layer as the kernels of its backward pass take it (cl/batchnorm.clh). */
#define CG_NORM_ARGS(bn)                                                                 \
    cg_arg_buffer((bn).x.buffer), cg_arg_buffer((bn).mean), cg_arg_buffer((bn).inv_std), \
        cg_arg_buffer((bn).scale), cg_arg_buffer((bn).shift), cg_arg_float((bn).slope)

/* The prologue of the next layer: y = leaky(scale x + shift) on load. */
cg_prologue cg_batchnorm_prologue(const cg_batchnorm *bn);

#endif
