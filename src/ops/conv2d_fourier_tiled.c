/* The Fourier form for GPUs (cl/fourier.clh, cl/fourier_*_tiled.cl; the mathematics:
 * docs/kernels.md). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/fourier.h"

#include "base/try.h"
#include "ocl/group_size.h"

/* A work-item has 4 q x 4 results. */
#define SIZE(r, c, q, more)                                                                    \
    {                                                                                          \
        (r) * (c) / (16 * (q)), r, c, "-D ROWS=" #r " -D COLUMNS=" #c " -D ROW_QUADS=" #q more \
    }
static const cg_group_size sizes[] = {SIZE(64, 64, 2, " -D DEPTH=8"), /* only where it is named */
                                      SIZE(64, 64, 1, ""),
                                      SIZE(32, 64, 1, ""),
                                      SIZE(32, 32, 1, ""),
                                      SIZE(16, 32, 1, ""),
                                      SIZE(16, 16, 1, ""),
                                      {0}};

/* Local memory of the largest group: the two parts of A, and B's factors of all products. */
enum {
    LOCAL_BYTES = CG_QUADS_DEPTH * (2 + CG_FOURIER_PRODUCTS) * (64 + CG_QUADS_PAD) * sizeof(float)
};

/* Work-items that have one row of a block. */
static size_t lanes(const cg_runtime *rt)
{
    return CG_BLOCK / rt->vec;
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    (void)pass;
    return cg_fourier_serves(s) && cg_runtime_has_local(rt, LOCAL_BYTES) &&
           rt->info.max_work_group >= cg_group_size_least(sizes) &&
           rt->info.max_work_group >= lanes(rt);
}

/* Gives a launch its local size (fourier_tiled.clh): as many images side by side as the device
 * allows. */
static cg_status choose_lines(cg_launch *launch, cg_runtime *rt, cg_build_options *options)
{
    size_t n = lanes(rt);
    const cg_group_size lines[] = {{.items = CG_FOURIER_IMAGES * n, .options = ""},
                                   {.items = 4 * n, .options = "-D LINES=4"},
                                   {.items = 2 * n, .options = "-D LINES=2"},
                                   {.items = n, .options = "-D LINES=1"},
                                   {0}};
    const cg_group_size *group;
    return cg_group_size_choose(&group, rt, launch, options, lines);
}

/* The spectrum of a map that is read. */
static cg_status transform_map(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g,
                               cg_conv2d_operand operand)
{
    cg_status status = CG_OK;
    const cg_map *map = cg_fourier_map_of(call, operand);
    cg_prologue prologue = operand == CG_CONV2D_LARGE ? call->large_prologue : call->small_prologue;
    cg_extent e = cg_fourier_extent(g, operand);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map_tiled.cl",
                        .kernel = "fourier_map_tiled",
                        .global = {e.rows * lanes(rt), e.blocks}};

    prologue.image = NULL; /* factors of all that a spectrum gives */
    cg_fourier_add_map_options(&options, &call->shape, operand);
    cg_build_options_add(&options, "-D IN_FLAGS=%u", CG_PROLOGUE_FLAGS(prologue));
    CG_TRY(choose_lines(&launch, rt, &options));
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(cg_fourier_spectrum_of(call, operand)),
                     cg_arg_buffer(map->buffer), CG_PROLOGUE_ARGS(prologue),
                     cg_fourier_map_arg(map, call->shape.n, e)));
done:
    return status;
}

/* One of the two kernels that take weights and their spectrum, in this order or the other. */
static cg_status between_weights(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g,
                                 const char *kernel, cg_buffer *to, const cg_buffer *from)
{
    cg_extent e = cg_fourier_extent(g, CG_CONV2D_WEIGHTS);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_weights_tiled.cl",
                        .kernel = kernel,
                        .options = &options,
                        .global = {e.rows * lanes(rt), e.blocks}};
    cg_fourier_add_weight_options(&options, call, g);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(to), cg_arg_buffer(from),
                     cg_arg_int(call->shape.large_c), cg_arg_int(call->shape.small_c),
                     cg_arg_int(e.rows));
}

static cg_status transform_weights(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    return between_weights(rt, call, g, "fourier_weights_tiled",
                           cg_fourier_spectrum_of(call, CG_CONV2D_WEIGHTS), call->weight);
}

static cg_status invert_weights(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    return between_weights(rt, call, g, "fourier_weights_inverse_tiled", call->weight,
                           cg_fourier_spectrum_of(call, CG_CONV2D_WEIGHTS));
}

