/* The gradient of a bias (cl/bias.cl). */
#include "ops/bias.h"

#include "base/try.h"
#include "ocl/launch.h"
#include "ops/partials.h"

size_t cg_bias_workspace(const cg_map *dy, size_t n)
{
    return cg_ceil_div(n, CG_BIAS_EACH) * cg_padded_channels(dy->c) * sizeof(float);
}

cg_status cg_bias_bwd(cg_runtime *rt, cg_buffer *db, const cg_map *dy, const cg_buffer *factor,
                      size_t n, cg_buffer *ws)
{
    cg_status status = CG_OK;
    size_t channels = cg_padded_channels(dy->c), partials = cg_ceil_div(n, CG_BIAS_EACH);
    cg_launch partial = {
        .file = "step.cl", .kernel = "bias_bwd_partial", .global = {channels / rt->vec, partials}};

    if (dy->c < 2 || !ws || ws->bytes < cg_bias_workspace(dy, n))
        return cg_fail(CG_ERR_SHAPE, "bias: %zu channels, or too little workspace", dy->c);
    CG_TRY(cg_launch_fit_group(&partial, rt, CG_BLOCK / rt->vec));
    CG_TRY(CG_LAUNCH(rt, &partial, cg_arg_buffer(ws), cg_arg_buffer(dy->buffer),
                     cg_arg_buffer(factor), cg_arg_int(factor ? 1 : 0), cg_arg_int(n),
                     cg_arg_int(dy->n), cg_arg_int(dy->h * dy->w), cg_arg_int(channels)));
    CG_TRY(cg_partials_sum(rt, db, ws, channels, partials));
done:
    return status;
}
