/* Dense layers (CLBlast, cl/dense.cl, cl/dense_product.cl). */
#include "ops/dense.h"

#include "base/try.h"
#include "ocl/gemm.h"
#include "ops/fourier.h"
#include "ops/partials.h"
#include "ops/tile.h"

static size_t blocks(const cg_map *map)
{
    return map->c / CG_BLOCK;
}

/* Floats of one image of one block. */
static size_t width(const cg_map *map)
{
    return map->h * map->w * CG_BLOCK;
}

/* ---- products -------------------------------------------------------------------------------- */

static bool always(const cg_runtime *rt)
{
    (void)rt;
    return true;
}

static cg_status multiply_by_clblast(cg_runtime *rt, const cg_dense_product *p,
                                     const cg_variant *variant)
{
    (void)variant;
    return cg_gemm(
        rt, p->rows, p->width, p->k,
        (cg_matrix){
            .buffer = p->a, .ld = p->transposed ? p->rows : p->k, .transposed = p->transposed},
        (cg_matrix){.buffer = p->b, .ld = p->width, .stride = p->k * p->width},
        (cg_matrix){.buffer = p->c, .ld = p->width, .stride = p->rows * p->width}, p->blocks);
}

/* Its work-items are long, and their local memory must be a core's own. */
static bool tiles_serve(const cg_runtime *rt)
{
    return !rt->short_loops && cg_runtime_has_local(rt, cg_tile_bytes(rt, 2));
}

static bool tiles_preferred(const cg_runtime *rt)
{
    return rt->info.type == CG_DEVICE_CPU;
}

/* What both kernels are given: `count` panels, PANELS of them a work-item's. */
#define TILE_ARGS(rt, p, count, together)                                          \
    cg_arg_local(cg_tile_bytes(rt, 1)), cg_arg_local(cg_tile_bytes(rt, together)), \
        cg_arg_int((p)->rows), cg_arg_int((p)->k),                                 \
        cg_arg_int((p)->transposed ? (p)->rows : (p)->k), cg_arg_int((p)->width),  \
        cg_arg_int(count)

static cg_status multiply_tiles(cg_runtime *rt, const cg_dense_product *p,
                                const cg_variant *variant)
{
    static const cg_batchnorm none;
    const cg_dense_norm *norm = p->norm;
    const cg_batchnorm *layer = norm ? norm->layer : &none;
    size_t count = p->blocks * p->width / CG_BLOCK;
    size_t together = cg_tile_panels(rt, variant->value, 1, count, 1);
    cg_build_options options = {0};
    cg_launch launch = {.file = "dense_product.cl",
                        .kernel = p->transposed ? "dense_product_bwd_weight" : "dense_product_fwd",
                        .options = &options,
                        .local = {1},
                        .global = {cg_ceil_div(count, together) * rt->spread}};
    cg_build_options_add(&options, "-D PANELS=%zu", together);
    if (!p->transposed)
        return CG_LAUNCH(rt, &launch, cg_arg_buffer(p->c), cg_arg_buffer(p->a), cg_arg_buffer(p->b),
                         cg_arg_buffer(p->moments), cg_arg_int(p->moments != NULL),
                         TILE_ARGS(rt, p, count, together));
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(p->c), cg_arg_buffer(p->a), cg_arg_buffer(p->b),
                     CG_NORM_ARGS(*layer), cg_arg_buffer(norm ? norm->dgamma : NULL),
                     cg_arg_buffer(norm ? norm->dbeta : NULL), cg_arg_int(norm != NULL),
                     TILE_ARGS(rt, p, count, together));
}

static const cg_dense_algorithm algorithms[] = {
    {.variants = {{"own", 0}, {"own:panels1", 1}, {"own:panels2", 2}, {"own:panels4", 4}},
     .serves = tiles_serve,
     .prefers = tiles_preferred,
     .product = multiply_tiles,
     .normalises = true},
    {.variants = {{"clblast", 0}},
     .serves = always,
     .prefers = always,
     .product = multiply_by_clblast},
};

const cg_dense_algorithm *cg_dense_algorithm_at(size_t index)
{
    return index < CG_COUNT(algorithms) ? &algorithms[index] : NULL;
}

const cg_dense_algorithm *cg_dense_choose(const cg_runtime *rt, const char *algorithm)
{
    for (size_t i = 0; i < CG_COUNT(algorithms); i++) {
        const cg_dense_algorithm *a = &algorithms[i];
        if ((algorithm ? cg_variant_find(a->variants, algorithm) != NULL : a->prefers(rt)) &&
            a->serves(rt))
            return a;
    }
    return NULL;
}

/* An algorithm by a name of it. */
typedef struct chosen {
    const cg_dense_algorithm *algorithm;
    const cg_variant *variant;
} chosen;

static cg_status choose(chosen *found, const cg_runtime *rt, const char *name)
{
    found->algorithm = cg_dense_choose(rt, name);
    if (!found->algorithm)
        return cg_fail(CG_ERR_SHAPE, "dense layer: no algorithm '%s' on %s", name, rt->info.name);
    found->variant = cg_variant_find(found->algorithm->variants, name);
    return CG_OK;
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

    CG_TRY(choose(&by, rt, algorithm));
    if (moments && by.algorithm->normalises) {
        if (!moments->buffer || moments->buffer->bytes < cg_moments_bytes(y, positions, 1))
            return cg_fail(CG_ERR_SHAPE, "dense layer: no room for moments");
        product.moments = moments->buffer;
        moments->partials = 1;
    }
    CG_TRY(by.algorithm->product(rt, &product, by.variant));
    if (moments && !by.algorithm->normalises)
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

    CG_TRY(choose(&by, rt, algorithm));
    if (norm && (norm->layer->groups != dy->h * dy->w || norm->layer->x.n != dy->n ||
                 norm->layer->x.c != dy->c))
        return cg_fail(CG_ERR_SHAPE, "dense layer: the batchnorm behind it has another shape");
    if (norm && by.algorithm->normalises)
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
    size_t items = CG_DENSE_ITEMS(rt->vec);
    cg_launch launch = {
        .file = "step.cl", .kernel = "dense_column_fwd", .local = {items}, .global = {items * n}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(x->buffer), cg_arg_buffer(w),
                     cg_arg_int(x->n), cg_arg_int(x->h * x->w), cg_arg_int(blocks(x)));
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
                                      const cg_buffer *gates, float mask_scale, float slope,
                                      size_t n, const cg_consumer *on)
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
                     cg_arg_buffer(gates), cg_arg_float(mask_scale), cg_arg_float(slope),
                     cg_fourier_map_arg(dx, n, e)));
    on->spectrum->source = dx->buffer;
done:
    return status;
}

cg_status cg_dense_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w,
                              const cg_buffer *gates, float mask_scale, float slope, size_t n,
                              const cg_consumer *consumer)
{
    cg_launch launch = {.file = "step.cl",
                        .kernel = "dense_column_bwd",
                        .global = {width(dx) / rt->vec, n, blocks(dx)}};
    if (consumer && consumer->spectrum)
        return transform_column_bwd(rt, dx, w, gates, mask_scale, slope, n, consumer);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dx->buffer), cg_arg_buffer(w), cg_arg_buffer(gates),
                     cg_arg_int(n), cg_arg_int(dx->n), cg_arg_int(dx->h * dx->w),
                     cg_arg_float(mask_scale), cg_arg_float(slope));
}
