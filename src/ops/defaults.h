/* The defaults of a device: for each kind of device and each kind of layer the algorithms, in order
 * of preference. This is the only place that chooses without having measured; `clgan tune`
 * and --algorithm choose by name. */
#ifndef CLGAN_OPS_DEFAULTS_H
#define CLGAN_OPS_DEFAULTS_H

#include "ops/conv2d_algorithm.h"
#include "ops/dense_product.h"

/* The kind of device that an algorithm is written for: correct on others, but not the default
 * there. A device that is no CPU counts as a GPU. */
typedef enum cg_kind { CG_KIND_ANY, CG_KIND_CPU, CG_KIND_GPU } cg_kind;

/* The maps that a convolution relates. */
typedef enum cg_maps {
    CG_MAPS_ANY,
    CG_MAPS_BLOCKED, /* both have several channels */
    CG_MAPS_IMAGE    /* the large one has a single channel, the small one several */
} cg_maps;

typedef struct cg_conv2d_default {
    cg_kind kind;
    cg_maps maps;
    const cg_conv2d_algorithm *algorithm;
} cg_conv2d_default;

typedef struct cg_dense_default {
    cg_kind kind;
    const cg_dense_algorithm *algorithm;
} cg_dense_default;

/* Up to a line without an algorithm. The first line that is for the device and the maps, and whose
 * algorithm serves the call, is taken. */
extern const cg_conv2d_default cg_conv2d_defaults[];
extern const cg_dense_default cg_dense_defaults[];

/* True when the device is of that kind. */
bool cg_kind_is_of(const cg_runtime *rt, cg_kind kind);

/* True when a line of that kind, for an algorithm of these names, is for the device: by the name
 * that was asked for, or for NULL by the device's kind. Never one for CPUs where the device has the
 * quirk `short_loops`: their work-items may be longer than it lets them be. */
bool cg_default_is_for(const cg_runtime *rt, cg_kind kind, const cg_variant variants[CG_VARIANTS],
                       const char *name);

/* True when a line of that kind is for the device in strict programs, if its algorithm is strict.
 * All of these have the same sums: it is a matter of speed, and of the quirk `short_loops`. */
bool cg_kind_is_strict(const cg_runtime *rt, cg_kind kind);

/* True when a convolution relates such maps. */
bool cg_maps_are_of(const cg_conv2d_shape *shape, cg_maps maps);

#endif
