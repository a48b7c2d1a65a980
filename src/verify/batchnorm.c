/* The forward pass of a batchnorm, and its inference, against ref/batchnorm: float32's errors by
 * running error analysis of the formulas of ops/batchnorm.h.
 *
 * The device sums up to C samples of a feature one after the other and merges what it has (Chan,
 * Golub and LeVeque): up to S slices of a chunk, then Q chunks. docs/kernels.md derives the bounds:
 * with M the largest |x| of the feature, R the range of x and v its variance, the mean is wrong by
 * at most delta = gamma(C + 8 (S + Q)) M, and the variance by gamma(C + 8 (S + Q)) v + 20 delta^2,
 * to which merges of two shares add 4 R delta. That the device shares the samples out like this is
 * compared with the numbers of samples that it writes. */
#include "verify/norm_layer.h"

#include "base/try.h"
#include "cl/shared.h"
#include "ops/dense.h"
#include "verify/approx.h"
#include "verify/expect_norm.h"

#include <string.h>

/* An output that holds values before: the moving statistics. */
static cg_status output_with_values(cg_buffer **buffer, cg_harness *harness, const cg_norm_layer *l,
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
static void approx_moments(cg_approx *mean, cg_approx *variance, const cg_norm_layer *l, size_t f)
{
    double low = l->x[f], high = low, v = l->ref.variance[f];
    double gamma = cg_gamma(l->chunk + 8 * (l->slices + l->shares));
    for (size_t r = 0; r < l->rows; r++) {
        low = fmin(low, l->x[r * l->features + f]);
        high = fmax(high, l->x[r * l->features + f]);
    }
    double delta = gamma * fmax(fabs(low), fabs(high));
    *mean = (cg_approx){l->ref.mean[f], delta};
    *variance = (cg_approx){v, gamma * v + 20 * delta * delta};
    if (l->slices * l->shares > 1)
        variance->error += 4 * (high - low) * delta;
}

/* The numbers of samples that the device wrote with its moments are those of the bounds: a kernel
 * and a check that take chunks of different sizes agree on the results, and on nothing else. */
static cg_status compare_shares(cg_harness *harness, const cg_norm_layer *l)
{
    cg_status status = CG_OK;
    size_t features = cg_batchnorm_features(&l->bn), partials = l->moments.partials;
    float *moments;

    if (partials != l->shares)
        cg_harness_fail(harness, "%zu shares of the samples, not %zu", partials, l->shares);
    CG_TRY(cg_harness_array(&moments, harness, partials * CG_MOMENTS * features, sizeof *moments));
    CG_TRY(cg_buffer_download(l->moments.buffer, 0, moments,
                              partials * CG_MOMENTS * features * sizeof *moments));
    for (size_t i = 0; i < partials; i++) {
        const float *count = moments + (i * CG_MOMENTS + CG_MOMENT_COUNT) * features;
        size_t rest = i < l->shares ? l->rows - i * l->chunk : 0;
        double expected = (double)(rest < l->chunk ? rest : l->chunk);
        for (size_t f = 0; f < features; f++)
            cg_harness_compare_one(harness, "samples of a share", i, (double)count[f], expected, 0);
    }
done:
    return status;
}

static void expect(cg_feature_check *check, size_t f, cg_approx a)
{
    check->value[f] = a.value;
    check->limit[f] = a.error;
}

enum { MEAN, INV_STD, SCALE, SHIFT, MOVING_MEAN, MOVING_VARIANCE, FEATURE_ARRAYS };

/* scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. */
static void expect_affine(cg_feature_check *checks, const cg_norm_layer *l, size_t f,
                          cg_approx mean, cg_approx variance)
{
    const cg_expected_norm norm =
        cg_expect_norm(mean, variance, l->gamma[f], l->beta[f], l->ref.epsilon);
    expect(&checks[INV_STD], f, norm.inv_std);
    expect(&checks[SCALE], f, norm.scale);
    expect(&checks[SHIFT], f, norm.shift);
}

static cg_status compare_features(cg_harness *harness, const cg_norm_layer *l,
                                  const cg_feature_check *checks, size_t first)
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

/* x from a dense layer, with its moments: the layer normalises what the device has computed. */
static cg_status draw_by_dense(cg_norm_layer *l, cg_harness *harness, const cg_verify_map *m)
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
static cg_status create_fwd_outputs(cg_norm_layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    size_t partials = cg_moments_partials(&l->bn.x, l->groups);
    CG_TRY(output_with_values(&l->bn.moving_mean, harness, l, l->moving_mean));
    CG_TRY(output_with_values(&l->bn.moving_variance, harness, l, l->moving_variance));
    CG_TRY(cg_norm_layer_output(&l->bn.mean, harness, l));
    CG_TRY(cg_norm_layer_output(&l->bn.inv_std, harness, l));
    CG_TRY(cg_norm_layer_output(&l->bn.scale, harness, l));
    CG_TRY(cg_norm_layer_output(&l->bn.shift, harness, l));
    CG_TRY(cg_harness_output(&l->moments.buffer, harness,
                             cg_moments_bytes(&l->bn.x, l->groups, partials)));
    l->bn.moments = &l->moments;
done:
    return status;
}

/* The values of ref/, and how far from them the device may be. */
static cg_status expect_fwd(cg_feature_check checks[FEATURE_ARRAYS], cg_norm_layer *l,
                            cg_harness *harness)
{
    cg_status status = CG_OK;
    double *y;
    CG_TRY(cg_norm_layer_create_checks(checks, FEATURE_ARRAYS, harness, l));
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
            cg_expect_moving(l->moving_mean[f], mean, l->ref.momentum).error;
        checks[MOVING_VARIANCE].limit[f] =
            cg_expect_moving(l->moving_variance[f], variance, l->ref.momentum).error;
    }
done:
    return status;
}

