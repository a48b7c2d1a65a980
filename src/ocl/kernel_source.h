/* The texts of kernels, with what they include. */
#ifndef CLGAN_OCL_KERNEL_SOURCE_H
#define CLGAN_OCL_KERNEL_SOURCE_H

#include <clgan/status.h>

/* *text = that of the file, "conv2d_direct.cl", and of all that it includes; to be given to free().
 * CG_ERR_INPUT, CG_ERR_READ when CLGAN_KERNEL_DIR lacks a file, CG_ERR_CL when there is none of the
 * name, CG_ERR_MEMORY; logged. */
cg_status cg_kernel_source_load(char **text, const char *file);

/* digest = of the text of all kernels: what was measured with other ones counts no more. Fails like
 * cg_kernel_source_load(). */
cg_status cg_kernel_source_hash_all(char digest[33]);

#endif
