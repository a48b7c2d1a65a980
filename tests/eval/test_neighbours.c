/* Neighbours, and the measures made of them, against float64: by NumPy, here, and by the values
 * that are published for Gaussians. */
#include "device.h"
#include "eval/verify_measures.h"
#include "eval/kernels.h"
#include "eval/neighbours.h"
#include "ops/random.h"
#include "sets.h"

#include "base/memory.h"
#include "base/try.h"
#include "verify/approx.h"

#include <string.h>

static const cg_verify_array finds[] = {{.count = 16, .other = 16, .seed = 1},
                                        {.count = 48, .other = 32, .seed = 6},
                                        {.count = 16, .other = 16, .seed = 20},
                                        {.count = 1040, .other = 112, .seed = 6}};

START_TEST(found_are_the_nearest)
{
    const cg_verify_case check = {
        .name = "find", .run = cg_verify_neighbours_find, .array = finds[_i]};
    device_check(&check);
}
END_TEST

static const cg_verify_array counts[] = {{.count = 16, .other = 16}, {.count = 1040, .other = 112}};

START_TEST(counts_are_right)
{
    const cg_verify_case check = {
        .name = "count", .run = cg_verify_neighbours_count, .array = counts[_i]};
    device_check(&check);
}
END_TEST

/* A device's answer is gone by: somebody who is not there would be read, and one who comes twice
 * leaves less than k others. */
START_TEST(neighbours_are_distinct)
{
    const uint32_t index[] = {0, 3, 1, 1, 2, 4}; /* [3][2] */
    ck_assert(cg_neighbours_are_distinct(index, 3, 2, 3));
    ck_assert(!cg_neighbours_are_distinct(index, 3, 2, 2));
    ck_assert(cg_neighbours_are_distinct(index + 1, 3, 2, 5));
    ck_assert(!cg_neighbours_are_distinct(index + 1, 3, 2, 4));
    ck_assert(!cg_neighbours_are_distinct(index + 2, 2, 1, 5));
}
END_TEST

/* All measures of two sets that are compared once. */
static cg_status compare_sets(cg_runtime *rt, cg_manifold *m, const float *real, size_t n_real,
                              const float *fake, size_t n_fake, size_t d, size_t k)
{
    cg_status status = CG_OK;
    cg_balls real_balls = {0}, fake_balls = {0};
    *m = (cg_manifold){0};
    CG_TRY(cg_balls_init(&real_balls, rt, real, n_real, d, k));
    CG_TRY(cg_balls_init(&fake_balls, rt, fake, n_fake, d, k));
    CG_TRY(cg_neighbours_compare(rt, m, &real_balls, &fake_balls));
done:
    cg_balls_deinit(&real_balls);
    cg_balls_deinit(&fake_balls);
    return status;
}

static cg_manifold measure(const float *real, size_t n_real, const float *fake, size_t n_fake,
                           size_t d, size_t k)
{
    cg_manifold m;
    ck_assert_int_eq(compare_sets(device, &m, real, n_real, fake, n_fake, d, k), CG_OK);
    return m;
}

START_TEST(agrees_with_numpy)
{
    fixture f = fixture_read();
    float distance[64];
    cg_manifold m = measure(f.real, f.n_real, f.fake, f.n_fake, f.d, CG_NEIGHBOURS);
    ck_assert_double_eq_tol(m.precision, fixture_value(&f, "precision"), 1e-6);
    ck_assert_double_eq_tol(m.recall, fixture_value(&f, "recall"), 1e-6);
    ck_assert_double_eq_tol(m.density, fixture_value(&f, "density"), 1e-6);
    ck_assert_double_eq_tol(m.coverage, fixture_value(&f, "coverage"), 1e-6);
    ck_assert_int_eq(
        cg_neighbours_nearest(device, distance, NULL, f.fake, f.n_fake, f.real, f.n_real, f.d),
        CG_OK);
    for (size_t i = 0; i < f.n_fake; i++)
        ck_assert_double_eq_tol(
            (double)distance[i],
            cJSON_GetArrayItem(cJSON_GetObjectItem(f.json, "nearest"), (int)i)->valuedouble, 1e-6);
    fixture_free(&f);
}
END_TEST

