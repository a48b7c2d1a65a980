/* Inside the trainer: a run under way. start.c makes one, trainer.c takes it from step to
 * step. */
#ifndef CLGAN_TRAIN_TRAINER_H
#define CLGAN_TRAIN_TRAINER_H

#include <clgan/dataset.h>
#include <clgan/runlog.h>
#include <clgan/train.h>

#include "io/events.h"
#include "run/config.h"
#include "run/sampler.h"
#include "train/progress.h"
#include "run/run.h"
#include "train/step.h"
#include "train/monitor.h"

typedef struct cg_trainer {
    const cg_train_options *options;
    cg_run run;
    cg_run_config config;
    cg_dataset dataset;
    cg_runtime *rt;
    cg_network *net;
    cg_sampler sampler; /* of the pictures */
    cg_buffer *images;
    cg_step_source source;
    cg_runlog *log;
    cg_events *events; /* NULL: none are written */
    cg_progress progress;
    cg_monitor monitor;
    cg_metrics *metrics; /* [epoch_steps], of the current epoch */
    size_t rows;         /* how many of them have been read and found finite */
    uint64_t step;       /* done so far */
    uint64_t last;       /* step to end with */
    size_t epoch_steps;
    double start; /* clock at the start of this process's training */
    double epoch_start;
    double logged; /* clock and step of the last log record */
    uint64_t logged_step;
} cg_trainer;

/* A new run: options, data and a device become a state at step 0 and a run directory. Nothing is
 * created before the former are known to be good. */
cg_status cg_trainer_start(cg_trainer *t);

/* A run that is there: its state after the newest sound checkpoint. No file is changed before
 * options, data, device and checkpoint are known to be good, and there is something left to do. */
cg_status cg_trainer_resume(cg_trainer *t);

/* Appends a record to the log, and tells who reads along. CG_ERR_WRITE. */
cg_status cg_trainer_record(cg_trainer *t, const char *line);

#endif
