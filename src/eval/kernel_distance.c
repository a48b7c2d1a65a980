/* The kernel distance: a product, a kernel that sums over it (cl/kernel_distance.cl), and sums of
 * its sums. */
#include "eval/kernel_distance.h"

#include "base/memory.h"
#include "base/phase.h"
#include "base/try.h"
#include "eval/random.h"
#include "eval/kernels.h"
#include "eval/points.h"

#include <math.h>
#include <stdlib.h>

enum {
    SUBSETS = 100,
    SUBSET = 1000 /* points of a subset */
};

/* One of the two sets, and its current subset. */
typedef struct subset {
    const float *x;
    size_t n, count; /* points of the set, of the subset */
    size_t *order;   /* [n]: the first `count` are the subset's */
    cg_points points;
} subset;

typedef struct workspace {
    cg_runtime *rt;
    subset x, y;
    size_t d;
    cg_buffer *products, *partial;
    float *sums; /* partial, here */
} workspace;

static cg_status subset_init(subset *s, cg_runtime *rt, const float *x, size_t n, size_t d)
{
    cg_status status = CG_OK;
    *s = (subset){.x = x, .n = n, .count = n < SUBSET ? n : SUBSET};
    CG_TRY(cg_points_check(x, n, d, 2));
    CG_TRY(cg_memory_create(&s->order, n, sizeof *s->order));
    CG_TRY(cg_points_init(&s->points, rt, s->count, d));
    for (size_t i = 0; i < n; i++)
        s->order[i] = i;
done:
    return status;
}

static cg_status workspace_init(workspace *w)
{
    cg_status status = CG_OK;
    const size_t nx = w->x.points.rows, ny = w->y.points.rows, most = nx > ny ? nx : ny;
    const size_t sums = cg_ceil_div(most, CG_KERNEL_DISTANCE_CHUNK) * most;
    CG_TRY(cg_buffer_create(&w->products, w->rt, most * most * sizeof(float)));
    CG_TRY(cg_buffer_create(&w->partial, w->rt, sums * sizeof(float)));
    CG_TRY(cg_memory_create(&w->sums, sums, sizeof *w->sums));
done:
    return status;
}

static void workspace_deinit(workspace *w)
{
    free(w->x.order);
    free(w->y.order);
    free(w->sums);
    cg_points_deinit(&w->x.points);
    cg_points_deinit(&w->y.points);
    cg_buffer_release(w->products);
    cg_buffer_release(w->partial);
}

/* *mean = the mean of k - 1 over the pairs of two subsets, or over those of one and itself that are
 * of different points. */
static cg_status mean_kernel(double *mean, workspace *w, const subset *a, const subset *b)
{
    cg_status status = CG_OK;
    const size_t rows = a->points.rows, columns = b->points.rows;
    const size_t sums = cg_ceil_div(rows, CG_KERNEL_DISTANCE_CHUNK) * columns;
    const size_t pairs = a->count * (b->count - (a == b));
    double sum = 0;
    CG_TRY(cg_points_multiply(w->rt, w->products, &a->points, &b->points));
    CG_TRY(cg_kernel_distance_sum(w->rt, w->partial, w->products, rows, columns, w->d, a == b));
    CG_TRY(cg_buffer_download(w->partial, 0, w->sums, sums * sizeof *w->sums));
    for (size_t i = 0; i < sums; i++)
        sum += (double)w->sums[i];
    *mean = sum / (double)pairs;
done:
    return status;
}

static cg_status measure_subsets(double *distance, workspace *w, cg_eval_random *draw)
{
    cg_status status = CG_OK;
    subset *const both[] = {&w->x, &w->y};
    double xx, yy, xy;
    for (size_t i = 0; i < 2; i++) {
        subset *s = both[i];
        cg_eval_random_choose(draw, s->order, s->n, s->count);
        CG_TRY(cg_points_upload(&s->points, s->x, s->order, s->count, NULL));
    }
    CG_TRY(mean_kernel(&xx, w, &w->x, &w->x));
    CG_TRY(mean_kernel(&yy, w, &w->y, &w->y));
    CG_TRY(mean_kernel(&xy, w, &w->x, &w->y));
    *distance = xx + yy - 2 * xy;
    if (!isfinite(*distance))
        status =
            cg_fail(CG_ERR_DIVERGED, "kernel distance: the features are too large for float32");
done:
    return status;
}

/* The interval, from the spread of the subsets scaled to that of the sets. Subsets that are the set
 * itself have no spread, which says nothing. */
static void set_interval(cg_interval *kid, const workspace *w, double value, double *draws,
                         size_t count)
{
    const subset *s = w->x.n < w->y.n ? &w->x : &w->y;
    *kid = (cg_interval){value, NAN, NAN};
    if (s->n > s->count)
        cg_interval_init(kid, value, draws, count,
                         sqrt((double)s->count / (double)(s->n - s->count)));
}

cg_status cg_kernel_distance_measure(cg_interval *kid, cg_runtime *rt, const float *x, size_t nx,
                                     const float *y, size_t ny, size_t d, uint64_t seed)
{
    cg_status status = CG_OK;
    workspace w = {.rt = rt, .d = d};
    double value = 0, draws[SUBSETS];
    cg_phase phase = {.words = "comparing subsets"};
    size_t subsets;

    *kid = (cg_interval){0};
    CG_TRY(subset_init(&w.x, rt, x, nx, d));
    CG_TRY(subset_init(&w.y, rt, y, ny, d));
    CG_TRY(workspace_init(&w));
    subsets = w.x.n > w.x.count || w.y.n > w.y.count ? SUBSETS : 1;
    phase.total = subsets;
    cg_phase_begin(&phase);
    for (size_t i = 0; i < subsets; i++) {
        cg_eval_random draw;
        cg_eval_random_init(&draw, seed, CG_EVAL_RANDOM_SUBSETS, (uint32_t)i);
        CG_TRY(measure_subsets(&draws[i], &w, &draw));
        cg_phase_advance(&phase, i + 1);
        value += draws[i] / (double)subsets;
    }
    set_interval(kid, &w, value, draws, subsets);
done:
    cg_phase_end(&phase);
    workspace_deinit(&w);
    return status;
}