/* ---- against float64 ------------------------------------------------------------------------- */

/* More than the size of any point here, from the mean. */
static double size_of(const float *x, size_t n, size_t d)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, set_square(x + i * d, x, d));
    return 2 * sqrt(largest);
}

/* The error bound of a squared distance: (d + 6) u (|a| + |b|)^2. */
static double limit_of(const float *x, size_t nx, const float *y, size_t ny, size_t d)
{
    double size = fmax(size_of(x, nx, d), size_of(y, ny, d)) + sqrt(set_square(x, y, d));
    return (double)(d + 6) * CG_ROUNDING * pow(2 * size, 2);
}

static const struct {
    size_t nx, ny, d;
} nearest_sizes[] = {{1, 1, 1},  {1, 17, 3},      {17, 1, 3},
                     {33, 5, 1}, {2100, 1100, 5}, {100, 100, 130}};

START_TEST(nearest)
{
    const size_t nx = nearest_sizes[_i].nx, ny = nearest_sizes[_i].ny, d = nearest_sizes[_i].d;
    float *x = set_draw(nx, d, 100, 1), *y = set_draw(ny, d, 100, 2); /* far from the origin */
    float *distance = malloc(nx * sizeof *distance);
    size_t *index = malloc(nx * sizeof *index);
    memcpy(x, y + (ny - 1) * d, d * sizeof *x); /* a copy */
    ck_assert_int_eq(cg_neighbours_nearest(device, distance, index, x, nx, y, ny, d), CG_OK);
    ck_assert_float_eq(distance[0], 0);
    ck_assert_uint_eq(index[0], ny - 1);
    for (size_t i = 0; i < nx; i++) {
        double least = INFINITY, got = pow((double)distance[i], 2);
        for (size_t j = 0; j < ny; j++)
            least = fmin(least, set_square(x + i * d, y + j * d, d));
        ck_assert_uint_lt(index[i], ny);
        ck_assert_double_le(fabs(got - set_square(x + i * d, y + index[i] * d, d)),
                            4 * CG_ROUNDING * got);
        ck_assert_double_ge(got, least * (1 - 4 * CG_ROUNDING));
        ck_assert_double_le(got, least * (1 + 4 * CG_ROUNDING) + 2 * limit_of(x, nx, y, ny, d));
    }
    free(x);
    free(y);
    free(distance);
    free(index);
}
END_TEST

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Squared distances to the k-th nearest other points. */
static double *radii_of(const float *x, size_t n, size_t d, size_t k)
{
    double *radii = malloc(n * sizeof *radii), *squares = malloc(n * sizeof *squares);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            squares[j] = i == j ? -1 : set_square(x + i * d, x + j * d, d);
        qsort(squares, n, sizeof *squares, compare);
        radii[i] = squares[k];
    }
    free(squares);
    return radii;
}

/* Points with the squared radii of their balls. */
typedef struct ball_set {
    const float *x; /* [n][d] */
    const double *radii;
    size_t n;
} ball_set;

/* The measures by their formulas, with all radii `slack` wider. */
static cg_manifold expect_measures(const ball_set *real, const ball_set *fake, size_t d, size_t k,
                                   double slack)
{
    cg_manifold m = {0};
    bool *precise = calloc(fake->n, sizeof *precise);
    for (size_t i = 0; i < real->n; i++) {
        bool recalled = false, covered = false;
        for (size_t j = 0; j < fake->n; j++) {
            double square = set_square(real->x + i * d, fake->x + j * d, d);
            bool in_real = square < real->radii[i] + slack;
            m.density += in_real ? 1 / (double)(k * fake->n) : 0;
            precise[j] |= in_real;
            covered |= in_real;
            recalled |= square < fake->radii[j] + slack;
        }
        m.recall += recalled ? 1 / (double)real->n : 0;
        m.coverage += covered ? 1 / (double)real->n : 0;
    }
    for (size_t j = 0; j < fake->n; j++)
        m.precision += precise[j] ? 1 / (double)fake->n : 0;
    free(precise);
    return m;
}

