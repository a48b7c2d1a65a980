/* Sums of partial results, bit for bit: their order is fixed, and is a part of what strict runs
 * promise. The numbers differ so much in size that another order shows. */
#include "verify/harness.h"

#include "base/try.h"
#include "ops/partials.h"
#include "verify/cases.h"

enum { PARTIALS = 9, FEW = 3, TAPS = 25 };

/* A sum in float32 of two float32 numbers; float64 rounds it twice, to the same result. */
static double add(double a, double b)
{
    return (double)(float)(a + b);
}

/* values [partials][count] of sizes up to 1, 2^7 and 2^14 in turn. */
static cg_status draw_partials(double **values, cg_buffer **buffer, cg_harness *harness,
                               size_t partials, size_t count)
{
    cg_status status = CG_OK;
    const size_t n = partials * count;
    CG_TRY(cg_harness_draw(values, harness, n, -1, 1));
    for (size_t i = 0; i < n; i++)
        (*values)[i] *= (double)(1 << (i / count * 7 % 21));
    CG_TRY(cg_harness_input(buffer, harness, *values, n));
done:
    return status;
}

/* The sum of element `at` of each of the partials, which are `size` numbers apart. */
static double sum_of(const double *values, size_t partials, size_t size, size_t at)
{
    double sum = 0;
    for (size_t s = 0; s < partials; s++)
        sum = add(sum, values[s * size + at]);
    return sum;
}

static cg_status check_sums(cg_harness *harness, size_t count)
{
    cg_status status = CG_OK;
    double *values, *expected;
    cg_buffer *partial, *sums;
    CG_TRY(draw_partials(&values, &partial, harness, PARTIALS, count));
    CG_TRY(cg_harness_array(&expected, harness, count, sizeof *expected));
    for (size_t i = 0; i < count; i++)
        expected[i] = sum_of(values, PARTIALS, count, i);
    CG_TRY(cg_harness_output(&sums, harness, count * sizeof(float)));
    CG_TRY(cg_partials_sum(harness->rt, sums, partial, count, PARTIALS));
    CG_TRY(cg_harness_compare(harness, "a sum", sums, expected, NULL, count));
done:
    return status;
}

/* The last of a share's rows of CG_BLOCK numbers is the bias's. */
static cg_status check_taps(cg_harness *harness)
{
    cg_status status = CG_OK;
    const size_t rows = cg_partials_tap_bytes(TAPS, CG_BLOCK, 1) / sizeof(float) / CG_BLOCK;
    const size_t count = TAPS * CG_BLOCK, share = rows * CG_BLOCK;
    double *values, *expected;
    cg_buffer *partial, *dw, *db;
    CG_TRY(draw_partials(&values, &partial, harness, FEW, share));
    CG_TRY(cg_harness_array(&expected, harness, count + CG_BLOCK, sizeof *expected));
    for (size_t i = 0; i < count + CG_BLOCK; i++)
        expected[i] = sum_of(values, FEW, share, i);
    CG_TRY(cg_harness_output(&dw, harness, count * sizeof(float)));
    CG_TRY(cg_harness_output(&db, harness, CG_BLOCK * sizeof(float)));
    CG_TRY(cg_partials_sum_taps(harness->rt, dw, db, partial, TAPS, CG_BLOCK, FEW));
    CG_TRY(cg_harness_compare(harness, "dw", dw, expected, NULL, count));
    CG_TRY(cg_harness_compare(harness, "db", db, expected + count, NULL, CG_BLOCK));
done:
    return status;
}

cg_status cg_verify_partials(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = check_sums(harness, check->array.count);
    return status == CG_OK ? check_taps(harness) : status;
}
