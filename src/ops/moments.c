/* Moments of a map's features (cl/batchnorm.cl). */
#include "ops/moments.h"

#include "base/try.h"

static size_t samples(const cg_map *x, size_t groups)
{
    return x->n * x->h * x->w / groups;
}

size_t cg_moments_features(const cg_map *x, size_t groups)
{
    return cg_padded_channels(x->c) * groups;
}

size_t cg_moments_bytes(const cg_map *x, size_t groups, size_t partials)
{
    return partials * CG_MOMENTS * cg_moments_features(x, groups) * sizeof(float);
}

size_t cg_moments_partials(const cg_map *x, size_t groups)
{
    return cg_ceil_div(samples(x, groups), CG_BATCHNORM_CHUNK);
}

size_t cg_moments_items(const cg_runtime *rt, size_t features)
{
    return features / CG_BATCHNORM_OWN(rt->vec);
}

cg_status cg_moments_slice(cg_runtime *rt, cg_launch *launch, size_t terms)
{
    cg_status status = CG_OK;
    size_t width = CG_BLOCK, slices = CG_BATCHNORM_SLICES, most;

    if (rt->vec > 1 || rt->strict)
        return CG_OK;
    CG_TRY(cg_launch_max_local(&most, rt, launch));
    while (slices > terms)
        slices /= 2;
    while (width * slices > most) {
        if (width > slices)
            width /= 2;
        else
            slices /= 2;
    }
    launch->local[0] = width; /* which divides the features */
    launch->local[1] = slices;
    launch->global[1] = slices * (launch->global[1] ? launch->global[1] : 1);
done:
    return status;
}

cg_status cg_moments_measure(cg_runtime *rt, cg_moments *moments, const cg_map *x, size_t groups)
{
    cg_status status = CG_OK;
    size_t features = cg_moments_features(x, groups), partials = cg_moments_partials(x, groups);
    cg_launch launch = {.file = "step.cl",
                        .kernel = "batchnorm_moments",
                        .global = {cg_moments_items(rt, features), partials}};

    if (!moments->buffer || moments->buffer->bytes < cg_moments_bytes(x, groups, partials))
        return cg_fail(CG_ERR_SHAPE, "moments: need %zu bytes",
                       cg_moments_bytes(x, groups, partials));
    moments->partials = partials;
    CG_TRY(cg_moments_slice(rt, &launch, CG_BATCHNORM_CHUNK));
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(moments->buffer), cg_arg_buffer(x->buffer),
                     cg_arg_int(samples(x, groups)), cg_arg_int(groups), cg_arg_int(features)));
done:
    return status;
}
