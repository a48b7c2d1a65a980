/* The state of a training under way: start.c and resume.c make one of setup.c's parts, trainer.c
 * takes it from step to step. */
#ifndef CLGAN_TRAIN_STATE_H
#define CLGAN_TRAIN_STATE_H

#include "ranks/ranks.h"
#include "run/config.h"
#include "run/run.h"
#include "run/sampler.h"
#include "train/audit.h"
#include "train/monitor.h"
#include "train/progress.h"
#include "train/records.h"
#include "train/step.h"

#include <clgan/dataset.h>
#include <clgan/train.h>

typedef struct cg_trainer {
    const cg_train_options *options;
    cg_ranks *ranks;      /* NULL: this process is alone */
    cg_config_rank *team; /* [their number], NULL likewise; owned */

    /* The run. */
    cg_run run;
    cg_run_config config;
    cg_records records;
    bool begun; /* its files are all there: it can be resumed */

    /* The data set, the device and what lies there. */
    cg_dataset dataset;
    cg_runtime *rt;
    cg_network *net;
    cg_shards *shards;  /* of a batch, whose head is the network; NULL: it is whole */
    cg_sampler sampler; /* of the pictures */
    cg_buffer *images;
    cg_step_source source;
    cg_monitor monitor;
    cg_audit audit;

    /* The point that it has come to. */
    uint64_t begin; /* step after which this process began */
    uint64_t step;  /* done so far */
    uint64_t last;  /* step to end with */
    size_t epoch_steps;
    cg_metrics *metrics; /* [epoch_steps], of the current epoch */
    size_t rows;         /* how many of them have been read and found finite */
    bool unjudged;       /* the epoch that the checkpoint stands at has not been evaluated */
    bool stopped;        /* the caller has asked for a stop */

    /* Clocks, in seconds. Time that was none of training is added to the last two. */
    cg_progress progress;
    double start; /* of this process's training */
    double epoch_start;
    double logged; /* clock and step of the last log record */
    uint64_t logged_step;
} cg_trainer;

/* True once the caller of cg_train() has asked for a stop, which is not asked again then: a
 * callback may say it once, such as that a button was pressed. */
static inline bool cg_trainer_is_stopped(cg_trainer *t)
{
    const cg_train_options *o = t->options;
    t->stopped = t->stopped || (o->stop && *o->stop) || (o->cancel && o->cancel(o->user));
    return t->stopped;
}

/* `settled`: a cg_train_moment, or 0. */
static inline void cg_trainer_set_settled(const cg_trainer *t, int settled)
{
    if (t->options->settled)
        *t->options->settled = settled;
}

#endif
