/* Products of dense layers: by CLBlast, by kernels of our own (cl/dense_product.cl), and by the
 * plain product. */
#include "ops/dense_product.h"

#include "ocl/gemm.h"
#include "ocl/launch.h"
#include "ops/tile.h"

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

static cg_status multiply_plain(cg_runtime *rt, const cg_dense_product *p,
                                const cg_variant *variant)
{
    const cg_launch launch = {.file = "dense_plain.cl",
                              .kernel = "dense_plain",
                              .global = {p->width, p->rows, p->blocks}};
    (void)variant;
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(p->c), cg_arg_buffer(p->a), cg_arg_buffer(p->b),
                     cg_arg_int(p->rows), cg_arg_int(p->width), cg_arg_int(p->k),
                     cg_arg_int(p->transposed ? 1 : p->k), cg_arg_int(p->transposed ? p->rows : 1));
}

/* Its local memory must be a core's own. */
static bool tiles_serve(const cg_runtime *rt)
{
    return cg_tile_chunk(rt, 1) != 0;
}

/* The arguments that both kernels take: `count` panels, PANELS of them a work-item's. */
#define TILE_ARGS(p, count, tiling)                                                          \
    cg_arg_local(cg_tile_bytes((tiling).chunk, 1)),                                          \
        cg_arg_local(cg_tile_bytes((tiling).chunk, (tiling).panels)), cg_arg_int((p)->rows), \
        cg_arg_int((p)->k), cg_arg_int((p)->transposed ? (p)->rows : (p)->k),                \
        cg_arg_int((p)->width), cg_arg_int(count)

static cg_status multiply_tiles(cg_runtime *rt, const cg_dense_product *p,
                                const cg_variant *variant)
{
    static const cg_batchnorm none;
    const cg_dense_norm *norm = p->norm;
    const cg_batchnorm *layer = norm ? norm->layer : &none;
    size_t count = p->blocks * p->width / CG_BLOCK;
    const cg_tiling tiling = cg_tile_divide(rt, variant->value, 1, count, 1);
    cg_build_options options = {0};
    cg_launch launch = {.file = "dense_product.cl",
                        .kernel = p->transposed ? "dense_product_bwd_weight" : "dense_product_fwd",
                        .options = &options,
                        .local = {1},
                        .global = {cg_ceil_div(count, tiling.panels) * rt->quirks.spread}};
    cg_tile_add_options(&options, rt, &tiling);
    if (!p->transposed)
        return CG_LAUNCH(rt, &launch, cg_arg_buffer(p->c), cg_arg_buffer(p->a), cg_arg_buffer(p->b),
                         cg_arg_buffer(p->moments), cg_arg_int(p->moments != NULL),
                         TILE_ARGS(p, count, tiling));
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(p->c), cg_arg_buffer(p->a), cg_arg_buffer(p->b),
                     CG_NORM_ARGS(*layer), cg_arg_buffer(norm ? norm->dgamma : NULL),
                     cg_arg_buffer(norm ? norm->dbeta : NULL), cg_arg_int(norm != NULL),
                     TILE_ARGS(p, count, tiling));
}

const cg_dense_algorithm cg_dense_own = {
    .variants = {{"own", 0}, {"own:panels1", 1}, {"own:panels2", 2}, {"own:panels4", 4}},
    .serves = tiles_serve,
    .product = multiply_tiles,
    .normalises = true,
    .strict = true,
};

const cg_dense_algorithm cg_dense_clblast = {
    .variants = {{"clblast", 0}},
    .serves = cg_gemm_serves,
    .product = multiply_by_clblast,
};

const cg_dense_algorithm cg_dense_plain = {
    .variants = {{"plain", 0}},
    .serves = always,
    .product = multiply_plain,
    .strict = true,
};
