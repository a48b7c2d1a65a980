/* Moments of a map's features, which batch normalisation merges: of each share of the samples their
 * number, their mean, and the sum of their squared differences from it.
 *
 * Features are channels (groups = 1) or channels at positions (groups = h*w); a feature array is
 * [ceil(c/32)][groups][32]. A convolution may give its output's moments (conv2d_call.h);
 * cg_moments_measure() computes those of other maps. The partition of the samples into shares
 * depends on the shape and the algorithm alone.
 */
#ifndef CLGAN_OPS_MOMENTS_H
#define CLGAN_OPS_MOMENTS_H

#include "ocl/launch.h"
#include "ops/map.h"

typedef struct cg_moments {
    cg_buffer *buffer; /* [partials][CG_MOMENTS][features] floats */
    size_t partials;   /* that it holds; set by the operation that writes it */
} cg_moments;

/* Floats in a feature array. */
size_t cg_moments_features(const cg_map *x, size_t groups);

/* Bytes that a buffer needs for this many partials. */
size_t cg_moments_bytes(const cg_map *x, size_t groups, size_t partials);

/* The partials that cg_moments_measure() makes. */
size_t cg_moments_partials(const cg_map *x, size_t groups);

/* Work-items that share the features in a kernel that goes through samples: on CPUs a block's row
 * of features each, else one feature. */
size_t cg_moments_items(const cg_runtime *rt, size_t features);

/* On devices whose work-items are scalar, as GPUs are, gives a launch that sums `terms` values of
 * each feature (cl/batchnorm.cl) its local size, whose second dimension are work-items that share
 * the terms of one: up to 8, as the device allows. Elsewhere the launch stays as it is. Builds the
 * kernel. */
cg_status cg_moments_slice(cg_runtime *rt, cg_launch *launch, size_t terms);

/* The moments of x, all of whose n images count. Asynchronous. CG_ERR_SHAPE when the buffer is too
 * small. */
cg_status cg_moments_measure(cg_runtime *rt, cg_moments *moments, const cg_map *x, size_t groups);

#endif
