/* Arrays in one buffer, and their initial values. */
#include "nn/arena.h"

#include "base/memory.h"
#include "base/philox.h"
#include "base/portable_math.h"
#include "base/streams.h"
#include "base/try.h"

#include <assert.h>
#include <math.h>

#define PI 3.14159265358979323846

/* Bytes of an array in an arena: whole vectors, and the next one begins where a view may. */
static size_t arena_bytes(const cg_param_spec *spec, const cg_runtime *rt)
{
    return cg_round_up(cg_param_size(spec) * sizeof(float),
                       cg_round_up(1024, rt->info.alignment_bytes));
}

size_t cg_arena_size(const cg_runtime *rt, const cg_param_spec *specs, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += arena_bytes(&specs[i], rt);
    return total / sizeof(float);
}

/* Zeros arena->whole; its arrays are views of `memory` from byte `offset` on. */
static cg_status create_views(cg_arena *arena, cg_buffer *memory, size_t offset,
                              const cg_param_spec *specs, size_t count)
{
    cg_status status = CG_OK;
    assert(count <= CG_ARENA_VIEWS);
    CG_TRY(cg_buffer_fill(arena->whole, 0));
    for (size_t i = 0; i < count; i++) {
        size_t bytes = arena_bytes(&specs[i], memory->rt);
        CG_TRY(cg_buffer_create_view(&arena->view[i], memory, offset, bytes));
        offset += bytes;
    }
done:
    return status;
}

cg_status cg_arena_create(cg_arena *arena, cg_runtime *rt, const cg_param_spec *specs, size_t count)
{
    cg_status status = CG_OK;
    CG_TRY(cg_buffer_create(&arena->whole, rt, cg_arena_size(rt, specs, count) * sizeof(float)));
    CG_TRY(create_views(arena, arena->whole, 0, specs, count));
done:
    return status;
}

cg_status cg_arena_create_within(cg_arena *arena, cg_buffer *parent, size_t offset,
                                 const cg_param_spec *specs, size_t count)
{
    cg_status status = CG_OK;
    size_t bytes = cg_arena_size(parent->rt, specs, count) * sizeof(float);
    CG_TRY(cg_buffer_create_view(&arena->whole, parent, offset, bytes));
    CG_TRY(create_views(arena, parent, offset, specs, count));
done:
    return status;
}

void cg_arena_release(cg_arena *arena)
{
    for (size_t i = 0; i < CG_COUNT(arena->view); i++)
        cg_buffer_release(arena->view[i]);
    cg_buffer_release(arena->whole);
}

size_t cg_arena_floats(const cg_arena *arena)
{
    return arena->whole->bytes / sizeof(float);
}

/* ---- initial values -------------------------------------------------------------------------- */

/* Four numbers in (0, 1) from the seed; `layer` is the parameter. */
static void draw_units(double unit[4], uint64_t seed, uint32_t layer, size_t index)
{
    const uint32_t counter[4] = {(uint32_t)index, layer, 0, CG_STREAM_INIT};
    uint32_t key[2], words[4];
    cg_seed_key(key, seed);
    cg_philox4x32(words, counter, key);
    for (size_t i = 0; i < 4; i++)
        unit[i] = (words[i] + 0.5) / 4294967296.0;
}

/* Box and Muller 1958: the i-th of four normal numbers from four in (0, 1). */
static double normal_of(const double unit[4], size_t i)
{
    double radius = sqrt(-2 * log(unit[i / 2 * 2])), angle = 2 * PI * unit[i / 2 * 2 + 1];
    return radius * (i % 2 ? sin(angle) : cos(angle));
}

/* The same, nearly, on every host. A function may return excess precision, a variable has none. */
static double strict_normal_of(const double unit[4], size_t i)
{
    const float radius = cg_portable_sqrt(-2 * cg_portable_log((float)unit[i / 2 * 2]));
    const float angle = (float)(2 * unit[i / 2 * 2 + 1]);
    const float normal = radius * (i % 2 ? cg_portable_sinpi(angle) : cg_portable_cospi(angle));
    return normal;
}

static void draw_weights(float *data, const cg_param_spec *spec, uint64_t seed, uint32_t layer,
                         double deviation, bool strict)
{
    double (*const normal)(const double unit[4], size_t i) = strict ? strict_normal_of : normal_of;
    double unit[4] = {0}, limit = cg_param_glorot_limit(spec);
    const size_t size = cg_param_size(spec);
    for (size_t i = 0; i < size; i++) {
        if (i % 4 == 0)
            draw_units(unit, seed, layer, i / 4);
        data[i] = (float)(deviation > 0 ? deviation * normal(unit, i % 4)
                                        : limit * (2 * unit[i % 4] - 1));
    }
}

void cg_param_draw(float *data, const cg_param_spec *spec, uint64_t seed, uint32_t layer,
                   double deviation, bool strict)
{
    size_t size = cg_param_size(spec);
    if (spec->glorot)
        draw_weights(data, spec, seed, layer, deviation, strict);
    else
        for (size_t i = 0; i < size; i++)
            data[i] = (float)spec->constant;
}
