/* Programs: a .cl file with its build options, built at the first use and kept with its kernels. */
#ifndef CLGAN_OCL_PROGRAM_H
#define CLGAN_OCL_PROGRAM_H

#include "ocl/build_options.h"
#include "ocl/types.h"

typedef struct cg_program cg_program;
typedef struct cg_kernel cg_kernel; /* as it was built for the device: ocl/cl_types.h */

/* *kernel = the kernel, built if need be; borrowed. options: beside the runtime's own, NULL: none.
 * The options' status where they did not fit, CG_ERR_CL when the kernel cannot be built. */
cg_status cg_program_get_kernel(cg_kernel **kernel, cg_runtime *rt, const char *file,
                                const char *name, const cg_build_options *options);

/* Notes that the program will be needed. */
cg_status cg_program_foresee(cg_runtime *rt, const char *file, const cg_build_options *options);

/* Starts a thread that builds all that was foreseen and is not built yet, while the caller does
 * other things; whoever needs one of them waits for it alone. Nothing happens but on drivers that
 * take long for what they have in a cache of their own. */
void cg_programs_load(cg_runtime *rt);

/* Releases all programs of the runtime. */
void cg_programs_release(cg_runtime *rt);

#endif
