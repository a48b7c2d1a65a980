/* A library stands between a program and its OpenCL library (strict/, liar/): its functions
 * have the names of those of OpenCL, and call them as `next`. */
#ifndef CLGAN_TESTS_INTERPOSE_H
#define CLGAN_TESTS_INTERPOSE_H

#undef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 300 /* with the entry points that the strict library denies */
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Defines `next`, the function of that name in the library below. */
#define NEXT(function)                 \
    static __typeof__(function) *next; \
    if (!next)                         \
    interpose_find_next(&next, #function)

static inline void interpose_find_next(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol) {
        fprintf(stderr, "the OpenCL library has no %s\n", name);
        abort();
    }
    memcpy(function, &symbol, sizeof symbol);
}

#endif
