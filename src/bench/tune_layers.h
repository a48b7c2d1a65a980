/* The part of a tuning that tries algorithms and variants, layer by layer. */
#ifndef CLGAN_BENCH_TUNE_LAYERS_H
#define CLGAN_BENCH_TUNE_LAYERS_H

#include "bench/tuner.h"

/* Tries what there is for the layers: an algorithm for all passes of one, or for a single pass.
 * Passes of a layer share transforms, so it is always all of them that are timed. */
cg_status cg_tune_layers(cg_tuner *tuner);

#endif
