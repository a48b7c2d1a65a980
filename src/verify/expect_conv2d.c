/* The sums of a convolution and their bounds.
 *
 * An output is a sum of K products a b, where a went through the prologue: x' = image leaky(scale x
 * + shift), four roundings at most, each relative to A = |image| (|scale x| + |shift|). With the
 * product's own rounding, the K - 1 additions and a few more of zeros, of the bias and of partial
 * sums, no product passes more than K + CG_CONV2D_ROUNDINGS of them, so that the sum is wrong by at
 * most
 *     gamma(K + CG_CONV2D_ROUNDINGS) sum A |b|
 * in any order. LeakyReLU does not enlarge a difference, nor does tanh. The sum of the A |b| is the
 * same pass of ref/ on the absolute values.
 *
 * An algorithm that works on transforms mixes all positions of a map and all taps of a kernel. With
 * |.| the sum over them, no number of a transform is larger than |A| or |b|; the two passes of a
 * transform, of N = 9 at most, leave each part wrong by at most 2 gamma(2 N + 8) of that. A complex
 * product of sums of K terms by three multiplications is wrong by 3 gamma(K + CG_CONV2D_ROUNDINGS)
 * of the sum of the |A| |b| in each part, and by what its factors were wrong. The inverse transform
 * is a mean of such numbers, with roundings like those of a transform. With sqrt(2) from a complex
 * number's parts to itself and back, all in all
 *     (5 gamma(K + CG_CONV2D_ROUNDINGS) + 12 gamma(2 N + 8)) sum |A| |b|,
 * for whole numbers, too. */
#include "verify/expect_conv2d.h"

#include "base/try.h"
#include "ref/conv2d.h"
#include "verify/approx.h"

/* The arrays of one evaluation of a pass; those that it does not read may be NULL. */
typedef struct factors {
    const double *large, *small, *w;
} factors;

static void run_pass(double *y, const cg_verify_conv2d *c, const factors *f)
{
    const cg_ref_conv conv = {c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride};
    if (c->pass == CG_CONV2D_DOWN)
        cg_ref_conv2d_fwd(y, f->large, f->w, &conv);
    else if (c->pass == CG_CONV2D_UP)
        cg_ref_conv2d_bwd_data(y, f->small, f->w, &conv);
    else
        cg_ref_conv2d_bwd_weight(y, f->small, f->large, &conv);
}

static size_t count_small_positions(const cg_verify_conv2d *c)
{
    return cg_ceil_div(c->h, c->stride) * cg_ceil_div(c->w, c->stride);
}

static size_t count_weights(const cg_verify_conv2d *c)
{
    return c->kernel * c->kernel * c->large_c * c->small_c;
}

/* The products of a sum, at most. */
static size_t count_terms(const cg_verify_conv2d *c)
{
    if (c->pass == CG_CONV2D_WEIGHT)
        return c->n * count_small_positions(c);
    return c->kernel * c->kernel * (c->pass == CG_CONV2D_DOWN ? c->large_c : c->small_c);
}

/* ---- whole numbers --------------------------------------------------------------------------- */

static double find_largest(const double *values, size_t n)
{
    double largest = 0;
    for (size_t i = 0; values && i < n; i++)
        largest = fmax(largest, values[i]);
    return largest;
}

/* No sum of whole numbers is as large as those that float32 does not hold. Halves and quarters, by
 * the slope 1/2, are whole numbers, too: in units of 1/16. */
static cg_status check_exact(const cg_harness *harness, const cg_verify_conv2d *c,
                             const factors *magnitudes)
{
    const double factor[] = {
        find_largest(magnitudes->large, c->n * c->h * c->w * c->large_c),
        find_largest(magnitudes->small, c->n * count_small_positions(c) * c->small_c),
        find_largest(magnitudes->w, count_weights(c))};
    double most = (double)count_terms(c);
    for (size_t i = 0; i < CG_COUNT(factor); i++)
        most *= factor[i] > 0 ? factor[i] : 1;
    if (most * 16 >= 0x1p24)
        return cg_fail(CG_ERR_ARGUMENT, "%s: too many terms to be exact", harness->result->name);
    return CG_OK;
}

/* ---- transforms ------------------------------------------------------------------------------ */

/* total[outer][inner] = x[outer][positions][inner], summed over the positions. */
static cg_status sum_positions(double **total, cg_harness *harness, const double *x, size_t outer,
                               size_t positions, size_t inner)
{
    cg_status status = CG_OK;
    CG_TRY(cg_harness_array(total, harness, outer * inner, sizeof(double)));
    for (size_t i = 0; i < outer * positions * inner; i++)
        (*total)[i / (positions * inner) * inner + i % inner] += x[i];
done:
    return status;
}

/* The product of two matrices, a [rows, terms] and b [terms, columns], either of which may lie
 * transposed. */
typedef struct matrices {
    const double *a, *b;
    size_t rows, terms, columns;
    size_t a_row, a_term, b_term, b_column; /* from one element to the next */
} matrices;

