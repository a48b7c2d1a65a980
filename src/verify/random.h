/* The noise and the masks of a step against the host's Philox. */
#ifndef CLGAN_VERIFY_RANDOM_H
#define CLGAN_VERIFY_RANDOM_H

#include "nn/network.h"
#include "verify/case.h"

/* Draws the noise and the masks of a step as cg_network_sample_inputs() does, and compares all of
 * them; blocking. CG_OK whether or not they are right; else they could not be drawn. */
cg_status cg_verify_inputs(cg_verify_result *result, cg_network *net, uint64_t seed, uint32_t step);

#endif
