/* The stages of a step, timed one by one. */
#ifndef CLGAN_BENCH_STAGE_TIMES_H
#define CLGAN_BENCH_STAGE_TIMES_H

#include "bench/workload.h"

#include <clgan/bench.h>

/* The number of layers: what draws the inputs, then cg_stages. */
size_t cg_stage_times_count(void);

/* layers[choice_count][cg_stage_times_count()] = all but the shares of the peak, by each of the
 * choices, from as many rounds over all of them as `seconds` allow, one at least: rounds, so that
 * what disturbs a moment does not fall on one stage or choice alone. Leaves the network with the
 * last choice. Blocking. */
cg_status cg_stage_times_measure(cg_bench_layer *layers, cg_workload *workload,
                                 const cg_choice *choices, size_t choice_count, double seconds);

/* Seconds of all layers together, by their medians. */
double cg_stage_times_seconds(const cg_bench_layer *layers);

#endif
