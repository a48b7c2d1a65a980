/* The progress of a run: a bar that is redrawn on a terminal, plain lines elsewhere. */
#ifndef CLGAN_TRAIN_PROGRESS_H
#define CLGAN_TRAIN_PROGRESS_H

#include "ops/loss.h"
#include "train/step.h"

typedef struct cg_progress {
    bool terminal;
    bool silent; /* keeps the metrics, prints nothing */
    size_t epochs;
    uint64_t last_step; /* of the run */
    double start;       /* clock when this process began to train */
    uint64_t first;     /* step that it began with */
    double drawn;       /* clock when the bar was drawn last */
    bool has_metrics;
    cg_metrics metrics; /* as of the last log interval */
    double images_per_second;
} cg_progress;

void cg_progress_init(cg_progress *progress, size_t epochs, uint64_t first, uint64_t last);

/* After a step was enqueued: redraws the bar at most ten times a second. */
void cg_progress_step(cg_progress *progress, const cg_step_place *place);

/* At a log interval: takes the metrics; prints a line where there is no terminal. */
void cg_progress_log(cg_progress *progress, const cg_step_place *place, const cg_metrics *metrics,
                     double images_per_second);

/* Takes the bar away, before anything else is printed. */
void cg_progress_clear(cg_progress *progress);

#endif
