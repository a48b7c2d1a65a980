/* Numbers in ascending order, and their median. */
#ifndef CLGAN_BASE_MEDIAN_H
#define CLGAN_BASE_MEDIAN_H

#include <stddef.h>

/* Sorts finite numbers, the least first. */
void cg_sort_doubles(double *numbers, size_t count);

/* Sorts at least one finite number, and returns the one in the middle, or the mean of two. */
double cg_median(double *numbers, size_t count);

#endif
