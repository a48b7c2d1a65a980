/* The Fourier form for CPU runtimes (cl/fourier.clh, fourier_map.cl, fourier_weights.cl,
 * fourier_product.cl; the mathematics: docs/kernels.md). */
#include "ops/conv2d.h"

#include "base/try.h"
#include "ops/tile.h"

#include <stdio.h>

enum {
    MIN_CYCLE = 8, /* the N of the transforms that there are: cl/fourier.clh */
    MAX_CYCLE = 9,
    MAX_STRIDE = 2,
    IMAGES = 8,     /* that a work-item transforms: cl/fourier_map.cl */
    PLANE_PAD = 16, /* floats after each plane: cl/fourier.clh */
    PRODUCTS = 3,   /* real ones for a complex one */
    FLOAT = sizeof(float)
};

/* ---- shapes ----------------------------------------------------------------------------------
 * The large map's phases, every stride-th row and column, are maps with side ceil(large / stride),
 * related to the small map by taps first .. first + taps - 1 at stride 1. */

typedef struct geometry {
    int first;
    size_t taps;
    size_t cycle; /* N: positions and taps apart by more do not meet, or where nobody looks */
    size_t large_blocks, small_blocks; /* large ones: of all phases */
    size_t rows;                       /* images, rounded up */
} geometry;

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static geometry find_geometry(const cg_conv2d_shape *s)
{
    size_t before = cg_ceil_div(s->pad_h, s->stride); /* taps at negative offsets */
    size_t last = s->kernel > s->pad_h + 1 ? (s->kernel - 1 - s->pad_h) / s->stride : 0;
    size_t phase = cg_ceil_div(max_size(s->large_h, s->large_w), s->stride);
    size_t small = max_size(s->small_h, s->small_w);
    size_t phases = s->stride * s->stride;
    return (geometry){
        .first = -(int)before,
        .taps = before + 1 + last,
        .cycle = max_size(MIN_CYCLE, max_size(phase + before, small + last)),
        .large_blocks = phases * cg_ceil_div(s->large_c, CG_BLOCK),
        .small_blocks = cg_ceil_div(s->small_c, CG_BLOCK),
        .rows = cg_round_up(s->n, IMAGES),
    };
}

static size_t tile_bytes(const geometry *g)
{
    return g->taps * g->taps * CG_BLOCK * CG_BLOCK * FLOAT;
}

static bool serves(const cg_runtime *rt, const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    (void)pass;
    geometry g = find_geometry(s);
    size_t local = max_size(tile_bytes(&g), cg_tile_bytes(2 * PRODUCTS));
    return s->large_c > 1 && s->small_c > 1 && s->stride <= MAX_STRIDE && s->pad_h == s->pad_w &&
           g.cycle <= MAX_CYCLE && g.taps <= MIN_CYCLE && local <= rt->info.local_mem_bytes;
}

/* ---- spectra --------------------------------------------------------------------------------- */

/* Rows and blocks of 32 columns of an operand's spectrum. The weights' have the lanes that the pass
 * writes, or, for their gradient, the small channels. */
typedef struct extent {
    size_t blocks, rows;
} extent;

static extent find_extent(const geometry *g, cg_conv2d_pass pass, cg_conv2d_operand operand)
{
    if (operand == CG_CONV2D_LARGE)
        return (extent){g->large_blocks, g->rows};
    if (operand == CG_CONV2D_SMALL)
        return (extent){g->small_blocks, g->rows};
    return pass == CG_CONV2D_UP ? (extent){g->large_blocks, g->small_blocks * CG_BLOCK}
                                : (extent){g->small_blocks, g->large_blocks * CG_BLOCK};
}

static size_t spectrum_bytes(const cg_conv2d_shape *s, cg_conv2d_pass pass,
                             cg_conv2d_operand operand)
{
    geometry g = find_geometry(s);
    extent e = find_extent(&g, pass, operand);
    return g.cycle * g.cycle * (e.blocks * e.rows * CG_BLOCK + PLANE_PAD) * FLOAT;
}

/* ---- launches -------------------------------------------------------------------------------- */

enum { OPTIONS_SIZE = 192 };

static const cg_map *map_of(const cg_conv2d *call, cg_conv2d_operand operand)
{
    return operand == CG_CONV2D_LARGE ? &call->large : &call->small;
}