static double multiply_at(const matrices *m, size_t row, size_t column)
{
    double sum = 0;
    for (size_t t = 0; t < m->terms; t++)
        sum += m->a[row * m->a_row + t * m->a_term] * m->b[t * m->b_term + column * m->b_column];
    return sum;
}

/* *m = the matrices whose product is the sums of |A| |b|, the arrays being summed over positions
 * and taps: [n, cl], [n, cs] and [cl, cs]. */
static cg_status prepare_matrices(matrices *m, cg_harness *harness, const cg_verify_conv2d *c,
                                  const factors *magnitudes)
{
    cg_status status = CG_OK;
    const size_t n = c->n, cl = c->large_c, cs = c->small_c;
    double *large = NULL, *small = NULL, *w = NULL;

    if (c->pass != CG_CONV2D_UP)
        CG_TRY(sum_positions(&large, harness, magnitudes->large, n, c->h * c->w, cl));
    if (c->pass != CG_CONV2D_DOWN)
        CG_TRY(sum_positions(&small, harness, magnitudes->small, n, count_small_positions(c), cs));
    if (c->pass != CG_CONV2D_WEIGHT)
        CG_TRY(sum_positions(&w, harness, magnitudes->w, 1, c->kernel * c->kernel, cl * cs));
    if (c->pass == CG_CONV2D_DOWN)
        *m = (matrices){large, w, n, cl, cs, .a_row = cl, .a_term = 1, .b_term = cs, .b_column = 1};
    else if (c->pass == CG_CONV2D_UP)
        *m = (matrices){small, w, n, cs, cl, .a_row = cs, .a_term = 1, .b_term = 1, .b_column = cs};
    else
        *m = (matrices){large,        small,        cl,           n, cs, .a_row = 1,
                        .a_term = cl, .b_term = cs, .b_column = 1};
done:
    return status;
}

/* The limits for an algorithm that works on transforms: the same at all positions, or taps. */
static cg_status limit_transformed(cg_conv2d_expected *e, cg_harness *harness,
                                   const cg_verify_conv2d *c, const factors *magnitudes)
{
    cg_status status = CG_OK;
    matrices m;
    CG_TRY(prepare_matrices(&m, harness, c, magnitudes));
    const size_t phases = c->pass == CG_CONV2D_DOWN ? c->stride * c->stride : 1;
    const double relative = 5 * cg_gamma(phases * m.terms + CG_CONV2D_ROUNDINGS) +
                            12 * cg_gamma(CG_TRANSFORM_ROUNDINGS);
    const size_t positions = e->size / (m.rows * m.columns);
    for (size_t i = 0; i < m.rows * m.columns; i++) {
        const size_t row = i / m.columns, column = i % m.columns;
        const double limit = relative * multiply_at(&m, row, column);
        for (size_t p = 0; p < positions; p++) {
            size_t at = c->pass == CG_CONV2D_WEIGHT ? p * m.rows + row : row * positions + p;
            e->limit[at * m.columns + column] = limit;
        }
    }
done:
    return status;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Adds what inputs wrong by their errors make of the output. */
static cg_status limit_errors(cg_conv2d_expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                              const factors *errors)
{
    cg_status status = CG_OK;
    double *part;
    CG_TRY(cg_harness_array(&part, harness, e->size, sizeof *part));
    run_pass(part, c, errors);
    for (size_t i = 0; i < e->size; i++)
        e->limit[i] += part[i];
done:
    return status;
}

cg_status cg_expect_conv2d(cg_conv2d_expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                           const cg_conv2d_operands *operands, bool transformed)
{
    cg_status status = CG_OK;
    const cg_conv2d_input *large = &operands->large, *small = &operands->small;
    double *w_magnitude = NULL;

    CG_TRY(cg_harness_array(&e->value, harness, e->size, sizeof *e->value));
    CG_TRY(cg_harness_array(&e->limit, harness, e->size, sizeof *e->limit));
    if (operands->w)
        CG_TRY(cg_harness_array(&w_magnitude, harness, count_weights(c), sizeof *w_magnitude));
    for (size_t i = 0; operands->w && i < count_weights(c); i++)
        w_magnitude[i] = fabs(operands->w[i]);
    run_pass(e->value, c, &(factors){large->value, small->value, operands->w});
    const factors magnitudes = {large->magnitude, small->magnitude, w_magnitude};
    if (transformed) {
        CG_TRY(limit_transformed(e, harness, c, &magnitudes));
    } else if (harness->integers) { /* the limits are 0 */
        CG_TRY(check_exact(harness, c, &magnitudes));
    } else {
        run_pass(e->limit, c, &magnitudes);
        for (size_t i = 0; i < e->size; i++)
            e->limit[i] *= cg_gamma(count_terms(c) + CG_CONV2D_ROUNDINGS);
    }
    if (large->error || small->error)
        CG_TRY(limit_errors(e, harness, c, &(factors){large->error, small->error, w_magnitude}));
done:
    return status;
}
