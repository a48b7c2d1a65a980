/* The Fourier form for CPU runtimes (cl/fourier.clh, fourier_map.cl, fourier_weights.cl,
 * fourier_product.cl; the mathematics: docs/kernels.md). */
#include "ocl/launch.h"
#include "ops/conv2d_algorithm.h"
#include "ops/fourier.h"

#include "base/try.h"
#include "ops/forms.h"
#include "ops/tile.h"

/* Local memory for the taps of this many rows of the weights. */
static size_t weight_bytes(const cg_fourier *g, size_t rows)
{
    return g->taps * g->taps * rows * CG_BLOCK * sizeof(float);
}

/* The rows that a work-item transforms, 0 when not even one fits. */
static size_t weight_rows(const cg_runtime *rt, const cg_fourier *g)
{
    const size_t *rows = cg_fourier_weight_rows;
    while (*rows && !cg_runtime_has_local(rt, weight_bytes(g, *rows)))
        rows++;
    return *rows;
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    (void)pass;
    cg_fourier g = cg_fourier_find(s);
    return cg_fourier_serves(s) && weight_rows(rt, &g) && cg_tile_chunk(rt, CG_FOURIER_PRODUCTS);
}

/* The spectrum of a map that is read. */
static cg_status transform_map(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g,
                               cg_conv2d_operand operand)
{
    const cg_map *map = cg_fourier_map_of(call, operand);
    const cg_prologue *prologue =
        operand == CG_CONV2D_LARGE ? &call->large_prologue : &call->small_prologue;
    cg_extent e = cg_fourier_extent(g, operand);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map",
                        .options = &options,
                        .local = {1},
                        .global = {e.rows / CG_FOURIER_IMAGES, e.blocks}};

    cg_fourier_add_map_options(&options, &call->shape, operand);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(cg_fourier_spectrum_of(call, operand)),
                     cg_arg_buffer(map->buffer), CG_PROLOGUE_ARGS(*prologue),
                     cg_fourier_map_arg(map, call->shape.n, e));
}

static cg_status transform_weights(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_extent e = cg_fourier_extent(g, CG_CONV2D_WEIGHTS);
    size_t rows = weight_rows(rt, g);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_weights.cl",
                        .kernel = "fourier_weights",
                        .options = &options,
                        .local = {1},
                        .global = {e.rows / rows, e.blocks}};

    cg_fourier_add_weight_options(&options, call, g);
    if (rows != CG_BLOCK)
        cg_build_options_add(&options, "-D WEIGHT_ROWS=%zu", rows);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(cg_fourier_spectrum_of(call, CG_CONV2D_WEIGHTS)),
                     cg_arg_buffer(call->weight), cg_arg_local(weight_bytes(g, rows)),
                     cg_arg_int(call->shape.large_c), cg_arg_int(call->shape.small_c));
}

/* c = a b at each frequency: rows x k times k x columns. */
static cg_status multiply(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    static const char *const kernels[CG_CONV2D_PASSES] = {
        [CG_CONV2D_DOWN] = "fourier_product_down",
        [CG_CONV2D_UP] = "fourier_product_up",
        [CG_CONV2D_WEIGHT] = "fourier_product_weight",
    };
    cg_conv2d_pass pass = call->pass;
    cg_fourier_roles role = cg_fourier_roles_of[pass];
    cg_extent c = cg_fourier_extent(g, role.c);
    size_t frequencies = cg_fourier_frequencies(g);
    const cg_tiling tiling = cg_tile_divide(rt, cg_conv2d_variant(call, &cg_conv2d_fourier),
                                            frequencies, c.blocks, CG_FOURIER_PRODUCTS);
    size_t k_pitch = cg_fourier_inner(g, pass);
    size_t k_count = pass == CG_CONV2D_WEIGHT ? call->shape.n : k_pitch;
    cg_build_options options = {0};
    cg_launch launch = {
        .file = "fourier_product.cl",
        .kernel = kernels[pass],
        .options = &options,
        .local = {1},
        .global = {cg_ceil_div(c.blocks, tiling.panels) * rt->quirks.spread, frequencies}};
    cg_tile_add_options(&options, rt, &tiling);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(cg_fourier_spectrum_of(call, role.c)),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, role.a)),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, role.b)),
                     CG_IMAGE_ARGS(call->large_prologue), CG_IMAGE_ARGS(call->small_prologue),
                     cg_arg_local(cg_tile_bytes(tiling.chunk, CG_FOURIER_PRODUCTS)),
                     cg_arg_local(cg_tile_bytes(tiling.chunk, CG_FOURIER_PRODUCTS * tiling.panels)),
                     cg_arg_int(cg_fourier_complex(g)), cg_arg_int(c.rows), cg_arg_int(k_count),
                     cg_arg_int(k_pitch), cg_arg_int(c.blocks));
}

