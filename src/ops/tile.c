/* The division of tiled products into work-items. */
#include "ops/tile.h"

enum { ITEMS_PER_CORE = 8 };

size_t cg_tile_panels(const cg_runtime *rt, size_t batch, size_t panels, size_t parts)
{
    size_t chosen = CG_TILE_PANELS;
    while (chosen > 1 &&
           (batch * cg_ceil_div(panels, chosen) < ITEMS_PER_CORE * rt->info.compute_units ||
            cg_tile_bytes(parts * (1 + chosen)) > rt->info.local_mem_bytes))
        chosen /= 2;
    return chosen;
}
