/* The metrics of the current epoch's steps, a row each: on the device, which writes them, and as
 * far as they have been read on the host (t->metrics, t->rows). */
#ifndef CLGAN_TRAIN_METRICS_H
#define CLGAN_TRAIN_METRICS_H

#include "train/state.h"

/* The means over an epoch's steps. */
typedef struct cg_metric_means {
    double loss_d, loss_g, d_real, d_fake;
} cg_metric_means;

/* Makes room for an epoch. Clears what the device has: a row that no step writes shows then. */
cg_status cg_metrics_create(cg_trainer *t);

/* Reads the first `rows` of an epoch as the device has them, after a resume. Blocking. */
cg_status cg_metrics_restore(cg_trainer *t, size_t rows);

/* Reads the rows up to and with that of the step, t->step, and sees that each was written and is
 * finite. This is the one host wait of a log interval. CG_ERR_DIVERGED, logged, at a loss that is
 * not finite; CG_ERR_WRONG where the device made it so. */
cg_status cg_metrics_fetch(cg_trainer *t, const cg_step_place *place);

/* The means of all rows, which have been read, before the next epoch begins. */
cg_metric_means cg_metrics_average(const cg_trainer *t);
cg_status cg_metrics_clear(cg_trainer *t);

#endif
