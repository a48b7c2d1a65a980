/* The operations of ref/ against their definitions and, for every backward pass, against central
 * differences of its forward pass: of L = sum over i of dy[i] y[i], whose gradients are the pass's.
 */
#include "base/memory.h"
#include "verify/fixture.h"
#include "ref/adam.h"
#include "ref/batchnorm.h"
#include "ref/bce.h"
#include "ref/conv2d.h"
#include "ref/dense.h"
#include "ref/pointwise.h"
#include "ref/softmax.h"
#include "ref/step.h"
#include "sanitized.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-8            /* of central differences, relative to the gradient's RMS */
enum { NTH = SANITIZED ? 7 : 1 }; /* of a gradient's elements */

/* ---- tools ----------------------------------------------------------------------------------- */

/* array = uniform in offset +- scale, the same in each run. */
static void fill(double *array, size_t n, uint64_t stream, double scale, double offset)
{
    float *floats = NULL;
    ck_assert_int_eq(cg_memory_create(&floats, n, sizeof *floats), CG_OK);
    cg_fixture_signed(floats, 20, stream, n, scale, offset);
    for (size_t i = 0; i < n; i++)
        array[i] = (double)floats[i];
    free(floats);
}

static double *create(size_t n, uint64_t stream)
{
    double *array = NULL;
    ck_assert_int_eq(cg_memory_create(&array, n, sizeof *array), CG_OK);
    fill(array, n, stream, 1, 0);
    return array;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double rms(const double *a, size_t n)
{
    return sqrt(dot(a, a, n) / (double)n);
}

/* L of whatever `context` holds. */
typedef double loss_function(void *context);

/* dL/d*x to fourth order in h: (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12 h. */
static double derivative(double *x, loss_function *loss, void *context)
{
    static const double weight[] = {1, -8, 8, -1}, at[] = {-2, -1, 1, 2};
    const double h = 1e-4, saved = *x;
    double sum = 0;
    for (size_t i = 0; i < CG_COUNT(at); i++) {
        *x = saved + at[i] * h;
        sum += weight[i] * loss(context);
    }
    *x = saved;
    return sum / (12 * h);
}

/* dx[n] is the gradient of L by x[n]. */
static void check_gradient(const char *name, double *x, const double *dx, size_t n,
                           loss_function *loss, void *context)
{
    double scale = fmax(rms(dx, n), 1e-3);
    for (size_t i = 0; i < n; i += NTH) {
        double numeric = derivative(&x[i], loss, context);
        ck_assert_msg(fabs(numeric - dx[i]) <= TOLERANCE * scale,
                      "%s[%zu]: gradient %.12g, central difference %.12g", name, i, dx[i], numeric);
    }
}

/* ---- convolutions ---------------------------------------------------------------------------- */

static const cg_ref_conv conv_shapes[] = {
    {2, 5, 7, 3, 2, 3, 1}, {1, 7, 5, 1, 3, 5, 2}, {2, 6, 6, 3, 1, 5, 2}, {1, 5, 5, 1, 1, 3, 2},
    {2, 4, 3, 5, 6, 5, 1}, {1, 7, 7, 3, 4, 4, 2}, {1, 3, 2, 2, 2, 5, 3}, {3, 1, 1, 2, 3, 3, 1},
    {1, 5, 4, 1, 1, 1, 3}, {1, 8, 9, 9, 5, 3, 2},
};

/* A convolution from `large` [n, h, w, ci] to `small` [n, oh, ow, co], or the transposed one back.
 */
typedef struct conv_case {
    cg_ref_conv conv;
    size_t large_size, small_size, w_size;
    double *large, *small, *w;          /* inputs, and in turn dy of the other direction */
    double *d_large, *d_small, *dw, *y; /* results; y has room for the larger one   */
} conv_case;

static void conv_case_init(conv_case *c, const cg_ref_conv *conv)
{
    c->conv = *conv;
    c->large_size = conv->n * conv->h * conv->w * conv->ci;
    c->small_size = conv->n * cg_ref_conv_out(conv->h, conv->stride) *
                    cg_ref_conv_out(conv->w, conv->stride) * conv->co;
    c->w_size = conv->k * conv->k * conv->ci * conv->co;
    c->large = create(c->large_size, 1);
    c->small = create(c->small_size, 2);
    c->w = create(c->w_size, 3);
    c->d_large =
        create(c->large_size, 4); /* results start as garbage: they are written, not added */
    c->d_small = create(c->small_size, 5);
    c->dw = create(c->w_size, 6);
    c->y = create(c->large_size + c->small_size, 7);
}

static void conv_case_deinit(conv_case *c)
{
    double *const arrays[] = {c->large, c->small, c->w, c->d_large, c->d_small, c->dw, c->y};
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        free(arrays[i]);
}

static double conv_loss(void *context)
{
    conv_case *c = context;
    cg_ref_conv2d_fwd(c->y, c->large, c->w, &c->conv);
    return dot(c->y, c->small, c->small_size);
}

static double conv_transpose_loss(void *context)
{
    conv_case *c = context;
    cg_ref_conv2d_transpose_fwd(c->y, c->small, c->w, &c->conv);
    return dot(c->y, c->large, c->large_size);
}

START_TEST(conv2d_gradients)
{
    conv_case c;
    conv_case_init(&c, &conv_shapes[_i]);
    cg_ref_conv2d_bwd_data(c.d_large, c.small, c.w, &c.conv);
    cg_ref_conv2d_bwd_weight(c.dw, c.small, c.large, &c.conv);
    check_gradient("conv2d dx", c.large, c.d_large, c.large_size, conv_loss, &c);
    check_gradient("conv2d dw", c.w, c.dw, c.w_size, conv_loss, &c);
    conv_case_deinit(&c);
}
END_TEST

START_TEST(conv2d_transpose_gradients)
{
    conv_case c;
    conv_case_init(&c, &conv_shapes[_i]);
    cg_ref_conv2d_transpose_bwd_data(c.d_small, c.large, c.w, &c.conv);
    cg_ref_conv2d_transpose_bwd_weight(c.dw, c.large, c.small, &c.conv);
    check_gradient("conv2d_transpose dx", c.small, c.d_small, c.small_size, conv_transpose_loss,
                   &c);
    check_gradient("conv2d_transpose dw", c.w, c.dw, c.w_size, conv_transpose_loss, &c);
    conv_case_deinit(&c);
}
END_TEST

START_TEST(conv2d_and_transpose_are_adjoint)
{
    conv_case c;
    conv_case_init(&c, &conv_shapes[_i]);
    double there = conv_loss(&c), back = conv_transpose_loss(&c);
    ck_assert_double_eq_tol(there, back, 1e-13 * (double)c.w_size * (double)c.small_size);
    conv_case_deinit(&c);
}
END_TEST

/* x[n, row, column, channel], or 0 in the padding. */
static double padded(const conv_case *c, size_t n, ptrdiff_t row, ptrdiff_t column, size_t channel)
{
    const cg_ref_conv *g = &c->conv;
    if (row < 0 || column < 0 || row >= (ptrdiff_t)g->h || column >= (ptrdiff_t)g->w)
        return 0;
    return c->large[((n * g->h + (size_t)row) * g->w + (size_t)column) * g->ci + channel];
}

/* One element of the output by the formula, with TensorFlow's padding written out again. */
static double conv_by_definition(const conv_case *c, size_t n, size_t p, size_t q, size_t co)
{
    const cg_ref_conv *g = &c->conv;
    ptrdiff_t k = (ptrdiff_t)g->k, s = (ptrdiff_t)g->stride;
    ptrdiff_t h = (ptrdiff_t)g->h, w = (ptrdiff_t)g->w;
    ptrdiff_t total_h = ((h + s - 1) / s - 1) * s + k - h;
    ptrdiff_t total_w = ((w + s - 1) / s - 1) * s + k - w;
    ptrdiff_t top = total_h > 0 ? total_h / 2 : 0, left = total_w > 0 ? total_w / 2 : 0;
    double sum = 0;
    for (ptrdiff_t a = 0; a < k; a++)
        for (ptrdiff_t b = 0; b < k; b++)
            for (size_t ci = 0; ci < g->ci; ci++)
                sum += padded(c, n, (ptrdiff_t)p * s + a - top, (ptrdiff_t)q * s + b - left, ci) *
                       c->w[((size_t)(a * k + b) * g->ci + ci) * g->co + co];
    return sum;
}

START_TEST(conv2d_is_its_definition)
{
    conv_case c;
    conv_case_init(&c, &conv_shapes[_i]);
    cg_ref_conv2d_fwd(c.y, c.large, c.w, &c.conv);
    size_t oh = cg_ref_conv_out(c.conv.h, c.conv.stride);
    size_t ow = cg_ref_conv_out(c.conv.w, c.conv.stride);
    for (size_t i = 0; i < c.small_size; i++) {
        size_t co = i % c.conv.co, pixel = i / c.conv.co;
        double y = conv_by_definition(&c, pixel / ow / oh, pixel / ow % oh, pixel % ow, co);
        ck_assert_double_eq_tol(c.y[i], y, 1e-12);
    }
    conv_case_deinit(&c);
}
END_TEST

START_TEST(padding_is_tensorflows)
{
    ck_assert_uint_eq(cg_ref_conv_out(28, 2), 14);
    ck_assert_uint_eq(cg_ref_conv_out(7, 2), 4);
    ck_assert_uint_eq(cg_ref_conv_pad(28, 5, 2), 1);
    ck_assert_uint_eq(cg_ref_conv_pad(7, 5, 2), 2);
    ck_assert_uint_eq(cg_ref_conv_pad(7, 5, 1), 2);
    ck_assert_uint_eq(cg_ref_conv_pad(5, 1, 3), 0);
}
END_TEST

/* ---- dense and bias -------------------------------------------------------------------------- */

static const size_t dense_shapes[][3] = {{3, 5, 4}, {1, 1, 1}, {4, 7, 1}, {2, 1, 6}, {5, 9, 3}};

/* A dense layer [in, out] with a bias on n rows. */
typedef struct dense_case {
    size_t n, in, out;
    double x[64], w[64], b[16], y[64], dy[64];
} dense_case;

static double dense_loss(void *context)
{
    dense_case *c = context;
    cg_ref_dense_fwd(c->y, c->x, c->w, c->n, c->in, c->out);
    cg_ref_bias_fwd(c->y, c->y, c->b, c->n, c->out);
    return dot(c->y, c->dy, c->n * c->out);
}

START_TEST(dense_gradients)
{
    const size_t *shape = dense_shapes[_i];
    dense_case c = {.n = shape[0], .in = shape[1], .out = shape[2]};
    double dx[64], dw[64], db[16];
    fill(c.x, 64, 1, 1, 0);
    fill(c.w, 64, 2, 1, 0);
    fill(c.b, 16, 3, 1, 0);
    fill(c.dy, 64, 4, 1, 0);
    cg_ref_dense_bwd_data(dx, c.dy, c.w, c.n, c.in, c.out);
    cg_ref_dense_bwd_weight(dw, c.dy, c.x, c.n, c.in, c.out);
    cg_ref_bias_bwd(db, c.dy, c.n, c.out);
    check_gradient("dense dx", c.x, dx, c.n * c.in, dense_loss, &c);
    check_gradient("dense dw", c.w, dw, c.in * c.out, dense_loss, &c);
    check_gradient("bias db", c.b, db, c.out, dense_loss, &c);
}
END_TEST

START_TEST(dense_is_a_matrix_product)
{
    double y[4], x[] = {1, 2, 3, 4, 5, 6}, w[] = {1, -1, 2, 0, 0, 3};
    cg_ref_dense_fwd(y, x, w, 2, 3, 2);
    ck_assert(y[0] == 5 && y[1] == 8 && y[2] == 14 && y[3] == 14);
}
END_TEST

/* ---- batchnorm ------------------------------------------------------------------------------- */

static const size_t batchnorm_shapes[][2] = {{6, 3}, {2, 5}, {1, 3}, {9, 1}, {7, 4}};

typedef struct batchnorm_case {
    cg_ref_batchnorm bn;
    double x[32], y[32], dy[32], gamma[8], beta[8];
    double mean[8], variance[8], moving_mean[8], moving_variance[8];
} batchnorm_case;

static void batchnorm_case_init(batchnorm_case *c, const size_t *shape)
{
    c->bn = (cg_ref_batchnorm){.rows = shape[0],
                               .channels = shape[1],
                               .epsilon = CG_BN_EPSILON,
                               .momentum = CG_BN_MOMENTUM,
                               .gamma = c->gamma,
                               .beta = c->beta,
                               .mean = c->mean,
                               .variance = c->variance,
                               .moving_mean = c->moving_mean,
                               .moving_variance = c->moving_variance};
    fill(c->x, 32, 1, 1, 0.5);
    fill(c->dy, 32, 2, 1, 0);
    fill(c->gamma, 8, 3, 0.5, 1);
    fill(c->beta, 8, 4, 1, 0);
    fill(c->moving_mean, 8, 5, 1, 0);
    fill(c->moving_variance, 8, 6, 0.5, 1);
}

static double batchnorm_loss(void *context)
{
    batchnorm_case *c = context;
    cg_ref_batchnorm_fwd(c->y, c->x, &c->bn);
    return dot(c->y, c->dy, c->bn.rows * c->bn.channels);
}

START_TEST(batchnorm_gradients)
{
    batchnorm_case c;
    batchnorm_case_init(&c, batchnorm_shapes[_i]);
    size_t size = c.bn.rows * c.bn.channels;
    double dx[32], dgamma[8], dbeta[8];
    batchnorm_loss(&c);
    cg_ref_batchnorm_bwd(dx, dgamma, dbeta, c.dy, c.x, &c.bn);
    check_gradient("batchnorm dx", c.x, dx, size, batchnorm_loss, &c);
    check_gradient("batchnorm dgamma", c.gamma, dgamma, c.bn.channels, batchnorm_loss, &c);
    check_gradient("batchnorm dbeta", c.beta, dbeta, c.bn.channels, batchnorm_loss, &c);
    memcpy(c.y, c.dy, sizeof c.y); /* in place */
    cg_ref_batchnorm_bwd(c.y, dgamma, dbeta, c.y, c.x, &c.bn);
    ck_assert_mem_eq(c.y, dx, size * sizeof *dx);
}
END_TEST

START_TEST(batchnorm_statistics)
{
    batchnorm_case c;
    batchnorm_case_init(&c, (const size_t[]){4, 1});
    memcpy(c.x, (double[]){1, 2, 3, 6}, 4 * sizeof *c.x);
    c.moving_mean[0] = 1;
    c.moving_variance[0] = 2;
    cg_ref_batchnorm_fwd(c.y, c.x, &c.bn);
    ck_assert_double_eq_tol(c.mean[0], 3, 1e-15);
    ck_assert_double_eq_tol(c.variance[0], 3.5, 1e-15); /* biased */
    ck_assert_double_eq_tol(c.moving_mean[0], 0.99 * 1 + 0.01 * 3, 1e-15);
    ck_assert_double_eq_tol(c.moving_variance[0], 0.99 * 2 + 0.01 * 3.5, 1e-15);
    ck_assert_double_eq_tol(c.y[3], c.gamma[0] * 3 / sqrt(3.5 + 1e-3) + c.beta[0], 1e-15);
    cg_ref_batchnorm_infer(c.x, c.x, &c.bn);
    double infer = (6 - 1.02) / sqrt(2.015 + 1e-3) * c.gamma[0] + c.beta[0];
    ck_assert_double_eq_tol(c.x[3], infer, 1e-14);
    c.bn.moving_mean = c.bn.moving_variance = NULL;
    cg_ref_batchnorm_fwd(c.y, c.x, &c.bn);
}
END_TEST

/* ---- single elements ------------------------------------------------------------------------- */

enum { POINTS = 24 };

typedef struct pointwise_case {
    double x[POINTS], y[POINTS], dy[POINTS], dx[POINTS], target;
    uint8_t mask[POINTS];
} pointwise_case;

static void pointwise_case_init(pointwise_case *c)
{
    *c = (pointwise_case){0};
    fill(c->x, POINTS, 1, 2, 0);
    fill(c->dy, POINTS, 2, 1, 0);
    cg_fixture_mask(c->mask, 20, 3, POINTS);
}

static double leaky_relu_loss(void *context)
{
    pointwise_case *c = context;
    cg_ref_leaky_relu_fwd(c->y, c->x, POINTS, (double)CG_LEAKY_SLOPE);
    return dot(c->y, c->dy, POINTS);
}

START_TEST(leaky_relu_gradient)
{
    pointwise_case c;
    pointwise_case_init(&c);
    cg_ref_leaky_relu_bwd(c.dx, c.dy, c.x, POINTS, (double)CG_LEAKY_SLOPE);
    check_gradient("leaky_relu dx", c.x, c.dx, POINTS, leaky_relu_loss, &c);
    c.x[0] = 0; /* the corner belongs to the negative side */
    cg_ref_leaky_relu_bwd(c.dx, c.dy, c.x, 1, 0.25);
    ck_assert_double_eq(c.dx[0], 0.25 * c.dy[0]);
}
END_TEST

static double dropout_loss(void *context)
{
    pointwise_case *c = context;
    cg_ref_dropout_fwd(c->y, c->x, c->mask, POINTS, CG_DROPOUT_KEEP);
    return dot(c->y, c->dy, POINTS);
}

START_TEST(dropout_gradient)
{
    pointwise_case c;
    pointwise_case_init(&c);
    ck_assert_ptr_nonnull(memchr(c.mask, 0, POINTS));
    ck_assert_ptr_nonnull(memchr(c.mask, 1, POINTS));
    cg_ref_dropout_bwd(c.dx, c.dy, c.mask, POINTS, CG_DROPOUT_KEEP);
    check_gradient("dropout dx", c.x, c.dx, POINTS, dropout_loss, &c);
}
END_TEST

static double tanh_loss(void *context)
{
    pointwise_case *c = context;
    cg_ref_tanh_fwd(c->y, c->x, POINTS);
    return dot(c->y, c->dy, POINTS);
}

START_TEST(tanh_gradient)
{
    pointwise_case c;
    pointwise_case_init(&c);
    tanh_loss(&c);
    cg_ref_tanh_bwd(c.dx, c.dy, c.y, POINTS);
    check_gradient("tanh dx", c.x, c.dx, POINTS, tanh_loss, &c);
}
END_TEST

static double bce_loss(void *context)
{
    pointwise_case *c = context;
    return cg_ref_bce_logits_fwd(c->x, POINTS, c->target);
}

START_TEST(bce_gradient)
{
    pointwise_case c;
    pointwise_case_init(&c);
    c.target = _i;
    cg_ref_bce_logits_bwd(c.dx, c.x, POINTS, c.target);
    check_gradient("bce dlogits", c.x, c.dx, POINTS, bce_loss, &c);
}
END_TEST

START_TEST(bce_survives_large_logits)
{
    double logits[] = {800, -800}, gradient[2];
    ck_assert_double_eq_tol(cg_ref_bce_logits_fwd(logits, 2, 1), 400, 1e-12);
    ck_assert_double_eq_tol(cg_ref_bce_logits_fwd(logits, 2, 0), 400, 1e-12);
    cg_ref_bce_logits_bwd(gradient, logits, 2, 1);
    ck_assert(gradient[0] == 0 && gradient[1] == -0.5);
    ck_assert_double_eq_tol(cg_ref_bce_logits_fwd((double[]){0}, 1, 1), log(2), 1e-15);
}
END_TEST

/* sigmoid(z) - target is exact to its last digits, however little it is. */
START_TEST(bce_gradients_do_not_cancel)
{
    for (double z = 1; z < 700; z *= 1.5) {
        const double logits[] = {z, -z}, left = 1 / (1 + exp(z));
        double gradient[2];
        cg_ref_bce_logits_bwd(gradient, logits, 2, 1);
        ck_assert_double_eq_tol(gradient[0], -left / 2, 1e-15 * left);
        cg_ref_bce_logits_bwd(gradient, logits, 2, 0);
        ck_assert_double_eq_tol(gradient[1], left / 2, 1e-15 * left);
    }
}
END_TEST

enum { CLASSES = 4, ROWS = POINTS / CLASSES };

static const uint8_t labels[ROWS] = {0, 3, 1, 1, 2, 0};

static double softmax_loss(void *context)
{
    pointwise_case *c = context;
    double loss[ROWS], sum = 0;
    cg_ref_softmax_fwd(loss, c->x, labels, ROWS, CLASSES);
    for (size_t i = 0; i < ROWS; i++)
        sum += loss[i];
    return sum / ROWS;
}

START_TEST(softmax_gradient)
{
    pointwise_case c;
    pointwise_case_init(&c);
    cg_ref_softmax_bwd(c.dx, c.x, labels, ROWS, CLASSES);
    check_gradient("softmax dx", c.x, c.dx, POINTS, softmax_loss, &c);
}
END_TEST

START_TEST(softmax_survives_large_logits)
{
    double logits[] = {800, -800, 7, 7}, loss[2], gradient[4];
    cg_ref_softmax_fwd(loss, logits, (uint8_t[]){1, 0}, 2, 2);
    ck_assert(loss[0] == 1600);
    ck_assert_double_eq_tol(loss[1], log(2), 1e-15);
    cg_ref_softmax_bwd(gradient, logits, (uint8_t[]){1, 0}, 2, 2);
    ck_assert(gradient[0] == 0.5 && gradient[1] == -0.5);
    ck_assert(gradient[2] == -0.25 && gradient[3] == 0.25);
}
END_TEST

START_TEST(images_scale_to_one)
{
    double y[3];
    cg_ref_image_scale(y, (uint8_t[]){0, 127, 255}, 3);
    ck_assert(y[0] == -1 && y[1] == -0.5 / 127.5 && y[2] == 1);
}
END_TEST

/* The paper's form with m^ and v^: the folded one is it with epsilon / sqrt(1 - beta2^t). */
START_TEST(adam_is_its_definition)
{
    double w[2] = {1, -1}, m[2] = {0}, v[2] = {0}, expected[2] = {1, -1}, em[2] = {0}, ev[2] = {0};
    cg_ref_adam adam = {.rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-2};
    for (adam.t = 1; adam.t <= 4; adam.t++) {
        double t = (double)adam.t, dw[2] = {0.3 * t, -0.01};
        double c1 = 1 - pow(0.9, t), c2 = 1 - pow(0.999, t);
        cg_ref_adam_update(w, m, v, dw, 2, &adam);
        for (size_t i = 0; i < 2; i++) {
            em[i] = 0.9 * em[i] + 0.1 * dw[i];
            ev[i] = 0.999 * ev[i] + 0.001 * dw[i] * dw[i];
            expected[i] -= 1e-3 * (em[i] / c1) / (sqrt(ev[i] / c2) + 1e-2 / sqrt(c2));
            ck_assert_double_eq_tol(w[i], expected[i], 1e-14);
        }
    }
}
END_TEST

/* ---- the whole step -------------------------------------------------------------------------- */

enum { TRIALS = SANITIZED ? 0 : 3, PARAMS = SANITIZED ? 1 : CG_PARAM_COUNT };

/* A step at small batch; D's parameters move loss_d, G's loss_g. */
typedef struct step_case {
    cg_ref_net *net;
    cg_ref_step *step;
    cg_param_id id;
} step_case;

static void step_case_init(step_case *c)
{
    ck_assert_int_eq(cg_ref_net_create(&c->net), CG_OK);
    ck_assert_int_eq(cg_ref_step_create(&c->step, 2, 3), CG_OK);
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        const cg_param_spec *spec = &cg_model_params[id];
        double scale = spec->glorot ? cg_param_glorot_limit(spec) : 0.05;
        fill(c->net->param[id], cg_param_size(spec), id, scale, spec->constant);
    }
    fill(c->step->z, c->step->fake * CG_NOISE, 100, 1.75, 0);
    fill(c->step->images, c->step->real * CG_PIXELS, 101, 1, 0);
    cg_fixture_mask(c->step->d[0].mask, 20, 102, 5 * CG_SIDE2 * CG_SIDE2 * CG_D_CHANNELS1);
    cg_fixture_mask(c->step->d[1].mask, 20, 103, 5 * CG_D_FEATURES);
}

