/* The backward pass of a batchnorm against ref/batchnorm, and the weights' gradient of a dense
 * layer that goes through one: float32's errors by running error analysis (approx.h). The device's
 * sums have C + Q terms in a row at most, C samples of each of Q shares (batchnorm.c). */
#include "verify/norm_layer.h"

#include "base/try.h"
#include "ops/dense.h"
#include "ref/dense.h"
#include "ref/pointwise.h"
#include "verify/approx.h"

/* A float32 that the device is given for a number: known to the host exactly up to its rounding. */
static cg_approx approx_given(double value)
{
    return cg_approx_round(cg_approx_exact(value), 1);
}

/* Moves x away from where scale x + shift is about 0, so that the device and ref/ take the same
 * side of LeakyReLU. The change of the batch's moments does not matter: the backward pass is given
 * them. */
static void leave_kink(cg_norm_layer *l)
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
static cg_status give_moments(cg_norm_layer *l, cg_harness *harness)
{
    cg_status status = CG_OK;
    double *array[3];
    for (size_t i = 0; i < 3; i++)
        CG_TRY(cg_norm_layer_array(&array[i], harness, l));
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
    cg_feature_check dgamma, dbeta;
    double *dy, *g, *dx, *limit; /* [rows, features]; g: dy through LeakyReLU */
} backward;

/* The sums' limits, then dx = scale (g - dbeta / S - xhat dgamma / S), for one feature. */
static void expect_feature(backward *b, const cg_norm_layer *l, size_t f)
{
    cg_approx inverse = approx_given(1 / sqrt(l->ref.variance[f] + l->ref.epsilon));
    cg_approx mean = approx_given(l->ref.mean[f]),
              scale = approx_given(l->gamma[f] * inverse.value);
    cg_approx rows = cg_approx_exact((double)l->rows);
    double sum = 0, product = 0, product_error = 0;
    size_t roundings = l->chunk + l->shares + 2;

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

static cg_status draw_backward(backward *b, cg_harness *harness, cg_norm_layer *l)
{
    cg_status status = CG_OK;
    size_t size = l->rows * l->features;
    CG_TRY(cg_norm_layer_create_checks(&b->dgamma, 1, harness, l));
    CG_TRY(cg_norm_layer_create_checks(&b->dbeta, 1, harness, l));
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
    cg_ref_leaky_relu_bwd(b->g, b->dy, b->dx, size, CG_NORM_SLOPE);
    cg_ref_batchnorm_bwd(b->dx, b->dgamma.value, b->dbeta.value, b->g, l->x, &l->ref);
    for (size_t f = 0; f < l->features; f++)
        expect_feature(b, l, f);
done:
    return status;
}

/* The weights' gradient of the dense layer before it, from dy through the layer: each product is
 * of a dx that may be wrong by its limit. */
static cg_status check_dense(cg_harness *harness, const cg_verify_map *m, cg_norm_layer *l,
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
    cg_norm_layer l = {0};
    backward b = {0};
    cg_map dy, y;
    cg_buffer *dgamma, *dbeta;
    float *floats;

    harness->result->skipped = m->vector && !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    CG_TRY(cg_norm_layer_draw(&l, harness, m));
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
    CG_TRY(cg_norm_layer_output(&dgamma, harness, &l));
    CG_TRY(cg_norm_layer_output(&dbeta, harness, &l));
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
