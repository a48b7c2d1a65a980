/* Register tiles of matrix products, for the kernels that use cl/tile.clh. */
#ifndef CLGAN_OPS_TILE_H
#define CLGAN_OPS_TILE_H

#include "ocl/build_options.h"
#include "ops/map.h"

/* A product's division: the steps of the inner dimension that are in local memory at a time, and
 * the panels of 32 columns of a work-item. Sums depend on the chunk alone. */
typedef struct cg_tiling {
    size_t chunk; /* 0: the device has no room for any */
    size_t panels;
} cg_tiling;

/* The largest chunk of ops/forms.h for which `parts` parts of a panel, and as many of the other
 * factor, fit local memory; 0 when there is none. */
size_t cg_tile_chunk(const cg_runtime *rt, size_t parts);

/* That chunk, and `wanted` panels, or for 0 so many that `batch` products with `panels` panels each
 * give every core several work-items; fewer where they do not fit local memory. */
cg_tiling cg_tile_divide(const cg_runtime *rt, size_t wanted, size_t batch, size_t panels,
                         size_t parts);

/* Bytes of local memory for `parts` parts of a chunk, each 32 columns (or rows) wide. */
static inline size_t cg_tile_bytes(size_t chunk, size_t parts)
{
    return parts * chunk * CG_BLOCK * sizeof(float);
}

/* The build options of a kernel that is divided so. */
void cg_tile_add_options(cg_build_options *options, const cg_runtime *rt, const cg_tiling *tiling);

#endif
