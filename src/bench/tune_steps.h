/* The part of a tuning that tries what changes a whole step. */
#ifndef CLGAN_BENCH_TUNE_STEPS_H
#define CLGAN_BENCH_TUNE_STEPS_H

#include "bench/tuner.h"

/* Tries what is stored for the device, and the other widths of vectors, in a share of the time that
 * is left. */
cg_status cg_tune_steps(cg_tuner *tuner, double share);

#endif
