/* Checksums of what stages leave for Adam. */
#include "verify/kept.h"

#include "base/try.h"
#include "ops/checksum.h"
#include "verify/spot.h"

#include <assert.h>
#include <stdio.h>

/* Room for the state, all that stages write, and all of it once more. */
enum { SUMS = 3 * CG_KEPT_MOST };

/* Enqueues the checksum of an array into the next slot. */
static cg_status add_sum(cg_kept_watch *watch, const cg_spot_extent *e)
{
    cg_network *net = watch->net;
    assert(watch->used < SUMS);
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    cg_status status =
        cg_checksum_add(net->rt, watch->sums, watch->used++, e->buffer, e->offset, e->bytes);
    cg_runtime_set_mode(net->rt, before);
    return status;
}

/* Notes an array as it is now: a new one, or one that an earlier stage has written, too. */
static cg_status note(cg_kept_watch *watch, const cg_stage *stage, const cg_spot_extent *extent)
{
    size_t i = 0;
    while (i < watch->count && watch->arrays[i].extent.buffer != extent->buffer)
        i++;
    assert(i < CG_KEPT_MOST);
    watch->count += i == watch->count;
    watch->arrays[i] = (cg_kept_array){stage, *extent, watch->used};
    return add_sum(watch, extent);
}

cg_status cg_kept_watch_begin(cg_kept_watch *watch, cg_network *net)
{
    static const char *const names[CG_ARENA_COUNT] = {
        [CG_ARENA_PARAMS] = "parameters",
        [CG_ARENA_MOMENT1] = "moment1",
        [CG_ARENA_MOMENT2] = "moment2",
        [CG_ARENA_AVERAGE] = "average",
    };
    cg_status status = CG_OK;
    *watch = (cg_kept_watch){.net = net};
    CG_TRY(cg_buffer_create(&watch->sums, net->rt, SUMS * sizeof(uint32_t)));
    CG_TRY(cg_buffer_fill(watch->sums, 0));
    for (size_t a = 0; a < CG_ARENA_COUNT; a++) {
        cg_buffer *whole = net->arenas[a].whole;
        if (names[a] && whole)
            CG_TRY(note(watch, NULL, &(cg_spot_extent){names[a], whole, 0, whole->bytes, false}));
    }
done:
    return status;
}

static bool is_in(const cg_arena *arena, const cg_buffer *buffer)
{
    for (size_t i = 0; i < CG_ARENA_VIEWS; i++)
        if (arena->view[i] == buffer)
            return true;
    return false;
}

cg_status cg_kept_watch_stage(cg_kept_watch *watch, const cg_stage *stage)
{
    cg_status status = CG_OK;
    const cg_network *net = watch->net;
    cg_spot *spot = NULL;
    cg_spot_extent extents[CG_SPOT_OUTPUTS];
    size_t count;
    CG_TRY(cg_spot_outline(&spot, watch->net, stage));
    cg_spot_extents(extents, &count, spot);
    for (size_t e = 0; e < count; e++)
        if (is_in(&net->arenas[CG_ARENA_GRADS], extents[e].buffer) ||
            is_in(&net->stats, extents[e].buffer))
            CG_TRY(note(watch, stage, &extents[e]));
done:
    cg_spot_release(spot);
    return status;
}

cg_status cg_kept_watch_end(cg_verify_result *result, cg_kept_watch *watch)
{
    cg_status status = CG_OK;
    uint32_t sums[SUMS];
    const size_t first = watch->used;
    *result = (cg_verify_result){.name = "what stages leave", .ok = true};
    for (size_t i = 0; i < watch->count; i++)
        CG_TRY(add_sum(watch, &watch->arrays[i].extent));
    CG_TRY(cg_buffer_download(watch->sums, 0, sums, sizeof sums));
    for (size_t i = 0; i < watch->count && result->ok; i++) {
        const cg_kept_array *a = &watch->arrays[i];
        if (sums[first + i] == sums[a->slot])
            continue;
        result->ok = false;
        snprintf(result->message, sizeof result->message,
                 "another stage has overwritten %s of %s%s%s", a->extent.name,
                 a->stage ? a->stage->name : "the step before", a->stage ? " " : "",
                 a->stage ? cg_pass_names[a->stage->pass] : "");
    }
done:
    return status;
}

void cg_kept_watch_deinit(cg_kept_watch *watch)
{
    cg_buffer_release(watch->sums);
    *watch = (cg_kept_watch){0};
}
