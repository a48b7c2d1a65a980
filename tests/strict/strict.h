/* Inside the strict layer: an OpenCL library that stands between a program and its driver, and that
 * refuses whatever the OpenCL 1.2 specification calls an error. Drivers let many of these pass, so
 * a program that was only tried on one driver may fail on the next.
 *
 *     LD_PRELOAD=libclgan_strict.so CLGAN_STRICT_LOG=log CLGAN_DEVICE=pocl clgan train ...
 *     test ! -s log
 *
 * CLGAN_STRICT_BUILD_OPTIONS is added to the options of each build. With -cl-kernel-arg-info,
 * arguments are compared with their types on drivers that tell these only then. With
 * -cl-opt-disable, a test whose cost is compiling ends sooner; CLGAN_STRICT_OPTIMISED=1 leaves that
 * one away, and so does the layer on a driver that compiles wrongly with it. PoCL's cache keeps
 * such builds apart; a cache of clgan's does not.
 *
 * A refused call returns the specification's error code and never reaches the driver. Each refusal
 * is also a line of the log, "clEnqueueReadBuffer: 0 bytes", because a program may swallow an
 * error.
 *
 *   objects.c     the objects that are alive: buffers, kernels with their arguments, queues, events
 *   resources.c   creation and release of contexts, queues, buffers, programs, kernels
 *   commands.c    transfers, fills, copies, launches, markers, events
 *   limits.c      a device's properties, at choice at the specification's minimum
 *   denied.c      entry points of OpenCL 2.0 and later, which a driver for 1.2 does not have
 */
#ifndef CLGAN_TESTS_STRICT_H
#define CLGAN_TESTS_STRICT_H

#include "../interpose.h"

#undef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 300 /* with the entry points that are denied */
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <stdbool.h>

/* Logs "function: reason" and returns the error. */
cl_int strict_refuse(cl_int error, const char *function, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for functions that return an object: NULL, and the error where it is wanted. */
#define REFUSE_OBJECT(wanted, error, ...)                                  \
    do {                                                                   \
        cl_int strict_error = strict_refuse(error, __func__, __VA_ARGS__); \
        if (wanted)                                                        \
            *(wanted) = strict_error;                                      \
        return NULL;                                                       \
    } while (0)

#define CHECK(call)                \
    do {                           \
        cl_int refused = (call);   \
        if (refused != CL_SUCCESS) \
            return refused;        \
    } while (0)

/* ---- objects that are alive ------------------------------------------------------------------ */

typedef enum strict_kind {
    STRICT_CONTEXT,
    STRICT_QUEUE,
    STRICT_BUFFER,
    STRICT_PROGRAM,
    STRICT_KERNEL,
    STRICT_EVENT
} strict_kind;

enum { STRICT_ARGUMENTS = 64 };

typedef struct strict_argument {
    bool set;
    cl_mem buffer;      /* NULL: it is none, or a null pointer */
    size_t local_bytes; /* of local memory */
    size_t bytes;       /* as they count against CL_DEVICE_MAX_PARAMETER_SIZE */
} strict_argument;

typedef struct strict_object {
    struct strict_object *after;
    strict_kind kind;
    void *handle;
    size_t references;
    cl_device_id device; /* of a context, its queues, programs and kernels */
    bool profiles;       /* queue, event: with CL_QUEUE_PROFILING_ENABLE */
    cl_mem parent;       /* buffer: NULL: it is no sub-buffer */
    size_t origin, size; /* buffer: its place in the parent, in bytes */
    cl_uint count;       /* kernel: number of arguments */
    strict_argument arguments[STRICT_ARGUMENTS];
} strict_object;

/* Registers a new object, which was created with one reference; NULL stays NULL. */
strict_object *strict_add(strict_kind kind, void *handle);

/* The object of that kind, NULL where no such object is alive. */
strict_object *strict_get(strict_kind kind, const void *handle);

/* Refuses a handle that is not alive; otherwise counts a reference more or less. */
cl_int strict_retain(strict_kind kind, const void *handle, const char *function);
cl_int strict_release(strict_kind kind, const void *handle, const char *function);

/* ---- limits ---------------------------------------------------------------------------------- */

/* A number of a device, as the layer gives it to the program. */
size_t strict_device_size(cl_device_id device, cl_device_info query);
size_t strict_kernel_group_size(cl_kernel kernel, cl_device_id device);
void strict_max_item_sizes(size_t sizes[3], cl_device_id device);

#endif
