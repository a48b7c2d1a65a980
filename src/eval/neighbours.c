/* Nearest neighbours: a sweep over all pairs of two sets, tile by tile (cl/neighbours.cl). */
#include "eval/neighbours.h"

#include "base/memory.h"
#include "base/phase.h"
#include "base/try.h"
#include "eval/kernels.h"
#include "eval/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tile's largest sides, multiples of CG_BLOCK. A tile and its operands should lie in a cache, and
 * rows that are a multiple of 2^10 apart would share their places in it. */
enum { QUERIES = CG_NEIGHBOURS_QUERIES, POINTS = 1056 };

/* ---- sweeps ---------------------------------------------------------------------------------- */

/* One side of a sweep: a set, and as much of it as a tile holds. */
typedef struct side {
    const float *x;
    size_t n;
    const float *radii; /* [n], squared; NULL where there are no balls */
    cg_points points;
    cg_buffer *tile_radii;
} side;

/* A sweep leaves two arrays of 4-byte words for each query, [slots][n] both, in results. On the
 * device they are the kernel's state, [slots][queries of a tile], which starts as `initial`. */
typedef struct sweep {
    cg_runtime *rt;
    size_t d, slots;
    const double *centre;
    side queries, points;
    cg_status (*visit)(const struct sweep *s, const cg_pairs *pairs, size_t first);
    uint32_t initial[2];
    uint32_t *results[2];
    cg_buffer *products, *state[2];
    uint32_t *words; /* a state, here */
} sweep;

static cg_status side_init(side *s, cg_runtime *rt, size_t d, size_t most)
{
    cg_status status = CG_OK;
    CG_TRY(cg_points_init(&s->points, rt, s->n < most ? s->n : most, d));
    CG_TRY(cg_buffer_create(&s->tile_radii, rt, s->points.rows * sizeof(float)));
done:
    return status;
}

