/* The losses and Adam in float64, with float32's errors. */
#include "verify/expect_loss.h"

#include "ref/bce.h"
#include "verify/approx.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- losses ---------------------------------------------------------------------------------- */

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
 * little for the second order; and what a strict run flushes. */
static void add_compensated(cg_approx *sum, cg_approx term, bool strict)
{
    sum->value += term.value;
    sum->error += cg_approx_flush(term, strict).error + 3 * CG_ROUNDING * fabs(term.value);
}

static void expect_values(cg_expected_losses *l, double bias)
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
    double factors = 0, size = 0, centred = 0, centred_size = 0;
    for (size_t i = 0; i < l->fakes + l->reals; i++) {
        const double count = (double)(i < l->fakes ? l->fakes : l->reals);
        const double sigmoid = 1 / (1 + exp(-l->z[i])), half = tanh(l->z[i] / 2) / 2 / count;
        l->metrics[i < l->fakes ? 4 : 3] += sigmoid / count;
        factors += l->factor_d[i];
        size += fabs(l->factor_d[i]);
        centred += half;
        centred_size += fabs(half);
    }
    /* Both are the same number. The one with smaller terms does not cancel, in float64 either. */
    l->dbias = centred_size < size ? centred + l->smoothing : factors;
}

/* |tanh(z / 2) / 2| / count: tanh, of slope 1 at most, is good to 5 ulp. */
static cg_approx centred_term(cg_approx z, cg_approx count)
{
    cg_approx t = cg_approx_round((cg_approx){fabs(tanh(z.value / 2)), z.error / 2}, 10);
    return cg_approx_div((cg_approx){t.value / 2, t.error / 2}, count);
}

static void expect_limits(cg_expected_losses *l, const double *before, double bias)
{
    cg_approx sums[CG_LOSS_METRICS] = {{0}}, dbias = {0}, centred = {0};
    const double counts[CG_LOSS_METRICS] = {(double)l->reals, (double)l->fakes, (double)l->fakes,
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
        add_compensated(&dbias, (cg_approx){fabs(d.value), d.error}, l->strict);
        add_compensated(&centred, centred_term(k.z, count), l->strict);
        add_compensated(&sums[fake ? 4 : 3], k.yes, l->strict);
        add_compensated(&sums[fake ? 1 : 0], fake ? k.loss_no : loss_real, l->strict);
        if (fake) {
            l->g_limit[i] = cg_approx_div(k.no, count).error;
            add_compensated(&sums[2], k.loss_yes, l->strict);
        }
    }
    /* The kernel takes the sum whose terms are smaller; it may see them as equal by rounding. */
    l->dbias_limit = centred.value < dbias.value ? centred.error : dbias.error;
    if (fabs(centred.value - dbias.value) <= centred.error + dbias.error)
        l->dbias_limit = fmax(centred.error, dbias.error);
    l->dbias_limit += CG_ROUNDING * fabs(l->dbias); /* smoothing is added to the centred sum */
    for (size_t i = 0; i < CG_LOSS_METRICS; i++)
        l->metric_limits[i] = cg_approx_div(sums[i], cg_approx_exact(counts[i])).error;
}

void cg_expect_losses(cg_expected_losses *l, const double *before, double bias)
{
    memcpy(l->z, before, (l->fakes + l->reals) * sizeof *l->z);
    memset(l->metrics, 0, sizeof l->metrics);
    l->dbias = 0;
    expect_values(l, bias);
    expect_limits(l, before, bias);
}

/* ---- Adam ------------------------------------------------------------------------------------ */

/* The limits of one element, from its values before; `follow`: of the average. */
static void adam_limits(double limit[CG_ADAM_OUTPUTS], const double before[CG_ADAM_ARRAYS],
                        const cg_ref_adam *adam, double follow)
{
    /* The kernel's rate and (1 - beta) are float32 roundings of these. */
    cg_approx c1 = cg_approx_round(cg_approx_exact(1 - adam->beta1), 1);
    cg_approx c2 = cg_approx_round(cg_approx_exact(1 - adam->beta2), 1);
    cg_approx epsilon = cg_approx_round(cg_approx_exact(adam->epsilon), 1);
    double t = (double)adam->t;
    cg_approx rate = cg_approx_round(
        cg_approx_exact(adam->rate * sqrt(1 - pow(adam->beta2, t)) / (1 - pow(adam->beta1, t))), 1);
    cg_approx g = cg_approx_exact(before[CG_ADAM_G]), m = cg_approx_exact(before[CG_ADAM_M]);
    cg_approx v = cg_approx_exact(before[CG_ADAM_V]);
    cg_approx m1 = cg_approx_add(m, cg_approx_mul(c1, cg_approx_sub(g, m)));
    cg_approx v1 = cg_approx_add(v, cg_approx_mul(c2, cg_approx_sub(cg_approx_mul(g, g), v)));
    cg_approx step =
        cg_approx_div(cg_approx_mul(rate, m1), cg_approx_add(cg_approx_sqrt(v1), epsilon));
    cg_approx p1 = cg_approx_sub(cg_approx_exact(before[CG_ADAM_P]), step);
    cg_approx average = cg_approx_exact(before[CG_ADAM_AVERAGE]);
    cg_approx way =
        cg_approx_mul(cg_approx_round(cg_approx_exact(follow), 1), cg_approx_sub(p1, average));
    limit[CG_ADAM_P] = p1.error;
    limit[CG_ADAM_AVERAGE] = cg_approx_add(average, way).error;
    limit[CG_ADAM_M] = m1.error;
    limit[CG_ADAM_V] = v1.error;
}

void cg_expect_adam(double value[CG_ADAM_ARRAYS], double limit[CG_ADAM_OUTPUTS],
                    const cg_ref_adam *adam, double follow)
{
    adam_limits(limit, value, adam, follow);
    cg_ref_adam_update(&value[CG_ADAM_P], &value[CG_ADAM_M], &value[CG_ADAM_V], &value[CG_ADAM_G],
                       1, adam);
    value[CG_ADAM_AVERAGE] += follow * (value[CG_ADAM_P] - value[CG_ADAM_AVERAGE]);
}
