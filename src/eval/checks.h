/* Checks of the measures' kernels, as check/ops.h has them of the operations. */
#ifndef CLGAN_EVAL_CHECKS_H
#define CLGAN_EVAL_CHECKS_H

#include "check/ops.h"

/* .array: count rows by other columns, a multiple of 16; seed: 1 leaves the diagonal out. */
cg_status cg_check_kernel_distance_sum(cg_bed *bed, const cg_check *check);

/* .array: count queries, and two tiles of other points, both multiples of 16; seed: how many
 * neighbours. Whole numbers: distances come out exact, and often equal. */
cg_status cg_check_neighbours_find(cg_bed *bed, const cg_check *check);

/* .array: count queries, other points; likewise. */
cg_status cg_check_neighbours_count(cg_bed *bed, const cg_check *check);

#endif
