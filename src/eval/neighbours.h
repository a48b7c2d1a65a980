/* Nearest neighbours, and the measures that follow from them: precision, recall, density and
 * coverage of generated points against real ones.
 *
 *     cg_balls real;
 *     CG_TRY(cg_balls_init(&real, rt, x, nx, d, 5));
 *     CG_TRY(cg_neighbours_compare(rt, &manifold, &real, &fake));
 *
 * Distances are Euclidean. They are compared as float32 squares |a|^2 + |b|^2 - 2 a.b of points
 * centred on the mean of one of the sets: such a square is wrong by at most (d + 6) u (|a| +
 * |b|)^2, u = 2^-24, and the same whichever way round. On the device lie tiles, of at most 8 MiB
 * and 3 thousand points.
 */
#ifndef CLGAN_EVAL_NEIGHBOURS_H
#define CLGAN_EVAL_NEIGHBOURS_H

#include <clgan/runtime.h>
#include <stdbool.h>
#include <stdint.h>

enum { CG_NEIGHBOURS_QUERIES = 2080 /* points of a tile's longer side */ };

/* True when the slots [slots][stride] of index[0] hold distinct numbers below `points`: what comes
 * from a device is looked at before it is gone by. */
bool cg_neighbours_are_distinct(const uint32_t *index, size_t slots, size_t stride, size_t points);

/* distance [nx] = from each point of x [nx][d] to the nearest one of y [ny][d], found in float32,
 * up to its rounding, and measured in float64: the distance of a copy is 0. index [nx] = which one
 * it is; may be NULL. Blocking. CG_ERR_SHAPE for an empty set, CG_ERR_DIVERGED where a number or a
 * squared distance is not finite, CG_ERR_WRONG where the device names points that are none. */
cg_status cg_neighbours_nearest(cg_runtime *rt, float *distance, size_t *index, const float *x,
                                size_t nx, const float *y, size_t ny, size_t d);

/* A set and the ball around each of its points, which reaches to its k-th nearest other point: to
 * be made once for a set that is compared with many. */
typedef struct cg_balls {
    const float *x; /* [n][d], borrowed */
    size_t n, d, k;
    double *centre; /* [d], the mean: of both sets in a comparison with this as the real one */
    float *squares; /* [n], of the radii */
} cg_balls;

/* Blocking; to be released by deinit, which accepts {0}. k >= 1. CG_ERR_SHAPE for n <= k points,
 * CG_ERR_DIVERGED as above. */
cg_status cg_balls_init(cg_balls *balls, cg_runtime *rt, const float *x, size_t n, size_t d,
                        size_t k);
void cg_balls_deinit(cg_balls *balls);

/* Points on a ball's edge are outside of it. Sources: Kynkaanniemi et al. 2019 (precision, recall),
 * Naeem et al. 2020 (density, coverage). */
typedef struct cg_manifold {
    double precision; /* the share of fakes that lie in a real point's ball  */
    double recall;    /* the share of real points that lie in a fake's ball  */
    double density;   /* real points' balls around a fake, their mean, / k   */
    double coverage;  /* the share of real points with a fake in their ball  */
} cg_manifold;

/* Blocking. CG_ERR_SHAPE where d or k differ. */
cg_status cg_neighbours_compare(cg_runtime *rt, cg_manifold *m, const cg_balls *real,
                                const cg_balls *fake);

#endif
