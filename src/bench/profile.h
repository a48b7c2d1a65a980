/* A step's time line: each launch's time. */
#ifndef CLGAN_BENCH_PROFILE_H
#define CLGAN_BENCH_PROFILE_H

#include "bench/workload.h"

#include <clgan/bench.h>

/* *launches[*count] = those of a step in their order, medians of several steps, of one at least and
 * as many as `seconds` allow; for free(). */
cg_status cg_bench_profile(cg_bench_launch **launches, size_t *count, cg_workload *workload,
                           double seconds);

#endif
