/* The division of tiled products into work-items. */
#include "ops/tile.h"

enum { ITEMS_PER_CORE = 8 };

size_t cg_tile_panels(const cg_runtime *rt, size_t wanted, size_t batch, size_t panels,
                      size_t parts)
{
    size_t chosen = wanted ? wanted : CG_TILE_PANELS;
    size_t items = wanted ? 0 : ITEMS_PER_CORE * rt->info.compute_units; /* at least */
    while (chosen > 1 && (batch * cg_ceil_div(panels, chosen) < items ||
                          !cg_runtime_has_local(rt, cg_tile_bytes(rt, parts * (1 + chosen)))))
        chosen /= 2;
    return chosen;
}
