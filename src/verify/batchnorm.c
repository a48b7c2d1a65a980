/* Batch normalisation against ref/batchnorm: float32's errors by running error analysis of the
 * formulas of ops/batchnorm.h.
 *
 * The device sums up to C samples of a feature one after the other and merges what it has (Chan,
 * Golub and LeVeque): up to S slices of a chunk, then Q chunks. docs/kernels.md derives the bounds:
 * with M the largest |x| of the feature, R the range of x and v its variance, the mean is wrong by
 * at most delta = gamma(C + 8 (S + Q)) M, and the variance by gamma(C + 8 (S + Q)) v + 20 delta^2,
 * to which merges of two shares add 4 R delta. The sums of the backward pass have C + Q terms in a
 * row at most. That the device shares the samples out like this is compared with the numbers of
 * samples that it writes. */
#include "verify/approx.h"
#include "verify/expect_norm.h"
#include "verify/harness.h"

#include "base/try.h"
#include "cl/shared.h"
#include "ops/dense.h"
#include "ref/batchnorm.h"
#include "ref/dense.h"
#include "ref/pointwise.h"

#include <string.h>

#define EPSILON  1e-3
#define MOMENTUM 0.99
#define SLOPE    ((double)0.3f)

/* A layer on the device and in ref/; features are [groups, c], in ref/ channels of its rows. */
typedef struct layer {
    cg_batchnorm bn;
    cg_ref_batchnorm ref;
    size_t groups, c, rows, features;
    size_t chunk, slices; /* samples that a share has at most; work-items that sum one share */
    double *x, *gamma, *beta, *moving_mean, *moving_variance;
    cg_moments moments;
} layer;

static cg_status feature_array(double **array, cg_harness *harness, const layer *l)
{
    return cg_harness_array(array, harness, l->features, sizeof **array);
}

/* Sets how the samples are shared out: behind a dense layer that takes the moments itself they are
 * one share, which one work-item sums. */
static void set_shares(layer *l, const cg_harness *harness, const cg_verify_map *m)
{
    size_t vec = harness->rt->vec;
    bool whole = m->vector && cg_dense_choose(harness->rt, m->algorithm)->normalises;
    l->chunk = whole || l->rows < CG_BATCHNORM_CHUNK ? l->rows : CG_BATCHNORM_CHUNK;
    l->slices = whole || vec > 1                 ? 1
                : l->chunk < CG_BATCHNORM_SLICES ? l->chunk
                                                 : CG_BATCHNORM_SLICES;
}

static size_t chunks(const layer *l)
{
    return cg_ceil_div(l->rows, l->chunk);
}

static cg_status draw_layer(layer *l, cg_harness *harness, const cg_verify_map *m)
{
    cg_status status = CG_OK;
    l->groups = m->in == 1 ? 1 : m->h * m->w;
    l->c = m->c;
    l->features = l->groups * m->c;
    l->rows = m->n * m->h * m->w / l->groups;
    set_shares(l, harness, m);
    CG_TRY(cg_harness_draw(&l->x, harness, l->rows * l->features, -1, 2));
    CG_TRY(cg_harness_draw(&l->gamma, harness, l->features, 0.5, 2));
    CG_TRY(cg_harness_draw(&l->beta, harness, l->features, -1, 1));
    CG_TRY(cg_harness_draw(&l->moving_mean, harness, l->features, -1, 1));
    CG_TRY(cg_harness_draw(&l->moving_variance, harness, l->features, 0.1, 2));
    CG_TRY(feature_array(&l->ref.mean, harness, l));
    CG_TRY(feature_array(&l->ref.variance, harness, l));
    l->ref.rows = l->rows;
    l->ref.channels = l->features;
    l->ref.epsilon = (double)(float)EPSILON;
    l->ref.momentum = (double)(float)MOMENTUM;
    l->ref.gamma = l->gamma;
    l->ref.beta = l->beta;
    l->bn.groups = l->groups;
    l->bn.slope = (float)SLOPE;
    l->bn.momentum = (float)MOMENTUM;
    l->bn.epsilon = (float)EPSILON;
    CG_TRY(cg_harness_input_map(&l->bn.x, harness, l->x,
                                (cg_map){.n = m->n, .h = m->h, .w = m->w, .c = m->c}, 0));
    CG_TRY(cg_harness_input_features(&l->bn.gamma, harness, l->gamma, l->groups, l->c));
    CG_TRY(cg_harness_input_features(&l->bn.beta, harness, l->beta, l->groups, l->c));
    CG_TRY(cg_harness_output(&l->bn.workspace, harness, cg_batchnorm_workspace(&l->bn)));
done:
    return status;
}

