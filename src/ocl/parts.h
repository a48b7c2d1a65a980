/* Launches in parts. GPUs with a display end what keeps them busy for long (Windows after 2 s,
 * others alike), so on GPUs a launch that would last longer than rt->part_seconds is enqueued as
 * several, each over a part of its groups, by an offset. Kernels index by GROUP_ID() and global
 * ids, so that no result depends on it. The time of a launch is measured when it is run first, in
 * parts that begin small. */
#ifndef CLGAN_OCL_PARTS_H
#define CLGAN_OCL_PARTS_H

#include "ocl/cl_types.h"
#include "ocl/program.h"

#include <clgan/status.h>

/* Returns what rt->part_seconds is to be for a device of that kind. */
double cg_parts_seconds(cg_device_type type);

/* Enqueues the kernel, whose arguments are set. `key`: of the sizes among these. */
cg_status cg_parts_enqueue(cg_runtime *rt, cg_kernel *kernel, const cg_range *range, uint64_t key,
                           const char *name);

#endif
