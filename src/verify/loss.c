/* The losses and Adam against ref/: float32's errors by running error analysis (approx.h). */
#include "verify/approx.h"
#include "verify/harness.h"

#include "base/model.h"
#include "base/try.h"
#include "ops/adam.h"
#include "ops/loss.h"
#include "ref/adam.h"
#include "ref/bce.h"

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

enum { ROWS = 3, ROW = 1, METRICS = sizeof(cg_metrics) / sizeof(float) };

/* The values of one logit z: -log sigmoid(z), -log(1 - sigmoid(z)), and both probabilities. */
typedef struct logit {
    cg_approx z, loss_yes, loss_no, yes, no;
} logit;

static logit approx_logit(double before, double bias)
{
    logit l;
    l.z = cg_approx_add(cg_approx_exact(before), cg_approx_exact(bias));
    cg_approx minus = {-l.z.value, l.z.error};
    cg_approx e = cg_approx_exp((cg_approx){-fabs(l.z.value), l.z.error});
    cg_approx tail = cg_approx_log1p(e), one = cg_approx_exact(1), sum = cg_approx_add(one, e);
    cg_approx large = cg_approx_div(one, sum), little = cg_approx_div(e, sum);
    l.loss_yes = cg_approx_add(cg_approx_positive(minus), tail);
    l.loss_no = cg_approx_add(cg_approx_positive(l.z), tail);
    l.yes = l.z.value >= 0 ? large : little;
    l.no = l.z.value >= 0 ? little : large;
    /* Next to 0 the device may take the other branch; both give the same up to their rounding. */
    l.yes.error += 8 * CG_ROUNDING * l.yes.value;
    l.no.error += 8 * CG_ROUNDING * l.no.value;
    return l;
}

/* Adds to a sum that is kept with compensation: 2 u of the terms for any number of them, and a
 * little for the second order. */
static void add_compensated(cg_approx *sum, cg_approx term)
{
    sum->value += term.value;
    sum->error += term.error + 3 * CG_ROUNDING * fabs(term.value);
}

typedef struct losses {
    size_t fakes, reals;
    double smoothing;                /* as float32 holds it */
    double *z, *factor_d, *factor_g; /* expected */
    double *z_limit, *d_limit, *g_limit;
    double dbias, dbias_limit;
    double metrics[METRICS], metric_limits[METRICS];
} losses;

static cg_status make_losses(losses *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    double **const arrays[] = {&l->factor_d, &l->factor_g, &l->z_limit, &l->d_limit, &l->g_limit};
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        CG_TRY(cg_harness_array(arrays[i], harness, l->fakes + l->reals, sizeof(double)));
done:
    return status;
}

static void expect_values(losses *l, double bias)
{
    for (size_t i = 0; i < l->fakes + l->reals; i++)
        l->z[i] += bias;
    const double *fakes = l->z, *reals = l->z + l->fakes;
    cg_ref_bce_logits_bwd(l->factor_d, fakes, l->fakes, 0);
    cg_ref_bce_logits_bwd(l->factor_d + l->fakes, reals, l->reals, 1 - l->smoothing);
    cg_ref_bce_logits_bwd(l->factor_g, fakes, l->fakes, 1);
    l->metrics[0] = cg_ref_bce_logits_fwd(reals, l->reals, 1 - l->smoothing);
    l->metrics[1] = cg_ref_bce_logits_fwd(fakes, l->fakes, 0);
    l->metrics[2] = cg_ref_bce_logits_fwd(fakes, l->fakes, 1);
    for (size_t i = 0; i < l->fakes + l->reals; i++) {
        double sigmoid = 1 / (1 + exp(-l->z[i]));
        l->metrics[i < l->fakes ? 4 : 3] += sigmoid / (double)(i < l->fakes ? l->fakes : l->reals);
        l->dbias += l->factor_d[i];
    }
}

/* |tanh(z / 2) / 2| / count: tanh, of slope 1 at most, is good to 5 ulp. */
static cg_approx centred_term(cg_approx z, cg_approx count)
{
    cg_approx t = cg_approx_round((cg_approx){fabs(tanh(z.value / 2)), z.error / 2}, 10);
    return cg_approx_div((cg_approx){t.value / 2, t.error / 2}, count);
}