static cg_status invert_map(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    bool up = call->pass == CG_CONV2D_UP;
    cg_conv2d_operand operand = up ? CG_CONV2D_LARGE : CG_CONV2D_SMALL;
    const cg_map *map = cg_fourier_map_of(call, operand);
    cg_extent e = cg_fourier_extent(g, operand);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map_inverse",
                        .options = &options,
                        .local = {1},
                        .global = {e.rows / CG_FOURIER_IMAGES, e.blocks}};
    cg_fourier_add_map_options(&options, &call->shape, operand);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(map->buffer),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, operand)),
                     CG_IMAGE_ARGS(*cg_conv2d_prologue(call)), CG_EPILOGUE_ARGS(call->epilogue),
                     cg_arg_buffer(call->moments ? call->moments->buffer : NULL),
                     cg_arg_int(call->moments != NULL), cg_fourier_map_arg(map, call->shape.n, e));
}

static cg_status invert_weights(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_extent e = cg_fourier_extent(g, CG_CONV2D_WEIGHTS);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_weights.cl",
                        .kernel = "fourier_weights_inverse",
                        .options = &options,
                        .local = {1},
                        .global = {e.rows, e.blocks}};
    cg_fourier_add_weight_options(&options, call, g);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(call->weight),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, CG_CONV2D_WEIGHTS)),
                     cg_arg_int(call->shape.large_c), cg_arg_int(call->shape.small_c));
}

/* The bias's gradient from the small map's spectrum. */
static cg_status sum_small(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g)
{
    cg_extent e = cg_fourier_extent(g, CG_CONV2D_SMALL);
    cg_build_options options = {0};
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map_sum",
                        .options = &options,
                        .global = {e.blocks * CG_BLOCK / rt->vec}};
    cg_fourier_add_map_options(&options, &call->shape, CG_CONV2D_SMALL);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(call->db),
                     cg_arg_buffer(cg_fourier_spectrum_of(call, CG_CONV2D_SMALL)),
                     CG_IMAGE_ARGS(call->small_prologue), cg_arg_int(call->shape.n),
                     cg_arg_int(e.rows), cg_arg_int(e.blocks));
}

static const cg_fourier_launches launches = {transform_map, transform_weights, multiply,
                                             invert_map,    invert_weights,    sum_small};

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    return cg_fourier_enqueue(rt, call, &launches);
}

static double flop(const cg_conv2d *call)
{
    return cg_fourier_flop(call, CG_FOURIER_IMAGES, CG_BLOCK, 1);
}

const cg_conv2d_algorithm cg_conv2d_fourier = {
    .variants = {{"fourier", 0},
                 {"fourier:panels1", 1},
                 {"fourier:panels2", 2},
                 {"fourier:panels4", 4}},
    .serves = serves,
    .workspace = cg_fourier_workspace,
    .spectrum = cg_fourier_spectrum,
    .enqueue = enqueue,
    .writes_db = true,
    .moments = cg_fourier_moments,
    .flop = flop,
    .strict = true,
};
