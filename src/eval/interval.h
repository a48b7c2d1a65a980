/* A measured value and how far it can be trusted. */
#ifndef CLGAN_EVAL_INTERVAL_H
#define CLGAN_EVAL_INTERVAL_H

#include <clgan/evaluate.h>

/* The interval around `value` from the same measure of `count` redrawn sets, whose mean is m and of
 * which 2.5 % lie below p and 2.5 % above q: [value - scale (q - m), value + scale (m - p)]. The
 * draws count by their spread alone: that all of them may lie too high, as those of a distance do,
 * moves nothing. Sorts the draws. */
void cg_interval_init(cg_interval *interval, double value, double *draws, size_t count,
                      double scale);

#endif
