/* The direct register-tiled algorithm for CPU runtimes (cl/conv2d_direct.cl). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/conv2d_args.h"

#include "base/try.h"
#include "ops/forms.h"

enum {
    MAX_WIDTH = 16,  /* of a map: its row is unrolled                                   */
    MAX_KERNEL = 7,  /* its taps are unrolled */
    WORK_ITEMS = 64, /* that the weight gradient is divided into at least, where it can */
    FLOAT = sizeof(float)
};

/* The stride counts as 1 where S is one pixel: no two of its pixels are a stride apart. */
static size_t stride_of(const cg_conv2d_shape *s)
{
    return s->small_h * s->small_w == 1 ? 1 : s->stride;
}

static size_t at_most(size_t rows, size_t height)
{
    return rows < height ? rows : height;
}

/* Rows of the large map that `rows` rows of the small one meet at most; 0: of all of them. */
static size_t large_rows(const cg_conv2d_shape *s, size_t rows)
{
    return rows ? at_most((rows - 1) * stride_of(s) + s->kernel, s->large_h) : s->large_h;
}

/* The other way round. */
static size_t small_rows(const cg_conv2d_shape *s, size_t rows)
{
    return rows ? at_most((rows + s->kernel - 2) / stride_of(s) + 1, s->small_h) : s->small_h;
}

/* Bytes of local memory for one block of 32 channels of what is read. */
static size_t tile_bytes(const cg_conv2d_shape *s, cg_conv2d_pass pass, const cg_direct_form *form)
{
    size_t own = form->rows ? at_most(form->rows, s->small_h) : s->small_h;
    size_t pixels[CG_CONV2D_PASSES] = {
        [CG_CONV2D_DOWN] = large_rows(s, form->rows) * s->large_w,
        [CG_CONV2D_UP] = small_rows(s, form->rows) * s->small_w,
        [CG_CONV2D_WEIGHT] = large_rows(s, form->rows) * s->large_w + own * s->small_w,
    };
    return pixels[pass] * CG_BLOCK * form->images * FLOAT;
}

/* The form that fits the device; one without images when there is none. */
static const cg_direct_form *find_form(const cg_runtime *rt, const cg_conv2d_shape *s,
                                       cg_conv2d_pass pass)
{
    const cg_direct_form *form = cg_direct_forms;
    while (form->images && !cg_runtime_has_local(rt, tile_bytes(s, pass, form)))
        form++;
    return form;
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    return s->large_w <= MAX_WIDTH && s->kernel <= MAX_KERNEL && stride_of(s) <= 2 &&
           s->pad_h == s->pad_w && find_form(rt, s, pass)->images;
}

static size_t large_blocks(const cg_conv2d_shape *s)
{
    return cg_ceil_div(s->large_c, CG_BLOCK);
}

static size_t small_blocks(const cg_conv2d_shape *s)
{
    return cg_ceil_div(s->small_c, CG_BLOCK);
}

/* Images that one work-item of the weight gradient goes through: whole tiles, and as few as give
 * WORK_ITEMS work-items. A rule of the shape alone, so that sums have the same order everywhere. */
static size_t images_each(const cg_conv2d_shape *s)
{
    size_t pairs = large_blocks(s) * small_blocks(s);
    return cg_round_up(cg_ceil_div(s->n, cg_ceil_div(WORK_ITEMS, pairs)), CG_DIRECT_IMAGES);
}

static size_t block_floats(const cg_conv2d_shape *s)
{
    return large_blocks(s) * small_blocks(s) * cg_conv2d_taps(s) * CG_BLOCK * CG_BLOCK;
}

static size_t workspace(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    size_t copies = pass == CG_CONV2D_WEIGHT ? cg_ceil_div(s->n, images_each(s)) : 1;
    return copies * block_floats(s) * FLOAT;
}

static cg_build_options options_of(const cg_conv2d *call, const cg_direct_form *form)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_build_options options = {0};
    cg_build_options_add(
        &options, "-D UP=%d -D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D LARGE_W=%zu -D SMALL_W=%zu",
        call->pass == CG_CONV2D_UP, s->kernel, stride_of(s), s->pad_w, s->large_w, s->small_w);
    if (form != cg_direct_forms)
        cg_build_options_add(&options, "-D IMAGES=%zu -D BAND=%zu", form->images, form->rows);
    return options;
}

