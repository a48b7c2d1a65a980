/* The state of a tuning (clgan/tune.h): the best choice so far, and the time that is left.
 */
#ifndef CLGAN_BENCH_TUNER_H
#define CLGAN_BENCH_TUNER_H

#include "bench/ab_test.h"
#include "bench/workload.h"

#include <clgan/tune.h>

enum { CG_TUNER_NAMES = 32 }; /* of algorithms and variants, for one operation */

typedef struct cg_tuner {
    cg_runtime *rt;
    cg_workload workload;
    cg_choice shipped, best; /* an algorithm named for each stage that has one, and a width */
    double left;             /* seconds of measuring */
    double measured;
    size_t candidates, wrong;
    enum { CG_UNKNOWN, CG_RIGHT, CG_WRONG } verdicts[CG_STAGES][CG_TUNER_NAMES];
} cg_tuner;

/* times[0], times[1] = of the best choice so far and of another one, whose kernels are built. *won
 * = the other is clearly faster, twice, and is then the best. Counts the time. */
cg_status cg_tuner_compare(bool *won, cg_times times[2], cg_tuner *tuner, const cg_choice *other,
                           cg_measured *enqueue, void *user, double seconds);

/* Builds the kernels of a choice, which the network then has: one run of what will be timed, to its
 * end, because drivers may compile after the enqueue has returned. Does not count as measuring. */
cg_status cg_tuner_build(cg_tuner *tuner, const cg_choice *choice, cg_measured *enqueue,
                         void *user);

/* Tries the other widths of vectors on whole steps, in up to `seconds`. */
cg_status cg_tuner_tune_width(cg_tuner *tuner, double seconds);

/* Tries what there is for each layer: an algorithm for all its passes, then for one. Passes of a
 * layer share transforms, so it is always all of them that are timed. In up to `seconds`. */
cg_status cg_tuner_tune_layers(cg_tuner *tuner, double seconds);

#endif
