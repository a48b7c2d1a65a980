/* The kernel distance between two sets of points: the squared maximum mean discrepancy, without
 * bias, for k(x, y) = (x.y / d + 1)^3
 *
 *     mean of k(x, x') over x != x' + mean of k(y, y') over y != y' - 2 mean of k(x, y)
 *
 * averaged over 100 subsets of 1000 points. With features of images as points it is the KID
 * (Binkowski et al. 2018, which has the formula; the interval: Politis and Romano 1994). */
#ifndef CLGAN_EVAL_KERNEL_DISTANCE_H
#define CLGAN_EVAL_KERNEL_DISTANCE_H

#include "eval/interval.h"

#include <clgan/runtime.h>

/* *kid = the distance between x [nx][d] and y [ny][d]; blocking. Each subset is drawn anew, without
 * replacement, and of a set of less than 1000 points it is all of them. The interval is the
 * subsets' spread, scaled from their size m to that of the smaller set n by sqrt(m / (n - m)): as
 * sqrt(m / n), and by 1 / sqrt(1 - m / n) for what subsets share. If n <= m there is one subset and
 * no spread; then, and where n <= m for one of the sets alone, low and high are NAN.
 *
 * Products and terms k - 1 are float32, sums of more than 64 of them float64. With u = 2^-24 and
 * s = sum |x_i y_i| / d, a term and its place in a sum are wrong by at most
 * (d + 3) u 3 s (1 + s)^2 + 68 u s (s^2 + 3 s + 3), and the distance by the means of that over its
 * pairs. Roundings fall to both sides: what is seen is below 10^-3 of it.
 *
 * CG_ERR_SHAPE for fewer than 2 points, CG_ERR_DIVERGED where a number or the result is not
 * finite. */
cg_status cg_kernel_distance_measure(cg_interval *kid, cg_runtime *rt, const float *x, size_t nx,
                                     const float *y, size_t ny, size_t d, uint64_t seed);

#endif