static void assert_between(double value, double low, double high)
{
    ck_assert_double_ge(value, low - 1e-12);
    ck_assert_double_le(value, high + 1e-12);
    ck_assert_double_le(high - low, 0.05); /* else it says nothing */
}

static const struct {
    size_t n_real, n_fake, d, k;
} manifold_sizes[] = {{2, 2, 1, 1},    {6, 6, 1, 5},       {7, 30, 3, 2},
                      {50, 33, 17, 5}, {2100, 1100, 8, 5}, {1009, 2065, 6, 12}};

START_TEST(manifold)
{
    const size_t n_real = manifold_sizes[_i].n_real, n_fake = manifold_sizes[_i].n_fake;
    const size_t d = manifold_sizes[_i].d, k = manifold_sizes[_i].k;
    float *real = set_draw(n_real, d, 10, 3), *fake = set_draw(n_fake, d, 10.5f, 4);
    double *real_radii = radii_of(real, n_real, d, k), *fake_radii = radii_of(fake, n_fake, d, k);
    double slack = 2 * limit_of(real, n_real, fake, n_fake, d);
    cg_manifold got = measure(real, n_real, fake, n_fake, d, k);
    const ball_set reals = {real, real_radii, n_real}, fakes = {fake, fake_radii, n_fake};
    cg_manifold low = expect_measures(&reals, &fakes, d, k, -slack);
    cg_manifold high = expect_measures(&reals, &fakes, d, k, slack);
    assert_between(got.precision, low.precision, high.precision);
    assert_between(got.recall, low.recall, high.recall);
    assert_between(got.density, low.density, high.density);
    assert_between(got.coverage, low.coverage, high.coverage);
    free(real);
    free(fake);
    free(real_radii);
    free(fake_radii);
}
END_TEST

/* In each ball lie its centre and k - 1 others: the k-th is on the edge, on either side of the
 * comparison. */
START_TEST(identical_sets)
{
    enum { N = 2500, D = 20 };
    float *x = set_draw(N, D, 3, 5);
    cg_manifold m = measure(x, N, x, N, D, CG_NEIGHBOURS);
    ck_assert_double_eq_tol(m.precision, 1, 1e-12);
    ck_assert_double_eq_tol(m.recall, 1, 1e-12);
    ck_assert_double_eq_tol(m.density, 1, 1e-12);
    ck_assert_double_eq_tol(m.coverage, 1, 1e-12);
    free(x);
}
END_TEST

/* Balls of radius 0 hold nothing; and of seven copies of a point, five others are at no distance,
 * whichever of them are found. */
START_TEST(copies)
{
    enum { N = 70, D = 3 };
    float *x = set_draw(N, D, 3, 6);
    for (size_t i = 0; i < N; i++)
        memcpy(x + i * D, x + i % 10 * D, D * sizeof *x);
    cg_manifold m = measure(x, N, x, N, D, CG_NEIGHBOURS), none = {0};
    ck_assert_mem_eq(&m, &none, sizeof m);
    m = measure(x, N, x, N, D, 7); /* the nearest other place: of its copies, all or none */
    ck_assert_double_eq_tol(m.precision, 1, 1e-12);
    ck_assert_double_eq_tol(m.coverage, 1, 1e-12);
    ck_assert_double_eq_tol(m.density, 1, 1e-12);
    free(x);
}
END_TEST

/* Both sets from N(0, I): what the authors of density and coverage print for one draw of theirs,
 * k = 5. In seven draws by their formulas in NumPy the four had standard deviations of 0.012,
 * 0.005, 0.04 and 0.004; a few points next to the middle lie in very many balls. Four of them are
 * allowed. 3e11 multiply-adds are for the tier exhaustive; manifold, above, has the formulas.
 */
