/* Implicit matrix products on tiles in local memory, for GPUs (cl/conv2d_tiled.cl). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/conv2d_args.h"

#include "base/try.h"
#include "ocl/group_size.h"
#include "ops/partials.h"

enum {
    TILE = 64,    /* that the weight gradient is divided by, for all tiles */
    GROUPS = 1600 /* that it is divided into at least, where it can */
};

/* A work-item has 4 CG_TILED_ROW_QUADS x 4 results. */
#define SIZE(r, c)                                                                   \
    {                                                                                \
        (r) * (c) / (16 * CG_TILED_ROW_QUADS), r, c, "-D ROWS=" #r " -D COLUMNS=" #c \
    }
static const cg_group_size sizes[] = {SIZE(128, 64), SIZE(64, 128), SIZE(64, 64), SIZE(32, 64),
                                      SIZE(32, 32),  SIZE(16, 32),  {0}};

/* Local memory of the largest group: two buffers for each factor. */
enum {
    LOCAL_BYTES = 2 * CG_QUADS_DEPTH * (128 + CG_QUADS_PAD + 64 + CG_QUADS_PAD) * sizeof(float)
};

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    (void)pass;
    return s->pad_h == s->pad_w && cg_runtime_has_local(rt, LOCAL_BYTES) &&
           rt->info.max_work_group >= cg_group_size_least(sizes);
}

static size_t weight_tiles(const cg_conv2d_shape *s, size_t rows, size_t columns)
{
    return cg_ceil_div(s->large_c, rows) * cg_ceil_div(s->small_c, columns);
}

/* Images that one group of the weight gradient goes through. A rule of the shape alone, so that
 * sums have the same order everywhere. */
static size_t images_each(const cg_conv2d_shape *s)
{
    size_t partials = cg_ceil_div(GROUPS, weight_tiles(s, TILE, TILE) * cg_conv2d_taps(s));
    return cg_round_up(cg_ceil_div(s->n, partials), CG_QUADS_DEPTH);
}

static size_t weights(const cg_conv2d_shape *s)
{
    return cg_conv2d_taps(s) * s->large_c * s->small_c;
}

static size_t workspace(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    size_t partials = pass == CG_CONV2D_WEIGHT ? cg_ceil_div(s->n, images_each(s)) : 0;
    return partials * weights(s) * sizeof(float);
}

static const cg_group_size *first_size(const cg_conv2d *call)
{
    return sizes + cg_conv2d_variant(call, &cg_conv2d_tiled);
}

static cg_status enqueue_map(cg_runtime *rt, const cg_conv2d *call, cg_build_options *options)
{
    cg_status status = CG_OK;
    const cg_group_size *group;
    const cg_conv2d_shape *s = &call->shape;
    const cg_map *y = cg_conv2d_written(call), *x = cg_conv2d_read(call);
    const cg_prologue *prologue = cg_conv2d_prologue(call);
    cg_launch launch = {
        .file = "conv2d_tiled.cl", .kernel = "conv2d_tiled", .global = {0, 0, y->h * y->w}};
    CG_TRY(cg_group_size_choose(&group, rt, &launch, options, first_size(call)));
    launch.global[0] = group->items * cg_ceil_div(y->c, group->columns);
    launch.global[1] = cg_ceil_div(s->n, group->rows);
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(y->buffer), cg_arg_buffer(x->buffer),
                     cg_arg_buffer(call->weight), CG_PROLOGUE_ARGS(*prologue),
                     CG_EPILOGUE_ARGS(call->epilogue), cg_geometry_arg(call)));
done:
    return status;
}

static cg_status enqueue_weight(cg_runtime *rt, const cg_conv2d *call, cg_build_options *options)
{
    cg_status status = CG_OK;
    const cg_group_size *group;
    const cg_conv2d_shape *s = &call->shape;
    size_t partials = cg_ceil_div(s->n, images_each(s));
    cg_launch launch = {.file = "conv2d_tiled.cl",
                        .kernel = "conv2d_weight_tiled",
                        .global = {0, cg_conv2d_taps(s), partials}};
    CG_TRY(cg_group_size_choose(&group, rt, &launch, options, first_size(call)));
    launch.global[0] = group->items * weight_tiles(s, group->rows, group->columns);
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(call->workspace), cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), CG_PROLOGUE_ARGS(call->large_prologue),
                     CG_PROLOGUE_ARGS(call->small_prologue), cg_arg_int(images_each(s)),
                     cg_geometry_arg(call)));
    CG_TRY(cg_partials_sum(rt, call->weight, call->workspace, weights(s), partials));
done:
    return status;
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_build_options options = {0};
    cg_build_options_add(
        &options, "-D UP=%d -D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D LARGE_C=%zu -D SMALL_C=%zu",
        call->pass == CG_CONV2D_UP, s->kernel, s->stride, s->pad_w, s->large_c, s->small_c);
    return call->pass == CG_CONV2D_WEIGHT ? enqueue_weight(rt, call, &options)
                                          : enqueue_map(rt, call, &options);
}

/* Counts whole tiles of the largest group, whose inner dimension is CG_QUADS_DEPTH. */
static double flop(const cg_conv2d *call)
{
    cg_conv2d_shape s = call->shape;
    s.n = cg_round_up(s.n, call->pass == CG_CONV2D_WEIGHT ? CG_QUADS_DEPTH : TILE);
    s.large_c = cg_round_up(s.large_c, call->pass == CG_CONV2D_DOWN ? CG_QUADS_DEPTH : TILE);
    s.small_c = cg_round_up(s.small_c, call->pass == CG_CONV2D_UP ? CG_QUADS_DEPTH : TILE);
    return cg_conv2d_flop_real(&s);
}

const cg_conv2d_algorithm cg_conv2d_tiled = {
    .variants = {{"tiled", 2},
                 {"tiled:128x64", 0},
                 {"tiled:64x128", 1},
                 {"tiled:32x64", 3},
                 {"tiled:32x32", 4}},
    .serves = serves,
    .workspace = workspace,
    .enqueue = enqueue,
    .flop = flop,
};
