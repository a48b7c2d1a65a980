/* The Fourier form's geometry: phases, cycle, taps, and the sizes of spectra. */
#include "ops/fourier.h"

#include "base/try.h"

enum { MAX_STRIDE = 2 };

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

cg_fourier cg_fourier_find(const cg_conv2d_shape *s)
{
    size_t before = cg_ceil_div(s->pad_h, s->stride); /* taps at negative offsets */
    size_t last = s->kernel > s->pad_h + 1 ? (s->kernel - 1 - s->pad_h) / s->stride : 0;
    size_t phase = cg_ceil_div(max_size(s->large_h, s->large_w), s->stride);
    size_t small = max_size(s->small_h, s->small_w);
    size_t phases = s->stride * s->stride;
    return (cg_fourier){
        .first = -(int)before,
        .taps = before + 1 + last,
        .cycle = max_size(CG_FOURIER_MIN_CYCLE, max_size(phase + before, small + last)),
        .large_blocks = phases * cg_ceil_div(s->large_c, CG_BLOCK),
        .small_blocks = cg_ceil_div(s->small_c, CG_BLOCK),
        .rows = cg_round_up(s->n, CG_FOURIER_IMAGES),
    };
}

bool cg_fourier_serves(const cg_conv2d_shape *s)
{
    cg_fourier g = cg_fourier_find(s);
    return s->large_c > 1 && s->small_c > 1 && s->stride <= MAX_STRIDE && s->pad_h == s->pad_w &&
           g.cycle <= CG_FOURIER_MAX_CYCLE && g.taps <= CG_FOURIER_MIN_CYCLE;
}

size_t cg_fourier_real(const cg_fourier *g)
{
    return (size_t)CG_FOURIER_REALS(g->cycle);
}

size_t cg_fourier_frequencies(const cg_fourier *g)
{
    return cg_fourier_complex(g) + cg_fourier_real(g);
}

size_t cg_fourier_complex(const cg_fourier *g)
{
    return CG_FOURIER_COMPLEX(g->cycle);
}

cg_extent cg_fourier_extent(const cg_fourier *g, cg_conv2d_operand operand)
{
    if (operand == CG_CONV2D_LARGE)
        return (cg_extent){g->large_blocks, g->rows};
    if (operand == CG_CONV2D_SMALL)
        return (cg_extent){g->small_blocks, g->rows};
    return (cg_extent){g->small_blocks, g->large_blocks * CG_BLOCK};
}

size_t cg_fourier_inner(const cg_fourier *g, cg_conv2d_pass pass)
{
    if (pass == CG_CONV2D_WEIGHT)
        return g->rows;
    return (pass == CG_CONV2D_UP ? g->small_blocks : g->large_blocks) * CG_BLOCK;
}

size_t cg_fourier_spectrum(const cg_conv2d_shape *s, cg_conv2d_operand operand)
{
    cg_fourier g = cg_fourier_find(s);
    cg_extent e = cg_fourier_extent(&g, operand);
    return g.cycle * g.cycle * CG_FOURIER_PLANE_FLOATS(e.blocks, e.rows) * sizeof(float);
}

const cg_fourier_roles cg_fourier_roles_of[CG_CONV2D_PASSES] = {
    [CG_CONV2D_DOWN] = {CG_CONV2D_LARGE, CG_CONV2D_WEIGHTS, CG_CONV2D_SMALL},
    [CG_CONV2D_UP] = {CG_CONV2D_SMALL, CG_CONV2D_WEIGHTS, CG_CONV2D_LARGE},
    [CG_CONV2D_WEIGHT] = {CG_CONV2D_LARGE, CG_CONV2D_SMALL, CG_CONV2D_WEIGHTS},
};

void cg_fourier_add_map_options(cg_build_options *options, const cg_conv2d_shape *s,
                                cg_conv2d_operand operand)
{
    bool large = operand == CG_CONV2D_LARGE;
    cg_build_options_add(options, "-D N=%zu -D MAP_H=%zu -D MAP_W=%zu -D STEP=%zu",
                         cg_fourier_find(s).cycle, large ? s->large_h : s->small_h,
                         large ? s->large_w : s->small_w, large ? s->stride : 1);
}

void cg_fourier_add_weight_options(cg_build_options *options, const cg_conv2d *call,
                                   const cg_fourier *g)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_build_options_add(options,
                         "-D N=%zu -D KERNEL=%zu -D STRIDE=%zu -D PAD=%zu -D FIRST=%d -D TAPS=%zu",
                         g->cycle, s->kernel, s->stride, s->pad_h, g->first, g->taps);
}

cg_arg cg_fourier_map_arg(const cg_map *map, size_t n, cg_extent e)
{
    const size_t sizes[sizeof(cg_map_extent) / sizeof(int)] = {
        [CG_INT_OF(cg_map_extent, n)] = n,
        [CG_INT_OF(cg_map_extent, rows)] = e.rows,
        [CG_INT_OF(cg_map_extent, pitch)] = map->n,
        [CG_INT_OF(cg_map_extent, blocks)] = cg_ceil_div(map->c, CG_BLOCK),
    };
    return cg_arg_ints(sizes, CG_COUNT(sizes));
}

static cg_status transform(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g,
                           const cg_fourier_launches *launches, cg_conv2d_operand operand)
{
    cg_status status = CG_OK;
    bool weights = operand == CG_CONV2D_WEIGHTS;
    cg_spectrum *spectrum = call->spectrum[operand];
    const cg_buffer *source = weights ? call->weight : cg_fourier_map_of(call, operand)->buffer;

    if (spectrum->source == source)
        return CG_OK;
    CG_TRY(weights ? launches->transform_weights(rt, call, g)
                   : launches->transform_map(rt, call, g, operand));
    spectrum->source = source;
done:
    return status;
}

cg_status cg_fourier_enqueue(cg_runtime *rt, const cg_conv2d *call,
                             const cg_fourier_launches *launches)
{
    cg_status status = CG_OK;
    cg_fourier g = cg_fourier_find(&call->shape);
    cg_fourier_roles role = cg_fourier_roles_of[call->pass];

    CG_TRY(transform(rt, call, &g, launches, role.a));
    CG_TRY(transform(rt, call, &g, launches, role.b));
    CG_TRY(launches->multiply(rt, call, &g));
    CG_TRY(role.c == CG_CONV2D_WEIGHTS ? launches->invert_weights(rt, call, &g)
                                       : launches->invert_map(rt, call, &g));
    if (call->db)
        CG_TRY(launches->sum_small(rt, call, &g));
done:
    return status;
}

size_t cg_fourier_workspace(const cg_conv2d_shape *shape, cg_conv2d_pass pass)
{
    (void)shape, (void)pass;
    return 0;
}

size_t cg_fourier_moments(const cg_conv2d_shape *s, cg_conv2d_pass pass)
{
    return cg_ceil_div(s->n, CG_FOURIER_IMAGES) *
           (pass == CG_CONV2D_UP ? s->stride * s->stride : 1);
}
