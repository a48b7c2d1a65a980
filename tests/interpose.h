/* A library that is preloaded stands between a program and other libraries (strict/, liar/,
 * faults/, crashes/): its functions have the names of theirs, and call them as `next`. */
#ifndef CLGAN_TESTS_INTERPOSE_H
#define CLGAN_TESTS_INTERPOSE_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program may open a library for itself alone, as hwloc does in mpirun. RTLD_NEXT then does not
 * find it. */
static inline void *interpose_find_opened(const char *name)
{
    void *library = dlopen("libOpenCL.so.1", RTLD_LAZY | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

/* Defines `next`, the function of that name in the next library. */
#define NEXT(function)                 \
    static __typeof__(function) *next; \
    if (!next)                         \
    interpose_find_next(&next, #function)

static inline void interpose_find_next(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        symbol = interpose_find_opened(name);
    if (!symbol) {
        fprintf(stderr, "no library has %s\n", name);
        abort();
    }
    memcpy(function, &symbol, sizeof symbol);
}

#endif
