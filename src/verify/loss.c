/* The losses and Adam against ref/: float32's errors by running error analysis (approx.h). */
#include "verify/expect_loss.h"
#include "verify/harness.h"

#include "base/model.h"
#include "base/try.h"
#include "ops/adam.h"
#include "ops/loss.h"

#include <math.h>
#include <string.h>

/* A buffer that is read and written: an output that holds values before. */
static cg_status output_with_values(cg_buffer **buffer, cg_harness *harness, const double *values,
                                    size_t n)
{
    cg_status status = CG_OK;
    float *floats;
    CG_TRY(cg_harness_array(&floats, harness, n, sizeof *floats));
    for (size_t i = 0; i < n; i++)
        floats[i] = (float)values[i];
    CG_TRY(cg_harness_output(buffer, harness, n * sizeof *floats));
    CG_TRY(cg_buffer_upload(*buffer, 0, floats, n * sizeof *floats));
done:
    return status;
}

/* ---- losses ---------------------------------------------------------------------------------- */

enum { ROWS = 3, ROW = 1 };

static cg_status make_losses(cg_expected_losses *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    double **const arrays[] = {&l->z,       &l->factor_d, &l->factor_g,
                               &l->z_limit, &l->d_limit,  &l->g_limit};
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        CG_TRY(cg_harness_array(arrays[i], harness, l->fakes + l->reals, sizeof(double)));
done:
    return status;
}

static cg_status compare_metrics(cg_harness *harness, const cg_expected_losses *l,
                                 const cg_buffer *buffer)
{
    float got[ROWS * CG_LOSS_METRICS];
    cg_status status = cg_buffer_download(buffer, 0, got, sizeof got);
    for (size_t i = 0; status == CG_OK && i < ROWS * CG_LOSS_METRICS; i++) {
        uint32_t word;
        memcpy(&word, &got[i], sizeof word);
        if (i / CG_LOSS_METRICS == ROW)
            cg_harness_compare_one(harness, "metrics", i % CG_LOSS_METRICS, (double)got[i],
                                   l->metrics[i % CG_LOSS_METRICS],
                                   l->metric_limits[i % CG_LOSS_METRICS]);
        else if (word != CG_HARNESS_UNWRITTEN)
            cg_harness_fail(harness, "metrics: row %zu was written", i / CG_LOSS_METRICS);
    }
    return status;
}

/* Logits of which one probability is almost 0, or not to be told from it: D may be as sure. */
static void take_extremes(double *logits, size_t n)
{
    static const double extremes[] = {24, -24, 40, -40, 80, -80, 100, -100, 740, -740};
    for (size_t i = 0; i < n && n > 2 * CG_COUNT(extremes); i += n / CG_COUNT(extremes))
        logits[i] = extremes[i * CG_COUNT(extremes) / n];
}

cg_status cg_verify_loss(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const float smoothing = (float)(check->array.seed % 100) / 100;
    const double scale = check->array.seed < 100 ? 1 : 1e-15;
    cg_expected_losses l = {check->array.count, check->array.other, .smoothing = (double)smoothing,
                            .strict = harness->rt->strict};
    size_t n = l.fakes + l.reals;
    double *before, *bias;
    cg_buffer *logits, *factor_d, *factor_g, *dbias, *metrics, *bias_buffer;

    CG_TRY(cg_harness_draw(&before, harness, n, -20, 20));
    take_extremes(before, n);
    for (size_t i = 0; i < n; i++)
        before[i] = (double)(float)(before[i] * scale);
    CG_TRY(cg_harness_draw(&bias, harness, 1, -1, 1));
    *bias = (double)(float)(*bias * scale);
    CG_TRY(make_losses(&l, harness));
    CG_TRY(output_with_values(&logits, harness, before, n));
    CG_TRY(cg_harness_input(&bias_buffer, harness, bias, 1));
    CG_TRY(cg_harness_output(&factor_d, harness, n * sizeof(float)));
    CG_TRY(cg_harness_output(&factor_g, harness, l.fakes * sizeof(float)));
    CG_TRY(cg_harness_output(&dbias, harness, sizeof(float)));
    CG_TRY(cg_harness_output(&metrics, harness, ROWS * sizeof(cg_metrics)));
    cg_expect_losses(&l, before, bias[0]);
    const cg_loss_batch batch = {.fakes = l.fakes, .reals = l.reals, .smoothing = smoothing};
    const cg_loss_arrays arrays = {.logits = logits,
                                   .factor_d = factor_d,
                                   .factor_g = factor_g,
                                   .dbias = dbias,
                                   .metrics = metrics,
                                   .bias = bias_buffer};
    CG_TRY(cg_loss_logits(harness->rt, &arrays, &batch, ROW));
    CG_TRY(cg_harness_compare(harness, "logits", logits, l.z, l.z_limit, n));
    CG_TRY(cg_harness_compare(harness, "factor_d", factor_d, l.factor_d, l.d_limit, n));
    CG_TRY(cg_harness_compare(harness, "factor_g", factor_g, l.factor_g, l.g_limit, l.fakes));
    CG_TRY(cg_harness_compare(harness, "dbias", dbias, &l.dbias, &l.dbias_limit, 1));
    CG_TRY(compare_metrics(harness, &l, metrics));
done:
    return status;
}