static void expect_limits(losses *l, const double *before, double bias)
{
    cg_approx sums[METRICS] = {{0}}, dbias = {0}, centred = {0};
    const double counts[METRICS] = {(double)l->reals, (double)l->fakes, (double)l->fakes,
                                    (double)l->reals, (double)l->fakes};
    for (size_t i = 0; i < l->fakes + l->reals; i++) {
        bool fake = i < l->fakes;
        logit k = approx_logit(before[i], bias);
        cg_approx count = cg_approx_exact((double)(fake ? l->fakes : l->reals));
        cg_approx smoothing = cg_approx_exact(l->smoothing);
        cg_approx d = cg_approx_div(fake ? k.yes : cg_approx_sub(k.no, smoothing), count);
        cg_approx loss_real = cg_approx_add(k.loss_yes, cg_approx_mul(smoothing, k.z));
        l->z_limit[i] = k.z.error;
        l->d_limit[i] = d.error;
        add_compensated(&dbias, (cg_approx){fabs(d.value), d.error});
        add_compensated(&centred, centred_term(k.z, count));
        add_compensated(&sums[fake ? 4 : 3], k.yes);
        add_compensated(&sums[fake ? 1 : 0], fake ? k.loss_no : loss_real);
        if (fake) {
            l->g_limit[i] = cg_approx_div(k.no, count).error;
            add_compensated(&sums[2], k.loss_yes);
        }
    }
    /* The kernel takes the sum whose terms are smaller; it may see them as equal by rounding. */
    l->dbias_limit = centred.value < dbias.value ? centred.error : dbias.error;
    if (fabs(centred.value - dbias.value) <= centred.error + dbias.error)
        l->dbias_limit = fmax(centred.error, dbias.error);
    l->dbias_limit += CG_ROUNDING * fabs(l->dbias); /* smoothing is added to the centred sum */
    for (size_t i = 0; i < METRICS; i++)
        l->metric_limits[i] = cg_approx_div(sums[i], cg_approx_exact(counts[i])).error;
}

static cg_status compare_metrics(cg_harness *harness, const losses *l, const cg_buffer *buffer)
{
    float got[ROWS * METRICS];
    cg_status status = cg_buffer_download(buffer, 0, got, sizeof got);
    for (size_t i = 0; status == CG_OK && i < ROWS * METRICS; i++) {
        uint32_t word;
        memcpy(&word, &got[i], sizeof word);
        if (i / METRICS == ROW)
            cg_harness_compare_one(harness, "metrics", i % METRICS, (double)got[i],
                                   l->metrics[i % METRICS], l->metric_limits[i % METRICS]);
        else if (word != CG_HARNESS_UNWRITTEN)
            cg_harness_fail(harness, "metrics: row %zu was written", i / METRICS);
    }
    return status;
}

cg_status cg_verify_loss(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const float smoothing = (float)check->array.seed / 100;
    losses l = {check->array.count, check->array.other, .smoothing = (double)smoothing};
    size_t n = l.fakes + l.reals;
    double *before, *bias;
    cg_buffer *logits, *factor_d, *factor_g, *dbias, *metrics, *bias_buffer;

    CG_TRY(
        cg_harness_draw(&before, harness, n, -20, 20)); /* also where one probability is almost 0 */
    CG_TRY(cg_harness_draw(&bias, harness, 1, -1, 1));
    CG_TRY(make_losses(&l, harness));
    CG_TRY(cg_harness_array(&l.z, harness, n, sizeof(double)));
    memcpy(l.z, before, n * sizeof(double));
    CG_TRY(output_with_values(&logits, harness, before, n));
    CG_TRY(cg_harness_input(&bias_buffer, harness, bias, 1));
    CG_TRY(cg_harness_output(&factor_d, harness, n * sizeof(float)));
    CG_TRY(cg_harness_output(&factor_g, harness, l.fakes * sizeof(float)));
    CG_TRY(cg_harness_output(&dbias, harness, sizeof(float)));
    CG_TRY(cg_harness_output(&metrics, harness, ROWS * sizeof(cg_metrics)));
    expect_values(&l, bias[0]);
    expect_limits(&l, before, bias[0]);
    const cg_loss_batch batch = {l.fakes, l.reals, smoothing};
    const cg_loss_arrays arrays = {logits, factor_d, factor_g, dbias, metrics, bias_buffer};
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

enum { P, M, V, AVERAGE, G, ADAM_ARRAYS, ADAM_OUTPUTS = G };

/* A third of the elements become so small that epsilon counts, a third 0 like the padding between
 * parameters. */
static void draw_extremes(double *values, size_t n, double little)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (double)(float)(values[i] * (i % 3 == 0 ? 1 : i % 3 == 1 ? little : 0));
}

