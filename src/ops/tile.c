/* The division of tiled products into work-items. */
#include "ops/tile.h"

#include "ops/forms.h"

enum { ITEMS_PER_CORE = 8 };

size_t cg_tile_chunk(const cg_runtime *rt, size_t parts)
{
    const size_t *chunk = cg_tile_chunks;
    if (rt->strict) /* one order of sums: all of it or nothing */
        return cg_runtime_has_local(rt, cg_tile_bytes(CG_STRICT_CHUNK, 2 * parts)) ? CG_STRICT_CHUNK
                                                                                   : 0;
    while (*chunk && ((int)*chunk > CG_TILE_CHUNK(rt->vec) ||
                      !cg_runtime_has_local(rt, cg_tile_bytes(*chunk, 2 * parts))))
        chunk++;
    return *chunk;
}

cg_tiling cg_tile_divide(const cg_runtime *rt, size_t wanted, size_t batch, size_t panels,
                         size_t parts)
{
    cg_tiling t = {.chunk = cg_tile_chunk(rt, parts), .panels = wanted ? wanted : CG_TILE_PANELS};
    size_t items = wanted ? 0 : ITEMS_PER_CORE * rt->info.compute_units; /* at least */
    while (t.panels > 1 &&
           (batch * cg_ceil_div(panels, t.panels) < items ||
            !cg_runtime_has_local(rt, cg_tile_bytes(t.chunk, parts * (1 + t.panels)))))
        t.panels /= 2;
    return t;
}

void cg_tile_add_options(cg_build_options *options, const cg_runtime *rt, const cg_tiling *tiling)
{
    cg_build_options_add(options, "-D PANELS=%zu", tiling->panels);
    if ((int)tiling->chunk != CG_TILE_CHUNK(rt->vec))
        cg_build_options_add(options, "-D TILE_CHUNK=%zu", tiling->chunk);
}
