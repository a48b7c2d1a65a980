/* Runtimes and buffers as the modules above ocl/ see them, without OpenCL's types. OpenCL's side of
 * both is in ocl/cl_types.h.
 */
#ifndef CLGAN_OCL_TYPES_H
#define CLGAN_OCL_TYPES_H

#include "ocl/quirks.h"

#include <clgan/runtime.h>

/* A runtime: its device's properties, and counts of what it has done. */
struct cg_runtime {
    cg_device_info info;
    cg_quirks quirks;
    size_t vec;  /* the kernels' VEC, one of cg_runtime_widths() */
    bool strict; /* programs give the same bits on every device (docs/strict.md) */
    size_t programs_built, programs_loaded; /* from source; from the cache */
    double build_seconds; /* spent in both, and in kernels' first launches: drivers compile there */
    size_t kernels_run;   /* have been launched */
    size_t kernels_foreseen; /* are known to be needed (ocl/rehearsal.h) */
    size_t compiling;        /* phases of compiling within each other */
    bool rehearsing;         /* nothing is launched or transferred */
    size_t launches;         /* enqueued so far, CLBlast calls counted once each */
    double part_seconds; /* no launch is to last longer, on a device of which a display may hang;
                            0: however long (ocl/parts.h) */
    size_t memory_bytes; /* held in buffers now */
    size_t memory_peak;
    bool trusted;          /* its device is not to be tested (verify/selftest.h) */
    bool planning;         /* buffers are counted only (ocl/footprint.h) */
    size_t planned_buffer; /* bytes of the largest of them */
    struct cg_cl *cl;      /* owned; for the files of ocl/ alone */
};

typedef struct cg_buffer {
    size_t bytes;
    cg_runtime *rt;
    bool is_view; /* a part of another buffer, whose memory it is */
} cg_buffer;

/* True when a work-group may have this much local memory. It may not have all that there is, which
 * NVIDIA's driver refuses. */
static inline bool cg_runtime_has_local(const cg_runtime *rt, size_t bytes)
{
    return bytes < rt->info.local_mem_bytes;
}

#endif
