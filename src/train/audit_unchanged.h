/* The audit of what a training leaves alone: the data set stays on the device as it was put there,
 * batches are of it, drawing and judging leave the state as it is, and the row of a step's metrics
 * is written by that step.
 *
 * All of these are blocking but cg_audit_clear_metrics(). CG_ERR_WRONG, logged with the step. */
#ifndef CLGAN_TRAIN_AUDIT_UNCHANGED_H
#define CLGAN_TRAIN_AUDIT_UNCHANGED_H

#include "ops/loss.h"
#include "train/audit.h"
#include "train/step.h"

/* Compares the data set on the device, images [count, 28, 28], with the host's; from then on a part
 * of it can be compared. Keeps the state, which is that after `step`. */
cg_status cg_audit_begin(cg_audit *audit, cg_buffer *images, const cg_dataset *data, uint64_t step);

/* Compares the next part of the data set, after a step. */
cg_status cg_audit_data(cg_audit *audit, uint64_t step);

/* Compares some of the real images of the step that was done last with those of the data set in
 * the epoch's order. */
cg_status cg_audit_batch(const cg_audit *audit, const cg_step_source *source,
                         const cg_step_place *place);

/* Compares all that a network has for the part of a step that is here: noise, masks and images. */
cg_status cg_audit_inputs(const cg_audit *audit, const cg_network *net,
                          const cg_step_source *source, const cg_step_place *own);

/* Between these two the state of the training has to stay as it is: "pictures were drawn". */
cg_status cg_audit_hold(cg_audit *audit);
cg_status cg_audit_compare(const cg_audit *audit, uint64_t step, const char *meanwhile);

/* Metrics are cleared before their steps: a row that was not written shows. */
cg_status cg_audit_clear_metrics(cg_network *net);
cg_status cg_audit_metrics(const cg_audit *audit, const cg_metrics *metrics, uint64_t step);

#endif