static double step_loss(step_case *c)
{
    cg_ref_step_fwd(c->step, c->net);
    return c->id < CG_G_PARAM_COUNT ? c->step->loss_g : c->step->loss_d;
}

/* A small step h, so that hardly any of the 10^5 LeakyReLUs passes its corner on the way. */
static double step_derivative(step_case *c, double *w)
{
    const double h = 1e-7, saved = *w;
    *w = saved + h;
    double above = step_loss(c);
    *w = saved - h;
    double below = step_loss(c);
    *w = saved;
    return (above - below) / (2 * h);
}

START_TEST(step_gradients)
{
    step_case c = {.id = (cg_param_id)_i};
    step_case_init(&c);
    cg_ref_step_fwd(c.step, c.net);
    cg_ref_step_bwd(c.step, c.net);
    size_t size = cg_param_size(&cg_model_params[c.id]);
    const double *grad = c.step->grad[c.id];
    double scale = rms(grad, size);
    ck_assert_double_gt(scale, 0);
    for (int trial = 0; trial < TRIALS; trial++) {
        size_t i = ((size_t)trial * 7919 + 4801) % size;
        double numeric = step_derivative(&c, &c.net->param[c.id][i]);
        ck_assert_msg(fabs(numeric - grad[i]) <= 5e-5 * scale,
                      "%s[%zu]: gradient %.12g, central difference %.12g, RMS %.3g",
                      cg_model_params[c.id].name, i, grad[i], numeric, scale);
    }
    cg_ref_step_release(c.step);
    cg_ref_net_release(c.net);
}
END_TEST