/* An output that holds values before: the moving statistics. */
static cg_status output_with_values(cg_buffer **buffer, cg_harness *harness, const layer *l,
                                    const double *values)
{
    cg_status status = CG_OK;
    float *floats;
    size_t size = cg_batchnorm_features(&l->bn);
    CG_TRY(cg_harness_array(&floats, harness, size, sizeof *floats));
    for (size_t i = 0; i < l->features; i++)
        floats[cg_blocked_index(l->c, l->groups, i / l->c, i % l->c)] = (float)values[i];
    CG_TRY(cg_harness_output(buffer, harness, size * sizeof *floats));
    CG_TRY(cg_buffer_upload(*buffer, 0, floats, size * sizeof *floats));
done:
    return status;
}

/* The batch's mean and variance as the device may have them. */
static void approx_moments(cg_approx *mean, cg_approx *variance, const layer *l, size_t f)
{
    double low = l->x[f], high = low, v = l->ref.variance[f];
    double gamma = cg_gamma(l->chunk + 8 * (l->slices + chunks(l)));
    for (size_t r = 0; r < l->rows; r++) {
        low = fmin(low, l->x[r * l->features + f]);
        high = fmax(high, l->x[r * l->features + f]);
    }
    double delta = gamma * fmax(fabs(low), fabs(high));
    *mean = (cg_approx){l->ref.mean[f], delta};
    *variance = (cg_approx){v, gamma * v + 20 * delta * delta};
    if (l->slices * chunks(l) > 1)
        variance->error += 4 * (high - low) * delta;
}

/* The numbers of samples that the device wrote with its moments are those of the bounds: a kernel
 * and a check that take chunks of different sizes agree on the results, and on nothing else. */
static cg_status compare_shares(cg_harness *harness, const layer *l)
{
    cg_status status = CG_OK;
    size_t features = cg_batchnorm_features(&l->bn), partials = l->moments.partials;
    float *moments;

    if (partials != chunks(l))
        cg_harness_fail(harness, "%zu shares of the samples, not %zu", partials, chunks(l));
    CG_TRY(cg_harness_array(&moments, harness, partials * CG_MOMENTS * features, sizeof *moments));
    CG_TRY(cg_buffer_download(l->moments.buffer, 0, moments,
                              partials * CG_MOMENTS * features * sizeof *moments));
    for (size_t i = 0; i < partials; i++) {
        const float *count = moments + (i * CG_MOMENTS + CG_MOMENT_COUNT) * features;
        size_t rest = i < chunks(l) ? l->rows - i * l->chunk : 0;
        double expected = (double)(rest < l->chunk ? rest : l->chunk);
        for (size_t f = 0; f < features; f++)
            cg_harness_compare_one(harness, "samples of a share", i, (double)count[f], expected, 0);
    }
done:
    return status;
}

/* Values and limits of one feature array, compared one after the other. */
typedef struct feature_check {
    double *value, *limit;
} feature_check;

static void expect(feature_check *check, size_t f, cg_approx a)
{
    check->value[f] = a.value;
    check->limit[f] = a.error;
}

enum { MEAN, INV_STD, SCALE, SHIFT, MOVING_MEAN, MOVING_VARIANCE, FEATURE_ARRAYS };

/* scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. */
static void expect_affine(feature_check *checks, const layer *l, size_t f, cg_approx mean,
                          cg_approx variance)
{
    const cg_expected_norm norm =
        cg_expect_norm(mean, variance, l->gamma[f], l->beta[f], l->ref.epsilon);
    expect(&checks[INV_STD], f, norm.inv_std);
    expect(&checks[SCALE], f, norm.scale);
    expect(&checks[SHIFT], f, norm.shift);
}

