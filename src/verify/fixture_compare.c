/* The comparison of a step with its fixture. */
#include "verify/fixture.h"

#include <math.h>
#include <stdio.h>

const cg_fixture_limits cg_fixture_limits_float32 = {
    .loss = 1e-5,
    .first = 1e-5,
    .later = 1e-2,
    .param = 0.05 * CG_ADAM_RATE,
    .stat = 1e-5,
    .sample = 1e-3,
};

const cg_fixture_limits cg_fixture_limits_float64 = {
    .loss = 1e-9,
    .first = 1e-9,
    .later = 1e-9,
    .param = 1e-9,
    .stat = 1e-9,
    .sample = 1e-9,
};

static double relative(double difference, double to)
{
    if (to == 0)
        return difference == 0 ? 0 : INFINITY;
    return fabs(difference) / to;
}

/* The larger; not a number if one of them is. */
static double worse(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

cg_difference cg_fixture_compare(const cg_description *expected, const double *array)
{
    double sum = 0, squares = 0, difference_squares = 0, max_abs = 0;
    double n = (double)expected->size, l2 = expected->l2;
    size_t worst = expected->index[0];
    for (size_t i = 0; i < expected->size; i++) {
        sum += array[i];
        squares += array[i] * array[i];
    }
    for (size_t i = 0; i < expected->count; i++) {
        double difference = array[expected->index[i]] - expected->value[i];
        difference_squares += difference * difference;
        if (!(fabs(difference) <= max_abs) && !isnan(max_abs))
            worst = expected->index[i];
        max_abs = worse(max_abs, fabs(difference));
    }
    double sum_error = fabs(sum - expected->sum), l2_error = fabs(sqrt(squares) - l2);
    return (cg_difference){
        .rms_rel = relative(sqrt(difference_squares / (double)expected->count), l2 / sqrt(n)),
        .sum_rel = relative(sum_error, l2 * sqrt(n)),
        .l2_rel = relative(l2_error, l2),
        .max_abs = max_abs,
        .sum_mean = sum_error / n,
        .l2_rms = l2_error / sqrt(n),
        .worst = worst,
        .sum = sum,
        .l2 = sqrt(squares),
    };
}

/* A comparison of one step under way. */
typedef struct comparison {
    size_t step;
    cg_fixture_report *report;
    void *user;
    bool ok;
} comparison;

/* Completes the line's names and verdict. */
static void report_line(comparison *c, const char *group, const char *name, cg_fixture_line line)
{
    char full_name[96];
    snprintf(full_name, sizeof full_name, "%s%s", group, name);
    line.step = c->step;
    line.name = full_name;
    line.ok = line.error <= line.limit;
    c->ok = c->ok && line.ok;
    if (c->report)
        c->report(c->user, &line);
}

static void compare_loss(comparison *c, size_t i, double got, double expected, double limit)
{
    report_line(c, "", cg_loss_names[i],
                (cg_fixture_line){.error = relative(got - expected, fabs(expected)),
                                  .limit = limit,
                                  .what = "",
                                  .got = got,
                                  .expected = expected});
}

/* A tensor, and how far it is from what is expected. */
typedef struct tensor {
    const cg_description *expected;
    const double *array;
    cg_difference d;
} tensor;

/* The errors of a tensor: of its elements, its sum and its norm. */
static void report_tensor(comparison *c, const char *group, const char *name,
                          const double errors[3], double limit, const tensor *t)
{
    cg_fixture_line line = {.error = worse(errors[0], worse(errors[1], errors[2])), .limit = limit};
    size_t i = 0;
    while (t->expected->index[i] != t->d.worst)
        i++;
    line.what = "element";
    line.index = t->d.worst;
    line.got = t->array[t->d.worst];
    line.expected = t->expected->value[i];
    if (errors[0] <= limit && !(line.error <= limit)) {
        bool sum = !(errors[1] <= limit);
        line.what = sum ? "sum" : "norm";
        line.got = sum ? t->d.sum : t->d.l2;
        line.expected = sum ? t->expected->sum : t->expected->l2;
    }
    report_line(c, group, name, line);
}

static void compare_tensor(comparison *c, const char *group, const char *name,
                           const cg_description *expected, const double *array, double limit)
{
    const tensor t = {expected, array, cg_fixture_compare(expected, array)};
    report_tensor(c, group, name, (const double[]){t.d.rms_rel, t.d.sum_rel, t.d.l2_rel}, limit,
                  &t);
}

static void compare_param(comparison *c, const char *name, const cg_description *expected,
                          const double *array, double limit)
{
    const tensor t = {expected, array, cg_fixture_compare(expected, array)};
    report_tensor(c, "param.", name, (const double[]){t.d.max_abs, t.d.sum_mean, t.d.l2_rms}, limit,
                  &t);
}

bool cg_fixture_compare_step(const cg_fixture_step *expected, const cg_fixture_got *got,
                             const cg_fixture_limits *limits, cg_fixture_report *report, void *user)
{
    comparison c = {.step = expected->step, .report = report, .user = user, .ok = true};
    double limit = expected->step == 1 ? limits->first : limits->later;
    for (size_t i = 0; i < CG_LOSS_COUNT; i++)
        compare_loss(&c, i, got->loss[i], expected->loss[i], limits->loss);
    compare_tensor(&c, "", "logits_real", &expected->logits_real, got->logits_real, limit);
    compare_tensor(&c, "", "logits_fake", &expected->logits_fake, got->logits_fake, limit);
    compare_tensor(&c, "", "fake", &expected->fake, got->fake, limit);
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        compare_tensor(&c, "grad.", cg_model_params[i].name, &expected->grad[i], got->grad[i],
                       limit);
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        compare_param(&c, cg_model_params[i].name, &expected->param[i], got->param[i],
                      limits->param * (double)expected->step);
    for (size_t i = 0; i < CG_STAT_COUNT; i++)
        compare_tensor(&c, "stat.", cg_model_stats[i].name, &expected->stat[i], got->stat[i],
                       limits->stat);
    compare_tensor(&c, "", "sample", &expected->sample, got->sample, limits->sample);
    return c.ok;
}
