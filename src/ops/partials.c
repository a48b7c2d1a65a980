/* Sums of partial results (cl/partials.cl). */
#include "ops/partials.h"

#include "ocl/launch.h"
#include "ops/map.h"

cg_status cg_partials_sum(cg_runtime *rt, cg_buffer *y, const cg_buffer *partial, size_t count,
                          size_t partials)
{
    cg_launch launch = {.file = "step.cl", .kernel = "sum_partials", .global = {count}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(partial), cg_arg_int(count),
                     cg_arg_int(partials));
}

size_t cg_partials_tap_bytes(size_t taps, size_t channels, size_t partials)
{
    return partials * CG_TAP_SUMS(taps) * cg_padded_channels(channels) * sizeof(float);
}

cg_status cg_partials_sum_taps(cg_runtime *rt, cg_buffer *dw, cg_buffer *db,
                               const cg_buffer *partial, size_t taps, size_t channels,
                               size_t partials)
{
    cg_launch launch = {.file = "step.cl",
                        .kernel = "sum_tap_partials",
                        .global = {cg_padded_channels(channels), db ? CG_TAP_SUMS(taps) : taps}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dw), cg_arg_buffer(db), cg_arg_buffer(partial),
                     cg_arg_int(taps), cg_arg_int(channels), cg_arg_int(partials));
}
