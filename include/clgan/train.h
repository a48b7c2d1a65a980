/* Training: a whole run in its directory.
 *
 *     cg_train_options options = cg_train_defaults();
 *     options.epochs = (cg_option_number){2, true};
 *     cg_status status = cg_train(&options);
 *
 * Threads: any thread may call these functions. Several trainings may run at once, each in a run
 * of its own.
 */
#ifndef CLGAN_TRAIN_H
#define CLGAN_TRAIN_H

#include <clgan/recipe.h>
#include <clgan/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Moments at which nothing is lost: while the first step's kernels are built; while an epoch that
 * has been saved is judged, which a resume then does. */
typedef enum cg_train_moment { CG_TRAIN_STARTED = 1, CG_TRAIN_JUDGING } cg_train_moment;

/* A training under way, after a step. */
typedef struct cg_train_progress {
    uint64_t step, last_step; /* of the run, from 1; the one to end with */
    uint64_t epoch, epochs;   /* from 1 */
    /* The numbers of the last log interval before it, NAN without one: real images a second,
     * losses, and what D says of real images and of fakes, 0 to 1. */
    double images_per_second, loss_d, loss_g, d_real, d_fake;
} cg_train_progress;

/* A member that is 0 or NULL means the default, in a zeroed struct, too; a number that is to be 0
 * is marked as given. Their limits are those of cg_run_numbers (clgan/recipe.h). */
typedef struct cg_train_options {
    const char *data;   /* as cg_dataset_read() takes it; NULL: cg_dataset_default(), on resume
                           the run's */
    const char *out;    /* run directory; NULL: the first free runs/NNN, on resume the run under
                           runs/ that was written last (clgan/runs.h) */
    const char *device; /* as cg_device_select() takes it; of several ranks also by rank,
                           "rank:0=A,1=B", or a list; NULL: the best */
    bool resume;
    bool allow_device_change; /* resume on another device or driver: not bit-identical */
    bool no_selftest;         /* trust a device that has not proved that it computes right
                                 (clgan/selftest.h); remembered, for this device */

    cg_option_number epochs, keep, checkpoint_every, log_every; /* may change on resume       */
    cg_option_number evaluate_every;   /* epochs from one evaluation to the next; 0: none       */
    cg_option_number evaluate_samples; /* that are drawn for it; may change, both               */
    cg_option_number seed;             /* must agree on resume, where given */
    cg_recipe_options recipe;
    uint64_t max_steps; /* stop after this step of the run; 0: no limit; not remembered      */
    /* "NAME" (of all convolutions), "OP=NAME" or "OP/PASS=NAME", "vec=WIDTH", several with commas
     * between them. Operations that it does not name (NULL: none) keep the run's algorithms on
     * resume; else they take the tuned ones (clgan/tune.h), else the defaults. Must agree on
     * resume. */
    const char *algorithm;
    bool tensorboard; /* also writes event files for TensorBoard; not remembered */

    const char *classifier; /* that evaluation is by; NULL: the run's on resume, else
                               classifier/mnist-1.safetensors, looked for as the data are */
    bool stop_on_collapse;  /* end when samples are alike at two evaluations in a row         */

    const volatile sig_atomic_t *stop; /* not NULL: when it turns non-zero, as to the number of
                                        * a signal, save and stop                            */
    void (*started)(const char *run);  /* not NULL: told the run directory, once it is known;
                                        * one in which nothing comes to be done is removed   */
    /* not NULL: a cg_train_moment while the run's files are all that a resume needs, so that the
     * process may end without a stop; else 0 */
    volatile sig_atomic_t *settled;

    /* Functions that tell the caller; each may be NULL. The thread that called cg_train() calls
     * them, with `user`, and waits for them. */
    void *user;
    /* After each step. The library then shows no progress of its own. */
    void (*step)(void *user, const cg_train_progress *progress);
    void (*log)(void *user, const char *record); /* each line of log.jsonl, once it is written */
    /* Asked before the first step, after each, and before an epoch is judged, until it says true:
     * save, stop; an epoch that was not judged is when the run goes on. */
    bool (*cancel)(void *user);
} cg_train_options;

/* The tutorial's recipe for 50 epochs, seed 1, keep 3, log every 50 steps, checkpoints at epochs'
 * ends, evaluation of 2000 samples each epoch. */
CG_API cg_train_options cg_train_defaults(void);

/* Trains to the end. Progress goes to stderr, results to the run directory (docs/file-formats.md).
 * Each evaluated epoch is judged (clgan/evaluate.h), the best is kept as best.safetensors, and what
 * goes wrong is logged; without a test set or a classifier there is no evaluation, unless it was
 * asked for: then CG_ERR_INPUT.
 * CG_ERR_STOPPED after a stop, CG_ERR_COLLAPSED after a collapse, with the state saved; a stop
 * while the device is tested leaves all as it was; CG_ERR_WRONG when a device fails that test;
 * CG_ERR_ARGUMENT, CG_ERR_INPUT and CG_ERR_RUN, and CG_ERR_MEMORY where the batch needs more memory
 * than there is, before anything was changed; CG_ERR_DIVERGED when a loss, or at a checkpoint any
 * number of the state, is not finite, CG_ERR_WRONG when the device begins to compute wrong,
 * CG_ERR_WRITE when the disk refuses: the last good checkpoint stays. An error of one of several
 * ranks (clgan/ranks.h) ends the processes of all. */
CG_API cg_status cg_train(const cg_train_options *options);

#ifdef __cplusplus
}
#endif
#endif
