/* The progress of a run: the times of its steps, and what follows from them: how long is left, and
 * when a step takes unusually long. It is a line that is redrawn on a terminal (base/screen.h),
 * plain lines elsewhere. */
#ifndef CLGAN_TRAIN_PROGRESS_H
#define CLGAN_TRAIN_PROGRESS_H

#include "base/waiting.h"
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
    double usual;                      /* of a step, when the last one began; 0: not known yet */
    bool has_metrics;
    cg_metrics metrics; /* as of the last log interval */
    double images_per_second;
} cg_progress;

void cg_progress_init(cg_progress *progress, size_t epochs, uint64_t last);

/* So many seconds since the last step were none of training. */
void cg_progress_pause(cg_progress *progress, double seconds);

/* Before a step: what is usual by now is so until the next one. */
void cg_progress_begin_step(cg_progress *progress);

/* Begins a wait for the step, of which is told where it takes as long as many others; for
 * cg_wait_end(). An audit has its step done twice and the host compute stages of it, as long as any
 * wait may take. The words are the same whenever the step is waited for. */
void cg_progress_wait(const cg_progress *progress, cg_wait *wait, uint64_t step, bool audited);

/* After a step was enqueued: redraws the line. */
void cg_progress_step(cg_progress *progress, const cg_step_place *place);

/* At a log interval: takes the metrics; prints a line where none is redrawn. */
void cg_progress_log(cg_progress *progress, const cg_step_place *place, const cg_metrics *metrics,
                     double images_per_second);

#endif
