/* Kernels by name, for a count of those that are still to be compiled: work is gone through without
 * being done, and what it would launch is noted.
 */
#ifndef CLGAN_OCL_REHEARSAL_H
#define CLGAN_OCL_REHEARSAL_H

#include "base/phase.h"
#include "base/waiting.h"
#include "ocl/build_options.h"
#include "ocl/types.h"

/* Runs the work, during which nothing is built, launched or transferred: buffers stay as they are,
 * and what would be read from them is left alone. Its kernels count as foreseen from then on. */
cg_status cg_rehearse(cg_runtime *rt, cg_status (*work)(void *user), void *user);

/* Notes that the kernel will be needed; options: NULL: none. */
void cg_rehearsal_note(cg_runtime *rt, const char *file, const char *kernel,
                       const cg_build_options *options);

/* A phase of compiling the kernel of that file, whose time adds up in rt->build_seconds; `ran`: a
 * kernel has run for the first time. Phases within each other count once. */
typedef struct cg_compiling {
    cg_phase phase;
    cg_wait wait;
    double start;
} cg_compiling;

void cg_compiling_begin(cg_compiling *compiling, cg_runtime *rt, const char *kernel,
                        const char *file);
void cg_compiling_end(cg_compiling *compiling, cg_runtime *rt, bool ran);

#endif
