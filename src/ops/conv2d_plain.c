/* The plain algorithm: any shape, any device; what the others are compared with. */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/conv2d_args.h"

#include "base/try.h"

enum { MAX_ITERATIONS = 32768 }; /* of a work-item of the weight gradient, about */

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *shape, cg_conv2d_pass pass)
{
    (void)rt, (void)shape, (void)pass;
    return true;
}

static size_t workspace(const cg_conv2d_shape *shape, cg_conv2d_pass pass)
{
    (void)shape, (void)pass;
    return 0;
}

static cg_status enqueue_map(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    bool up = call->pass == CG_CONV2D_UP;
    const cg_map *y = cg_conv2d_written(call), *x = cg_conv2d_read(call);
    const cg_prologue *prologue = cg_conv2d_prologue(call);
    size_t lanes = cg_map_lanes(y->c);
    cg_launch launch = {.file = "conv2d_plain.cl",
                        .kernel = up ? "conv2d_up_plain" : "conv2d_down_plain",
                        .global = {y->h * y->w * lanes, s->n, cg_ceil_div(y->c, lanes)}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y->buffer), cg_arg_buffer(x->buffer),
                     cg_arg_buffer(call->weight), CG_PROLOGUE_ARGS(*prologue),
                     CG_EPILOGUE_ARGS(call->epilogue), cg_geometry_arg(call));
}

/* Images for one launch of the weight gradient: work-items stay short, for devices that end a long
 * loop (llvmpipe after 65535 iterations) or a long kernel (a display's watchdog). */
static size_t launch_images(const cg_conv2d_shape *s)
{
    size_t pixels = s->small_h * s->small_w;
    return pixels < MAX_ITERATIONS ? MAX_ITERATIONS / pixels : 1;
}

static cg_status enqueue_weight(cg_runtime *rt, const cg_conv2d *call)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    cg_launch launch = {.file = "conv2d_plain.cl",
                        .kernel = "conv2d_weight_plain",
                        .global = {s->small_c, s->large_c, cg_conv2d_taps(s)}};
    for (size_t first = 0, last; first < s->n; first = last) {
        last = first + launch_images(s) < s->n ? first + launch_images(s) : s->n;
        CG_TRY(CG_LAUNCH(
            rt, &launch, cg_arg_buffer(call->weight), cg_arg_buffer(call->large.buffer),
            cg_arg_buffer(call->small.buffer), CG_PROLOGUE_ARGS(call->large_prologue),
            CG_PROLOGUE_ARGS(call->small_prologue), cg_geometry_arg_of(call, first, last)));
    }
done:
    return status;
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    return call->pass == CG_CONV2D_WEIGHT ? enqueue_weight(rt, call) : enqueue_map(rt, call);
}

static double flop(const cg_conv2d *call)
{
    return cg_conv2d_flop_real(&call->shape);
}

const cg_conv2d_algorithm cg_conv2d_plain = {
    .variants = {{"plain", 0}},
    .serves = serves,
    .workspace = workspace,
    .enqueue = enqueue,
    .flop = flop,
};