/* Normalises once more: statistics that are computed anew move in another way (nn/network.h), and
 * each launch has arguments of its own. The moving statistics are then those of one batch. */
static cg_status check_another_momentum(cg_norm_layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    cg_feature_check checks[FEATURE_ARRAYS] = {0};
    l->bn.momentum = 0;
    l->ref.momentum = 0;
    CG_TRY(expect_fwd(checks, l, harness));
    CG_TRY(cg_batchnorm_fwd(harness->rt, &l->bn));
    CG_TRY(compare_features(harness, l, checks, MEAN));
done:
    return status;
}

cg_status cg_verify_batchnorm_fwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    cg_norm_layer l = {0};
    cg_feature_check checks[FEATURE_ARRAYS] = {0};

    harness->result->skipped = m->vector && !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    CG_TRY(cg_norm_layer_draw(&l, harness, m));
    CG_TRY(create_fwd_outputs(&l, harness));
    if (m->vector)
        CG_TRY(draw_by_dense(&l, harness, m));
    else
        CG_TRY(cg_moments_measure(harness->rt, &l.moments, &l.bn.x, l.groups));
    CG_TRY(compare_shares(harness, &l));
    CG_TRY(expect_fwd(checks, &l, harness));
    CG_TRY(cg_batchnorm_fwd(harness->rt, &l.bn));
    CG_TRY(compare_features(harness, &l, checks, MEAN));
    CG_TRY(check_another_momentum(&l, harness));
done:
    return status;
}

cg_status cg_verify_batchnorm_inference(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    cg_norm_layer l = {0};
    cg_feature_check checks[FEATURE_ARRAYS] = {0};

    CG_TRY(cg_norm_layer_draw(&l, harness, &check->map));
    CG_TRY(cg_norm_layer_create_checks(checks, MOVING_MEAN, harness, &l));
    CG_TRY(cg_harness_input_features(&l.bn.moving_mean, harness, l.moving_mean, l.groups, l.c));
    CG_TRY(cg_harness_input_features(&l.bn.moving_variance, harness, l.moving_variance, l.groups,
                                     l.c));
    CG_TRY(cg_norm_layer_output(&l.bn.scale, harness, &l));
    CG_TRY(cg_norm_layer_output(&l.bn.shift, harness, &l));
    for (size_t f = 0; f < l.features; f++)
        expect_affine(checks, &l, f, cg_approx_exact(l.moving_mean[f]),
                      cg_approx_exact(l.moving_variance[f]));
    CG_TRY(cg_batchnorm_inference(harness->rt, &l.bn));
    CG_TRY(compare_features(harness, &l, checks, SCALE));
done:
    return status;
}
