/* The forms of the algorithms for CPUs, by local memory: a work-item keeps its tiles there, and
 * takes the first form of these tables whose tiles fit. A device that has room for the first is not
 * concerned. This is the only place that says which forms there are. */
#ifndef CLGAN_OPS_FORMS_H
#define CLGAN_OPS_FORMS_H

#include <stddef.h>

/* A tiled product (cl/tile.clh) takes this many steps of the inner dimension at a time; up to a 0.
 * Those above CG_TILE_CHUNK() are left out. A sum's order depends on it, as on the vectors' width.
 */
extern const size_t cg_tile_chunks[];

/* A work-item of `fourier` takes this many rows of the weights' spectrum at a time; up to a 0. */
extern const size_t cg_fourier_weight_rows[];

/* A work-item of `direct` has this many images in local memory, and of each what this many rows of
 * the output (of the small map for the weights' gradient) meet; 0: all rows. Up to one without
 * images. No sum depends on it. */
typedef struct cg_direct_form {
    size_t images, rows;
} cg_direct_form;

extern const cg_direct_form cg_direct_forms[];

#endif
