/* The plan of a network, which follows from its choice of algorithms: how large the workspace, the
 * spectra and the moments have to be, and whether a stage writes the transform that another one
 * reads. It is computed from the stages' calls, and so depends on them. */
#ifndef CLGAN_NN_PLAN_H
#define CLGAN_NN_PLAN_H

#include "nn/network.h"

/* A network for batches of at most max_fakes and max_reals images (max_reals 0: only to draw), with
 * room for metric_rows rows of metrics, that takes `choice` (NULL: the defaults). The parameters
 * are undefined. To be given to cg_network_release() before rt is. CG_ERR_MEMORY, with the largest
 * batch that fits, before anything is allocated (ocl/footprint.h). This does not check that each
 * algorithm serves its operation: cg_choice_describe() does (choice.h). */
cg_status cg_network_create(cg_network **net, cg_runtime *rt, size_t max_fakes, size_t max_reals,
                            size_t metric_rows, const cg_choice *choice);

/* Sets what the stages take from now on, and makes room for it; the batch stays. Results that one
 * stage of a step keeps for a later one are lost, so call it between steps. Blocking. */
cg_status cg_network_apply(cg_network *net, const cg_choice *choice);

#endif