/* c = a b at each frequency: rows x k times k x columns. */
static cg_status multiply(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_status status = CG_OK;
    const cg_group_size *group;
    cg_conv2d_pass pass = call->pass;
    cg_fourier_roles role = cg_fourier_roles_of[pass];
    cg_extent c = cg_fourier_extent(g, role.c);
    size_t k_pitch = cg_fourier_inner(g, pass);
    size_t k_count = pass == CG_CONV2D_WEIGHT ? call->shape.n : k_pitch;
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_product_tiled.cl",
                        .kernel = "fourier_product_tiled",
                        .global = {0, 0, cg_fourier_frequencies(g)}};
    cg_build_options_add(&options, "-D N=%zu -D UP=%d -D WEIGHT=%d", g->cycle, pass == CG_CONV2D_UP,
                         pass == CG_CONV2D_WEIGHT);
    if (pass == CG_CONV2D_WEIGHT) /* the others leave an image's factor to the way back */
        cg_build_options_add(&options, "-D LARGE_FLAGS=%u -D SMALL_FLAGS=%u",
                             CG_PROLOGUE_FLAGS(call->large_prologue),
                             CG_PROLOGUE_FLAGS(call->small_prologue));
    CG_TRY(cg_group_size_choose(&group, rt, &launch, &options,
                                sizes + cg_conv2d_variant(call, &cg_conv2d_fourier_tiled)));
    launch.global[0] = group->items * cg_ceil_div(c.blocks * CG_BLOCK, group->columns);
    launch.global[1] = cg_ceil_div(c.rows, group->rows);
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(cg_fourier_spectrum_of(call, role.c)),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, role.a)),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, role.b)),
                     CG_IMAGE_ARGS(call->large_prologue), CG_IMAGE_ARGS(call->small_prologue),
                     cg_arg_int(c.rows), cg_arg_int(k_count), cg_arg_int(k_pitch),
                     cg_arg_int(c.blocks)));
done:
    return status;
}

static cg_status invert_map(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_status status = CG_OK;
    bool up = call->pass == CG_CONV2D_UP;
    cg_conv2d_operand operand = up ? CG_CONV2D_LARGE : CG_CONV2D_SMALL;
    const cg_map *map = cg_fourier_map_of(call, operand);
    cg_extent e = cg_fourier_extent(g, operand);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map_inverse_tiled.cl",
                        .kernel = "fourier_map_inverse_tiled",
                        .global = {0, e.blocks}};
    cg_fourier_add_map_options(&options, &call->shape, operand);
    cg_build_options_add(&options, "-D ACTIVATION=%d -D EPILOGUE_FLAGS=%u -D MOMENTS=%d",
                         (int)call->epilogue.activation, CG_EPILOGUE_FLAGS(call->epilogue),
                         call->moments != NULL);
    CG_TRY(choose_lines(&launch, rt, &options));
    launch.global[0] = launch.local[0] * e.rows / CG_FOURIER_IMAGES;
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(map->buffer),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, operand)),
                     CG_IMAGE_ARGS(*cg_conv2d_prologue(call)), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_buffer(call->moments ? call->moments->buffer : NULL),
                     cg_fourier_map_arg(map, call->shape.n, e)));
done:
    return status;
}

/* The bias's gradient from the small map's spectrum. */
static cg_status sum_small(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_status status = CG_OK;
    cg_extent e = cg_fourier_extent(g, CG_CONV2D_SMALL);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_sum_tiled.cl", .kernel = "fourier_sum_tiled"};
    cg_fourier_add_map_options(&options, &call->shape, CG_CONV2D_SMALL);
    CG_TRY(choose_lines(&launch, rt, &options));
    launch.global[0] = launch.local[0] * e.blocks;
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(call->db),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, CG_CONV2D_SMALL)),
                     CG_IMAGE_ARGS(call->small_prologue), cg_arg_int(call->shape.n),
                     cg_arg_int(e.rows), cg_arg_int(e.blocks)));
done:
    return status;
}

static const cg_fourier_launches launches = {transform_map, transform_weights, multiply,
                                             invert_map,    invert_weights,    sum_small};

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    return cg_fourier_enqueue(rt, call, &launches);
}

/* Counts the tiles of the largest group. */
static double flop(const cg_conv2d *call)
{
    return cg_fourier_flop(call, sizes[0].rows, sizes[0].columns, CG_QUADS_DEPTH);
}

const cg_conv2d_algorithm cg_conv2d_fourier_tiled = {
    .variants = {{"fourier_tiled", 1},
                 {"fourier_tiled:8", 0},
                 {"fourier_tiled:32x64", 2},
                 {"fourier_tiled:32x32", 3}},
    .serves = serves,
    .workspace = cg_fourier_workspace,
    .spectrum = cg_fourier_spectrum,
    .enqueue = enqueue,
    .writes_db = true,
    .moments = cg_fourier_moments,
    .flop = flop,
    .strict = true,
};
