/* What stays until Adam takes it. */
#include "verify/kept.h"

#include <assert.h>

void cg_kept_begin(cg_kept *kept, const cg_network *net)
{
    static const char *const names[CG_ARENA_COUNT] = {
        [CG_ARENA_PARAMS] = "parameters",
        [CG_ARENA_MOMENT1] = "moment1",
        [CG_ARENA_MOMENT2] = "moment2",
        [CG_ARENA_AVERAGE] = "average",
    };
    kept->count = 0;
    for (size_t a = 0; a < CG_ARENA_COUNT; a++) {
        cg_buffer *whole = net->arenas[a].whole;
        if (names[a] && whole)
            kept->arrays[kept->count++].extent =
                (cg_spot_extent){names[a], whole, 0, whole->bytes, false};
    }
    for (size_t i = 0; i < kept->count; i++)
        kept->arrays[i].stage = NULL;
}

static bool is_in(const cg_arena *arena, const cg_buffer *buffer)
{
    for (size_t i = 0; i < CG_ARENA_VIEWS; i++)
        if (arena->view[i] == buffer)
            return true;
    return false;
}

size_t cg_kept_note(cg_kept *kept, const cg_network *net, const cg_stage *stage,
                    const cg_spot_extent *extent)
{
    size_t i = 0;
    if (!is_in(&net->arenas[CG_ARENA_GRADS], extent->buffer) && !is_in(&net->stats, extent->buffer))
        return CG_KEPT_MOST;
    while (i < kept->count && kept->arrays[i].extent.buffer != extent->buffer)
        i++;
    assert(i < CG_KEPT_MOST);
    kept->count += i == kept->count;
    kept->arrays[i] = (cg_kept_array){stage, *extent};
    return i;
}
