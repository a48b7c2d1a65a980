/* The kernels that the build embeds (cmake/embed.cmake). */
#ifndef CLGAN_OCL_KERNEL_TEXT_H
#define CLGAN_OCL_KERNEL_TEXT_H

typedef struct cg_kernel_text {
    const char *name; /* "conv2d.cl" */
    const char *text;
} cg_kernel_text;

/* Ends with a NULL name. */
extern const cg_kernel_text cg_kernel_texts[];

#endif
