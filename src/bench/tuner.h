/* The state of a tuning (clgan/tune.h): the best choice so far, and the time that is left. At any
 * moment the best choice is right and was faster than what it replaced. */
#ifndef CLGAN_BENCH_TUNER_H
#define CLGAN_BENCH_TUNER_H

#include "bench/ab_test.h"
#include "bench/budget.h"
#include "bench/workload.h"

#include <clgan/tune.h>

enum { CG_TUNER_NAMES = 32 }; /* of algorithms and variants, for one operation */

#define CG_TUNER_MOST_SHARE .25 /* of the time that is left, for timing one candidate */

typedef struct cg_tuner {
    cg_runtime *rt;
    cg_workload workload;
    cg_budget budget;
    cg_choice shipped, best; /* an algorithm named for each stage that has one, and a width */
    double prepared;         /* seconds that comparing and building the shipped choice took */
    double measured;         /* seconds of measuring                                        */
    size_t candidates, wrong, untried;
    bool stored_waits; /* what is stored for the device has not been tried */
    enum { CG_UNKNOWN, CG_RIGHT, CG_WRONG } verdicts[CG_STAGES][CG_TUNER_NAMES];
} cg_tuner;

/* Applies the choice and runs what will be timed to its end, because drivers may compile after the
 * enqueue has returned. Does not count as measuring. */
cg_status cg_tuner_build_choice(cg_tuner *tuner, const cg_choice *choice, cg_measured *enqueue,
                                void *user);

/* Builds the kernels of a whole step by a choice, which the network then has, one stage after the
 * other; CG_ERR_STOPPED when the budget is over before all are built. */
cg_status cg_tuner_build_step(cg_tuner *tuner, const cg_choice *choice, const cg_budget *budget);

/* *times = of what is enqueued, by the choice that the network has. Counts the time. */
cg_status cg_tuner_measure(cg_times *times, cg_tuner *tuner, cg_measured *enqueue, void *user);

/* times[0], times[1] = of the best choice so far and of another one, whose kernels are built. *won
 * = the other is clearly faster, twice, and is then the best. Counts the time. */
cg_status cg_tuner_compare(bool *won, cg_times times[2], cg_tuner *tuner, const cg_choice *other,
                           cg_measured *enqueue, void *user, double seconds);

/* True when both choices name the same, where the first names anything. */
bool cg_tuner_is_same(const cg_choice *a, const cg_choice *b);

#endif
