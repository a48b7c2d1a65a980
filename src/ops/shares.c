/* Sums of partial results (cl/shares.cl). */
#include "ops/shares.h"

cg_status cg_shares_sum(cg_runtime *rt, cg_buffer *y, const cg_buffer *partial, size_t count,
                        size_t shares)
{
    cg_launch launch = {.file = "step.cl", .kernel = "sum_shares", .global = {count}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(partial), cg_arg_int(count),
                     cg_arg_int(shares));
}
