/* The noise and the masks of a step against the host's Philox. */
#ifndef CLGAN_VERIFY_RANDOM_H
#define CLGAN_VERIFY_RANDOM_H

#include "nn/network.h"
#include "verify/case.h"

/* Compares the noise and the masks that the network has with those of a step, of the masks one
 * group in 8, others at each step; blocking. CG_OK whether or not they are right; else they could
 * not be fetched. */
cg_status cg_verify_drawn_inputs(cg_verify_result *result, const cg_network *net, uint64_t seed,
                                 uint32_t step);

/* Has the network draw them first, and compares all; likewise. */
cg_status cg_verify_inputs(cg_verify_result *result, cg_network *net, uint64_t seed, uint32_t step);

#endif
