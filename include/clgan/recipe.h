/* A recipe: the numbers that a run trains with, which are its own for good, as seed and data are;
 * and the numbers beside it, which a resume may change.
 *
 *     cg_train_options options = cg_train_defaults();
 *     options.recipe.name = "fast";
 *     options.recipe.hypers[CG_HYPER_LEARNING_RATE] = (cg_option_real){1e-4, true};
 *
 * Threads: the tables of numbers are constant.
 */
#ifndef CLGAN_RECIPE_H
#define CLGAN_RECIPE_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of a recipe: how a run trains, and from which state of G it draws. */
typedef enum cg_hyper {
    CG_HYPER_LEARNING_RATE,   /* of Adam, for G                                        */
    CG_HYPER_LEARNING_RATE_D, /* and for D                                             */
    CG_HYPER_BETA1,           /* Adam's decay of its mean of the gradients             */
    CG_HYPER_BETA2,           /* and of its mean of their squares                      */
    CG_HYPER_SMOOTHING,       /* D's target for real images is 1 - this                */
    CG_HYPER_DEVIATION, /* standard deviation of the initial weights, normal around 0; 0: Glorot
                           uniform                                                     */
    CG_HYPER_AVERAGE,   /* decay of the moving average of G's weights, from which pictures are
                           drawn; 0: from the weights themselves                       */
    CG_HYPER_RECOMPUTE, /* batches of noise that give batchnorm's statistics for drawing; 0:
                           the moving ones                                             */
    CG_HYPER_COUNT
} cg_hyper;

/* The description of one number. */
typedef struct cg_hyper_spec {
    const char *name;      /* in files, "learning_rate"      */
    const char *option;    /* of the command, "learning-rate" */
    double tutorial, fast; /* in the two recipes             */
    double min, max;       /* both allowed                   */
    const char *help;
} cg_hyper_spec;

CG_API extern const cg_hyper_spec cg_hypers[CG_HYPER_COUNT];

/* The whole numbers of a run beside its recipe. */
typedef enum cg_run_number {
    CG_RUN_EPOCHS,
    CG_RUN_KEEP,             /* checkpoints, beside every tenth epoch's         */
    CG_RUN_CHECKPOINT_EVERY, /* steps; 0: at epochs' ends                       */
    CG_RUN_LOG_EVERY,        /* steps                                           */
    CG_RUN_EVALUATE_EVERY,   /* epochs; 0: no evaluations                       */
    CG_RUN_EVALUATE_SAMPLES, /* that are drawn for one                          */
    CG_RUN_NUMBER_COUNT
} cg_run_number;

/* The description of one number. */
typedef struct cg_run_number_spec {
    const char *name;   /* in files, "log_every"       */
    const char *option; /* of the command, "log-every" */
    uint64_t usual;     /* where it is not given       */
    uint64_t min, max;  /* both allowed                */
    const char *help;
    const char *zero; /* what 0 means; NULL: it is not allowed */
} cg_run_number_spec;

CG_API extern const cg_run_number_spec cg_run_numbers[CG_RUN_NUMBER_COUNT];

enum { CG_BATCH_MOST = 65536, CG_SHARDS_MOST = 64 }; /* images a step, and shards */

/* A number that may be given. If it is not, a resumed run takes it from the run, and a new one from
 * its recipe or the defaults. */
typedef struct cg_option_number {
    uint64_t value;
    bool given;
} cg_option_number;

typedef struct cg_option_real {
    double value;
    bool given;
} cg_option_real;

/* The choice of a recipe. On resume everything that is given must agree with the run. */
typedef struct cg_recipe_options {
    const char *name; /* "tutorial" or "fast", which gives what is not given below; NULL: the run's
                         on resume, else the tutorial's */
    cg_option_number batch;  /* images a step, at most CG_BATCH_MOST */
    cg_option_number shards; /* that a batch is cut into, for several devices to share (docs/
                                many-devices.md), at most CG_SHARDS_MOST; 0: the run's on resume,
                                else none, of several ranks 8 */
    bool strict; /* arithmetic that gives the same bits on every device; false: the run's on resume,
                    else what the device is fastest with */
    cg_option_real hypers[CG_HYPER_COUNT];
} cg_recipe_options;

#ifdef __cplusplus
}
#endif
#endif
