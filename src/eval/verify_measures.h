/* Cases for the measures' kernels, as verify/verify.h has them for the operations. */
#ifndef CLGAN_EVAL_VERIFY_MEASURES_H
#define CLGAN_EVAL_VERIFY_MEASURES_H

#include "verify/verify.h"

/* .array: count rows by other columns, a multiple of 16; seed: 1 leaves the diagonal out. */
cg_status cg_verify_kernel_distance_sum(cg_harness *harness, const cg_verify_case *check);

/* .array: count queries, and two tiles of other points, both multiples of 16; seed: how many
 * neighbours. Whole numbers: distances come out exact, and often equal. */
cg_status cg_verify_neighbours_find(cg_harness *harness, const cg_verify_case *check);

/* .array: count queries and other points, both multiples of 16, as whole numbers. */
cg_status cg_verify_neighbours_count(cg_harness *harness, const cg_verify_case *check);

/* .array: the products of `count` points of `other` whole numbers with each other, exactly. */
cg_status cg_verify_points(cg_harness *harness, const cg_verify_case *check);

/* The checks of what an evaluation runs, `brief` or not (eval/evaluator.h). */
const cg_verify_case *cg_verify_measures_list(size_t *count, bool brief);

#endif
