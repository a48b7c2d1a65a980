/* Moments that a convolution gives beside its output (ops/moments.h). */
#ifndef CLGAN_CHECK_MOMENTS_H
#define CLGAN_CHECK_MOMENTS_H

#include "check/ops.h"

/* Compares the moments of each channel of a map with the map itself; blocking. */
cg_status cg_check_moments(cg_bed *bed, const cg_moments *moments, const cg_map *map);

#endif
