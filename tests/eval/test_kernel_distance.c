/* The kernel distance against the formula in float64, by NumPy and here. */
#include "device.h"
#include "eval/verify_measures.h"
#include "eval/kernel_distance.h"
#include "sets.h"

#include "base/memory.h"
#include "verify/approx.h"

#include <string.h>

static const cg_verify_array sums[] = {{.count = 1, .other = 16},
                                       {.count = 64, .other = 16},
                                       {.count = 65, .other = 1040, .seed = 1},
                                       {.count = 1008, .other = 1008, .seed = 1}};

START_TEST(sums_are_right)
{
    const cg_verify_case check = {
        .name = "kernel distance", .run = cg_verify_kernel_distance_sum, .array = sums[_i]};
    device_check(&check);
}
END_TEST

/* The mean of k over pairs, and that of what the header says a pair may be wrong by. */
static void add_pairs(double *mean, double *bound, const float *x, size_t nx, const float *y,
                      size_t ny, size_t d)
{
    const double pairs = (double)nx * (double)(ny - (x == y));
    *mean = *bound = 0;
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++) {
            double s = 0, size = 0;
            if (x == y && i == j)
                continue;
            for (size_t c = 0; c < d; c++) {
                double product = (double)x[i * d + c] * (double)y[j * d + c] / (double)d;
                s += product;
                size += fabs(product);
            }
            *mean += pow(s + 1, 3) / pairs;
            *bound += CG_ROUNDING *
                      ((double)(d + 3) * 3 * size * pow(size + 1, 2) +
                       68 * size * (size * size + 3 * size + 3)) /
                      pairs;
        }
}

static double expect_distance(double *bound, const float *x, size_t nx, const float *y, size_t ny,
                              size_t d)
{
    double mean[3], limits[3];
    add_pairs(&mean[0], &limits[0], x, nx, x, nx, d);
    add_pairs(&mean[1], &limits[1], y, ny, y, ny, d);
    add_pairs(&mean[2], &limits[2], x, nx, y, ny, d);
    *bound = limits[0] + limits[1] + 2 * limits[2];
    return mean[0] + mean[1] - 2 * mean[2];
}

static cg_interval measure(const float *x, size_t nx, const float *y, size_t ny, size_t d,
                           uint64_t seed)
{
    cg_interval kid;
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, x, nx, y, ny, d, seed), CG_OK);
    if (nx > 1000 && ny > 1000) {
        ck_assert_double_lt(kid.low, kid.value);
        ck_assert_double_lt(kid.value, kid.high);
    } else { /* subsets that are a set themselves tell no spread: there is no interval */
        ck_assert_double_nan(kid.low);
        ck_assert_double_nan(kid.high);
    }
    return kid;
}

START_TEST(agrees_with_numpy)
{
    fixture f = fixture_read();
    cg_interval kid = measure(f.real, f.n_real, f.fake, f.n_fake, f.d, 1);
    ck_assert_double_eq_tol(kid.value, fixture_value(&f, "kid"), 1e-6);
    fixture_free(&f);
}
END_TEST

/* Subsets that are the sets. */
static const struct {
    size_t nx, ny, d;
} sizes[] = {{2, 2, 1}, {2, 3, 1}, {15, 17, 3}, {16, 16, 16}, {65, 130, 128}, {1000, 999, 20}};

START_TEST(agrees_with_float64)
{
    const size_t nx = sizes[_i].nx, ny = sizes[_i].ny, d = sizes[_i].d;
    float *x = set_draw(nx, d, 0, 1), *y = set_draw(ny, d, 0.5f, 2);
    double bound, expected = expect_distance(&bound, x, nx, y, ny, d);
    ck_assert_double_eq_tol(measure(x, nx, y, ny, d, 1).value, expected, bound);
    expect_distance(&bound, x, nx, x, nx, d); /* which is below 0, as it has no bias */
    memcpy(y, x, (nx < ny ? nx : ny) * d * sizeof *y);
    if (nx <= ny) {
        double off = 0, all = 0, limit;
        add_pairs(&off, &limit, x, nx, x, nx, d);
        add_pairs(&all, &limit, x, nx, y, nx, d); /* with the pairs of a point and its copy */
        ck_assert_double_eq_tol(measure(x, nx, y, nx, d, 1).value, 2 * (off - all), bound);
    }
    free(x);
    free(y);
}
END_TEST

/* Subsets of 1000: their mean is close to the distance of the whole sets, more so than the interval
 * is wide, and depends on the seed. */
START_TEST(subsets)
{
    enum { NX = 3000, NY = 2500, D = 3 };
    float *x = set_draw(NX, D, 0, 3), *y = set_draw(NY, D, 0.3f, 4);
    double bound, whole = expect_distance(&bound, x, NX, y, NY, D);
    cg_interval first = measure(x, NX, y, NY, D, 5), second = measure(x, NX, y, NY, D, 5);
    cg_interval other = measure(x, NX, y, NY, D, 6);
    ck_assert_mem_eq(&first, &second, sizeof first);
    ck_assert_double_ne(first.value, other.value);
    ck_assert_double_lt(first.low, first.value);
    ck_assert_double_gt(first.low, 0);
    ck_assert_double_gt(first.high, first.value);
    ck_assert_double_eq_tol(first.value, whole, (first.high - first.low) / 4);
    free(x);
    free(y);
}
END_TEST

START_TEST(errors)
{
    float x[6] = {1, 2, 3, 4, 5, 6}, large[6] = {1e13f, -1e13f, 1e13f, 1e13f, 1, 1};
    cg_interval kid;
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, x, 1, x, 3, 2, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, x, 3, x, 1, 2, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, x, 3, x, 3, 0, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, large, 3, x, 3, 2, 0),
                     CG_ERR_DIVERGED);
    x[0] = NAN;
    ck_assert_int_eq(cg_kernel_distance_measure(&kid, device, large, 3, x, 3, 2, 0),
                     CG_ERR_DIVERGED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("kernel distance");
    tcase_add_loop_test(tests, sums_are_right, 0, (int)CG_COUNT(sums));
    tcase_add_test(tests, agrees_with_numpy);
    tcase_add_loop_test(tests, agrees_with_float64, 0, (int)CG_COUNT(sizes));
    tcase_add_test(tests, subsets);
    tcase_add_test(tests, errors);
    return device_run_case(tests, "eval/kernel_distance");
}
