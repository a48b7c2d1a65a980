/* Layers: what the DCGAN and the classifier are made of.
 *
 * A layer is a convolution or a transposed one (cg_layer_spec, base/model.h) with its arrays: the
 * maps x and y that it relates, their gradients dx and dy, its weight. cg_layer_conv() turns it
 * into the call of a pass; a network adds what is fused: prologue, epilogue, moments.
 *
 *     CG_FWD          x, weight -> y
 *     CG_BWD_WEIGHT   x, dy     -> dweight
 *     CG_BWD_DATA     dy, weight -> dx
 */
#ifndef CLGAN_NN_LAYER_H
#define CLGAN_NN_LAYER_H

#include "base/model.h"
#include "ops/conv2d.h"

/* The passes of a step. Layers have the first three; the others are of stages that are none. */
typedef enum cg_pass {
    CG_FWD,
    CG_BWD_WEIGHT,
    CG_BWD_DATA,
    CG_BWD,
    CG_UPDATE,
    CG_PASS_COUNT
} cg_pass;

/* "fwd", "bwd_weight", "bwd_data", "bwd", "update". */
extern const char *const cg_pass_names[CG_PASS_COUNT];

/* Device memory for n images of such a map, its content undefined; for n = 0 the map has a shape
 * and no memory. */
cg_status cg_layer_create_map(cg_map *map, cg_runtime *rt, size_t n, cg_plane plane);

/* ---- scratch memory that layers share -------------------------------------------------------- */

enum { CG_SCRATCH_LAYERS = 5, CG_SCRATCH_SPECTRA = 2 * CG_SCRATCH_LAYERS + 2 };

/* A workspace, and the transforms that algorithms leave from one pass to the next: each layer keeps
 * those of its input and of its weight from the forward to the backward passes; those of outputs
 * and their gradients are in one spectrum for all layers, those of weights' gradients in another.
 * Networks that share their weights, and run a pass one after the other, share the transforms of
 * weights and of their gradients, too. These are in the scratch of the one that runs first, the
 * head. */
typedef struct cg_scratch {
    cg_buffer *workspace;
    struct cg_scratch *head; /* borrowed; NULL: nothing is shared, or this is the head's */
    cg_spectrum spectra[CG_SCRATCH_SPECTRA];
} cg_scratch;

/* Bytes of each. */
typedef struct cg_scratch_size {
    size_t workspace, spectra[CG_SCRATCH_SPECTRA];
} cg_scratch_size;

/* *most = the larger of the two. */
static inline void cg_scratch_raise(size_t *most, size_t bytes)
{
    if (*most < bytes)
        *most = bytes;
}

/* Raises the size to what a call needs that cg_layer_conv() made with this memory. */
void cg_scratch_size_add(cg_scratch_size *size, const cg_scratch *scratch, cg_runtime *rt,
                         const cg_conv2d *call);

/* The memory has at least that size, and no transforms. A buffer that grows loses its contents. */
cg_status cg_scratch_fit(cg_scratch *scratch, cg_runtime *rt, const cg_scratch_size *size);

/* *buffer (NULL: none yet) has at least this many bytes; its contents are lost when it grows. */
cg_status cg_scratch_grow(cg_buffer **buffer, cg_runtime *rt, size_t bytes);

/* A zeroed one is fine. */
void cg_scratch_release(cg_scratch *scratch);

/* ---- layers ---------------------------------------------------------------------------------- */

/* A view of a network's arrays: nothing in it is owned. */
typedef struct cg_layer {
    const cg_layer_spec *spec;
    cg_map x, y, dx, dy;
    cg_buffer *weight, *dweight;
    cg_scratch *scratch;
    size_t index; /* of the layer, for its own spectra: below CG_SCRATCH_LAYERS */
} cg_layer;

/* A pass of the layer for n images without any array: its geometry, which is enough to ask which
 * algorithm serves it. */
cg_conv2d cg_layer_geometry(const cg_layer_spec *spec, cg_pass pass, size_t n);

/* A pass of the layer for n images with its maps, weight, workspace and spectra, without prologue
 * and epilogue. A layer's passes run in the order forward, weight gradient, input gradient: the
 * second finds the input's transform, the third the output gradient's and the weight's. */
cg_conv2d cg_layer_conv(const cg_layer *layer, cg_pass pass, size_t n);

#endif
