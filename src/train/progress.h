/* The progress of a run: a line that is redrawn on a terminal (base/screen.h), plain lines
 * elsewhere. */
#ifndef CLGAN_TRAIN_PROGRESS_H
#define CLGAN_TRAIN_PROGRESS_H

#include "ops/loss.h"
#include "train/step.h"

enum { CG_PROGRESS_RECENT = 31, CG_PROGRESS_LEAST = 5 };

typedef struct cg_progress {
    size_t epochs;
    uint64_t last_step; /* of the run */
    double since;       /* clock when the step before had ended, with the pauses added */
    double seconds;     /* of the steps that this process has done, of which the time ... */
    uint64_t steps;     /* ... that is left is foretold */
    double recent[CG_PROGRESS_RECENT]; /* seconds of the last steps: that of step i at i % ... */
    bool has_metrics;
    cg_metrics metrics; /* as of the last log interval */
    double images_per_second;
} cg_progress;

void cg_progress_init(cg_progress *progress, size_t epochs, uint64_t last);

/* So many seconds since the last step were none of training. */
void cg_progress_pause(cg_progress *progress, double seconds);

/* Returns the median of the last steps' seconds; 0 before there are CG_PROGRESS_LEAST of them. */
double cg_progress_usual(const cg_progress *progress);

/* After a step was enqueued: redraws the line. */
void cg_progress_step(cg_progress *progress, const cg_step_place *place);

/* At a log interval: takes the metrics; prints a line where none is redrawn. */
void cg_progress_log(cg_progress *progress, const cg_step_place *place, const cg_metrics *metrics,
                     double images_per_second);

#endif
