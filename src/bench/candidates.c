/* The order of candidates. */
#include "bench/candidates.h"

#include <stdlib.h>
#include <string.h>

int cg_candidate_promise(const char *name, const char *shipped)
{
    size_t length = strcspn(name, ":");
    if (strcspn(shipped, ":") == length && strncmp(name, shipped, length) == 0)
        return 0;
    if (strcmp(name, "plain") == 0)
        return 3;
    return name[length] ? 2 : 1;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_candidates(const void *a, const void *b)
{
    const cg_candidate *x = a, *y = b;
    const double differences[] = {
        compare(x->promise, y->promise),
        compare(x->only != NULL, y->only != NULL),
        compare(y->weight, x->weight),
        compare((double)x->layer, (double)y->layer),
        x->only && y->only ? (double)(x->only - y->only) : 0,
        compare((double)x->name, (double)y->name),
    };
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++)
        if (differences[i] != 0)
            return differences[i] < 0 ? -1 : 1;
    return 0;
}

void cg_candidates_sort(cg_candidate *list, size_t count)
{
    if (count)
        qsort(list, count, sizeof *list, compare_candidates);
}
