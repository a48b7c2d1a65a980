/* Times of commands on a device, measured repeatedly. */
#ifndef CLGAN_BENCH_MEASURE_H
#define CLGAN_BENCH_MEASURE_H

#include <clgan/bench.h>
#include <clgan/runtime.h>

enum { CG_MEASURE_MAX = 51 /* samples */ };

/* Enqueues what is to be measured; asynchronous. */
typedef cg_status cg_measured(void *user);

/* Samples of one thing, each in seconds a run; {0} has none. A run of less than a few milliseconds
 * is enqueued several times a sample, so that the latency of the queue does not count.
 */
typedef struct cg_series {
    double samples[CG_MEASURE_MAX];
    size_t count;
    size_t repeats;  /* runs a sample; 0: not known yet */
    size_t launches; /* a run */
} cg_series;

typedef struct cg_times {
    size_t samples; /* at least 1 */
    double median, min, max;
    size_t launches; /* of one run */
} cg_times;

/* Adds a sample: seconds from the first enqueue to the end of the work. At most CG_MEASURE_MAX. */
cg_status cg_series_add(cg_series *series, cg_runtime *rt, cg_measured *enqueue, void *user);

/* The series has a sample at least; they get sorted. */
cg_times cg_series_times(cg_series *series);

/* The times as those of steps of that batch. */
cg_bench_step cg_times_as_step(const cg_times *times, size_t batch);

/* *times = of a series of one sample at least, and on until another one would not end within
 * `seconds`, or there are CG_MEASURE_MAX. */
cg_status cg_measure(cg_times *times, cg_runtime *rt, cg_measured *enqueue, void *user,
                     double seconds);

#endif
