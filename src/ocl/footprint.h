/* The memory that buffers will need, told before any of them is created: on many systems more than
 * there is is granted at first, and taking it ends the process, or another one. */
#ifndef CLGAN_OCL_FOOTPRINT_H
#define CLGAN_OCL_FOOTPRINT_H

#include "ocl/types.h"

/* Creates, for that batch, all buffers that are to be created, and releases them again. */
typedef cg_status (*cg_footprint_plan)(void *user, size_t batch);

/* Runs the plan with buffers that have a size and no memory: creating, filling, writing and
 * releasing them is all that may be done. Compares what they take at once with the device's memory
 * and the largest buffer that it allows and, where the device is the host's processor, with the
 * memory and the address space that the process may still have.
 * CG_ERR_MEMORY, logged with the need and the largest batch that fits, where they are too large. A
 * plan within a plan is not checked by itself. Blocking; the runtime is left as it was. */
cg_status cg_footprint_check(cg_runtime *rt, size_t batch, cg_footprint_plan plan, void *user);

/* *fitting = the batch, or where that would be refused the largest one below it that is not; 0:
 * none. Nothing is logged. */
cg_status cg_footprint_fit(size_t *fitting, cg_runtime *rt, size_t batch, cg_footprint_plan plan,
                           void *user);

#endif
