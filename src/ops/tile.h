/* Register tiles of matrix products, for the kernels that use cl/tile.clh. */
#ifndef CLGAN_OPS_TILE_H
#define CLGAN_OPS_TILE_H

#include "ops/map.h"

/* Bytes of local memory for `parts` parts of a chunk, each 32 columns (or rows) wide. */
static inline size_t cg_tile_bytes(const cg_runtime *rt, size_t parts)
{
    return parts * CG_TILE_CHUNK(rt->vec) * CG_BLOCK * sizeof(float);
}

/* Returns the panels of 32 columns for a work-item: `wanted`, or for 0 as many as leave each core
 * several work-items of `batch` products with `panels` panels each; fewer if `parts` parts of each
 * panel and of the other factor do not fit local memory. Sums do not depend on it. */
size_t cg_tile_panels(const cg_runtime *rt, size_t wanted, size_t batch, size_t panels,
                      size_t parts);

#endif
