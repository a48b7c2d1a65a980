/* Numbers in ascending order. */
#include "base/median.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void cg_sort_doubles(double *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, compare);
}

double cg_median(double *numbers, size_t count)
{
    cg_sort_doubles(numbers, count);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}
