/* A map as a spot check's sums see it: planes of one channel of one image, after the prologue. */
#ifndef CLGAN_VERIFY_SPOT_PLANES_H
#define CLGAN_VERIFY_SPOT_PLANES_H

#include "verify/spot_array.h"

typedef struct cg_spot_planes cg_spot_planes;

struct cg_spot_planes {
    cg_spot *spot;
    cg_map map;
    const float *data; /* the map's; NULL: it is derived */
    /* value[h w] +- error[h w] of a plane of which the device has a transform alone. */
    void (*derive)(const cg_spot_planes *planes, size_t n, size_t c, double *value, double *error);
    void *source;
    const float *scale, *shift, *image; /* the prologue; NULL: without */
    size_t groups;
    double slope;
    /* The planes of image `n` that have been computed. */
    size_t n;
    bool *known;                       /* [c] */
    double *value, *magnitude, *error; /* [c, h w]: |parts of the value|, how wrong the input is */
    double *norm;                      /* [c]: the root of the sum of squares of magnitudes */
};

/* Reads the map, through the prologue (NULL: none). Fill in data or derive afterwards. */
cg_status cg_spot_planes_init(cg_spot_planes *planes, cg_spot *spot, const cg_map *map,
                              const cg_prologue *prologue);

/* Returns the index of the plane's first element in value, magnitude and error, computed. */
size_t cg_spot_plane(cg_spot_planes *planes, size_t n, size_t c);

#endif
