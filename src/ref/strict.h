/* The step of `clgan train --strict` in plain C: the same bits as every device's, computed from the
 * definition of its sums (docs/strict.md) by code that shares nothing with the kernels but the
 * elementary functions and the network's tables. That both agree shows that the definition says
 * everything.
 *
 * Maps are [n, pixels, channels], parameters in Keras' layouts (base/model.h).
 */
#ifndef CLGAN_REF_STRICT_H
#define CLGAN_REF_STRICT_H

#include "base/model.h"

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cg_strict_options {
    uint64_t seed;
    size_t fakes;          /* images that G draws a step: the batch                */
    const uint8_t *images; /* [count, 28, 28], borrowed                            */
    size_t count;          /* of images                                            */
    double rate, rate_d;   /* Adam's, of G and of D                                */
    double beta1, beta2;
    double average;  /* the decay of G's average; 0: there is none           */
    float smoothing; /* D's target for a real image is 1 - smoothing         */
} cg_strict_options;

/* A step's losses, in the order of a checkpoint's: of D on real images and on fakes, of G, then the
 * means of D(x) and D(G(z)). */
enum { CG_STRICT_METRICS = 5 };

/* The state of a training after this many steps. */
typedef struct cg_strict_state {
    float *param[CG_PARAM_COUNT], *moment1[CG_PARAM_COUNT], *moment2[CG_PARAM_COUNT];
    float *average[CG_G_PARAM_COUNT]; /* NULL where there is none */
    float *stat[CG_STAT_COUNT];
    float metrics[CG_STRICT_METRICS]; /* of the last step */
} cg_strict_state;

typedef struct cg_strict cg_strict;

/* *strict = a training whose state is zeros, until its owner writes it. CG_ERR_MEMORY. */
cg_status cg_strict_create(cg_strict **strict, const cg_strict_options *options);

/* NULL is fine. */
void cg_strict_release(cg_strict *strict);

/* Runs step `step`, from 1, of the training. */
void cg_strict_run(cg_strict *strict, uint64_t step);

/* Returns the state as the next step finds it, and as the last one left it. */
cg_strict_state *cg_strict_get_state(cg_strict *strict);

#endif
