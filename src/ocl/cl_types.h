/* OpenCL's side of a runtime and of what belongs to it, for the files of ocl/ alone:
 * scripts/check-includes.py refuses this header anywhere else.
 */
#ifndef CLGAN_OCL_CL_TYPES_H
#define CLGAN_OCL_CL_TYPES_H

#include "base/text.h"
#include "ocl/cache.h"
#include "ocl/opencl.h"
#include "ocl/types.h"

enum { CG_MARKS = 4 }; /* how far, in marks, the host may run ahead of the device */

enum { CG_RECENT = 8 }; /* commands that are remembered by name */

/* A receiver of the events of commands. Before a command is enqueued, next() returns where its
 * event is to be stored; NULL: nowhere. `command` is a kernel's name, "fill", "copy", or a CLBlast
 * routine; static. */
typedef struct cg_event_sink {
    cl_event *(*next)(void *user, const char *command);
    void *user;
} cg_event_sink;

/* A runtime's OpenCL objects, and what its files keep between calls. */
typedef struct cg_cl {
    cl_device_id device;
    cl_context context;
    cl_command_queue queue;
    cl_event marks[CG_MARKS]; /* ring: mark i is at i % CG_MARKS */
    size_t mark_count;
    cg_event_sink sink; /* {0}: events are not recorded */
    const char
        *recent[CG_RECENT]; /* the last commands, a row of one once: cg_runtime_tell_recent() */
    size_t recent_count;
    struct cg_program *programs; /* list of what is built, or foreseen (program.c) */
    struct cg_loader *loader;    /* a thread that builds some of them; NULL: none */
    cg_cache cache;              /* of binaries and verdicts */
    cg_buffer *dummy;            /* stands in for a buffer that a kernel will not touch */
    bool gemm_ready;             /* CLBlast has its parameters, and has run */
    cg_text foreseen;            /* the kernels of rt->kernels_foreseen, a line each */
} cg_cl;

/* Every cg_buffer is the first member of one. */
typedef struct cg_cl_buffer {
    cg_buffer buffer;
    cl_mem mem;
} cg_cl_buffer;

/* The sizes of a launch, as OpenCL takes them. */
typedef struct cg_range {
    size_t global[3], local[3];
} cg_range;

/* A launch and the time that it takes (ocl/parts.c). */
typedef struct cg_launch_time {
    uint64_t key; /* of its sizes and those among its arguments */
    double seconds;
} cg_launch_time;

enum { CG_LAUNCH_TIMES = 32 };

struct cg_kernel {
    cl_kernel cl;
    size_t max_local; /* work-items in a group of it; 0: not known */
    bool has_run;
    cg_launch_time times[CG_LAUNCH_TIMES]; /* the last that were launched, the last one first */
    size_t time_count;
};

static inline cl_mem cg_buffer_mem(const cg_buffer *buffer)
{
    return ((const cg_cl_buffer *)buffer)->mem;
}

/* Remembers the command unless it is the one before; the oldest is forgotten. */
static inline void cg_recent_add(cg_cl *cl, const char *command)
{
    size_t last = (cl->recent_count + CG_RECENT - 1) % CG_RECENT;
    if (!cl->recent_count || cl->recent[last] != command)
        cl->recent[cl->recent_count++ % CG_RECENT] = command;
}

/* Returns the place for the event of the next command, NULL when none is wanted. */
static inline cl_event *cg_event_next(const cg_runtime *rt, const char *command)
{
    const cg_event_sink *sink = &rt->cl->sink;
    cg_recent_add(rt->cl, command);
    return sink->next ? sink->next(sink->user, command) : NULL;
}

#endif