static cg_status compare_features(cg_harness *harness, const layer *l, const feature_check *checks,
                                  size_t first)
{
    static const char *const names[] = {"mean",  "inv_std",     "scale",
                                        "shift", "moving_mean", "moving_variance"};
    cg_status status = CG_OK;
    cg_buffer *const buffers[] = {l->bn.mean,  l->bn.inv_std,     l->bn.scale,
                                  l->bn.shift, l->bn.moving_mean, l->bn.moving_variance};
    for (size_t i = first; i < FEATURE_ARRAYS; i++)
        if (checks[i].value)
            CG_TRY(cg_harness_compare_features(harness, names[i], buffers[i],
                                               (cg_expected){checks[i].value, checks[i].limit},
                                               (cg_features){l->groups, l->c}, i == INV_STD));
done:
    return status;
}

static cg_status make_checks(feature_check *checks, size_t count, cg_harness *harness,
                             const layer *l)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < count; i++) {
        CG_TRY(feature_array(&checks[i].value, harness, l));
        CG_TRY(feature_array(&checks[i].limit, harness, l));
    }
done:
    return status;
}

static cg_status feature_output(cg_buffer **buffer, cg_harness *harness, const layer *l)
{
    return cg_harness_output(buffer, harness, cg_batchnorm_features(&l->bn) * sizeof(float));
}

/* x from a dense layer, with its moments: the layer normalises what the device has computed. */
static cg_status draw_by_dense(layer *l, cg_harness *harness, const cg_verify_map *m)
{
    cg_status status = CG_OK;
    double *vectors, *weights;
    cg_buffer *vector_buffer, *weight_buffer;
    float *floats;
    size_t size = l->rows * l->features;

    CG_TRY(cg_harness_draw(&vectors, harness, m->n * m->vector, -1, 1));
    CG_TRY(cg_harness_draw(&weights, harness, m->vector * l->features, -1, 1));
    CG_TRY(cg_harness_input(&vector_buffer, harness, vectors, m->n * m->vector));
    CG_TRY(cg_harness_input(&weight_buffer, harness, weights, m->vector * l->features));
    CG_TRY(cg_harness_output_map(&l->bn.x, harness, m->n, m->h, m->w, m->c));
    CG_TRY(cg_dense_fwd(harness->rt, &l->bn.x, vector_buffer, weight_buffer, m->vector, &l->moments,
                        m->algorithm));
    CG_TRY(cg_harness_array(&floats, harness, size, sizeof *floats));
    CG_TRY(cg_map_download(&l->bn.x, floats));
    for (size_t i = 0; i < size; i++)
        l->x[i] = (double)floats[i];
done:
    return status;
}

/* The arrays that the forward pass writes; the moving statistics hold values before it. */
static cg_status create_fwd_outputs(layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    size_t partials = cg_moments_partials(&l->bn.x, l->groups);
    CG_TRY(output_with_values(&l->bn.moving_mean, harness, l, l->moving_mean));
    CG_TRY(output_with_values(&l->bn.moving_variance, harness, l, l->moving_variance));
    CG_TRY(feature_output(&l->bn.mean, harness, l));
    CG_TRY(feature_output(&l->bn.inv_std, harness, l));
    CG_TRY(feature_output(&l->bn.scale, harness, l));
    CG_TRY(feature_output(&l->bn.shift, harness, l));
    CG_TRY(cg_harness_output(&l->moments.buffer, harness,
                             cg_moments_bytes(&l->bn.x, l->groups, partials)));
    l->bn.moments = &l->moments;
done:
    return status;
}