static TCase *conv_tests(void)
{
    TCase *tests = tcase_create("convolutions");
    int shapes = (int)CG_COUNT(conv_shapes);
    tcase_add_loop_test(tests, conv2d_gradients, 0, shapes);
    tcase_add_loop_test(tests, conv2d_transpose_gradients, 0, shapes);
    tcase_add_loop_test(tests, conv2d_and_transpose_are_adjoint, 0, shapes);
    tcase_add_loop_test(tests, conv2d_is_its_definition, 0, shapes);
    tcase_add_test(tests, padding_is_tensorflows);
    return tests;
}

static TCase *other_tests(void)
{
    TCase *tests = tcase_create("other operations");
    tcase_add_loop_test(tests, dense_gradients, 0, (int)CG_COUNT(dense_shapes));
    tcase_add_test(tests, dense_is_a_matrix_product);
    tcase_add_loop_test(tests, batchnorm_gradients, 0, (int)CG_COUNT(batchnorm_shapes));
    tcase_add_test(tests, batchnorm_statistics);
    tcase_add_test(tests, leaky_relu_gradient);
    tcase_add_test(tests, dropout_gradient);
    tcase_add_test(tests, tanh_gradient);
    tcase_add_loop_test(tests, bce_gradient, 0, 2);
    tcase_add_test(tests, bce_survives_large_logits);
    tcase_add_test(tests, bce_gradients_do_not_cancel);
    tcase_add_test(tests, softmax_gradient);
    tcase_add_test(tests, softmax_survives_large_logits);
    tcase_add_test(tests, images_scale_to_one);
    tcase_add_test(tests, adam_is_its_definition);
    return tests;
}

static TCase *step_tests(void)
{
    TCase *tests = tcase_create("step");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, step_gradients, 0, PARAMS);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("ref_gradients");
    suite_add_tcase(suite, conv_tests());
    suite_add_tcase(suite, other_tests());
    suite_add_tcase(suite, step_tests());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