static void side_deinit(side *s)
{
    cg_points_deinit(&s->points);
    cg_buffer_release(s->tile_radii);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The points from `first` on, as many as there is room for. */
static cg_status side_load(const side *s, size_t first, const double *centre)
{
    cg_status status = CG_OK;
    const size_t n = smaller(s->n - first, s->points.rows);
    CG_TRY(cg_points_upload(&s->points, s->x + first * s->points.d, NULL, n, centre));
    if (s->radii)
        CG_TRY(cg_buffer_upload(s->tile_radii, 0, s->radii + first, n * sizeof(float)));
done:
    return status;
}

static cg_status sweep_init(sweep *s)
{
    cg_status status = CG_OK;
    CG_TRY(side_init(&s->queries, s->rt, s->d, QUERIES));
    CG_TRY(side_init(&s->points, s->rt, s->d, POINTS));
    const size_t queries = s->queries.points.rows, points = s->points.points.rows;
    CG_TRY(cg_buffer_create(&s->products, s->rt, points * queries * sizeof(float)));
    CG_TRY(cg_memory_create(&s->words, s->slots * queries, sizeof *s->words));
    for (size_t i = 0; i < 2; i++) {
        CG_TRY(cg_buffer_create(&s->state[i], s->rt, s->slots * queries * sizeof *s->words));
        CG_TRY(cg_memory_create(&s->results[i], s->slots * s->queries.n, sizeof *s->words));
    }
done:
    return status;
}

static void sweep_deinit(sweep *s)
{
    side_deinit(&s->queries);
    side_deinit(&s->points);
    cg_buffer_release(s->products);
    free(s->words);
    for (size_t i = 0; i < 2; i++) {
        cg_buffer_release(s->state[i]);
        free(s->results[i]);
    }
}

/* Downloads the results of the queries from `first` on. */
static cg_status download_results(const sweep *s, size_t first)
{
    cg_status status = CG_OK;
    const size_t rows = s->queries.points.rows, n = smaller(s->queries.n - first, rows);
    for (size_t i = 0; i < 2; i++) {
        CG_TRY(cg_buffer_download(s->state[i], 0, s->words, s->slots * rows * sizeof *s->words));
        for (size_t slot = 0; slot < s->slots; slot++)
            memcpy(s->results[i] + slot * s->queries.n + first, s->words + slot * rows,
                   n * sizeof *s->words);
    }
done:
    return status;
}

/* The loaded queries and the points from `first` on. */
static cg_status visit_tile(const sweep *s, size_t first)
{
    cg_status status = CG_OK;
    const side *q = &s->queries, *p = &s->points;
    const cg_pairs pairs = {.queries = q->points.rows,
                            .points = p->points.rows,
                            .products = s->products,
                            .query_squares = q->points.squares,
                            .point_squares = p->points.squares,
                            .query_radii = q->tile_radii,
                            .point_radii = p->tile_radii};
    CG_TRY(side_load(p, first, s->centre));
    CG_TRY(cg_points_multiply(s->rt, s->products, &p->points, &q->points));
    CG_TRY(s->visit(s, &pairs, first));
done:
    return status;
}

static cg_status run_sweep(sweep *s)
{
    cg_status status = CG_OK;
    cg_phase phase = {.words = "comparing neighbours"};
    cg_phase_begin(&phase);
    CG_TRY(sweep_init(s));
    phase.total = cg_ceil_div(s->queries.n, s->queries.points.rows);
    for (size_t q = 0; q < s->queries.n; q += s->queries.points.rows) {
        for (size_t i = 0; i < 2; i++)
            CG_TRY(cg_buffer_fill(s->state[i], s->initial[i]));
        CG_TRY(side_load(&s->queries, q, s->centre));
        for (size_t p = 0; p < s->points.n; p += s->points.points.rows)
            CG_TRY(visit_tile(s, p));
        CG_TRY(download_results(s, q));
        cg_phase_advance(&phase, phase.done + 1);
    }
done:
    cg_phase_end(&phase);
    return status;
}

/* ---- nearest points -------------------------------------------------------------------------- */

#define INFINITE UINT32_C(0x7F800000) /* as a float32 */
#define NOBODY   UINT32_MAX

static cg_status visit_nearest(const sweep *s, const cg_pairs *pairs, size_t first)
{
    return cg_neighbours_find(s->rt, s->state[0], s->state[1], s->slots, pairs, first);
}

bool cg_neighbours_are_distinct(const uint32_t *index, size_t slots, size_t stride, size_t points)
{
    bool distinct = true;
    for (size_t i = 0; i < slots; i++) {
        distinct &= index[i * stride] < points;
        for (size_t j = 0; j < i; j++)
            distinct &= index[i * stride] != index[j * stride];
    }
    return distinct;
}

/* Leaves the `count` points that are nearest to each query: squared distances, and who they are. */
static cg_status find_nearest(sweep *s, size_t count)
{
    cg_status status = CG_OK;
    s->slots = count;
    s->visit = visit_nearest;
    s->initial[0] = INFINITE;
    s->initial[1] = NOBODY;
    CG_TRY(run_sweep(s));
    for (size_t i = 0; i < count * s->queries.n; i++)
        if (s->results[1][i] == NOBODY)
            return cg_fail(CG_ERR_DIVERGED,
                           "neighbours: the squared distances of point %zu overflow float32",
                           i % s->queries.n);
    for (size_t i = 0; i < s->queries.n; i++)
        if (!cg_neighbours_are_distinct(s->results[1] + i, count, s->queries.n, s->points.n))
            return cg_fail(CG_ERR_WRONG,
                           "%s (driver %s) computes wrong results: neighbours_find gives point %zu "
                           "neighbours that are none",
                           cg_runtime_device(s->rt)->name, cg_runtime_device(s->rt)->driver, i);
done:
    return status;
}

static double distance_between(const float *a, const float *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        double apart = (double)a[j] - (double)b[j];
        sum += apart * apart;
    }
    return sqrt(sum);
}

cg_status cg_neighbours_nearest(cg_runtime *rt, float *distance, size_t *index, const float *x,
                                size_t nx, const float *y, size_t ny, size_t d)
{
    cg_status status = CG_OK;
    double *centre = NULL;
    sweep s = {.rt = rt, .d = d, .queries = {.x = x, .n = nx}, .points = {.x = y, .n = ny}};

    CG_TRY(cg_points_check(x, nx, d, 1));
    CG_TRY(cg_points_check(y, ny, d, 1));
    CG_TRY(cg_memory_create(&centre, d, sizeof *centre));
    cg_points_mean(centre, y, ny, d);
    s.centre = centre;
    CG_TRY(find_nearest(&s, 1));
    for (size_t i = 0; i < nx && index; i++)
        index[i] = s.results[1][i];
    for (size_t i = 0; i < nx; i++)
        distance[i] = (float)distance_between(x + i * d, y + s.results[1][i] * d, d);
done:
    sweep_deinit(&s);
    free(centre);
    return status;
}

