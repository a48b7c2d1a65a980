/* Training: a whole run in its directory.
 *
 *     cg_train_options options = cg_train_defaults();
 *     options.epochs = (cg_train_number){2, true};
 *     cg_status status = cg_train(&options);
 */
#ifndef CLGAN_TRAIN_H
#define CLGAN_TRAIN_H

#include <clgan/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of a recipe: how a run trains, and from which state of G it draws. */
typedef enum cg_hyper {
    CG_HYPER_LEARNING_RATE,   /* Adam's, of G                                            */
    CG_HYPER_LEARNING_RATE_D, /* and of D                                                */
    CG_HYPER_BETA1,
    CG_HYPER_BETA2,
    CG_HYPER_SMOOTHING, /* D's target for real images is 1 - this                         */
    CG_HYPER_DEVIATION, /* of the initial weights, normal around 0; 0: Glorot uniform     */
    CG_HYPER_AVERAGE,   /* decay of the moving average of G's weights, from which pictures are
                           drawn; 0: from the weights themselves                          */
    CG_HYPER_RECOMPUTE, /* batches of noise that give batchnorm's statistics for drawing; 0:
                           the moving ones                                                */
    CG_HYPER_COUNT
} cg_hyper;

/* What there is to say about one: a table. */
typedef struct cg_hyper_spec {
    const char *name;      /* in files, "learning_rate"      */
    const char *option;    /* of the command, "learning-rate" */
    double tutorial, fast; /* in the two recipes             */
    double min, max;       /* both allowed                   */
    const char *help;
} cg_hyper_spec;

extern const cg_hyper_spec cg_hypers[CG_HYPER_COUNT];

/* An option that, unless `given`, a resumed run takes from the run; a recipe's number, which a new
 * run takes from the recipe. */
typedef struct cg_train_number {
    uint64_t value;
    bool given;
} cg_train_number;

typedef struct cg_train_options {
    const char *data;   /* folder of IDX files; NULL: data/mnist here, else the source tree's;
                           on resume NULL: the run's */
    const char *out;    /* run directory; NULL: the first free runs/NNN, on resume the newest */
    const char *device; /* cg_device_select; NULL: the best */
    bool resume;
    bool allow_device_change; /* resume on another device or driver: not bit-identical */

    cg_train_number epochs, keep, checkpoint_every, log_every; /* may change on resume       */
    cg_train_number evaluate_every;   /* epochs from one evaluation to the next; 0: none       */
    cg_train_number evaluate_samples; /* that are drawn for it; may change, both               */
    cg_train_number batch, seed;      /* must agree, where given    */
    const char *recipe; /* "tutorial" or "fast", which give what is not given below; NULL: the
                           run's, on resume, else the tutorial's. Must agree, where given    */
    struct {
        double value;
        bool given;
    } hypers[CG_HYPER_COUNT]; /* must agree, where given */
    uint64_t max_steps; /* stop after this step of the run; 0: no limit; not remembered      */
    /* "NAME" (of all convolutions), "OP=NAME" or "OP/PASS=NAME", "vec=WIDTH", several with commas
     * between them. What it does not name, NULL nothing, is the run's on resume, else as tuned
     * (clgan/tune.h), else the defaults. Must agree on resume. */
    const char *algorithm;
    bool tensorboard; /* also writes event files for TensorBoard; not remembered */

    const char *classifier; /* that evaluation is by; NULL: the run's on resume, else
                               data/classifier/mnist-1.safetensors here or in the source tree */
    bool stop_on_collapse;  /* end when samples are alike at two evaluations in a row         */

    const volatile sig_atomic_t *stop; /* not NULL: when it turns non-zero, save and stop    */
    void (*started)(const char *run);  /* not NULL: told the run directory, once             */
} cg_train_options;

/* The tutorial's recipe for 50 epochs, seed 1, keep 3, log every 50 steps, checkpoints at epochs'
 * ends, evaluation of 2000 samples each epoch. */
cg_train_options cg_train_defaults(void);

/* Trains to the end. Progress goes to stderr, results to the run directory (docs/file-formats.md).
 * Each evaluated epoch is judged (clgan/evaluate.h), the best is kept as best.safetensors, and what
 * goes wrong is logged; without a test set or a classifier there is no evaluation, unless it was
 * asked for: then CG_ERR_INPUT.
 * CG_ERR_STOPPED after a stop, CG_ERR_COLLAPSED after a collapse, with the state saved;
 * CG_ERR_ARGUMENT, CG_ERR_INPUT and CG_ERR_RUN before anything was changed; CG_ERR_DIVERGED when a
 * loss, or at a checkpoint any number of the state, is not finite, CG_ERR_WRITE when the disk
 * refuses: the last good checkpoint stays. */
cg_status cg_train(const cg_train_options *options);

#ifdef __cplusplus
}
#endif
#endif
