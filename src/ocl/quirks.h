/* Quirks: behaviour of drivers that they do not report, and that is known by their names and
 * versions alone. */
#ifndef CLGAN_OCL_QUIRKS_H
#define CLGAN_OCL_QUIRKS_H

#include <clgan/device.h>

typedef struct cg_quirks {
    bool short_loops;     /* a work-item may take 65535 iterations in all its loops, no more */
    bool no_prefetch;     /* kernels leave hints to the cache out */
    bool no_lanes16;      /* its compiler ends the process at vectors of 16 floats */
    bool own_cache;       /* the driver keeps programs itself, and better than we can */
    size_t spread;        /* factor of global[0] for CPU kernels with few groups: cl/common.clh */
    size_t test_batch;    /* the self-test's stages take so many images at most, 0: any number; a
                             simulator takes minutes for a large batch */
    const char *unusable; /* why no kernel can be built, NULL when that is not known */
} cg_quirks;

/* The quirks of a device by its name, its version, its platform's name and its driver's version. */
cg_quirks cg_quirks_find(const cg_device_info *info);

#endif
