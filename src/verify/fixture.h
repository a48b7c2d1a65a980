/* Parity fixtures: training steps of base/model.h as numbers (tests/fixtures/tf_step_a.json).
 *
 * A fixture's inputs are closed formulas of (seed, stream, element), computed here; its results are
 * descriptions of tensors: sum, L2 norm and the values at some indices. Tensors are row-major in
 * Keras' layouts. With t the step, from 1:
 *
 *     cg_fixture *fixture = NULL;
 *     CG_TRY(cg_fixture_read(&fixture, path));
 *     cg_fixture_param(w, fixture, id); // float32 initial parameters
 *     for (size_t t = 1; t <= fixture->step_count; t++) {
 *         cg_fixture_noise(z, fixture, t); // then do the step, update, sample into `got`
 *         ok &= cg_fixture_compare_step(&fixture->steps[t - 1], &got, &cg_fixture_limits_float32,
 *                                       report, user);
 *     }
 */
#ifndef CLGAN_VERIFY_FIXTURE_H
#define CLGAN_VERIFY_FIXTURE_H

#include "base/model.h"

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CG_FIXTURE_SAMPLES = 4,      /* pictures in `sample`            */
    CG_FIXTURE_MAX_BATCH = 4096, /* a larger batch size is refused  */
    CG_FIXTURE_MAX_STEPS = 10000 /* and so are more steps than this */
};

/* A tensor of `size` elements as a fixture holds it. */
typedef struct cg_description {
    size_t size;
    double sum, l2;
    size_t count; /* 1..size */
    size_t *index;
    double *value; /* of the elements at index[] */
} cg_description;

/* The losses, in the order of cg_fixture_step.loss. */
typedef enum cg_loss_id {
    CG_LOSS_D_REAL,
    CG_LOSS_D_FAKE,
    CG_LOSS_D,
    CG_LOSS_G,
    CG_LOSS_COUNT
} cg_loss_id;

/* Their names in files and reports: "loss_d_real". */
extern const char *const cg_loss_names[CG_LOSS_COUNT];

/* The results that one step must give: losses, logits, images and gradients of the step; parameters
 * and moving statistics after its update, and G's pictures in inference mode with these. */
typedef struct cg_fixture_step {
    size_t step; /* from 1 */
    double loss[CG_LOSS_COUNT];
    cg_description logits_real, logits_fake, fake, sample;
    cg_description grad[CG_PARAM_COUNT];
    cg_description param[CG_PARAM_COUNT];
    cg_description stat[CG_STAT_COUNT];
} cg_fixture_step;

typedef struct cg_fixture {
    uint64_t seed;
    size_t real_batch, fake_batch;
    struct {
        uint64_t stream;
        double scale, offset;
    } init[CG_PARAM_COUNT];
    size_t step_count;
    cg_fixture_step *steps;
} cg_fixture;

/* Reads and validates a fixture into *fixture. CG_ERR_INPUT, with one sentence, when it cannot be
 * read, is not JSON, lacks a field, or does not describe this network; CG_ERR_MEMORY. *fixture is
 * then NULL. */
cg_status cg_fixture_read(cg_fixture **fixture, const char *path);

/* The same from text of `size` bytes and a NUL behind them; `path` is what messages call it. */
cg_status cg_fixture_parse(cg_fixture **fixture, const char *text, size_t size, const char *path);
void cg_fixture_release(cg_fixture *fixture); /* NULL is fine */

/* ---- inputs: fixture_inputs.c ---------------------------------------------------------------- */

/* values[i] = float32(offset + float32((2 u - 1) scale)), u = u(seed, stream, i) in [0, 1): 24 bits
 * of SplitMix64's output function.   values [n] */
void cg_fixture_signed(float *values, uint64_t seed, uint64_t stream, size_t n, double scale,
                       double offset);

/* mask[i] = u(seed, stream, i) >= 0.3 ? 1 : 0, 1 to keep.   mask [n] */
void cg_fixture_mask(uint8_t *mask, uint64_t seed, uint64_t stream, size_t n);