static cg_status enqueue_map(cg_runtime *rt, const cg_conv2d *call, const cg_direct_form *form)
{
    cg_status status = CG_OK;
    const cg_build_options options = options_of(call, form);
    const cg_conv2d_shape *s = &call->shape;
    bool up = call->pass == CG_CONV2D_UP;
    const cg_map *y = cg_conv2d_written(call), *x = cg_conv2d_read(call);
    const cg_prologue *prologue = cg_conv2d_prologue(call);
    cg_launch pack = {
        .file = "conv2d_direct.cl",
        .kernel = "conv2d_pack_direct",
        .options = &options,
        .global = {s->kernel * CG_BLOCK * s->kernel * CG_BLOCK, large_blocks(s) * small_blocks(s)}};
    cg_launch direct = {
        .file = "conv2d_direct.cl",
        .kernel = "conv2d_direct",
        .options = &options,
        .local = {1},
        .global = {up ? large_blocks(s) : small_blocks(s), cg_ceil_div(s->n, form->images)}};

    CG_TRY(CG_LAUNCH(rt, &pack, cg_arg_buffer(call->workspace), cg_arg_buffer(call->weight),
                     cg_arg_int(s->large_c), cg_arg_int(s->small_c)));
    CG_TRY(CG_LAUNCH(rt, &direct, cg_arg_buffer(y->buffer), cg_arg_buffer(x->buffer),
                     cg_arg_buffer(call->workspace), CG_PROLOGUE_ARGS(*prologue),
                     CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_local(tile_bytes(s, call->pass, form)), cg_geometry_arg(call)));
done:
    return status;
}

static cg_status enqueue_weight(cg_runtime *rt, const cg_conv2d *call, const cg_direct_form *form)
{
    cg_status status = CG_OK;
    const cg_build_options options = options_of(call, form);
    const cg_conv2d_shape *s = &call->shape;
    size_t partials = cg_ceil_div(s->n, images_each(s));
    cg_launch weight = {.file = "conv2d_direct.cl",
                        .kernel = "conv2d_weight_direct",
                        .options = &options,
                        .local = {1},
                        .global = {large_blocks(s) * small_blocks(s), partials}};
    cg_launch reduce = {.file = "conv2d_direct.cl",
                        .kernel = "conv2d_weight_reduce",
                        .options = &options,
                        .global = {s->small_c, s->large_c, cg_conv2d_taps(s)}};

    CG_TRY(CG_LAUNCH(rt, &weight, cg_arg_buffer(call->workspace), cg_arg_buffer(call->large.buffer),
                     cg_arg_buffer(call->small.buffer), CG_PROLOGUE_ARGS(call->large_prologue),
                     CG_PROLOGUE_ARGS(call->small_prologue),
                     cg_arg_local(tile_bytes(s, call->pass, form)), cg_arg_int(images_each(s)),
                     cg_geometry_arg(call)));
    CG_TRY(CG_LAUNCH(rt, &reduce, cg_arg_buffer(call->weight), cg_arg_buffer(call->workspace),
                     cg_arg_int(partials), cg_arg_int(s->large_c), cg_arg_int(s->small_c)));
done:
    return status;
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_direct_form *form = find_form(rt, &call->shape, call->pass);
    return call->pass == CG_CONV2D_WEIGHT ? enqueue_weight(rt, call, form)
                                          : enqueue_map(rt, call, form);
}

/* Counts all lanes of each block that is written. */
static double flop(const cg_conv2d *call)
{
    cg_conv2d_shape s = call->shape;
    if (call->pass != CG_CONV2D_UP)
        s.small_c = cg_padded_channels(s.small_c);
    if (call->pass != CG_CONV2D_DOWN)
        s.large_c = cg_padded_channels(s.large_c);
    return cg_conv2d_flop_real(&s);
}

const cg_conv2d_algorithm cg_conv2d_direct = {
    .variants = {{"direct", 0}},
    .serves = serves,
    .workspace = workspace,
    .enqueue = enqueue,
    .flop = flop,
};
