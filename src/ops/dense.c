/* Dense layers (CLBlast, cl/dense.cl, cl/dense_product.cl). */
#include "ops/dense.h"

#include "base/try.h"
#include "ocl/gemm.h"
#include "ops/shares.h"
#include "ops/tile.h"

#include <stdio.h>
#include <string.h>

enum {
    ITEMS = 32, /* of a group that works on one image, on other devices than CPUs */
    SHARE = 32  /* images summed by one work-item */
};

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

static cg_status multiply_by_clblast(cg_runtime *rt, cg_buffer *c, const cg_buffer *a,
                                     bool transposed, const cg_buffer *b, size_t block_count,
                                     size_t rows, size_t columns, size_t k)
{
    return cg_gemm(rt, rows, columns, k,
                   (cg_matrix){.buffer = a, .ld = transposed ? rows : k, .transposed = transposed},
                   (cg_matrix){.buffer = b, .ld = columns, .stride = k * columns},
                   (cg_matrix){.buffer = c, .ld = columns, .stride = rows * columns}, block_count);
}

/* Its work-items are long, and their local memory must be a core's own. */
static bool tiles_serve(const cg_runtime *rt)
{
    return !rt->short_loops && cg_tile_bytes(2) <= rt->info.local_mem_bytes;
}

static bool tiles_preferred(const cg_runtime *rt)
{
    return rt->info.type == CG_DEVICE_CPU;
}

static cg_status multiply_tiles(cg_runtime *rt, cg_buffer *c, const cg_buffer *a, bool transposed,
                                const cg_buffer *b, size_t block_count, size_t rows, size_t columns,
                                size_t k)
{
    size_t all = block_count * columns / CG_BLOCK, panels = cg_tile_panels(rt, 1, all, 1);
    char options[64];
    cg_launch launch = {.file = "dense_product.cl",
                        .kernel = "dense_product",
                        .options = options,
                        .local = {1},
                        .global = {cg_ceil_div(all, panels)}};
    snprintf(options, sizeof options, "-D TRANSPOSED=%d -D PANELS=%zu", transposed, panels);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(c), cg_arg_buffer(a), cg_arg_buffer(b),
                     cg_arg_local(cg_tile_bytes(1)), cg_arg_local(cg_tile_bytes(panels)),
                     cg_arg_int(rows), cg_arg_int(k), cg_arg_int(transposed ? rows : k),
                     cg_arg_int(columns), cg_arg_int(all));
}

static const cg_dense_algorithm algorithms[] = {
    {"own", tiles_serve, tiles_preferred, multiply_tiles},
    {"clblast", always, always, multiply_by_clblast},
};

const cg_dense_algorithm *cg_dense_algorithm_at(size_t index)
{
    return index < CG_COUNT(algorithms) ? &algorithms[index] : NULL;
}

const cg_dense_algorithm *cg_dense_choose(const cg_runtime *rt, const char *algorithm)
{
    for (size_t i = 0; i < CG_COUNT(algorithms); i++) {
        const cg_dense_algorithm *a = &algorithms[i];
        if ((algorithm ? strcmp(algorithm, a->name) == 0 : a->prefers(rt)) && a->serves(rt))
            return a;
    }
    return NULL;
}

static cg_status multiply(cg_runtime *rt, cg_buffer *c, const cg_buffer *a, bool transposed,
                          const cg_buffer *b, size_t block_count, size_t rows, size_t columns,
                          size_t k, const char *algorithm)
{
    const cg_dense_algorithm *chosen = cg_dense_choose(rt, algorithm);
    if (!chosen)
        return cg_fail(CG_ERR_SHAPE, "dense layer: no algorithm '%s' on %s", algorithm,
                       rt->info.name);
    return chosen->product(rt, c, a, transposed, b, block_count, rows, columns, k);
}

cg_status cg_dense_fwd(cg_runtime *rt, const cg_map *y, const cg_buffer *x, const cg_buffer *w,
                       size_t in, const char *algorithm)
{
    return multiply(rt, y->buffer, x, false, w, blocks(y), y->n, width(y), in, algorithm);
}

cg_status cg_dense_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_buffer *x, const cg_map *dy,
                              size_t in, const char *algorithm)
{
    return multiply(rt, dw, x, true, dy->buffer, blocks(dy), in, width(dy), dy->n, algorithm);
}

/* ---- one output ------------------------------------------------------------------------------ */

cg_status cg_dense_column_fwd(cg_runtime *rt, cg_buffer *y, const cg_map *x, const cg_buffer *w,
                              size_t n)
{
    size_t items = rt->vec > 1 ? 1 : ITEMS;
    char options[32];
    cg_launch launch = {.file = "dense.cl",
                        .kernel = "dense_column_fwd",
                        .options = options,
                        .local = {items},
                        .global = {items * n}};
    snprintf(options, sizeof options, "-D ITEMS=%zu", items);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(x->buffer), cg_arg_buffer(w),
                     cg_arg_int(x->n), cg_arg_int(x->h * x->w), cg_arg_int(blocks(x)));
}

size_t cg_dense_column_workspace(const cg_map *x, size_t n)
{
    return cg_ceil_div(n, SHARE) * blocks(x) * width(x) * sizeof(float);
}

cg_status cg_dense_column_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_map *x,
                                     const cg_buffer *factor, size_t n, cg_buffer *workspace)
{
    cg_status status = CG_OK;
    size_t shares = cg_ceil_div(n, SHARE);
    cg_launch launch = {.file = "dense.cl",
                        .kernel = "dense_column_bwd_weight",
                        .global = {width(x) / rt->vec, shares, blocks(x)}};
    if (!workspace || workspace->bytes < cg_dense_column_workspace(x, n))
        return cg_fail(CG_ERR_SHAPE, "dense layer: too little workspace");
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(workspace), cg_arg_buffer(x->buffer),
                     cg_arg_buffer(factor), cg_arg_int(SHARE), cg_arg_int(n), cg_arg_int(x->n),
                     cg_arg_int(x->h * x->w), cg_arg_int(blocks(x))));
    CG_TRY(cg_shares_sum(rt, dw, workspace, blocks(x) * width(x), shares));
done:
    return status;
}

cg_status cg_dense_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w, const cg_map *x,
                              const cg_buffer *mask, float mask_scale, float slope, size_t n)
{
    cg_launch launch = {.file = "dense.cl",
                        .kernel = "dense_column_bwd",
                        .global = {width(x) / rt->vec, n, blocks(x)}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dx->buffer), cg_arg_buffer(w),
                     cg_arg_buffer(x->buffer), cg_arg_buffer(mask), cg_arg_int(n), cg_arg_int(x->n),
                     cg_arg_int(x->h * x->w), cg_arg_float(mask_scale), cg_arg_float(slope));
}
