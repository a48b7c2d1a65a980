/* The DCGAN's losses: binary cross-entropy on logits, mean over each part of the batch. */
#ifndef CLGAN_OPS_LOSS_H
#define CLGAN_OPS_LOSS_H

#include "cl/shared.h"
#include "ocl/buffer.h"

/* A batch on which the losses are taken. */
typedef struct cg_loss_batch {
    size_t fakes, reals;
    float smoothing; /* D's target for a real image is 1 - smoothing, in place of 1 */
} cg_loss_batch;

/* logits [fakes, then reals] get `bias` [1] added; factor_d [fakes + reals] and factor_g [fakes] =
 * the derivatives of D's and of G's loss by each logit; dbias [1] = sum of factor_d; metrics[row]
 * is written, a cg_metrics (cl/shared.h). Asynchronous. */
cg_status cg_loss_logits(cg_runtime *rt, cg_buffer *logits, cg_buffer *factor_d,
                         cg_buffer *factor_g, cg_buffer *dbias, cg_buffer *metrics,
                         const cg_buffer *bias, const cg_loss_batch *batch, size_t row);

#endif