/* The initial values of a parameter, of its size in base/model.h. */
void cg_fixture_param(float *w, const cg_fixture *fixture, cg_param_id id);

/* z of step t: [fake_batch, 100]. */
void cg_fixture_noise(float *z, const cg_fixture *fixture, size_t t);

/* Real images of step t: [real_batch, 28, 28, 1]. */
void cg_fixture_real(float *images, const cg_fixture *fixture, size_t t);

/* Dropout masks of step t for D on one batch, real images first.
 *   mask1 [real_batch + fake_batch, 14, 14, 64]   mask2 [real_batch + fake_batch, 7, 7, 128] */
void cg_fixture_masks(uint8_t *mask1, uint8_t *mask2, const cg_fixture *fixture, size_t t);

/* z of the pictures after step t: [CG_FIXTURE_SAMPLES, 100]. */
void cg_fixture_sample_noise(float *z, const cg_fixture *fixture, size_t t);

/* ---- comparison: fixture_compare.c ----------------------------------------------------------- */

/* The distance of an array from a description; n = size. Relative to what is 0: 0 if the difference
 * is 0, else infinite. Not a number stays that. */
typedef struct cg_difference {
    double rms_rel;  /* RMS of the differences at the indices / (l2 / sqrt(n))   */
    double sum_rel;  /* |difference of the sums| / (l2 sqrt(n))                  */
    double l2_rel;   /* |difference of the L2 norms| / l2                        */
    double max_abs;  /* the largest |difference| at the indices                  */
    double sum_mean; /* |difference of the sums| / n: the elements' mean shift   */
    double l2_rms;   /* |difference of the L2 norms| / sqrt(n), per element too  */
    size_t worst;    /* the index with the largest |difference|                  */
    double sum, l2;  /* of the array                                             */
} cg_difference;

/* array [expected->size]. */
cg_difference cg_fixture_compare(const cg_description *expected, const double *array);

/* The largest errors that pass (contracts.md, Parity). A tensor's error is the worst of rms_rel,
 * sum_rel and l2_rel; a parameter's the worst of max_abs, sum_mean and l2_rms, absolute, because
 * Adam's m / (sqrt(v) + epsilon) amplifies what is wrong with a gradient next to zero; a loss's is
 * relative. */
typedef struct cg_fixture_limits {
    double loss;
    double first; /* step 1: logits, fake, gradients    */
    double later; /* the same in later steps            */
    double param; /* per step: t steps may have t times */
    double stat;
    double sample;
} cg_fixture_limits;

extern const cg_fixture_limits cg_fixture_limits_float32; /* for devices  */
extern const cg_fixture_limits cg_fixture_limits_float64; /* for ref/step */

/* One step's results, none NULL; layouts and sizes as in the fixture. */
typedef struct cg_fixture_got {
    double loss[CG_LOSS_COUNT];
    const double *logits_real, *logits_fake, *fake, *sample;
    const double *grad[CG_PARAM_COUNT];
    const double *param[CG_PARAM_COUNT]; /* after the update */
    const double *stat[CG_STAT_COUNT];
} cg_fixture_got;

/* One line of a report. */
typedef struct cg_fixture_line {
    size_t step;
    const char *name; /* "loss_g", "grad.g.dense.weight"; valid during the call */
    double error, limit;
    bool ok; /* error <= limit; false for not a number */
    /* The number that is furthest from the fixture: "" for a loss, the "sum" or the "norm" of a
     * tensor whose elements at the indices are right, else the "element" at `index`; as it is, and
     * as it should be. */
    const char *what;
    size_t index;
    double got, expected;
} cg_fixture_line;

typedef void cg_fixture_report(void *user, const cg_fixture_line *line);

/* Compares all of a step, calling report(user, line) for each loss and tensor (report may be NULL).
 * True when every line is ok. */
bool cg_fixture_compare_step(const cg_fixture_step *expected, const cg_fixture_got *got,
                             const cg_fixture_limits *limits, cg_fixture_report *report,
                             void *user);

#endif
