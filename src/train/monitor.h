/* Evaluation while training: at epochs' ends samples are drawn and scored, and problems become
 * warnings.
 *
 * It has no effect on the training: samples have a separate random stream, and the network is used
 * as for the epoch's picture. The monitor writes no file. Its state is the history of earlier
 * epochs, which a resumed run reads from the log.
 */
#ifndef CLGAN_TRAIN_MONITOR_H
#define CLGAN_TRAIN_MONITOR_H

#include "eval/evaluator.h"
#include "nn/network.h"
#include "train/history.h"

#include <clgan/dataset.h>

/* The settings of evaluation; texts are borrowed, and valid as long as the monitor. */
typedef struct cg_monitor_settings {
    const char *data;        /* folder of the images                              */
    const char *data_sha256; /* of the training images                            */
    const char *classifier;  /* its file; "": the default                         */
    uint64_t every;          /* epochs from one evaluation to the next; 0: none   */
    size_t samples;          /* that are drawn                                    */
    uint64_t seed;
    bool asked;            /* for evaluation: it is an error, then, where it cannot be */
    bool stop_on_collapse; /* which needs evaluation                              */
} cg_monitor_settings;

typedef struct cg_monitor {
    cg_monitor_settings settings;
    bool able; /* evaluation is wanted, and its files are there */
    cg_history history;
    cg_evaluator *evaluator; /* NULL before the first evaluation */
    double real_variety;
    bool collapsed; /* samples were alike at this evaluation and at the one before */
} cg_monitor;

/* An epoch's end, for the monitor. */
typedef struct cg_monitor_epoch_end {
    uint64_t step;
    size_t epoch;
    double d_real, d_fake, loss_g; /* means over the epoch                                   */
    cg_network *sampler;           /* draws the samples, as it does the epoch's picture      */
    const cg_dataset *real;        /* the training images                                    */
} cg_monitor_epoch_end;

/* The verdict on an epoch: records for the log, an evaluation's first. */
typedef struct cg_monitor_verdict {
    cg_record records[1 + CG_WARNINGS];
    size_t count;
    bool is_best;       /* the evaluation is the run's best so far */
    const char *remark; /* what its numbers do not say, cg_scores_remark() */
} cg_monitor_verdict;

/* Reads the classifier once, which a later start may need. CG_ERR_INPUT, logged, for none. */
cg_status cg_monitor_try_classifier(const cg_monitor_settings *settings, cg_runtime *rt);

/* Checks, before anything is changed, that evaluation has the files that it needs. If they are
 * missing, it logs that and turns evaluation off, or fails with CG_ERR_INPUT when evaluation was
 * asked for. Files that cannot be used are CG_ERR_INPUT, too. CG_ERR_ARGUMENT when settings
 * contradict each other. */
cg_status cg_monitor_prepare(cg_monitor *monitor, const cg_monitor_settings *settings,
                             cg_runtime *rt);

/* Sees to it that the device will evaluate right, which the first evaluation does otherwise, after
 * an epoch; kernels are compiled for that. CG_ERR_WRONG; what else fails, as in an evaluation. */
cg_status cg_monitor_test_device(cg_monitor *monitor, cg_runtime *rt);

/* Judges the epoch by its losses alone, which takes no time. CG_ERR_MEMORY. */
cg_status cg_monitor_check_losses(cg_monitor *monitor, cg_monitor_verdict *verdict,
                                  const cg_monitor_epoch_end *end);

/* True when that epoch is to be evaluated. */
bool cg_monitor_is_due(const cg_monitor *monitor, size_t epoch);

/* Evaluates where that is due, and judges the epoch by the scores. An evaluation that fails is
 * the last one of this process, and no failure of the training. Blocking. CG_ERR_MEMORY. */
cg_status cg_monitor_judge(cg_monitor *monitor, cg_monitor_verdict *verdict,
                           const cg_monitor_epoch_end *end);

void cg_monitor_deinit(cg_monitor *monitor);

#endif