/* The values of ref/, and how far from them the device may be. */
static cg_status expect_fwd(feature_check checks[FEATURE_ARRAYS], layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    double *y;
    CG_TRY(make_checks(checks, FEATURE_ARRAYS, harness, l));
    CG_TRY(cg_harness_array(&y, harness, l->rows * l->features, sizeof *y));
    l->ref.moving_mean = checks[MOVING_MEAN].value;
    l->ref.moving_variance = checks[MOVING_VARIANCE].value;
    memcpy(l->ref.moving_mean, l->moving_mean, l->features * sizeof(double));
    memcpy(l->ref.moving_variance, l->moving_variance, l->features * sizeof(double));
    cg_ref_batchnorm_fwd(y, l->x, &l->ref);
    for (size_t f = 0; f < l->features; f++) {
        cg_approx mean, variance;
        approx_moments(&mean, &variance, l, f);
        expect(&checks[MEAN], f, mean);
        expect_affine(checks, l, f, mean, variance);
        checks[MOVING_MEAN].limit[f] =
            cg_expect_moving(l->moving_mean[f], mean, (double)(float)MOMENTUM).error;
        checks[MOVING_VARIANCE].limit[f] =
            cg_expect_moving(l->moving_variance[f], variance, (double)(float)MOMENTUM).error;
    }
done:
    return status;
}

cg_status cg_verify_batchnorm_fwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    layer l = {0};
    feature_check checks[FEATURE_ARRAYS] = {0};

    harness->result->skipped = m->vector && !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    CG_TRY(draw_layer(&l, harness, m));
    CG_TRY(create_fwd_outputs(&l, harness));
    if (m->vector)
        CG_TRY(draw_by_dense(&l, harness, m));
    else
        CG_TRY(cg_moments_measure(harness->rt, &l.moments, &l.bn.x, l.groups));
    CG_TRY(compare_shares(harness, &l));
    CG_TRY(expect_fwd(checks, &l, harness));
    CG_TRY(cg_batchnorm_fwd(harness->rt, &l.bn));
    CG_TRY(compare_features(harness, &l, checks, MEAN));
done:
    return status;
}

cg_status cg_verify_batchnorm_inference(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    layer l = {0};
    feature_check checks[FEATURE_ARRAYS] = {0};

    CG_TRY(draw_layer(&l, harness, &check->map));
    CG_TRY(make_checks(checks, MOVING_MEAN, harness, &l));
    CG_TRY(cg_harness_input_features(&l.bn.moving_mean, harness, l.moving_mean, l.groups, l.c));
    CG_TRY(cg_harness_input_features(&l.bn.moving_variance, harness, l.moving_variance, l.groups,
                                     l.c));
    CG_TRY(feature_output(&l.bn.scale, harness, &l));
    CG_TRY(feature_output(&l.bn.shift, harness, &l));
    for (size_t f = 0; f < l.features; f++)
        expect_affine(checks, &l, f, cg_approx_exact(l.moving_mean[f]),
                      cg_approx_exact(l.moving_variance[f]));
    CG_TRY(cg_batchnorm_inference(harness->rt, &l.bn));
    CG_TRY(compare_features(harness, &l, checks, SCALE));
done:
    return status;
}

/* ---- backward -------------------------------------------------------------------------------- */

/* A float32 that the device is given for a number: known to the host exactly up to its rounding. */
static cg_approx approx_given(double value)
{
    return cg_approx_round(cg_approx_exact(value), 1);
}

/* Moves x away from where scale x + shift is about 0, so that the device and ref/ take the same
 * side of LeakyReLU. The change of the batch's moments does not matter: the backward pass is given
 * them. */
static void leave_kink(layer *l)
{
    for (size_t i = 0; i < l->rows * l->features; i++) {
        size_t f = i % l->features;
        double inverse = 1 / sqrt(l->ref.variance[f] + l->ref.epsilon);
        double y = l->gamma[f] * (l->x[i] - l->ref.mean[f]) * inverse + l->beta[f];
        if (fabs(y) < 1e-3)
            l->x[i] = (double)(float)(l->x[i] + 0.01);
    }
}

/* Gives the device the batch's moments as float32. */
static cg_status give_moments(layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    double *array[3];
    for (size_t i = 0; i < 3; i++)
        CG_TRY(feature_array(&array[i], harness, l));
    for (size_t f = 0; f < l->features; f++) {
        array[0][f] = 1 / sqrt(l->ref.variance[f] + l->ref.epsilon);
        array[1][f] = l->gamma[f] * array[0][f];
        array[2][f] = l->beta[f] - l->ref.mean[f] * array[1][f];
    }
    CG_TRY(cg_harness_input_features(&l->bn.mean, harness, l->ref.mean, l->groups, l->c));
    CG_TRY(cg_harness_input_features(&l->bn.inv_std, harness, array[0], l->groups, l->c));
    CG_TRY(cg_harness_input_features(&l->bn.scale, harness, array[1], l->groups, l->c));
    CG_TRY(cg_harness_input_features(&l->bn.shift, harness, array[2], l->groups, l->c));
done:
    return status;
}

