/* The Frechet distance between the Gaussians that two sets of points are fitted by:
 *
 *     |m1 - m2|^2 + tr (C1 + C2 - 2 (C1 C2)^(1/2)),    C = sum (x - m)(x - m)^T / (n - 1)
 *
 * Source: Dowson and Landau 1982. The distance of features of images is the FID (Heusel et al.
 * 2017). All in float64 on the host.
 *
 *     cg_frechet_fit *real;
 *     CG_TRY(cg_frechet_fit_create(&real, x, nx, d, seed));
 *     CG_TRY(cg_frechet_compare(&fid, real, fake, seed));
 */
#ifndef CLGAN_EVAL_FRECHET_H
#define CLGAN_EVAL_FRECHET_H

#include "eval/interval.h"

#include <clgan/status.h>
#include <stdint.h>

/* A build without LAPACK does not measure the distance (eval/trace_root.h): there each distance and
 * each end of its interval is NAN. */

/* A set's statistics, kept for comparisons with many others: the moments of up to 100 random groups
 * of its points, each (d + 1)(d + 2) / 2 numbers; 7 MB in 128 dimensions. */
typedef struct cg_frechet_fit cg_frechet_fit;

/* x [n][d]. The seed selects the points of each group. CG_ERR_SHAPE for fewer than 2 points,
 * CG_ERR_DIVERGED for a number that is not finite. To be released. */
cg_status cg_frechet_fit_create(cg_frechet_fit **fit, const float *x, size_t n, size_t d,
                                uint64_t seed);

/* NULL is accepted. */
void cg_frechet_fit_release(cg_frechet_fit *fit);

/* *distance = the distance alone. CG_ERR_SHAPE where the dimensions differ. */
cg_status cg_frechet_distance(double *distance, const cg_frechet_fit *x, const cg_frechet_fit *y);

/* *fid = the distance and its bootstrap interval, from 200 redrawn pairs of sets: a set of g groups
 * is redrawn as g of its groups, each as likely. CG_ERR_SHAPE as above. */
cg_status cg_frechet_compare(cg_interval *fid, const cg_frechet_fit *x, const cg_frechet_fit *y,
                             uint64_t seed);

#endif
