/* The Frechet distance against SciPy's, and against distances that are known. */
#include "eval/frechet.h"
#include "sets.h"

#include "base/memory.h"
#include "base/try.h"

#include <string.h>

/* The distance of two sets that are compared once. */
static cg_status compare_sets(cg_interval *fid, const float *x, size_t nx, const float *y,
                              size_t ny, size_t d, uint64_t seed)
{
    cg_status status = CG_OK;
    cg_frechet_fit *fx = NULL, *fy = NULL;
    *fid = (cg_interval){0};
    CG_TRY(cg_frechet_fit_create(&fx, x, nx, d, seed));
    CG_TRY(cg_frechet_fit_create(&fy, y, ny, d, seed));
    CG_TRY(cg_frechet_compare(fid, fx, fy, seed));
done:
    cg_frechet_fit_release(fx);
    cg_frechet_fit_release(fy);
    return status;
}

static cg_interval measure(const float *x, size_t nx, const float *y, size_t ny, size_t d,
                           uint64_t seed)
{
    cg_interval fid;
    ck_assert_int_eq(compare_sets(&fid, x, nx, y, ny, d, seed), CG_OK);
    ck_assert_double_le(0, fid.low);
    ck_assert_double_le(fid.low, fid.value);
    ck_assert_double_le(fid.value, fid.high);
    return fid;
}

START_TEST(agrees_with_scipy)
{
    fixture f = fixture_read();
    cg_interval fid = measure(f.real, f.n_real, f.fake, f.n_fake, f.d, 1);
    ck_assert_double_eq_tol(fid.value, fixture_value(&f, "fid"), 1e-6);
    ck_assert_double_lt(fid.low, fid.value);
    ck_assert_double_gt(fid.high, fid.value);
    fixture_free(&f);
}
END_TEST

/* Few points in many dimensions leave a singular covariance. Only as many eigenvalues count as its
 * rank is: roots of what rounding leaves of the others would add up to 1e-6. */
static const struct {
    size_t n, d;
    double tolerance;
} sizes[] = {{2, 1, 1e-12},   {3, 1, 1e-12}, {101, 7, 1e-10},
             {250, 33, 1e-9}, {5, 20, 1e-9}, {2, 3, 1e-9}};

/* A set and itself; moved by c, |c|^2 apart; and twice as large, tr C + |m|^2. */
START_TEST(known_distances)
{
    const size_t n = sizes[_i].n, d = sizes[_i].d;
    float *x = set_draw(n, d, 1, 0), *y = set_draw(n, d, 1, 0);
    double square = 0, trace = 0;
    ck_assert_double_eq_tol(measure(x, n, y, n, d, 1).value, 0, sizes[_i].tolerance * (double)d);
    for (size_t i = 0; i < n * d; i++)
        y[i] = 2 * x[i];
    for (size_t j = 0; j < d; j++) {
        double mean = 0, variance = 0;
        for (size_t i = 0; i < n; i++)
            mean += (double)x[i * d + j] / (double)n;
        for (size_t i = 0; i < n; i++)
            variance += pow((double)x[i * d + j] - mean, 2) / (double)(n - 1);
        square += mean * mean;
        trace += variance;
    }
    ck_assert_double_eq_tol(measure(x, n, y, n, d, 1).value, trace + square,
                            sizes[_i].tolerance * (double)d);
    for (size_t i = 0; i < n * d; i++)
        y[i] = x[i] + 8; /* rounded in float32, to 2^-20 */
    ck_assert_double_eq_tol(measure(x, n, y, n, d, 1).value, 64 * (double)d, 2e-5 * (double)d);
    free(x);
    free(y);
}
END_TEST

START_TEST(points_that_are_one)
{
    float x[12] = {0}, y[8] = {3, 4, 3, 4, 3, 4, 3, 4};
    ck_assert_double_eq_tol(measure(x, 6, y, 4, 2, 1).value, 25, 1e-12);
    ck_assert_double_eq_tol(measure(x, 6, y, 4, 2, 1).high, 25, 1e-12);
}
END_TEST

/* When sets are drawn again and again, 95 in 100 intervals should hold the distance of the
 * distributions, here 1; the sets' own distances lie some 0.02 higher. */
START_TEST(intervals_cover)
{
    enum { TRIES = 60, POINTS = 500, D = 4 };
    int held = 0;
    for (uint32_t i = 0; i < TRIES; i++) {
        float *x = set_draw(POINTS, D, 0, 2 * i), *y = set_draw(POINTS, D, 0.5f, 2 * i + 1);
        cg_interval fid = measure(x, POINTS, y, POINTS, D, i);
        held += fid.low <= 1 && 1 <= fid.high;
        ck_assert_double_lt(fid.high - fid.low, 1);
        free(x);
        free(y);
    }
    ck_assert_int_ge(held, TRIES * 85 / 100);
}
END_TEST

START_TEST(same_seed_same_bits)
{
    float *x = set_draw(301, 5, 0, 1), *y = set_draw(250, 5, 1, 2);
    cg_interval first = measure(x, 301, y, 250, 5, 7), second = measure(x, 301, y, 250, 5, 7);
    cg_interval other = measure(x, 301, y, 250, 5, 8), fitted;
    cg_frechet_fit *fx, *fy;
    ck_assert_mem_eq(&first, &second, sizeof first);
    ck_assert_double_eq_tol(other.value, first.value, 1e-12);
    ck_assert_double_ne(other.low, first.low);
    ck_assert_int_eq(cg_frechet_fit_create(&fx, x, 301, 5, 7), CG_OK);
    ck_assert_int_eq(cg_frechet_fit_create(&fy, y, 250, 5, 7), CG_OK);
    for (int i = 0; i < 2; i++) { /* fits stay as they are */
        ck_assert_int_eq(cg_frechet_compare(&fitted, fx, fy, 7), CG_OK);
        ck_assert_mem_eq(&first, &fitted, sizeof first);
    }
    cg_frechet_fit_release(fx);
    cg_frechet_fit_release(fy);
    free(x);
    free(y);
}
END_TEST

START_TEST(errors)
{
    float x[6] = {1, 2, 3, 4, 5, 6};
    const float bad[] = {NAN, INFINITY, -INFINITY};
    cg_interval fid;
    cg_frechet_fit *a, *b;
    ck_assert_int_eq(compare_sets(&fid, x, 1, x, 3, 2, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(compare_sets(&fid, x, 3, x, 1, 2, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(compare_sets(&fid, x, 3, x, 3, 0, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_frechet_fit_create(&a, x, 3, 2, 0), CG_OK);
    ck_assert_int_eq(cg_frechet_fit_create(&b, x, 2, 3, 0), CG_OK);
    ck_assert_int_eq(cg_frechet_compare(&fid, a, b, 0), CG_ERR_SHAPE);
    cg_frechet_fit_release(a);
    cg_frechet_fit_release(b);
    for (size_t i = 0; i < CG_COUNT(bad); i++) {
        x[5] = bad[i];
        ck_assert_int_eq(cg_frechet_fit_create(&a, x, 3, 2, 0), CG_ERR_DIVERGED);
        ck_assert_ptr_null(a);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval/frechet");
    TCase *tests = tcase_create("frechet");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, agrees_with_scipy);
    tcase_add_loop_test(tests, known_distances, 0, (int)CG_COUNT(sizes));
    tcase_add_test(tests, points_that_are_one);
    tcase_add_test(tests, intervals_cover);
    tcase_add_test(tests, same_seed_same_bits);
    tcase_add_test(tests, errors);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
