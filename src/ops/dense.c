/* Dense layers (ops/dense_product.h, cl/dense.cl). */
#include "ops/dense.h"

#include "base/try.h"
#include "ocl/launch.h"
#include "ops/defaults.h"
#include "ops/fourier.h"
#include "ops/partials.h"

static size_t blocks(const cg_map *map)
{
    return map->c / CG_BLOCK;
}

/* Floats of one image of one block. */
static size_t width(const cg_map *map)
{
    return map->h * map->w * CG_BLOCK;
}

/* ---- a vector to a map ----------------------------------------------------------------------- */

const cg_dense_algorithm *cg_dense_algorithm_at(size_t index)
{
    const cg_dense_default *line = cg_dense_defaults;
    while (index-- && line->algorithm)
        line++;
    return line->algorithm;
}

bool cg_dense_suits(const cg_runtime *rt, const cg_dense_algorithm *algorithm)
{
    const cg_dense_default *line = cg_dense_defaults;
    while (line->algorithm != algorithm)
        line++;
    return cg_kind_is_of(rt, line->kind);
}

const cg_dense_algorithm *cg_dense_choose(const cg_runtime *rt, const char *algorithm)
{
    for (const cg_dense_default *line = cg_dense_defaults; line->algorithm; line++)
        if (cg_default_is_for(rt, line->kind, line->algorithm->variants, algorithm) &&
            line->algorithm->serves(rt))
            return line->algorithm;
    return NULL;
}

const cg_dense_algorithm *cg_dense_choose_strict(const cg_runtime *rt)
{
    for (const cg_dense_default *line = cg_dense_defaults; line->algorithm; line++)
        if (line->algorithm->strict && cg_kind_is_strict(rt, line->kind) &&
            line->algorithm->serves(rt))
            return line->algorithm;
    return NULL;
}

/* An algorithm by a name of it. */
typedef struct chosen {
    const cg_dense_algorithm *algorithm;
    const cg_variant *variant;
} chosen;

static cg_status choose_algorithm(chosen *found, const cg_runtime *rt, const char *name)
{
    found->algorithm = cg_dense_choose(rt, name);
    if (!found->algorithm)
        return cg_fail(CG_ERR_SHAPE, "dense layer: no algorithm '%s' on %s", name, rt->info.name);
    found->variant = cg_variant_find(found->algorithm->variants, name);
    return CG_OK;
}

/* A strict step normalises by batchnorm's kernels on every device: one order of sums. */
static bool normalises(const cg_runtime *rt, const chosen *by)
{
    return by->algorithm->normalises && !rt->strict;
}

cg_status cg_dense_multiply(cg_runtime *rt, const cg_dense_product *product, const char *algorithm)
{
    cg_status status = CG_OK;
    chosen by;
    CG_TRY(choose_algorithm(&by, rt, algorithm));
    CG_TRY(by.algorithm->product(rt, product, by.variant));
done:
    return status;
}

cg_status cg_dense_fwd(cg_runtime *rt, const cg_map *y, const cg_buffer *x, const cg_buffer *w,
                       size_t in, cg_moments *moments, const char *algorithm)
{
    cg_status status = CG_OK;
    size_t positions = y->h * y->w;
    chosen by;
    cg_dense_product product = {.c = y->buffer,
                                .a = x,
                                .b = w,
                                .blocks = blocks(y),
                                .rows = y->n,
                                .width = width(y),
                                .k = in};

    CG_TRY(choose_algorithm(&by, rt, algorithm));
    if (moments && normalises(rt, &by)) {
        if (!moments->buffer || moments->buffer->bytes < cg_moments_bytes(y, positions, 1))
            return cg_fail(CG_ERR_SHAPE, "dense layer: no room for moments");
        product.moments = moments->buffer;
        moments->partials = 1;
    }
    CG_TRY(by.algorithm->product(rt, &product, by.variant));
    if (moments && !normalises(rt, &by))
        CG_TRY(cg_moments_measure(rt, moments, y, positions));
done:
    return status;
}