typedef struct backward {
    feature_check dgamma, dbeta;
    double *dy, *g, *dx, *limit; /* [rows, features]; g: dy through LeakyReLU */
} backward;

/* The sums' limits, then dx = scale (g - dbeta / S - xhat dgamma / S), for one feature. */
static void expect_feature(backward *b, const layer *l, size_t f)
{
    cg_approx inverse = approx_given(1 / sqrt(l->ref.variance[f] + l->ref.epsilon));
    cg_approx mean = approx_given(l->ref.mean[f]),
              scale = approx_given(l->gamma[f] * inverse.value);
    cg_approx rows = cg_approx_exact((double)l->rows);
    double sum = 0, product = 0, product_error = 0;
    size_t roundings = l->chunk + chunks(l) + 2;

    for (size_t i = f; i < l->rows * l->features; i += l->features) {
        cg_approx xhat = cg_approx_mul(cg_approx_sub(cg_approx_exact(l->x[i]), mean), inverse);
        cg_approx term = cg_approx_mul(approx_given(b->g[i]), xhat);
        sum += fabs(b->g[i]);
        product += fabs(term.value);
        product_error += term.error;
    }
    b->dbeta.limit[f] = cg_gamma(roundings) * sum;
    b->dgamma.limit[f] = cg_gamma(roundings) * product + product_error;
    cg_approx mean_g = cg_approx_div((cg_approx){b->dbeta.value[f], b->dbeta.limit[f]}, rows);
    cg_approx mean_gx = cg_approx_div((cg_approx){b->dgamma.value[f], b->dgamma.limit[f]}, rows);
    for (size_t i = f; i < l->rows * l->features; i += l->features) {
        cg_approx xhat = cg_approx_mul(cg_approx_sub(cg_approx_exact(l->x[i]), mean), inverse);
        cg_approx rest = cg_approx_sub(approx_given(b->g[i]), mean_g);
        b->limit[i] = cg_approx_mul(scale, cg_approx_sub(rest, cg_approx_mul(xhat, mean_gx))).error;
    }
}

static cg_status draw_backward(backward *b, cg_harness *harness, layer *l)
{
    cg_status status = CG_OK;
    size_t size = l->rows * l->features;
    CG_TRY(make_checks(&b->dgamma, 1, harness, l));
    CG_TRY(make_checks(&b->dbeta, 1, harness, l));
    CG_TRY(cg_harness_draw(&b->dy, harness, size, -1, 1));
    CG_TRY(cg_harness_array(&b->g, harness, size, sizeof(double)));
    CG_TRY(cg_harness_array(&b->dx, harness, size, sizeof(double)));
    CG_TRY(cg_harness_array(&b->limit, harness, size, sizeof(double)));
    cg_ref_batchnorm_fwd(b->dx, l->x, &l->ref);
    leave_kink(l);
    for (size_t i = 0; i < size; i++) {
        size_t f = i % l->features;
        double inverse = 1 / sqrt(l->ref.variance[f] + l->ref.epsilon);
        b->dx[i] = l->gamma[f] * (l->x[i] - l->ref.mean[f]) * inverse + l->beta[f];
    }
    cg_ref_leaky_relu_bwd(b->g, b->dy, b->dx, size, SLOPE);
    cg_ref_batchnorm_bwd(b->dx, b->dgamma.value, b->dbeta.value, b->g, l->x, &l->ref);
    for (size_t f = 0; f < l->features; f++)
        expect_feature(b, l, f);
done:
    return status;
}

/* The weights' gradient of the dense layer before it, from dy through the layer: each product is
 * of a dx that may be wrong by its limit. */
