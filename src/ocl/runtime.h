/* Inside the runtime: buffers, launches, and what the other files of ocl/ share.
 *
 * Buffers are device memory of a known size; a view is a part of another buffer. Launches name
 * a kernel as text; the runtime builds its file at the first use and keeps it.
 */
#ifndef CLGAN_OCL_RUNTIME_H
#define CLGAN_OCL_RUNTIME_H

#include "ocl/build_options.h"
#include "ocl/cache.h"

#include <CL/cl.h>
#include <clgan/runtime.h>
#include <stdint.h>

typedef struct cg_program cg_program; /* program.c */

enum { CG_MARKS = 4 }; /* how far, in marks, the host may run ahead of the device */

struct cg_runtime {
    cg_device_info info;
    cl_device_id device;
    cl_context context;
    cl_command_queue queue;
    cg_program *programs; /* list of what was built */
    cg_cache cache;       /* binaries from other processes; none where the driver does better */
    size_t programs_built, programs_loaded; /* from source; from the cache */
    double build_seconds; /* spent in both, kernels specialised later not counted */
    size_t launches;      /* enqueued so far, CLBlast calls counted once each */
    int gemm_ready;       /* CLBlast has its parameters */
    size_t vec;           /* the kernels' VEC, one of cg_runtime_widths() */
    bool short_loops;     /* a work-item may take 65535 iterations in all its loops, no more */
    bool no_prefetch;     /* kernels leave hints to the cache out */
    size_t spread;        /* factor of global[0] for CPU kernels with few groups: cl/common.clh */
    size_t memory_bytes;  /* held in buffers now */
    size_t memory_peak;
    cl_event marks[CG_MARKS]; /* ring: mark i is at i % CG_MARKS */
    size_t mark_count;
    struct cg_profile *profile; /* records launches while there is one (profile.h); borrowed */
    struct cg_buffer *dummy;    /* stands in for a buffer argument that a kernel will not touch */
};

/* The floats that an explicit vector of the kernels may have, up to a 0: the device's native width
 * first, which rt->vec is until it is set to another one. Explicit vectors serve CPU runtimes;
 * elsewhere a work-item is one lane. */
const size_t *cg_runtime_widths(const cg_runtime *rt);

/* ---- buffers ------------------------------------------------------------------------------- */

typedef struct cg_buffer {
    cl_mem mem;
    size_t bytes;
    cg_runtime *rt;
    int is_view;
} cg_buffer;

/* Device memory, its content undefined. To be released. CG_ERR_SHAPE for 0 bytes. */
cg_status cg_buffer_create(cg_buffer **buffer, cg_runtime *rt, size_t bytes);

/* A part of `parent`, which must live longer; offset a multiple of info.alignment_bytes.
 * CG_ERR_SHAPE for 0 bytes, and for a part that is not inside. */
cg_status cg_buffer_create_view(cg_buffer **view, cg_buffer *parent, size_t offset, size_t bytes);
void cg_buffer_release(cg_buffer *buffer);

/* Blocking copies of `bytes` bytes at `offset`; 0 bytes: nothing is done, data may be NULL.
 * CG_ERR_SHAPE when they are not all inside the buffer. */
cg_status cg_buffer_upload(cg_buffer *buffer, size_t offset, const void *data, size_t bytes);
cg_status cg_buffer_download(const cg_buffer *buffer, size_t offset, void *data, size_t bytes);

/* Every 4-byte word becomes `word`; asynchronous. */
cg_status cg_buffer_fill(cg_buffer *buffer, uint32_t word);

/* ---- launches ------------------------------------------------------------------------------ */

enum { CG_ARG_BYTES_MAX = 64 }; /* of an argument that is no buffer */

typedef enum cg_arg_kind { CG_ARG_BUFFER, CG_ARG_INT, CG_ARG_LOCAL, CG_ARG_BYTES } cg_arg_kind;

typedef struct cg_arg {
    cg_arg_kind kind;
    size_t bytes;
    const cg_buffer *buffer;
    size_t size;    /* CG_ARG_INT: checked to fit an int when launched */
    size_t largest; /* CG_ARG_BYTES: likewise, of the ints in it      */
    unsigned char value[CG_ARG_BYTES_MAX];
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

/* A kernel as it was built for the device. */
typedef struct cg_kernel {
    cl_kernel cl;
    size_t max_local; /* work-items in a group of it; 0: the driver does not say */
} cg_kernel;

/* Whether a work-group may have so much local memory. Not all that there is: NVIDIA's driver
 * refuses such a launch. */
static inline bool cg_runtime_has_local(const cg_runtime *rt, size_t bytes)
{
    return bytes < rt->info.local_mem_bytes;
}

/* local[] = the launch's local size. Where it leaves the first dimension open: 64, or the largest
 * power of two with which the group fits max_local. CG_ERR_CL when it does not fit all the same. */
cg_status cg_launch_choose_local(size_t local[3], const cg_runtime *rt, const cg_launch *launch,
                                 size_t max_local);

/* Enqueues a kernel. The global size is rounded up to the local one, which may differ from device
 * to device: kernels check their ids against the sizes they are given. A global size of 0 in
 * dimension 0 enqueues nothing. */
cg_status cg_enqueue(cg_runtime *rt, const cg_launch *launch, const cg_arg *args, size_t count);

#define CG_LAUNCH(rt, launch, ...)                        \
    cg_enqueue(rt, launch, (const cg_arg[]){__VA_ARGS__}, \
               sizeof((cg_arg[]){__VA_ARGS__}) / sizeof(cg_arg))

/* Marks the end of a unit of work. Without blocking in the driver (which may spin) it sleeps until
 * the device has passed all but the last CG_MARKS marks, so that the host never runs far ahead.
 * CG_ERR_CL when the work failed. */
cg_status cg_runtime_mark(cg_runtime *rt);

/* *kernel = the kernel, built if need be; borrowed. options: beside the runtime's own, NULL: none.
 * The options' status where they did not fit, CG_ERR_CL when the kernel cannot be built. */
cg_status cg_program_get_kernel(const cg_kernel **kernel, cg_runtime *rt, const char *file,
                                const char *name, const cg_build_options *options);
void cg_programs_release(cg_runtime *rt);

/* digest = of the text of all kernels: what was measured with other ones counts no more.
 * CG_ERR_INPUT when CLGAN_KERNEL_DIR lacks one. */
cg_status cg_program_hash_sources(char digest[33]);

#endif