cg_status cg_dense_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_buffer *x, const cg_map *dy,
                              size_t in, const cg_dense_norm *norm, const char *algorithm)
{
    cg_status status = CG_OK;
    chosen by;
    cg_dense_product product = {.c = dw,
                                .a = x,
                                .transposed = true,
                                .b = dy->buffer,
                                .blocks = blocks(dy),
                                .rows = in,
                                .width = width(dy),
                                .k = dy->n};

    CG_TRY(choose_algorithm(&by, rt, algorithm));
    if (norm && (norm->layer->groups != dy->h * dy->w || norm->layer->x.n != dy->n ||
                 norm->layer->x.c != dy->c))
        return cg_fail(CG_ERR_SHAPE, "dense layer: the batchnorm after it has another shape");
    if (norm && normalises(rt, &by))
        product.norm = norm;
    else if (norm)
        CG_TRY(cg_batchnorm_bwd(rt, *dy, norm->dgamma, norm->dbeta, norm->layer));
    CG_TRY(by.algorithm->product(rt, &product, by.variant));
done:
    return status;
}

/* ---- one output ------------------------------------------------------------------------------ */

cg_status cg_dense_column_fwd(cg_runtime *rt, cg_buffer *y, const cg_map *x, const cg_buffer *w,
                              size_t n)
{
    cg_status status = CG_OK;
    cg_launch launch = {.file = "step.cl", .kernel = "dense_column_fwd"};
    CG_TRY(cg_launch_fit_group(&launch, rt, CG_DENSE_ITEMS(rt->vec)));
    launch.global[0] = launch.local[0] * n;
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(x->buffer), cg_arg_buffer(w),
                     cg_arg_int(x->n), cg_arg_int(x->h * x->w), cg_arg_int(blocks(x))));
done:
    return status;
}

size_t cg_dense_column_workspace(const cg_map *x, size_t n)
{
    return cg_ceil_div(n, CG_DENSE_EACH) * blocks(x) * width(x) * sizeof(float);
}

cg_status cg_dense_column_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_map *x,
                                     const cg_buffer *factor, size_t n, cg_buffer *workspace)
{
    cg_status status = CG_OK;
    size_t partials = cg_ceil_div(n, CG_DENSE_EACH);
    cg_launch launch = {.file = "step.cl",
                        .kernel = "dense_column_bwd_weight",
                        .global = {width(x) / rt->vec, partials, blocks(x)}};
    if (!workspace || workspace->bytes < cg_dense_column_workspace(x, n))
        return cg_fail(CG_ERR_SHAPE, "dense layer: too little workspace");
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(workspace), cg_arg_buffer(x->buffer),
                     cg_arg_buffer(factor), cg_arg_int(n), cg_arg_int(x->n),
                     cg_arg_int(x->h * x->w), cg_arg_int(blocks(x))));
    CG_TRY(cg_partials_sum(rt, dw, workspace, blocks(x) * width(x), partials));
done:
    return status;
}

/* The spectrum of dx instead of it. */
static cg_status transform_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w,
                                      const cg_gates *gates, size_t n, const cg_consumer *on)
{
    cg_status status = CG_OK;
    cg_fourier g = cg_fourier_find(&on->shape);
    cg_extent e = cg_fourier_extent(&g, on->operand);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map_of_column",
                        .options = &options,
                        .local = {1},
                        .global = {e.rows / CG_FOURIER_IMAGES, e.blocks}};
    if (on->spectrum->buffer->bytes < cg_fourier_spectrum(&on->shape, on->operand))
        return cg_fail(CG_ERR_SHAPE, "dense layer: no room for a transform");
    cg_fourier_add_map_options(&options, &on->shape, on->operand);
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(on->spectrum->buffer), cg_arg_buffer(w),
                     cg_arg_buffer(gates->bytes), cg_arg_float(gates->mask_scale),
                     cg_arg_float(gates->slope), cg_fourier_map_arg(dx, n, e)));
    on->spectrum->source = dx->buffer;
done:
    return status;
}

cg_status cg_dense_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w,
                              const cg_gates *gates, size_t n, const cg_consumer *consumer)
{
    cg_launch launch = {.file = "step.cl",
                        .kernel = "dense_column_bwd",
                        .global = {width(dx) / rt->vec, n, blocks(dx)}};
    if (consumer && consumer->spectrum)
        return transform_column_bwd(rt, dx, w, gates, n, consumer);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dx->buffer), cg_arg_buffer(w),
                     cg_arg_buffer(gates->bytes), cg_arg_int(n), cg_arg_int(dx->n),
                     cg_arg_int(dx->h * dx->w), cg_arg_float(gates->mask_scale),
                     cg_arg_float(gates->slope));
}