static cg_buffer *spectrum_of(const cg_conv2d *call, cg_conv2d_operand operand)
{
    return call->spectrum[operand]->buffer;
}

static void write_map_options(char options[OPTIONS_SIZE], const cg_conv2d *call, const geometry *g,
                              cg_conv2d_operand operand)
{
    const cg_map *map = map_of(call, operand);
    snprintf(options, OPTIONS_SIZE, "-D N=%zu -D MAP_H=%zu -D MAP_W=%zu -D STEP=%zu", g->cycle,
             map->h, map->w, operand == CG_CONV2D_LARGE ? call->shape.stride : 1);
}

static void write_weight_options(char options[OPTIONS_SIZE], const cg_conv2d *call,
                                 const geometry *g)
{
    const cg_conv2d_shape *s = &call->shape;
    snprintf(options, OPTIONS_SIZE,
             "-D N=%zu -D UP=%d -D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D FIRST=%d -D TAPS=%zu",
             g->cycle, call->pass == CG_CONV2D_UP, s->kernel, s->stride, s->pad_h, g->first,
             g->taps);
}

/* The spectrum of a map that is read, unless it is there already. */
static cg_status transform_map(cg_runtime *rt, const cg_conv2d *call, const geometry *g,
                               cg_conv2d_operand operand)
{
    cg_status status = CG_OK;
    cg_spectrum *spectrum = call->spectrum[operand];
    const cg_map *map = map_of(call, operand);
    const cg_prologue *prologue =
        operand == CG_CONV2D_LARGE ? &call->large_prologue : &call->small_prologue;
    extent e = find_extent(g, call->pass, operand);
    char options[OPTIONS_SIZE];
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map",
                        .options = options,
                        .local = {1},
                        .global = {e.rows / IMAGES, e.blocks}};

    if (spectrum->source == map->buffer)
        return CG_OK;
    write_map_options(options, call, g, operand);
    CG_TRY(CG_LAUNCH(rt, &launch, cg_arg_buffer(spectrum->buffer), cg_arg_buffer(map->buffer),
                     CG_PROLOGUE_ARGS(*prologue), cg_arg_int(call->shape.n), cg_arg_int(e.rows),
                     cg_arg_int(map->n), cg_arg_int(cg_ceil_div(map->c, CG_BLOCK))));
    spectrum->source = map->buffer;
done:
    return status;
}

static cg_status transform_weights(cg_runtime *rt, const cg_conv2d *call, const geometry *g)
{
    extent e = find_extent(g, call->pass, CG_CONV2D_WEIGHTS);
    char options[OPTIONS_SIZE];
    cg_launch launch = {.file = "fourier_weights.cl",
                        .kernel = "fourier_weights",
                        .options = options,
                        .local = {1},
                        .global = {e.rows / CG_BLOCK, e.blocks}};
    write_weight_options(options, call, g);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(spectrum_of(call, CG_CONV2D_WEIGHTS)),
                     cg_arg_buffer(call->weight), cg_arg_local(tile_bytes(g)),
                     cg_arg_int(call->shape.large_c), cg_arg_int(call->shape.small_c));
}

