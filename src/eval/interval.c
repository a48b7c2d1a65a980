/* Intervals from redrawn values: the basic bootstrap's (Davison and Hinkley 1997, section 5.2). */
#include "eval/interval.h"

#include "base/median.h"

#include <math.h>

/* Interpolates linearly between the two values next to it (Hyndman and Fan 1996, definition 7). */
static double quantile(const double *sorted, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

void cg_interval_init(cg_interval *interval, double value, double *draws, size_t count,
                      double scale)
{
    double mean = 0;
    for (size_t i = 0; i < count; i++)
        mean += draws[i] / (double)count;
    cg_sort_doubles(draws, count);
    interval->value = value;
    interval->low = value - scale * fmax(quantile(draws, count, 0.975) - mean, 0);
    interval->high = value + scale * fmax(mean - quantile(draws, count, 0.025), 0);
}
