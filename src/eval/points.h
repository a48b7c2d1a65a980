/* Sets of points, x [n][d] row-major, on the host, and some of them at a time on the device. */
#ifndef CLGAN_EVAL_POINTS_H
#define CLGAN_EVAL_POINTS_H

#include "ocl/buffer.h"

/* A set fit to be measured: at least `least` points of one finite number or more. CG_ERR_SHAPE and
 * CG_ERR_DIVERGED, with a sentence. */
cg_status cg_points_check(const float *x, size_t n, size_t d, size_t least);

/* mean [d] = the points' mean, summed in float64. */
void cg_points_mean(double *mean, const float *x, size_t n, size_t d);

/* Room for points on the device: [d][rows], a column each, and their squared lengths [rows]. `rows`
 * is a multiple of CG_BLOCK, as products want it; a column without a point is all zeros, and its
 * length is infinite. */
typedef struct cg_points {
    size_t d, rows;
    cg_buffer *buffer, *squares;
    float *host, *host_squares; /* staging copies on the host */
} cg_points;

/* Room for `most` points, rounded up; to be released by deinit, which accepts {0}. */
cg_status cg_points_init(cg_points *points, cg_runtime *rt, size_t most, size_t d);
void cg_points_deinit(cg_points *points);

/* The first n points of x, or with an order [n] x[order[0]], x[order[1]], ...; `centre` [d] is
 * taken from each (NULL: nothing). n <= rows. Blocking. */
cg_status cg_points_upload(const cg_points *p, const float *x, const size_t *order, size_t n,
                           const double *centre);

/* products [a.rows][b.rows] of each point of a with each of b, of as many dimensions, by the
 * device's default algorithm for dense layers. Asynchronous. */
cg_status cg_points_multiply(cg_runtime *rt, cg_buffer *products, const cg_points *a,
                             const cg_points *b);

#endif