/* The spectrum of what the pass writes, c = a b: rows x k times k x columns. */
static cg_status multiply(cg_runtime *rt, const cg_conv2d *call, const geometry *g)
{
    static const struct {
        cg_conv2d_operand a, b, c;
    } roles[CG_CONV2D_PASSES] = {
        [CG_CONV2D_DOWN] = {CG_CONV2D_LARGE, CG_CONV2D_WEIGHTS, CG_CONV2D_SMALL},
        [CG_CONV2D_UP] = {CG_CONV2D_SMALL, CG_CONV2D_WEIGHTS, CG_CONV2D_LARGE},
        [CG_CONV2D_WEIGHT] = {CG_CONV2D_LARGE, CG_CONV2D_SMALL, CG_CONV2D_WEIGHTS},
    };
    cg_conv2d_pass pass = call->pass;
    extent b = find_extent(g, pass, roles[pass].b), c = find_extent(g, pass, roles[pass].c);
    size_t frequencies = (g->cycle * g->cycle + (g->cycle % 2 ? 1 : 4)) / 2;
    size_t panels = cg_tile_panels(rt, frequencies, c.blocks, PRODUCTS);
    size_t k_count = pass == CG_CONV2D_WEIGHT ? call->shape.n : b.rows;
    char options[OPTIONS_SIZE];
    cg_launch launch = {.file = "fourier_product.cl",
                        .kernel = "fourier_product",
                        .options = options,
                        .local = {1},
                        .global = {cg_ceil_div(c.blocks, panels), frequencies}};
    snprintf(options, OPTIONS_SIZE, "-D N=%zu -D CONJUGATE=%d -D WEIGHT=%d -D PANELS=%zu", g->cycle,
             pass != CG_CONV2D_UP, pass == CG_CONV2D_WEIGHT, panels);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(spectrum_of(call, roles[pass].c)),
                     cg_arg_buffer(spectrum_of(call, roles[pass].a)),
                     cg_arg_buffer(spectrum_of(call, roles[pass].b)),
                     CG_IMAGE_ARGS(call->large_prologue), CG_IMAGE_ARGS(call->small_prologue),
                     cg_arg_local(cg_tile_bytes(PRODUCTS)),
                     cg_arg_local(cg_tile_bytes(PRODUCTS * panels)), cg_arg_int(c.rows),
                     cg_arg_int(k_count), cg_arg_int(b.rows), cg_arg_int(c.blocks));
}

static cg_status invert_map(cg_runtime *rt, const cg_conv2d *call, const geometry *g)
{
    bool up = call->pass == CG_CONV2D_UP;
    cg_conv2d_operand operand = up ? CG_CONV2D_LARGE : CG_CONV2D_SMALL;
    const cg_map *map = map_of(call, operand);
    extent e = find_extent(g, call->pass, operand);
    char options[OPTIONS_SIZE];
    cg_launch launch = {.file = "fourier_map.cl",
                        .kernel = "fourier_map_inverse",
                        .options = options,
                        .local = {1},
                        .global = {e.rows / IMAGES, e.blocks}};
    write_map_options(options, call, g, operand);
    cg_conv2d_append_parts(options, OPTIONS_SIZE, call);
    return CG_LAUNCH(
        rt, &launch, cg_arg_buffer(map->buffer), cg_arg_buffer(spectrum_of(call, operand)),
        CG_IMAGE_ARGS(*(up ? &call->small_prologue : &call->large_prologue)),
        CG_EPILOGUE_ARGS(call->epilogue), cg_arg_int(call->shape.n), cg_arg_int(e.rows),
        cg_arg_int(map->n), cg_arg_int(cg_ceil_div(map->c, CG_BLOCK)));
}

static cg_status invert_weights(cg_runtime *rt, const cg_conv2d *call, const geometry *g)
{
    extent e = find_extent(g, call->pass, CG_CONV2D_WEIGHTS);
    char options[OPTIONS_SIZE];
    cg_launch launch = {.file = "fourier_weights.cl",
                        .kernel = "fourier_weights_inverse",
                        .options = options,
                        .local = {1},
                        .global = {e.rows, e.blocks}};
    write_weight_options(options, call, g);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(call->weight),
                     cg_arg_buffer(spectrum_of(call, CG_CONV2D_WEIGHTS)),
                     cg_arg_int(call->shape.large_c), cg_arg_int(call->shape.small_c));
}

static cg_status enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    cg_status status = CG_OK;
    geometry g = find_geometry(&call->shape);
    if (call->pass != CG_CONV2D_UP)
        CG_TRY(transform_map(rt, call, &g, CG_CONV2D_LARGE));
    if (call->pass != CG_CONV2D_DOWN)
        CG_TRY(transform_map(rt, call, &g, CG_CONV2D_SMALL));
    if (call->pass != CG_CONV2D_WEIGHT)
        CG_TRY(transform_weights(rt, call, &g));
    CG_TRY(multiply(rt, call, &g));
    CG_TRY(call->pass == CG_CONV2D_WEIGHT ? invert_weights(rt, call, &g)
                                          : invert_map(rt, call, &g));
done:
    return status;
}

static size_t workspace(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    (void)s, (void)pass;
    return 0;
}

const cg_conv2d_algorithm cg_conv2d_fourier = {
    .name = "fourier",
    .family = CG_FAMILY_CPU,
    .serves = serves,
    .workspace = workspace,
    .spectrum = spectrum_bytes,
    .enqueue = enqueue,
};
