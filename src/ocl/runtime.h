/* A runtime's vector widths and marks; its life is in <clgan/runtime.h>, its state in ocl/types.h.
 */
#ifndef CLGAN_OCL_RUNTIME_H
#define CLGAN_OCL_RUNTIME_H

#include "ocl/types.h"

/* CG_ERR_ARGUMENT, logged, when there is no index-th device, or no list; CG_ERR_DEVICE when it is
 * unusable. */
cg_status cg_runtime_check_index(const cg_devices *devices, size_t index);

/* The floats that an explicit vector of the kernels may have, up to a 0: the device's native width
 * first, which rt->vec is unless it is another one for a while. Explicit vectors serve CPU
 * runtimes; elsewhere a work-item is one lane. */
const size_t *cg_runtime_widths(const cg_runtime *rt);

/* Programs are made for a mode: a width of vectors, ordinary or strict arithmetic. */
typedef struct cg_mode {
    size_t vec; /* one of cg_runtime_widths() */
    bool strict;
} cg_mode;

/* Gives rt->vec and rt->strict these values, for what is enqueued or asked from now on; returns
 * what they were, to be set again afterwards. Nothing else writes them: but for a while a runtime
 * has its device's native width, and is not strict. */
static inline cg_mode cg_runtime_set_mode(cg_runtime *rt, cg_mode mode)
{
    const cg_mode before = {rt->vec, rt->strict};
    rt->vec = mode.vec;
    rt->strict = mode.strict;
    return before;
}

/* From now on the names of kernels and other commands are remembered anew. */
void cg_runtime_forget_recent(cg_runtime *rt);

/* text = the last of those that were enqueued since then, in their order, "fourier_map,
 * fourier_product_up"; "" when there were none. */
void cg_runtime_tell_recent(char *text, size_t room, const cg_runtime *rt);

/* Marks the end of a unit of work. Without blocking in the driver (which may spin) it sleeps until
 * the device has passed all but the last 4 marks, so that the host never runs far ahead.
 * CG_ERR_CL when the work failed. */
cg_status cg_runtime_mark(cg_runtime *rt);

#endif
