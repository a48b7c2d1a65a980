/* How long something takes on a device, measured repeatedly within a time limit. */
#ifndef CLGAN_BENCH_MEASURE_H
#define CLGAN_BENCH_MEASURE_H

#include "ocl/runtime.h"

enum { CG_MEASURE_MAX = 51 /* samples */ };

/* Enqueues what is to be measured; asynchronous. */
typedef cg_status cg_measured(void *user);

typedef struct cg_times {
    size_t samples; /* at least 1 */
    double median, min, max;
    size_t launches; /* of one run */
} cg_times;

/* *times = seconds from the first enqueue to the end of the work. What takes less than a few
 * milliseconds is enqueued several times a sample, so that the way there and back does not count.
 * Runs once at least, and on until `seconds` have passed or there are CG_MEASURE_MAX samples. */
cg_status cg_measure(cg_times *times, cg_runtime *rt, cg_measured *enqueue, void *user,
                     double seconds);

#endif
