/* Launches: a kernel as text, its sizes, and all of its arguments in one call. */
#ifndef CLGAN_OCL_LAUNCH_H
#define CLGAN_OCL_LAUNCH_H

#include "ocl/buffer.h"
#include "ocl/build_options.h"
#include "ocl/types.h"

#include <stdint.h>

enum { CG_ARG_BYTES_MAX = 64 }; /* of an argument that is no buffer */

typedef enum cg_arg_kind { CG_ARG_BUFFER, CG_ARG_INT, CG_ARG_LOCAL, CG_ARG_BYTES } cg_arg_kind;

typedef struct cg_arg {
    cg_arg_kind kind;
    const cg_buffer *buffer; /* CG_ARG_BUFFER */
    size_t size;             /* CG_ARG_INT: the int; else its bytes */
    size_t largest; /* checked to fit an int when launched: the int, or those in the bytes */
    unsigned char value[CG_ARG_BYTES_MAX]; /* CG_ARG_BYTES */
} cg_arg;

/* A kernel's arguments: a buffer (NULL: one that the kernel will not touch), an int from a size,
 * a float, local memory, or up to CG_ARG_BYTES_MAX plain bytes (vector types, structs). */
cg_arg cg_arg_buffer(const cg_buffer *buffer);
cg_arg cg_arg_int(size_t value);
cg_arg cg_arg_uint(uint32_t value);
cg_arg cg_arg_float(float value);
cg_arg cg_arg_local(size_t bytes);
cg_arg cg_arg_bytes(const void *value, size_t bytes);

/* A struct whose ints come from sizes, of which `largest` is the largest. */
cg_arg cg_arg_struct(const void *value, size_t bytes, size_t largest);

/* A struct of ints from as many sizes: member m of type t from sizes[CG_INT_OF(t, m)]. */
cg_arg cg_arg_ints(const size_t *sizes, size_t count);
#define CG_INT_OF(type, member) (offsetof(type, member) / sizeof(int))

typedef struct cg_launch {
    const char *file;                /* "conv2d.cl"                                         */
    const char *kernel;              /* "conv2d_down_plain"                                 */
    const cg_build_options *options; /* beside the runtime's own, NULL: none; borrowed      */
    size_t global[3];                /* work-items wanted; 0 in a later dimension means 1   */
    size_t local[3];                 /* 0: 1; in the first dimension 64, or what is allowed */
} cg_launch;

/* *items = the most work-items that a group of the launch's kernel may have: the driver's limit for
 * the kernel as it was built, at most the device's. Builds it. */
cg_status cg_launch_max_local(size_t *items, cg_runtime *rt, const cg_launch *launch);

/* launch->local[0] = `most`, a power of two, or the largest one below it that the device allows the
 * kernel, whose results must not depend on it. Builds the kernel. */
cg_status cg_launch_fit_group(cg_launch *launch, cg_runtime *rt, size_t most);

/* local[] = the launch's local size. If the launch leaves the first dimension open, that is 64, or
 * the largest power of two with which the group fits max_local (0: not known, 64). CG_ERR_CL when
 * it does not fit all the same. */
cg_status cg_launch_choose_local(size_t local[3], const cg_runtime *rt, const cg_launch *launch,
                                 size_t max_local);

/* Enqueues a kernel. The global size is rounded up to the local one, which may differ from device
 * to device: kernels check their ids against the sizes they are given. A global size of 0 in
 * dimension 0 enqueues nothing. */
cg_status cg_enqueue(cg_runtime *rt, const cg_launch *launch, const cg_arg *args, size_t count);

#define CG_LAUNCH(rt, launch, ...)                        \
    cg_enqueue(rt, launch, (const cg_arg[]){__VA_ARGS__}, \
               sizeof((cg_arg[]){__VA_ARGS__}) / sizeof(cg_arg))

#endif
