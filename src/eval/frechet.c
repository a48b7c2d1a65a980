/* The Frechet distance.
 *
 * With z = (1, x - shift), the sum of z z^T has all numbers that a Gaussian is fitted to: the
 * number of points, their sum, and their products. A group of points is therefore one triangular
 * matrix, and a set, or a resampled one, is a sum of them. The shift, the set's mean, keeps the
 * sums small. */
#include "eval/frechet.h"

#include "base/memory.h"
#include "base/phase.h"
#include "base/try.h"
#include "eval/random.h"
#include "eval/points.h"
#include "eval/trace_root.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUPS = 100,
    DRAWS = 200,
    TOGETHER = 4 /* points that are added in one go: a triangle is read and written for each */
};

struct cg_frechet_fit {
    size_t n, d, groups, size; /* of a triangle */
    double *shift;             /* [d] */
    double *triangles;         /* [groups][size], lower: row i has i + 1 numbers */
};

/* ---- sets ------------------------------------------------------------------------------------ */

/* t += the sum of z z^T over the points z [TOGETHER][width]. */
static void add_points(double *t, const double *z, size_t width)
{
    const double *z0 = z, *z1 = z0 + width, *z2 = z1 + width, *z3 = z2 + width;
    for (size_t i = 0; i < width; t += ++i) {
        const double a = z0[i], b = z1[i], c = z2[i], e = z3[i];
        for (size_t j = 0; j <= i; j++)
            t[j] += a * z0[j] + b * z1[j] + c * z2[j] + e * z3[j];
    }
}

/* The points of a group, `order` names them. z [TOGETHER][d + 1]; what is no point is all 0. */
static void add_group(double *t, double *z, const cg_frechet_fit *fit, const float *x,
                      const size_t *order, size_t count)
{
    const size_t width = fit->d + 1;
    for (size_t first = 0; first < count; first += TOGETHER) {
        memset(z, 0, TOGETHER * width * sizeof *z);
        for (size_t i = 0; i < TOGETHER && first + i < count; i++) {
            const float *point = x + order[first + i] * fit->d;
            z[i * width] = 1;
            for (size_t j = 0; j < fit->d; j++)
                z[i * width + 1 + j] = (double)point[j] - fit->shift[j];
        }
        add_points(t, z, width);
    }
}

static cg_status add_groups(cg_frechet_fit *fit, const float *x, uint64_t seed)
{
    cg_status status = CG_OK;
    cg_eval_random draw;
    size_t *order = NULL, n = fit->n;
    double *z = NULL;
    CG_TRY(cg_memory_create(&order, n, sizeof *order));
    CG_TRY(cg_memory_create(&z, TOGETHER * (fit->d + 1), sizeof *z));
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    cg_eval_random_init(&draw, seed, CG_EVAL_RANDOM_GROUPS, 0);
    cg_eval_random_choose(&draw, order, n, n);
    for (size_t g = 0; g < fit->groups; g++) {
        size_t from = g * n / fit->groups, to = (g + 1) * n / fit->groups;
        add_group(fit->triangles + g * fit->size, z, fit, x, order + from, to - from);
    }
done:
    free(order);
    free(z);
    return status;
}

cg_status cg_frechet_fit_create(cg_frechet_fit **fit, const float *x, size_t n, size_t d,
                                uint64_t seed)
{
    cg_status status = CG_OK;
    cg_frechet_fit *f = NULL;

    *fit = NULL;
    CG_TRY(cg_points_check(x, n, d, 2));
    CG_TRY(cg_memory_create(&f, 1, sizeof *f));
    f->n = n;
    f->d = d;
    f->groups = n < GROUPS ? n : GROUPS;
    f->size = (d + 1) * (d + 2) / 2;
    CG_TRY(cg_memory_create(&f->shift, d, sizeof *f->shift));
    CG_TRY(cg_memory_create(&f->triangles, f->groups * f->size, sizeof *f->triangles));
    cg_points_mean(f->shift, x, n, d);
    CG_TRY(add_groups(f, x, seed));
    *fit = f;
    f = NULL;
done:
    cg_frechet_fit_release(f);
    return status;
}

void cg_frechet_fit_release(cg_frechet_fit *fit)
{
    if (!fit)
        return;
    free(fit->shift);
    free(fit->triangles);
    free(fit);
}

/* ---- Gaussians ------------------------------------------------------------------------------- */

typedef struct gaussian {
    double *mean;       /* [d]                                     */
    double *covariance; /* [d][d], the lower triangle, row by row */
} gaussian;

/* The memory is reused for each pair of sets. */
typedef struct workspace {
    gaussian x, y;
    double *sum;    /* [size], of triangles */
    double *memory; /* all the numbers      */
    cg_trace_root *root;
} workspace;

