/* Maps of which the device has a transform alone, derived from what they were made of. */
#ifndef CLGAN_VERIFY_SPOT_DERIVED_H
#define CLGAN_VERIFY_SPOT_DERIVED_H

#include "verify/spot_planes.h"

/* Fetch the operands and set planes->derive: a1 from the operands of d.conv1, da2 from those of
 * d.dense. CG_ERR_MEMORY, CG_ERR_CL. */
cg_status cg_spot_derive_a1(cg_spot_planes *planes);
cg_status cg_spot_derive_da2(cg_spot_planes *planes);

#endif
