/* A device's own limits, measured by kernels that do nothing else (cl/peak.cl). */
#ifndef CLGAN_BENCH_PEAK_H
#define CLGAN_BENCH_PEAK_H

#include <clgan/bench.h>
#include <clgan/runtime.h>

/* The best of repeated runs, each limit within about `seconds`; blocking. CG_ERR_WRONG, logged,
 * when a result is not the right one. */
cg_status cg_peak_measure(cg_bench_peak *peak, cg_runtime *rt, double seconds);

#endif
