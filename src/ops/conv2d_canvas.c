/* Convolutions between an image with one channel and a blocked map, for GPUs
 * (cl/conv2d_canvas.cl). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/conv2d_args.h"

#include "base/try.h"
#include "ocl/group_size.h"
#include "ops/partials.h"

enum {
    MAX_TAPS = 32, /* they stand in registers */
    FLOAT = sizeof(float)
};

#define SIZE(n)                               \
    {                                         \
        .items = n, .options = "-D ITEMS=" #n \
    }
static const cg_group_size sizes[] = {SIZE(256), SIZE(128), SIZE(64), SIZE(32), {0}};

static size_t canvas_floats(const cg_conv2d_shape *s)
{
    return CG_CANVAS_SIDE(s->small_w, s->stride, s->kernel) *
           CG_CANVAS_SIDE(s->small_h, s->stride, s->kernel);
}

static size_t local_bytes(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    switch (pass) {
    case CG_CONV2D_DOWN:
        return canvas_floats(s) * FLOAT;
    case CG_CONV2D_UP:
        return cg_conv2d_taps(s) * (s->small_c + s->small_h * s->small_w) * FLOAT;
    default:
        return (canvas_floats(s) + CG_CANVAS_ROWS * CG_TAP_SUMS(cg_conv2d_taps(s)) * CG_BLOCK) *
               FLOAT;
    }
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    return cg_conv2d_taps(s) <= MAX_TAPS && s->pad_h == s->pad_w &&
           cg_runtime_has_local(rt, local_bytes(s, pass)) &&
           rt->info.max_work_group >= cg_group_size_least(sizes);
}

static size_t partials(const cg_conv2d_shape *s, bool strict)
{
    return cg_ceil_div(s->n, strict ? CG_IMAGE_EACH : CG_CANVAS_EACH);
}

static size_t workspace(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    return pass == CG_CONV2D_WEIGHT
               ? cg_partials_tap_bytes(cg_conv2d_taps(s), s->small_c, partials(s, false))
               : 0;
}

/* The launch of `groups` groups for each of `blocks` blocks, in the form that the device allows. */
static cg_status choose_launch(cg_launch *launch, cg_runtime *rt, const cg_conv2d *call,
                               cg_build_options *options, size_t groups, size_t blocks)
{
    const cg_group_size *group, *first = sizes + cg_conv2d_variant(call, &cg_conv2d_canvas);
    cg_status status = cg_group_size_choose(&group, rt, launch, options, first);
    launch->global[0] = group->items * groups;
    launch->global[1] = blocks;
    return status;
}

static cg_status enqueue_down(cg_runtime *rt, const cg_conv2d *call, cg_build_options *options)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    cg_launch launch = {.file = "conv2d_canvas.cl", .kernel = "conv2d_down_canvas"};
    CG_TRY(choose_launch(&launch, rt, call, options, s->n, cg_ceil_div(s->small_c, CG_BLOCK)));
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(call->small.buffer),
                     cg_arg_buffer(call->large.buffer), cg_arg_buffer(call->weight),
                     CG_PROLOGUE_ARGS(call->large_prologue), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_geometry_arg(call)));
done:
    return status;
}

static cg_status enqueue_up(cg_runtime *rt, const cg_conv2d *call, cg_build_options *options)
{
    cg_status status = CG_OK;
    cg_launch launch = {.file = "conv2d_canvas.cl", .kernel = "conv2d_up_canvas"};
    CG_TRY(choose_launch(&launch, rt, call, options, call->shape.n, 1));
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), cg_arg_buffer(call->weight),
                     CG_PROLOGUE_ARGS(call->small_prologue), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_geometry_arg(call)));
done:
    return status;
}

static cg_status enqueue_weight(cg_runtime *rt, const cg_conv2d *call, cg_build_options *options)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    const size_t shares = partials(s, rt->strict);
    cg_launch launch = {.file = "conv2d_canvas.cl", .kernel = "conv2d_weight_canvas"};
    CG_TRY(choose_launch(&launch, rt, call, options, shares, cg_ceil_div(s->small_c, CG_BLOCK)));
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(call->workspace), cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), CG_PROLOGUE_ARGS(call->large_prologue),
                     CG_PROLOGUE_ARGS(call->small_prologue), cg_geometry_arg(call)));
    CG_TRY(cg_partials_sum_taps(rt, call->weight, call->db, call->workspace, cg_conv2d_taps(s),
                                s->small_c, shares));
done:
    return status;
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    static cg_status (*const passes[CG_CONV2D_PASSES])(cg_runtime *, const cg_conv2d *,
                                                       cg_build_options *) = {
        [CG_CONV2D_DOWN] = enqueue_down,
        [CG_CONV2D_UP] = enqueue_up,
        [CG_CONV2D_WEIGHT] = enqueue_weight,
    };
    const cg_conv2d_shape *s = &call->shape;
    cg_build_options options = {0};
    cg_build_options_add(
        &options,
        "-D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D LARGE_H=%zu -D LARGE_W=%zu -D SMALL_H=%zu "
        "-D SMALL_W=%zu -D SMALL_C=%zu",
        s->kernel, s->stride, s->pad_w, s->large_h, s->large_w, s->small_h, s->small_w, s->small_c);
    return passes[call->pass](rt, call, &options);
}

/* Padding is multiplied like the image. In UP what a pixel gives to the taps is then added up. */
static double flop(const cg_conv2d *call)
{
    cg_conv2d_shape s = call->shape;
    if (call->pass == CG_CONV2D_UP)
        return cg_conv2d_flop_nominal(&s) +
               (double)(s.n * s.small_h * s.small_w * cg_conv2d_taps(&s));
    s.small_c = cg_padded_channels(s.small_c);
    return cg_conv2d_flop_nominal(&s);
}

const cg_conv2d_algorithm cg_conv2d_canvas = {
    .variants = {{"canvas", 0}, {"canvas:128", 1}, {"canvas:64", 2}},
    .serves = serves,
    .workspace = workspace,
    .enqueue = enqueue,
    .writes_db = true,
    .flop = flop,
    .strict = true,
};