static cg_status check_dense(cg_harness *harness, const cg_verify_map *m, layer *l,
                             const backward *b, const cg_map *dy, cg_buffer *dgamma,
                             cg_buffer *dbeta)
{
    cg_status status = CG_OK;
    size_t in = m->vector, count = in * l->features;
    const cg_dense_norm norm = {&l->bn, dgamma, dbeta};
    double *x, *sizes, *dx_sizes, *dw, *dw_limit, *panels[2];
    cg_buffer *x_buffer, *dw_buffer;

    CG_TRY(cg_harness_draw(&x, harness, m->n * in, -1, 1));
    CG_TRY(cg_harness_input(&x_buffer, harness, x, m->n * in));
    CG_TRY(cg_harness_output(&dw_buffer, harness, count * sizeof(float)));
    CG_TRY(cg_harness_array(&sizes, harness, m->n * in, sizeof *sizes));
    CG_TRY(cg_harness_array(&dx_sizes, harness, l->rows * l->features, sizeof *dx_sizes));
    CG_TRY(cg_harness_array(&dw, harness, count, sizeof *dw));
    CG_TRY(cg_harness_array(&dw_limit, harness, count, sizeof *dw_limit));
    for (size_t i = 0; i < m->n * in; i++)
        sizes[i] = fabs(x[i]);
    for (size_t i = 0; i < l->rows * l->features; i++)
        dx_sizes[i] = b->limit[i] + cg_gamma(l->rows + 8) * (fabs(b->dx[i]) + b->limit[i]);
    cg_ref_dense_bwd_weight(dw, b->dx, x, m->n, in, l->features);
    cg_ref_dense_bwd_weight(dw_limit, dx_sizes, sizes, m->n, in, l->features);
    CG_TRY(cg_harness_dense_panels(&panels[0], harness, dw, in, l->groups, l->c));
    CG_TRY(cg_harness_dense_panels(&panels[1], harness, dw_limit, in, l->groups, l->c));
    CG_TRY(cg_dense_bwd_weight(harness->rt, dw_buffer, x_buffer, dy, in, &norm, m->algorithm));
    CG_TRY(cg_harness_compare(harness, "dw", dw_buffer, panels[0], panels[1], count));
done:
    return status;
}

cg_status cg_verify_batchnorm_bwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    layer l = {0};
    backward b = {0};
    cg_map dy, y;
    cg_buffer *dgamma, *dbeta;
    float *floats;

    harness->result->skipped = m->vector && !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    CG_TRY(draw_layer(&l, harness, m));
    CG_TRY(draw_backward(&b, harness, &l));
    CG_TRY(give_moments(&l, harness));
    CG_TRY(cg_harness_input_map(&y, harness, l.x,
                                (cg_map){.n = m->n, .h = m->h, .w = m->w, .c = m->c},
                                0)); /* without kinks */
    l.bn.x = y;
    CG_TRY(cg_harness_output_map(&dy, harness, m->n, m->h, m->w, m->c));
    CG_TRY(cg_harness_array(&floats, harness, l.rows * l.features, sizeof *floats));
    for (size_t i = 0; i < l.rows * l.features; i++)
        floats[i] = (float)b.dy[i];
    CG_TRY(cg_map_upload(&dy, floats));
    CG_TRY(feature_output(&dgamma, harness, &l));
    CG_TRY(feature_output(&dbeta, harness, &l));
    if (m->vector)
        CG_TRY(check_dense(harness, m, &l, &b, &dy, dgamma, dbeta));
    else
        CG_TRY(cg_batchnorm_bwd(harness->rt, dy, dgamma, dbeta, &l.bn));
    CG_TRY(cg_harness_compare_features(harness, "dbeta", dbeta,
                                       (cg_expected){b.dbeta.value, b.dbeta.limit},
                                       (cg_features){l.groups, l.c}, false));
    CG_TRY(cg_harness_compare_features(harness, "dgamma", dgamma,
                                       (cg_expected){b.dgamma.value, b.dgamma.limit},
                                       (cg_features){l.groups, l.c}, false));
    if (!m->vector)
        CG_TRY(cg_harness_compare_map(harness, "dx", &dy, m->n, b.dx, b.limit));
done:
    return status;
}
