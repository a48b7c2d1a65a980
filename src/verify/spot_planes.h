/* A map as a spot check's sums see it: planes of one channel of one image, after the prologue.
 *
 * Sums are made in CG_SPOT_SHARES shares, by several threads at once, each of which has planes of
 * its own. */
#ifndef CLGAN_VERIFY_SPOT_PLANES_H
#define CLGAN_VERIFY_SPOT_PLANES_H

#include "verify/spot_array.h"

typedef struct cg_spot_planes cg_spot_planes;

enum { CG_SPOT_SHARES = 8 };

/* The planes of image `n` that a share has computed. */
typedef struct cg_spot_image {
    size_t n;
    bool *known;                       /* [c] */
    double *value, *magnitude, *error; /* [c, h w]: |parts of the value|, how wrong the input is */
    double *norm;                      /* [c]: the root of the sum of squares of magnitudes */
    double *source;                    /* what planes->prepare made of the image */
} cg_spot_image;

struct cg_spot_planes {
    cg_spot *spot;
    cg_map map;
    const float *data; /* the map's; NULL: it is derived */
    /* value[h w] +- error[h w] of a plane of which the device has a transform alone, of `source`
     * and of what `prepare` (NULL: nothing) made of the image: source_size numbers. */
    void (*derive)(const cg_spot_planes *planes, const cg_spot_image *image, size_t c,
                   double *value, double *error);
    void (*prepare)(const cg_spot_planes *planes, double *made, size_t n);
    void *source;
    size_t source_size;
    const float *scale, *shift, *image; /* the prologue; NULL: without */
    size_t groups;
    double slope;
    cg_spot_image images[CG_SPOT_SHARES];
};

/* Reads the map, through the prologue (NULL: none). */
cg_status cg_spot_planes_init(cg_spot_planes *planes, cg_spot *spot, const cg_map *map,
                              const cg_prologue *prologue);

/* Makes room for the planes of all shares, once data or derive is filled in. */
cg_status cg_spot_planes_create(cg_spot_planes *planes);

/* Returns the index of the plane's first element in value, magnitude and error of the share's
 * image, computed. */
size_t cg_spot_plane(cg_spot_planes *planes, size_t share, size_t n, size_t c);

#endif