static cg_status workspace_init(workspace *w, size_t d, size_t size)
{
    cg_status status = CG_OK;
    double **const arrays[] = {&w->x.mean, &w->y.mean, &w->x.covariance, &w->y.covariance, &w->sum};
    const size_t sizes[] = {d, d, d * d, d * d, size};
    CG_TRY(cg_trace_root_create(&w->root, d));
    CG_TRY(cg_memory_create(&w->memory, 2 * d + 2 * d * d + size, sizeof *w->memory));
    double *next = w->memory;
    for (size_t i = 0; i < CG_COUNT(arrays); next += sizes[i++])
        *arrays[i] = next;
done:
    return status;
}

static void workspace_deinit(workspace *w)
{
    free(w->memory);
    cg_trace_root_release(w->root);
}

/* The Gaussian of a sum of triangles. */
static void fit_gaussian(gaussian *g, const double *sum, const cg_frechet_fit *fit)
{
    const size_t d = fit->d;
    const double n = sum[0], *row = sum + 1; /* row i has i + 2 numbers */
    for (size_t i = 0; i < d; row += i + 2, i++) {
        g->mean[i] = row[0] / n; /* the shift comes at the end */
        for (size_t j = 0; j <= i; j++)
            g->covariance[i * d + j] = (row[j + 1] - row[0] * g->mean[j]) / (n - 1);
    }
    for (size_t i = 0; i < d; i++)
        g->mean[i] += fit->shift[i];
}

/* The Gaussian of the set; with a draw, of a set redrawn from its groups. */
static void take_gaussian(gaussian *g, double *sum, const cg_frechet_fit *fit, cg_eval_random *draw)
{
    size_t times[GROUPS] = {0};
    memset(sum, 0, fit->size * sizeof *sum);
    for (size_t i = 0; i < fit->groups; i++)
        times[draw ? cg_eval_random_below(draw, fit->groups) : i]++;
    for (size_t group = 0; group < fit->groups; group++) {
        const double *t = fit->triangles + group * fit->size;
        for (size_t j = 0; times[group] && j < fit->size; j++)
            sum[j] += (double)times[group] * t[j];
    }
    fit_gaussian(g, sum, fit);
}

/* ---- the distance ---------------------------------------------------------------------------- */

/* *distance = that between the two sets, or, with a random stream, between bootstrap samples. */
static cg_status measure_distance(double *distance, workspace *w, const cg_frechet_fit *x,
                                  const cg_frechet_fit *y, cg_eval_random *draw)
{
    double trace, sum = 0;
    take_gaussian(&w->x, w->sum, x, draw);
    take_gaussian(&w->y, w->sum, y, draw);
    for (size_t i = 0; i < x->d; i++) {
        double apart = w->x.mean[i] - w->y.mean[i];
        sum += apart * apart + w->x.covariance[i * x->d + i] + w->y.covariance[i * x->d + i];
    }
    cg_status status = cg_trace_root_measure(&trace, w->root, w->x.covariance, w->y.covariance);
    *distance = status == CG_OK ? fmax(sum - 2 * trace, 0) : 0;
    return status;
}

static cg_status check_dimensions(const cg_frechet_fit *x, const cg_frechet_fit *y)
{
    if (x->d != y->d)
        return cg_fail(CG_ERR_SHAPE, "Frechet distance: points of %zu and of %zu dimensions", x->d,
                       y->d);
    return CG_OK;
}

cg_status cg_frechet_distance(double *distance, const cg_frechet_fit *x, const cg_frechet_fit *y)
{
    cg_status status = CG_OK;
    workspace w = {0};
    *distance = NAN;
    CG_TRY(check_dimensions(x, y));
    if (!cg_trace_root_available())
        goto done;
    CG_TRY(workspace_init(&w, x->d, x->size));
    CG_TRY(measure_distance(distance, &w, x, y, NULL));
done:
    workspace_deinit(&w);
    return status;
}

cg_status cg_frechet_compare(cg_interval *fid, const cg_frechet_fit *x, const cg_frechet_fit *y,
                             uint64_t seed)
{
    cg_status status = CG_OK;
    workspace w = {0};
    double value, draws[DRAWS];
    cg_phase phase = {.words = "resampling distances", .total = DRAWS};

    *fid = (cg_interval){0};
    cg_phase_begin(&phase);
    CG_TRY(cg_frechet_distance(&value, x, y));
    if (isnan(value)) {
        *fid = (cg_interval){NAN, NAN, NAN};
        goto done;
    }
    CG_TRY(workspace_init(&w, x->d, x->size));
    for (uint32_t i = 0; i < DRAWS; i++) {
        cg_eval_random draw;
        cg_eval_random_init(&draw, seed, CG_EVAL_RANDOM_BOOTSTRAP, i);
        CG_TRY(measure_distance(&draws[i], &w, x, y, &draw));
        cg_phase_advance(&phase, i + 1);
    }
    cg_interval_init(fid, value, draws, DRAWS, 1);
    fid->low = fmax(fid->low, 0);
done:
    cg_phase_end(&phase);
    workspace_deinit(&w);
    return status;
}
