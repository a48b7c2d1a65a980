/* Batch normalisation (cl/batchnorm.cl). */
#include "ops/batchnorm.h"

#include "base/try.h"
#include "ocl/launch.h"

static const char file[] = "step.cl";

static size_t samples(const cg_batchnorm *bn)
{
    return bn->x.n * bn->x.h * bn->x.w / bn->groups;
}

static size_t chunks(const cg_batchnorm *bn)
{
    return cg_ceil_div(samples(bn), CG_BATCHNORM_CHUNK);
}

size_t cg_batchnorm_features(const cg_batchnorm *bn)
{
    return cg_moments_features(&bn->x, bn->groups);
}

size_t cg_batchnorm_workspace(const cg_batchnorm *bn)
{
    return CG_BATCHNORM_SUMS * chunks(bn) * cg_batchnorm_features(bn) * sizeof(float);
}

cg_prologue cg_batchnorm_prologue(const cg_batchnorm *bn)
{
    return (cg_prologue){
        .scale = bn->scale, .shift = bn->shift, .groups = bn->groups, .slope = bn->slope};
}

static cg_status check_shapes(const cg_batchnorm *bn)
{
    if (bn->x.c < 2 || (bn->groups != 1 && bn->groups != bn->x.h * bn->x.w))
        return cg_fail(CG_ERR_SHAPE, "batchnorm: %zu channels in %zu groups", bn->x.c, bn->groups);
    return CG_OK;
}

cg_status cg_batchnorm_fwd(cg_runtime *rt, const cg_batchnorm *bn)
{
    cg_status status = CG_OK;
    size_t features = cg_batchnorm_features(bn);
    cg_launch merge = {.file = file, .kernel = "batchnorm_merge", .global = {features / rt->vec}};

    CG_TRY(check_shapes(bn));
    if (!bn->moments || !bn->moments->partials)
        return cg_fail(CG_ERR_SHAPE, "batchnorm: the moments have not been computed");
    CG_TRY(cg_moments_slice(rt, &merge, bn->moments->partials));
    CG_TRY(CG_LAUNCH(rt, &merge, cg_arg_buffer(bn->mean), cg_arg_buffer(bn->inv_std),
                     cg_arg_buffer(bn->scale), cg_arg_buffer(bn->shift),
                     cg_arg_buffer(bn->moving_mean), cg_arg_buffer(bn->moving_variance),
                     cg_arg_buffer(bn->moments->buffer), cg_arg_buffer(bn->gamma),
                     cg_arg_buffer(bn->beta), cg_arg_int(bn->moments->partials),
                     cg_arg_int(features), cg_arg_float(bn->momentum), cg_arg_float(bn->epsilon)));
done:
    return status;
}

cg_status cg_batchnorm_inference(cg_runtime *rt, const cg_batchnorm *bn)
{
    size_t features = cg_batchnorm_features(bn);
    cg_launch launch = {
        .file = file, .kernel = "batchnorm_inference", .global = {features / rt->vec}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(bn->scale), cg_arg_buffer(bn->shift),
                     cg_arg_buffer(bn->moving_mean), cg_arg_buffer(bn->moving_variance),
                     cg_arg_buffer(bn->gamma), cg_arg_buffer(bn->beta), cg_arg_int(features),
                     cg_arg_float(bn->epsilon));
}

cg_status cg_batchnorm_bwd_sums(cg_runtime *rt, cg_map dy, cg_buffer *dgamma, cg_buffer *dbeta,
                                const cg_batchnorm *bn)
{
    cg_status status = CG_OK;
    size_t features = cg_batchnorm_features(bn), items = cg_moments_items(rt, features);
    cg_launch reduce = {
        .file = file, .kernel = "batchnorm_bwd_reduce", .global = {items, chunks(bn)}};
    cg_launch merge = {
        .file = file, .kernel = "batchnorm_bwd_merge", .global = {features / rt->vec}};

    CG_TRY(check_shapes(bn));
    if (!bn->workspace || bn->workspace->bytes < cg_batchnorm_workspace(bn))
        return cg_fail(CG_ERR_SHAPE, "batchnorm: needs %zu bytes of workspace",
                       cg_batchnorm_workspace(bn));
    CG_TRY(cg_moments_slice(rt, &reduce, CG_BATCHNORM_CHUNK));
    CG_TRY(cg_moments_slice(rt, &merge, chunks(bn)));
    CG_TRY(CG_LAUNCH(rt, &reduce, cg_arg_buffer(bn->workspace), cg_arg_buffer(dy.buffer),
                     CG_NORM_ARGS(*bn), cg_arg_int(samples(bn)), cg_arg_int(bn->groups),
                     cg_arg_int(features)));
    CG_TRY(CG_LAUNCH(rt, &merge, cg_arg_buffer(dgamma), cg_arg_buffer(dbeta),
                     cg_arg_buffer(bn->workspace), cg_arg_int(chunks(bn)), cg_arg_int(features)));
done:
    return status;
}

cg_status cg_batchnorm_bwd_apply(cg_runtime *rt, cg_map dy, const cg_buffer *dgamma,
                                 const cg_buffer *dbeta, const cg_batchnorm *bn, size_t all_n)
{
    size_t features = cg_batchnorm_features(bn);
    cg_launch apply = {
        .file = file,
        .kernel = "batchnorm_bwd_apply",
        .global = {cg_moments_items(rt, features), cg_ceil_div(samples(bn), CG_BATCHNORM_APPLY)}};
    return CG_LAUNCH(rt, &apply, cg_arg_buffer(dy.buffer), CG_NORM_ARGS(*bn), cg_arg_buffer(dgamma),
                     cg_arg_buffer(dbeta), cg_arg_int(samples(bn)),
                     cg_arg_int(samples(bn) / bn->x.n * all_n), cg_arg_int(bn->groups),
                     cg_arg_int(features));
}

cg_status cg_batchnorm_bwd(cg_runtime *rt, cg_map dy, cg_buffer *dgamma, cg_buffer *dbeta,
                           const cg_batchnorm *bn)
{
    cg_status status = cg_batchnorm_bwd_sums(rt, dy, dgamma, dbeta, bn);
    return status == CG_OK ? cg_batchnorm_bwd_apply(rt, dy, dgamma, dbeta, bn, bn->x.n) : status;
}
