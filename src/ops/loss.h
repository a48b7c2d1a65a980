/* The DCGAN's losses: binary cross-entropy on logits, mean over each part of the batch. */
#ifndef CLGAN_OPS_LOSS_H
#define CLGAN_OPS_LOSS_H

#include "cl/shared.h"
#include "ocl/buffer.h"

/* A batch on which the losses are taken. */
typedef struct cg_loss_batch {
    size_t fakes, reals;
    size_t all_fakes,
        all_reals;   /* of the batch that these images are a part of; 0: these are all */
    float smoothing; /* D's target for a real image is 1 - smoothing, in place of 1 */
} cg_loss_batch;

/* The arrays of the losses. */
typedef struct cg_loss_arrays {
    cg_buffer *logits;     /* [fakes, then reals]; get the bias added */
    cg_buffer *factor_d;   /* [fakes + reals] = the derivative of D's loss by each logit */
    cg_buffer *factor_g;   /* [fakes] = the derivative of G's loss by each logit */
    cg_buffer *dbias;      /* [1] = the sum of factor_d */
    cg_buffer *metrics;    /* [rows] of cg_metrics (cl/shared.h), of which one is written */
    cg_buffer *sums;       /* [CG_LOSS_SUMS]; not NULL: the images are a part of a batch, of which
                              these are written, and neither dbias nor metrics */
    const cg_buffer *bias; /* [1] */
} cg_loss_arrays;

/* Writes the arrays, and the losses of the batch to metrics[row]. Asynchronous. */
cg_status cg_loss_logits(cg_runtime *rt, const cg_loss_arrays *arrays, const cg_loss_batch *batch,
                         size_t row);

/* Writes dbias and metrics[row] of a whole batch, from arrays->sums, those over all of its parts.
 * Asynchronous. */
cg_status cg_loss_of_sums(cg_runtime *rt, const cg_loss_arrays *arrays, const cg_loss_batch *batch,
                          size_t row);

#endif
