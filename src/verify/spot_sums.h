/* The check of a convolution's whole weight gradient, by sums of it. */
#ifndef CLGAN_VERIFY_SPOT_SUMS_H
#define CLGAN_VERIFY_SPOT_SUMS_H

#include "ops/conv2d.h"
#include "verify/spot_planes.h"

/* The operands of dw [kernel, kernel, large_c, small_c]. */
typedef struct cg_spot_gradient {
    const cg_conv2d_shape *shape;
    cg_spot_planes *large, *small;
    double relative; /* the bound of an element's error, of the norms of its planes */
} cg_spot_gradient;

/* Adds the small channels of dw, each with a sign drawn for the seed and the stage, and compares
 * the sums with those of the operands, whose small channels are added before they are multiplied:
 * for each tap, and for one of each CG_SPOT_CHANNELS large channels. */
cg_status cg_spot_compare_sums(cg_spot *spot, cg_verify_result *result, const cg_spot_output *dw,
                               const cg_spot_gradient *gradient);

#endif