/* ---- balls ----------------------------------------------------------------------------------- */

/* The k-th nearest of k + 1 points that are not the i-th itself: which, where there are copies of
 * it, need not be among them. */
static float kth_other(const sweep *s, size_t i, size_t k)
{
    size_t slot = 0, others = 0;
    float square;
    for (;; slot++) {
        others += s->results[1][slot * s->queries.n + i] != i;
        if (others == k)
            break;
    }
    memcpy(&square, &s->results[0][slot * s->queries.n + i], sizeof square);
    return square;
}

cg_status cg_balls_init(cg_balls *balls, cg_runtime *rt, const float *x, size_t n, size_t d,
                        size_t k)
{
    cg_status status = CG_OK;
    cg_balls b = {.x = x, .n = n, .d = d, .k = k};
    sweep s = {.rt = rt, .d = d, .queries = {.x = x, .n = n}, .points = {.x = x, .n = n}};

    *balls = (cg_balls){0};
    CG_TRY(cg_points_check(x, n, d, k + 1));
    CG_TRY(cg_memory_create(&b.centre, d, sizeof *b.centre));
    CG_TRY(cg_memory_create(&b.squares, n, sizeof *b.squares));
    cg_points_mean(b.centre, x, n, d);
    s.centre = b.centre;
    CG_TRY(find_nearest(&s, k + 1));
    for (size_t i = 0; i < n; i++)
        b.squares[i] = kth_other(&s, i, k);
    *balls = b;
    b = (cg_balls){0};
done:
    sweep_deinit(&s);
    cg_balls_deinit(&b);
    return status;
}

void cg_balls_deinit(cg_balls *balls)
{
    free(balls->centre);
    free(balls->squares);
    *balls = (cg_balls){0};
}

/* ---- comparisons ----------------------------------------------------------------------------- */

static cg_status visit_count(const sweep *s, const cg_pairs *pairs, size_t first)
{
    (void)first;
    return cg_neighbours_count(s->rt, s->state[0], s->state[1], pairs);
}

/* The counts behind precision, density and coverage: how one set's balls and the other set's points
 * meet. */
typedef struct census {
    double inside; /* the share of balls with a point of the other set in them */
    double around; /* the share of points that lie in a ball of the other set  */
    double balls;  /* how many of them a point lies in, the mean               */
} census;

static cg_status take_census(census *c, cg_runtime *rt, const cg_balls *queries,
                             const cg_balls *points, const double *centre)
{
    cg_status status = CG_OK;
    sweep s = {.rt = rt,
               .d = queries->d,
               .slots = 1,
               .centre = centre,
               .queries = {.x = queries->x, .n = queries->n, .radii = queries->squares},
               .points = {.x = points->x, .n = points->n, .radii = points->squares},
               .visit = visit_count};
    const double n = (double)queries->n;
    size_t inside = 0, around = 0, balls = 0;
    CG_TRY(run_sweep(&s));
    for (size_t i = 0; i < queries->n; i++) {
        inside += s.results[0][i] > 0;
        around += s.results[1][i] > 0;
        balls += s.results[1][i];
    }
    *c = (census){(double)inside / n, (double)around / n, (double)balls / n};
done:
    sweep_deinit(&s);
    return status;
}

cg_status cg_neighbours_compare(cg_runtime *rt, cg_manifold *m, const cg_balls *real,
                                const cg_balls *fake)
{
    cg_status status = CG_OK;
    census of_real, of_fake;
    *m = (cg_manifold){0};
    if (real->d != fake->d || real->k != fake->k)
        return cg_fail(
            CG_ERR_SHAPE,
            "cannot compare balls of %zu real points in %zu dimensions with balls of %zu fakes "
            "in %zu",
            real->k, real->d, fake->k, fake->d);
    CG_TRY(take_census(&of_real, rt, real, fake, real->centre));
    CG_TRY(take_census(&of_fake, rt, fake, real, real->centre));
    m->precision = of_fake.around;
    m->recall = of_real.around;
    m->density = of_fake.balls / (double)real->k;
    m->coverage = of_real.inside;
done:
    return status;
}
