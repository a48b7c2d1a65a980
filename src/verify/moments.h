/* Moments that a convolution gives beside its output (ops/moments.h). */
#ifndef CLGAN_VERIFY_MOMENTS_H
#define CLGAN_VERIFY_MOMENTS_H

#include "verify/case.h"

/* Compares the moments of each channel of a map with the map itself; blocking. */
cg_status cg_verify_moments(cg_harness *harness, const cg_moments *moments, const cg_map *map);

#endif