/* The limits of one element, from its values before; `follow`: of the average. */
static void adam_limits(double limit[ADAM_OUTPUTS], const double before[ADAM_ARRAYS],
                        const cg_ref_adam *adam, double follow)
{
    /* The kernel's rate and (1 - beta) are float32 roundings of these. */
    cg_approx c1 = cg_approx_round(cg_approx_exact(1 - adam->beta1), 1);
    cg_approx c2 = cg_approx_round(cg_approx_exact(1 - adam->beta2), 1);
    cg_approx epsilon = cg_approx_round(cg_approx_exact(adam->epsilon), 1);
    double t = (double)adam->t;
    cg_approx rate = cg_approx_round(
        cg_approx_exact(adam->rate * sqrt(1 - pow(adam->beta2, t)) / (1 - pow(adam->beta1, t))), 1);
    cg_approx g = cg_approx_exact(before[G]), m = cg_approx_exact(before[M]);
    cg_approx v = cg_approx_exact(before[V]);
    cg_approx m1 = cg_approx_add(m, cg_approx_mul(c1, cg_approx_sub(g, m)));
    cg_approx v1 = cg_approx_add(v, cg_approx_mul(c2, cg_approx_sub(cg_approx_mul(g, g), v)));
    cg_approx step =
        cg_approx_div(cg_approx_mul(rate, m1), cg_approx_add(cg_approx_sqrt(v1), epsilon));
    cg_approx p1 = cg_approx_sub(cg_approx_exact(before[P]), step);
    cg_approx average = cg_approx_exact(before[AVERAGE]);
    cg_approx way =
        cg_approx_mul(cg_approx_round(cg_approx_exact(follow), 1), cg_approx_sub(p1, average));
    limit[P] = p1.error;
    limit[AVERAGE] = cg_approx_add(average, way).error;
    limit[M] = m1.error;
    limit[V] = v1.error;
}

/* The second half is the second network's, with another rate and no average; an update by ref/ for
 * each. */
static void expect_adam(double *value[ADAM_ARRAYS], double *limits[ADAM_OUTPUTS], size_t from,
                        size_t to, const cg_ref_adam *ref, double follow)
{
    for (size_t i = from; i < to; i++) {
        double before[ADAM_ARRAYS], limit[ADAM_OUTPUTS];
        for (size_t a = 0; a < ADAM_ARRAYS; a++)
            before[a] = value[a][i];
        adam_limits(limit, before, ref, follow);
        for (size_t a = 0; a < ADAM_OUTPUTS; a++)
            limits[a][i] = limit[a];
    }
    cg_ref_adam_update(value[P] + from, value[M] + from, value[V] + from, value[G] + from,
                       to - from, ref);
    for (size_t i = from; i < to; i++)
        value[AVERAGE][i] += follow * (value[P][i] - value[AVERAGE][i]);
}

cg_status cg_verify_adam(cg_harness *harness, const cg_verify_case *check)
{
    static const char *const names[] = {"p", "m", "v", "average"};
    cg_status status = CG_OK;
    size_t n = check->array.count, first = cg_round_up(n / 2, 16);
    cg_ref_adam ref = {CG_ADAM_RATE, CG_ADAM_BETA1, CG_ADAM_BETA2, CG_ADAM_EPSILON,
                       check->array.other};
    const cg_adam adam = {ref.rate, 3 * ref.rate, ref.beta1, ref.beta2, ref.epsilon, 0.99};
    double *value[ADAM_ARRAYS], *limits[ADAM_OUTPUTS];
    cg_buffer *buffer[ADAM_ARRAYS];
    bool averaging = check->array.seed != 0;

    for (size_t i = 0; i < ADAM_ARRAYS; i++) {
        CG_TRY(cg_harness_draw(&value[i], harness, n, i == V ? 0.001 : -1, 1));
        draw_extremes(value[i], n, i == V ? 1e-12 : 1e-6);
        if (i < ADAM_OUTPUTS)
            CG_TRY(output_with_values(&buffer[i], harness, value[i], i == AVERAGE ? first : n));
        else
            CG_TRY(cg_harness_input(&buffer[i], harness, value[i], n));
    }
    for (size_t i = 0; i < ADAM_OUTPUTS; i++)
        CG_TRY(cg_harness_array(&limits[i], harness, n, sizeof(double)));
    expect_adam(value, limits, 0, first, &ref, averaging ? 1 - cg_adam_decay(&adam, ref.t) : 0);
    ref.rate = adam.rate_d;
    expect_adam(value, limits, first, n, &ref, 0);
    const cg_adam_arrays arrays = {
        buffer[P], buffer[M], buffer[V], buffer[G], averaging ? buffer[AVERAGE] : NULL, n, first};
    CG_TRY(cg_adam_step(harness->rt, &arrays, &adam, ref.t));
    for (size_t i = 0; i < ADAM_OUTPUTS; i++)
        CG_TRY(cg_harness_compare(harness, names[i], buffer[i], value[i], limits[i],
                                  i == AVERAGE ? first : n));
done:
    return status;
}
