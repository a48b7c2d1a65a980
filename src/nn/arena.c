/* Arrays in one buffer, and their initial values. */
#include "nn/arena.h"

#include "base/memory.h"
#include "base/philox.h"
#include "base/streams.h"
#include "base/try.h"

#include <assert.h>

/* Bytes of an array in an arena: whole vectors, and the next one begins where a view may. */
static size_t arena_bytes(const cg_param_spec *spec, const cg_runtime *rt)
{
    return cg_round_up(cg_param_size(spec) * sizeof(float),
                       cg_round_up(1024, rt->info.alignment_bytes));
}

cg_status cg_arena_create(cg_arena *arena, cg_runtime *rt, const cg_param_spec *specs, size_t count)
{
    cg_status status = CG_OK;
    size_t total = 0, offset = 0;
    assert(count <= CG_ARENA_VIEWS);
    for (size_t i = 0; i < count; i++)
        total += arena_bytes(&specs[i], rt);
    CG_TRY(cg_buffer_create(&arena->whole, rt, total));
    CG_TRY(cg_buffer_fill(arena->whole, 0));
    for (size_t i = 0; i < count; i++) {
        CG_TRY(cg_buffer_create_view(&arena->view[i], arena->whole, offset,
                                     arena_bytes(&specs[i], rt)));
        offset += arena_bytes(&specs[i], rt);
    }
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

/* ---- initial values --------------------------------------------------------------------------
 */

/* data[n] uniform in (-limit, limit) from the seed; `layer` is the parameter. */
static void draw_uniform(float *data, size_t n, double limit, uint64_t seed, uint32_t layer)
{
    uint32_t key[2], words[4] = {0};
    cg_seed_key(key, seed);
    for (size_t i = 0; i < n; i++) {
        if (i % 4 == 0) {
            const uint32_t counter[4] = {(uint32_t)(i / 4), layer, 0, CG_STREAM_INIT};
            cg_philox4x32(words, counter, key);
        }
        data[i] = (float)(limit * ((words[i % 4] + 0.5) / 2147483648.0 - 1.0));
    }
}

void cg_param_draw(float *data, const cg_param_spec *spec, uint64_t seed, uint32_t layer)
{
    size_t size = cg_param_size(spec);
    if (spec->glorot)
        draw_uniform(data, size, cg_param_glorot_limit(spec), seed, layer);
    else
        for (size_t i = 0; i < size; i++)
            data[i] = (float)spec->constant;
}