/* ---- Adam ------------------------------------------------------------------------------------ */

/* A third of the elements become so small that epsilon counts, a third 0 like the padding between
 * parameters. */
static void draw_extremes(double *values, size_t n, double little)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (double)(float)(values[i] * (i % 3 == 0 ? 1 : i % 3 == 1 ? little : 0));
}

/* The second half is the second network's, with another rate and no average; an update by ref/ for
 * each. */
static void expect_adam(double *value[CG_ADAM_ARRAYS], double *limits[CG_ADAM_OUTPUTS], size_t from,
                        size_t to, const cg_ref_adam *ref, double follow)
{
    for (size_t i = from; i < to; i++) {
        double one[CG_ADAM_ARRAYS], limit[CG_ADAM_OUTPUTS];
        for (size_t a = 0; a < CG_ADAM_ARRAYS; a++)
            one[a] = value[a][i];
        cg_expect_adam(one, limit, ref, follow);
        for (size_t a = 0; a < CG_ADAM_OUTPUTS; a++) {
            value[a][i] = one[a];
            limits[a][i] = limit[a];
        }
    }
}

/* An update of the elements from `begin` on, with a rate that is so many times the usual one. */
static cg_status check_adam(cg_harness *harness, const cg_verify_case *check, size_t begin,
                            double times)
{
    static const char *const names[] = {"p", "m", "v", "average"};
    cg_status status = CG_OK;
    size_t n = check->array.count, first = cg_round_up(n / 2, 16);
    cg_ref_adam ref = {times * CG_ADAM_RATE, CG_ADAM_BETA1, CG_ADAM_BETA2, CG_ADAM_EPSILON,
                       check->array.other};
    const cg_adam adam = {ref.rate, 3 * ref.rate, ref.beta1, ref.beta2, ref.epsilon, 0.99};
    double *value[CG_ADAM_ARRAYS], *limits[CG_ADAM_OUTPUTS];
    cg_buffer *buffer[CG_ADAM_ARRAYS];
    bool averaging = check->array.seed != 0;

    for (size_t i = 0; i < CG_ADAM_ARRAYS; i++) {
        CG_TRY(cg_harness_draw(&value[i], harness, n, i == CG_ADAM_V ? 0.001 : -1, 1));
        draw_extremes(value[i], n, i == CG_ADAM_V ? 1e-12 : 1e-6);
        if (i < CG_ADAM_OUTPUTS)
            CG_TRY(output_with_values(&buffer[i], harness, value[i],
                                      i == CG_ADAM_AVERAGE ? first : n));
        else
            CG_TRY(cg_harness_input(&buffer[i], harness, value[i], n));
    }
    for (size_t i = 0; i < CG_ADAM_OUTPUTS; i++)
        CG_TRY(cg_harness_array(&limits[i], harness, n, sizeof(double)));
    expect_adam(value, limits, begin, first, &ref, averaging ? 1 - cg_adam_decay(&adam, ref.t) : 0);
    ref.rate = adam.rate_d;
    expect_adam(value, limits, first, n, &ref, 0);
    const cg_adam_arrays arrays = {.p = buffer[CG_ADAM_P],
                                   .m = buffer[CG_ADAM_M],
                                   .v = buffer[CG_ADAM_V],
                                   .g = buffer[CG_ADAM_G],
                                   .average = averaging ? buffer[CG_ADAM_AVERAGE] : NULL,
                                   .count = n,
                                   .first = first,
                                   .begin = begin};
    CG_TRY(cg_adam_step(harness->rt, &arrays, &adam, ref.t));
    for (size_t i = 0; i < CG_ADAM_OUTPUTS; i++)
        CG_TRY(cg_harness_compare(harness, names[i], buffer[i], value[i], limits[i],
                                  i == CG_ADAM_AVERAGE ? first : n));
done:
    return status;
}

cg_status cg_verify_adam(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = check_adam(harness, check, 0, 1);
    if (status == CG_OK) /* each launch has arguments of its own */
        status = check_adam(harness, check, 16, 2);
    return status;
}
