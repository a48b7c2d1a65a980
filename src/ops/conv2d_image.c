/* Convolutions between an image with one channel and a blocked map, for CPU runtimes
 * (cl/conv2d_image.cl). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/conv2d_args.h"

#include "base/try.h"
#include "ops/fourier.h"
#include "ops/partials.h"

enum { FLOAT = sizeof(float) };

static size_t canvas_bytes(const cg_conv2d_shape *s)
{
    size_t width = CG_CANVAS_SIDE(s->small_w, s->stride, s->kernel);
    size_t height = CG_CANVAS_SIDE(s->small_h, s->stride, s->kernel);
    return width * height * FLOAT;
}

static size_t padded(const cg_conv2d_shape *s)
{
    return cg_round_up(s->small_c, CG_BLOCK);
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    size_t local = canvas_bytes(s);
    if (pass == CG_CONV2D_UP)
        local += (padded(s) * CG_IMAGE_TAPS + CG_IMAGE_RUN * (CG_BLOCK + CG_IMAGE_TAPS)) * FLOAT;
    return cg_conv2d_taps(s) <= CG_IMAGE_TAPS && s->kernel >= s->stride && s->pad_h == s->pad_w &&
           cg_runtime_has_local(rt, local);
}

static size_t partials(const cg_conv2d_shape *s)
{
    return cg_ceil_div(s->n, CG_IMAGE_EACH);
}

static size_t workspace(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    return pass == CG_CONV2D_WEIGHT
               ? cg_partials_tap_bytes(cg_conv2d_taps(s), s->small_c, partials(s))
               : 0;
}

static cg_build_options options_of(const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_build_options options = {0};
    cg_build_options_add(&options,
                         "-D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D LARGE_W=%zu -D SMALL_W=%zu",
                         s->kernel, s->stride, s->pad_w, s->large_w, s->small_w);
    if (call->pass == CG_CONV2D_WEIGHT) /* the others are no faster when the build knows them */
        cg_build_options_add(&options, "-D LARGE_FLAGS=%u -D SMALL_FLAGS=%u",
                             CG_PROLOGUE_FLAGS(call->large_prologue),
                             CG_PROLOGUE_FLAGS(call->small_prologue));
    return options;
}

static cg_status enqueue_down(cg_runtime *rt, const cg_conv2d *call,
                              const cg_build_options *options)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_launch launch = {.file = "conv2d_image.cl",
                        .kernel = "conv2d_down_image",
                        .options = options,
                        .local = {1},
                        .global = {s->n, padded(s) / CG_BLOCK}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(call->small.buffer),
                     cg_arg_buffer(call->large.buffer), cg_arg_buffer(call->weight),
                     CG_PROLOGUE_ARGS(call->large_prologue), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_local(canvas_bytes(s)), cg_geometry_arg(call));
}

static bool transforms(const cg_conv2d *call)
{
    return call->consumer.spectrum && call->pass == CG_CONV2D_DOWN &&
           cg_fourier_serves(&call->consumer.shape);
}

/* Writes the result's spectrum instead of the result. The epilogue's flags are build options: it
 * runs between the taps, where testing them costs time. */
static cg_status enqueue_down_transformed(cg_runtime *rt, const cg_conv2d *call,
                                          const cg_build_options *options)
{
    const cg_conv2d_shape *s = &call->shape;
    const cg_consumer *on = &call->consumer;
    cg_fourier g = cg_fourier_find(&on->shape);
    cg_build_options all = *options;
    cg_launch launch = {
        .file = "fourier_image.cl",
        .kernel = "fourier_map_of_image",
        .options = &all,
        .local = {1},
        .global = {g.rows / CG_FOURIER_IMAGES * rt->quirks.spread, padded(s) / CG_BLOCK}};
    cg_fourier_add_map_options(&all, &on->shape, on->operand);
    cg_build_options_add(&all, "-D ACTIVATION=%d -D EPILOGUE_FLAGS=%u",
                         (int)call->epilogue.activation, CG_EPILOGUE_FLAGS(call->epilogue));
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(on->spectrum->buffer),
                     cg_arg_buffer(call->large.buffer), cg_arg_buffer(call->weight),
                     CG_PROLOGUE_ARGS(call->large_prologue), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_local(canvas_bytes(s)), cg_arg_int(g.rows), cg_geometry_arg(call));
}

static cg_status enqueue_up(cg_runtime *rt, const cg_conv2d *call, const cg_build_options *options)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_launch launch = {.file = "conv2d_image.cl",
                        .kernel = "conv2d_up_image",
                        .options = options,
                        .local = {1},
                        .global = {partials(s) * rt->quirks.spread}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), cg_arg_buffer(call->weight),
                     CG_PROLOGUE_ARGS(call->small_prologue), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_local(padded(s) * CG_IMAGE_TAPS * FLOAT),
                     cg_arg_local(CG_IMAGE_RUN * CG_BLOCK * FLOAT),
                     cg_arg_local(CG_IMAGE_RUN * CG_IMAGE_TAPS * FLOAT),
                     cg_arg_local(canvas_bytes(s)), cg_geometry_arg(call));
}

static cg_status enqueue_weight(cg_runtime *rt, const cg_conv2d *call,
                                const cg_build_options *options)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    cg_launch weight = {.file = "conv2d_image.cl",
                        .kernel = "conv2d_weight_image",
                        .options = options,
                        .local = {1},
                        .global = {partials(s) * rt->quirks.spread, padded(s) / CG_BLOCK}};
    CG_TRY(CG_LAUNCH(rt, &weight, cg_arg_buffer(call->workspace), cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), CG_PROLOGUE_ARGS(call->large_prologue),
                     CG_PROLOGUE_ARGS(call->small_prologue), cg_arg_local(canvas_bytes(s)),
                     cg_geometry_arg(call)));
    CG_TRY(cg_partials_sum_taps(rt, call->weight, call->db, call->workspace, cg_conv2d_taps(s),
                                s->small_c, partials(s)));
done:
    return status;
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_build_options options = options_of(call);
    switch (call->pass) {
    case CG_CONV2D_DOWN:
        return transforms(call) ? enqueue_down_transformed(rt, call, &options)
                                : enqueue_down(rt, call, &options);
    case CG_CONV2D_UP:
        return enqueue_up(rt, call, &options);
    default:
        return enqueue_weight(rt, call, &options);
    }
}

/* Padding is multiplied like the image. In UP the taps are lanes, padded too, and their products
 * are then added up. */
static double flop(const cg_conv2d *call)
{
    cg_conv2d_shape s = call->shape;
    if (call->pass == CG_CONV2D_UP)
        return (double)(s.n * s.small_h * s.small_w) *
               (double)(2 * CG_IMAGE_TAPS * s.small_c + s.kernel * s.kernel);
    s.small_c = padded(&s);
    double products = cg_conv2d_flop_nominal(&s);
    if (!transforms(call))
        return products;
    return products + cg_fourier_transform_flop(&call->consumer.shape, call->consumer.operand);
}

const cg_conv2d_algorithm cg_conv2d_image = {
    .variants = {{"image", 0}},
    .serves = serves,
    .workspace = workspace,
    .enqueue = enqueue,
    .writes_db = true,
    .transforms = transforms,
    .flop = flop,
    .strict = true,
};