START_TEST(gaussians)
{
    if (!device_runs_every_form())
        return;
    enum { N = 10000, D = 1000 };
    float *x[2];
    cg_buffer *buffer;
    ck_assert_int_eq(
        cg_buffer_create(&buffer, device, cg_round_up((size_t)N * D, CG_RANDOM_GROUP) * sizeof **x),
        CG_OK);
    for (uint32_t i = 0; i < 2; i++) {
        const cg_random random = {.seed = 1, .stream = CG_STREAM_NOISE, .step = i};
        x[i] = malloc((size_t)N * D * sizeof **x);
        ck_assert_int_eq(cg_random_normal(device, buffer, (size_t)N * D, &random), CG_OK);
        ck_assert_int_eq(cg_buffer_download(buffer, 0, x[i], (size_t)N * D * sizeof **x), CG_OK);
    }
    cg_manifold m = measure(x[0], N, x[1], N, D, CG_NEIGHBOURS);
    printf("precision %.4f recall %.4f density %.4f coverage %.4f\n", m.precision, m.recall,
           m.density, m.coverage);
    ck_assert_double_eq_tol(m.precision, 0.4772, 0.056);
    ck_assert_double_eq_tol(m.recall, 0.4705, 0.028);
    ck_assert_double_eq_tol(m.density, 1.0555, 0.2);
    ck_assert_double_eq_tol(m.coverage, 0.9735, 0.02);
    cg_buffer_release(buffer);
    free(x[0]);
    free(x[1]);
}
END_TEST

START_TEST(errors)
{
    float x[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, distance[6];
    cg_manifold m;
    cg_balls a, b;
    ck_assert_int_eq(compare_sets(device, &m, x, 5, x, 6, 2, 5), CG_ERR_SHAPE);
    ck_assert_int_eq(compare_sets(device, &m, x, 6, x, 5, 2, 5), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_neighbours_nearest(device, distance, NULL, x, 0, x, 6, 2), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_neighbours_nearest(device, distance, NULL, x, 6, x, 0, 2), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_balls_init(&a, device, x, 6, 2, 5), CG_OK);
    ck_assert_int_eq(cg_balls_init(&b, device, x, 6, 2, 4), CG_OK);
    ck_assert_int_eq(cg_neighbours_compare(device, &m, &a, &b), CG_ERR_SHAPE);
    cg_balls_deinit(&b);
    ck_assert_int_eq(cg_balls_init(&b, device, x, 12, 1, 5), CG_OK);
    ck_assert_int_eq(cg_neighbours_compare(device, &m, &a, &b), CG_ERR_SHAPE);
    cg_balls_deinit(&a);
    cg_balls_deinit(&b);
    x[3] = 1e30f; /* whose square is too large */
    ck_assert_int_eq(cg_balls_init(&a, device, x, 6, 2, 5), CG_ERR_DIVERGED);
    x[3] = INFINITY;
    ck_assert_int_eq(cg_neighbours_nearest(device, distance, NULL, x, 6, x, 6, 2), CG_ERR_DIVERGED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("neighbours");
    tcase_add_loop_test(tests, found_are_the_nearest, 0, (int)CG_COUNT(finds));
    tcase_add_loop_test(tests, counts_are_right, 0, (int)CG_COUNT(counts));
    tcase_add_test(tests, neighbours_are_distinct);
    tcase_add_test(tests, agrees_with_numpy);
    tcase_add_loop_test(tests, nearest, 0, (int)CG_COUNT(nearest_sizes));
    tcase_add_loop_test(tests, manifold, 0, (int)CG_COUNT(manifold_sizes));
    tcase_add_test(tests, identical_sets);
    tcase_add_test(tests, copies);
    tcase_add_test(tests, gaussians);
    tcase_add_test(tests, errors);
    return device_run_case(tests, "eval/neighbours");
}
