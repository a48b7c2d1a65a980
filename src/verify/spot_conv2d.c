/* The spot check of a convolution: of any pass, with what is fused with it.
 *
 * An output is a sum of K products a b, wrong by at most gamma(K + R) of the sum of the |a| |b|, in
 * any order (expect_conv2d.c), a being a number after the prologue and R = CG_CONV2D_ROUNDINGS;
 * sums are long here, and gamma that of many roundings (cg_gamma_likely).
 *
 * An algorithm may work on transforms. A pass of a transform of length N makes N complex numbers,
 * each a sum of N terms; in the norm of sums of squares they are wrong by at most sqrt(2 N)
 * gamma(2 N + 8) of them. Both operands' transforms are then wrong by 2 sqrt(2 N)
 * gamma(2 N + 8) each, relative. The mean over the frequencies of the products of two transforms is
 * at most the product of the norms |a| |b| of the planes themselves, by Cauchy's inequality. The
 * sums of K complex products, of three real ones each, add 5 gamma(K + R) of that, and the inverse
 * transform 2 sqrt(2) gamma(2 N + 8), so that an output is wrong by at most
 *     (5 gamma(K + R) + 20 gamma(2 N + 8)) sum |a| |b|,    N = 9,
 * the sum over channels, or for a weight's gradient over images. */
#include "verify/expect_conv2d.h"
#include "verify/spot_derived.h"
#include "verify/spot_models.h"
#include "verify/spot_sums.h"

#include "base/parallel.h"
#include "base/try.h"
#include "ops/conv2d_algorithm.h"

#include <assert.h>

/* The operands of a stage's call. */
typedef struct model {
    cg_conv2d call;
    bool transformed;
    cg_spot_planes large, small;
    const float *weight;               /* NULL for the weight pass */
    const float *bias, *saved, *image; /* of the epilogue; NULL: without */
    const unsigned char *mask;
    /* The sums of the elements of the map that are compared, which its gates take, too. */
    cg_approx sums[CG_SPOT_POINTS];
    bool summed;
} model;

/* A sum while it is made. */
typedef struct sum {
    double value, magnitude, error, norms; /* error: by what the inputs are wrong */
} sum;

/* The bound of a sum's error, of the norms where there are transforms, else of the magnitudes. */
static double relative_error(const model *m, size_t terms, size_t transformed_terms)
{
    return m->transformed ? 5 * cg_gamma_likely(transformed_terms + CG_CONV2D_ROUNDINGS) +
                                20 * cg_gamma(CG_TRANSFORM_ROUNDINGS)
                          : cg_gamma_likely(terms + CG_CONV2D_ROUNDINGS);
}

static cg_approx finish_sum(const model *m, sum s, size_t terms, size_t transformed_terms)
{
    double relative = relative_error(m, terms, transformed_terms);
    return (cg_approx){s.value, relative * (m->transformed ? s.norms : s.magnitude) + s.error};
}

/* ---- the sums -------------------------------------------------------------------------------- */

static void add_product(sum *s, const cg_spot_image *from, size_t i, double weight)
{
    s->value += weight * from->value[i];
    s->magnitude += fabs(weight) * from->magnitude[i];
    s->error += fabs(weight) * from->error[i];
}

/* Adds the products with one plane of the map that is read, for the output at (y, x); `weight` is
 * that of the first tap, `step` those from one tap to the next. */
static void add_down(sum *s, const cg_spot_image *from, size_t plane, const cg_conv2d_shape *shape,
                     const size_t at[4], const float *weight, size_t step)
{
    for (size_t t = 0; t < cg_conv2d_taps(shape); t++) {
        size_t y = at[1] * shape->stride + t / shape->kernel - shape->pad_h;
        size_t x = at[2] * shape->stride + t % shape->kernel - shape->pad_w;
        if (y < shape->large_h && x < shape->large_w) /* and not below 0, either */
            add_product(s, from, plane + y * shape->large_w + x, (double)weight[t * step]);
    }
}

static void add_up(sum *s, const cg_spot_image *from, size_t plane, const cg_conv2d_shape *shape,
                   const size_t at[4], const float *weight, size_t step)
{
    for (size_t t = 0; t < cg_conv2d_taps(shape); t++) {
        size_t y = at[1] + shape->pad_h - t / shape->kernel;
        size_t x = at[2] + shape->pad_w - t % shape->kernel;
        size_t row = y / shape->stride, column = x / shape->stride;
        if (y % shape->stride == 0 && x % shape->stride == 0 && row < shape->small_h &&
            column < shape->small_w)
            add_product(s, from, plane + row * shape->small_w + column, (double)weight[t * step]);
    }
}

static double norm_of_weights(const cg_conv2d_shape *shape, const float *weight, size_t step)
{
    double squares = 0;
    for (size_t t = 0; t < cg_conv2d_taps(shape); t++)
        squares += (double)weight[t * step] * (double)weight[t * step];
    return sqrt(squares);
}

static cg_approx sum_of_map(model *m, size_t share, const size_t at[4])
{
    const cg_conv2d_shape *s = &m->call.shape;
    bool down = m->call.pass == CG_CONV2D_DOWN;
    cg_spot_planes *from = down ? &m->large : &m->small;
    size_t step = s->large_c * s->small_c, taps = s->kernel * s->kernel;
    size_t channels = from->map.c;
    const cg_spot_image *image = &from->images[share];
    sum all = {0};
    for (size_t c = 0; c < channels; c++) {
        size_t plane = cg_spot_plane(from, share, at[0], c);
        const float *w = m->weight + (down ? c * s->small_c + at[3] : at[3] * s->small_c + c);
        (down ? add_down : add_up)(&all, image, plane, s, at, w, step);
        if (m->transformed)
            all.norms += image->norm[c] * norm_of_weights(s, w, step);
    }
    return finish_sum(m, all, taps * channels, down ? s->stride * s->stride * channels : channels);
}

/* ---- the epilogue ---------------------------------------------------------------------------- */

static cg_approx scale_by(cg_approx y, double factor, double roundings)
{
    return cg_approx_round((cg_approx){y.value * factor, y.error * fabs(factor)}, roundings);
}

/* The sum with the bias, before the activation. */
static cg_approx add_bias(const model *m, cg_approx y, size_t c)
{
    if (!m->bias)
        return y;
    double bias = (double)m->bias[c]; /* it is added last, or first and rounded with all */
    y.value += bias;
    y.error += cg_gamma(CG_CONV2D_ROUNDINGS) * fabs(bias) + CG_ROUNDING * fabs(y.value);
    return y;
}

/* LeakyReLU; next to 0 the device may be on either side, where it does not enlarge the error. */
static cg_approx leaky(cg_approx y, double slope)
{
    bool sure = fabs(y.value) > y.error;
    cg_approx result = scale_by(y, y.value > 0 ? 1 : slope, 1);
    if (!sure)
        result.error = fmax(result.error, y.error * (1 + CG_ROUNDING));
    return result;
}

static cg_approx apply_epilogue(const model *m, cg_approx y, size_t index, const size_t at[4])
{
    const cg_epilogue *e = &m->call.epilogue;
    double slope = (double)e->slope;
    bool open = m->mask ? m->mask[index] == CG_GATE_OPEN : m->saved && m->saved[index] > 0;
    y = add_bias(m, y, at[3]);
    if (e->activation == CG_ACT_LEAKY)
        y = leaky(y, slope);
    if (e->activation == CG_ACT_LEAKY_GRAD)
        y = scale_by(y, open ? 1 : slope, 1);
    if (e->activation == CG_ACT_TANH) /* 5 ulp */
        y = (cg_approx){tanh(y.value), y.error + 10 * CG_ROUNDING * fabs(tanh(y.value))};
    if (e->activation == CG_ACT_TANH_GRAD) {
        cg_approx s = cg_approx_exact((double)m->saved[index]);
        y = cg_approx_mul(y, cg_approx_sub(cg_approx_exact(1), cg_approx_mul(s, s)));
    }
    if (m->mask)
        y = scale_by(y, m->mask[index] == CG_MASK_DROPPED ? 0 : (double)e->mask_scale, 2);
    return m->image ? scale_by(y, (double)m->image[at[0]], 1) : y;
}

/* ---- what is expected ------------------------------------------------------------------------ */

/* Masks and saved results are indexed by it, too. */
static cg_spot_shape shape_of_output(const cg_conv2d *call)
{
    const cg_map *y = cg_conv2d_written(call);
    assert(y->n == call->shape.n || y->c == 1); /* where the pitch changes an index */
    return cg_spot_map_shape(y, call->shape.n);
}

/* The elements of the map that are compared. */
typedef struct points {
    model *m;
    cg_spot_shape shape;
    const size_t *index;
    size_t count;
} points;

/* Sums the elements of each image that is the share's. */
static void sum_share(void *user, size_t share)
{
    const points *p = user;
    for (size_t n = share; n < p->shape.dims[0]; n += CG_SPOT_SHARES)
        for (size_t i = 0; i < p->count; i++) {
            size_t at[4];
            cg_spot_locate(at, &p->shape, p->index[i]);
            if (at[0] == n)
                p->m->sums[i] = sum_of_map(p->m, share, at);
        }
}

/* The sums of the elements, which a map and its gates have in common. */
static points sum_points(model *m, const size_t *index, size_t count)
{
    points p = {m, shape_of_output(&m->call), index, count};
    if (!m->summed)
        cg_parallel_run(CG_SPOT_SHARES, sum_share, &p);
    m->summed = true;
    return p;
}

static cg_status expect_map(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    model *m = spot->model;
    const points p = sum_points(m, index, count);
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        cg_spot_locate(at, &p.shape, index[i]);
        expected[i] = apply_epilogue(m, m->sums[i], index[i], at);
    }
    return CG_OK;
}

static cg_status expect_gates(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    model *m = spot->model;
    const points p = sum_points(m, index, count);
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        cg_spot_locate(at, &p.shape, index[i]);
        cg_approx y = add_bias(m, m->sums[i], at[3]);
        bool kept = m->mask[index[i]] != CG_MASK_DROPPED;
        expected[i].value = !kept ? CG_MASK_DROPPED : y.value > 0 ? CG_GATE_OPEN : CG_MASK_KEPT;
        expected[i].error = kept && fabs(y.value) <= y.error ? 1 : 0;
    }
    return CG_OK;
}

/* Adds an image's products for the tap and channels of one weight. */
static void add_image(sum *s, model *m, size_t share, size_t n, const size_t at[4])
{
    const cg_conv2d_shape *shape = &m->call.shape;
    size_t large = cg_spot_plane(&m->large, share, n, at[2]);
    size_t small = cg_spot_plane(&m->small, share, n, at[3]);
    const cg_spot_image *l = &m->large.images[share], *r = &m->small.images[share];
    for (size_t i = 0; i < shape->small_h * shape->small_w; i++) {
        size_t y = i / shape->small_w * shape->stride + at[0] - shape->pad_h;
        size_t x = i % shape->small_w * shape->stride + at[1] - shape->pad_w;
        if (y >= shape->large_h || x >= shape->large_w)
            continue;
        size_t j = large + y * shape->large_w + x, k = small + i;
        s->value += l->value[j] * r->value[k];
        s->magnitude += l->magnitude[j] * r->magnitude[k];
        s->error += l->error[j] * r->magnitude[k] + r->error[k] * l->magnitude[j];
    }
    s->norms += l->norm[at[2]] * r->norm[at[3]];
}

/* Adds an image's plane of a channel. */
static void add_plane(sum *s, cg_spot_planes *from, size_t share, size_t n, size_t c)
{
    const size_t pixels = from->map.h * from->map.w, lanes = cg_map_lanes(from->map.c);
    if (from->data && !from->scale && !from->image) { /* as it is, without its norm */
        const float *data =
            from->data + cg_blocked_index(from->map.c, from->map.n * pixels, n * pixels, c);
        for (size_t p = 0; p < pixels; p++) {
            s->value += (double)data[p * lanes];
            s->magnitude += fabs((double)data[p * lanes]);
        }
        return;
    }
    const size_t plane = cg_spot_plane(from, share, n, c);
    const cg_spot_image *image = &from->images[share];
    for (size_t p = plane; p < plane + pixels; p++) {
        s->value += image->value[p];
        s->magnitude += image->magnitude[p];
        s->error += image->error[p];
    }
}

/* Sums over all images, in shares: of weights, whose shape is given, or of a bias. */
typedef struct image_sums {
    model *m;
    cg_spot_shape shape;
    const size_t *index;
    size_t count;
    bool bias;
    sum sums[CG_SPOT_SHARES][CG_SPOT_POINTS];
} image_sums;

/* All weights together: an image's planes serve many of them. */
static void sum_images(void *user, size_t share)
{
    image_sums *s = user;
    for (size_t n = share; n < s->m->call.shape.n; n += CG_SPOT_SHARES) {
        for (size_t i = 0; i < s->count; i++) {
            size_t at[4];
            cg_spot_locate(at, &s->shape, s->index[i]);
            if (s->bias)
                add_plane(&s->sums[share][i], &s->m->small, share, n, at[3]);
            else
                add_image(&s->sums[share][i], s->m, share, n, at);
        }
    }
}

static sum join_shares(const image_sums *s, size_t i)
{
    sum all = {0};
    for (size_t share = 0; share < CG_SPOT_SHARES; share++) {
        all.value += s->sums[share][i].value;
        all.magnitude += s->sums[share][i].magnitude;
        all.error += s->sums[share][i].error;
        all.norms += s->sums[share][i].norms;
    }
    return all;
}

static cg_status expect_weights(cg_spot *spot, cg_approx *expected, const size_t *index,
                                size_t count)
{
    model *m = spot->model;
    const cg_conv2d_shape *s = &m->call.shape;
    image_sums sums = {.m = m,
                       .shape = {{s->kernel, s->kernel, s->large_c, s->small_c}, false},
                       .index = index,
                       .count = count};
    cg_parallel_run(CG_SPOT_SHARES, sum_images, &sums);
    for (size_t i = 0; i < count; i++)
        expected[i] = finish_sum(m, join_shares(&sums, i), s->n * s->small_h * s->small_w, s->n);
    return CG_OK;
}

static cg_status compare_sums(cg_spot *spot, cg_verify_result *result, const cg_spot_output *dw)
{
    model *m = spot->model;
    const cg_conv2d_shape *s = &m->call.shape;
    const cg_spot_gradient gradient = {.shape = s,
                                       .large = &m->large,
                                       .small = &m->small,
                                       .relative =
                                           relative_error(m, s->n * s->small_h * s->small_w, s->n)};
    return cg_spot_compare_sums(spot, result, dw, &gradient);
}

/* The sum over all positions of all images. */
static cg_status expect_db(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    model *m = spot->model;
    const cg_conv2d_shape *s = &m->call.shape;
    const double gamma = cg_gamma_likely(s->n * s->small_h * s->small_w + CG_CONV2D_ROUNDINGS);
    image_sums sums = {.m = m,
                       .shape = {{1, 1, 1, s->small_c}, false},
                       .index = index,
                       .count = count,
                       .bias = true};
    cg_parallel_run(CG_SPOT_SHARES, sum_images, &sums);
    for (size_t i = 0; i < count; i++) {
        const sum all = join_shares(&sums, i);
        expected[i] = (cg_approx){all.value, gamma * all.magnitude + all.error};
    }
    return CG_OK;
}

/* ---- operands and outputs -------------------------------------------------------------------- */

static cg_status read_map(cg_spot_planes *planes, cg_spot *spot, const cg_map *map,
                          const cg_prologue *prologue)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    CG_TRY(cg_spot_planes_init(planes, spot, map, prologue));
    if (map->buffer == net->a1.buffer && net->conv1_writes_spectrum)
        CG_TRY(cg_spot_derive_a1(planes));
    else if (map->buffer == net->da2.buffer && net->conv2_reads_spectrum)
        CG_TRY(cg_spot_derive_da2(planes));
    else
        CG_TRY(cg_spot_fetch(&planes->data, spot, map->buffer));
    CG_TRY(cg_spot_planes_create(planes));
done:
    return status;
}

static cg_status read_operands(model *m, cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_conv2d *call = &m->call;
    const cg_epilogue *e = &call->epilogue;
    if (spot->outline)
        return CG_OK;
    if (call->pass != CG_CONV2D_UP)
        CG_TRY(read_map(&m->large, spot, &call->large, &call->large_prologue));
    if (call->pass != CG_CONV2D_DOWN)
        CG_TRY(read_map(&m->small, spot, &call->small, &call->small_prologue));
    if (call->pass != CG_CONV2D_WEIGHT)
        CG_TRY(cg_spot_fetch(&m->weight, spot, call->weight));
    CG_TRY(cg_spot_fetch(&m->bias, spot, e->bias));
    CG_TRY(cg_spot_fetch(&m->saved, spot, e->saved));
    CG_TRY(cg_spot_fetch(&m->mask, spot, e->mask));
    CG_TRY(cg_spot_fetch(&m->image, spot, e->image));
done:
    return status;
}

/* The workspace and the spectra are as large as the greediest stage needs them. */
static void add_scratch(cg_spot *spot, const cg_conv2d *call)
{
    cg_runtime *rt = spot->net->rt;
    cg_spot_add_scratch(spot, call->workspace, cg_conv2d_workspace(rt, call));
    for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++)
        if (!call->unchanged[o])
            cg_spot_add_scratch(spot, call->spectrum[o]->buffer,
                                cg_conv2d_spectrum(rt, call, (cg_conv2d_operand)o));
    if (cg_conv2d_transforms(rt, call))
        cg_spot_add_scratch(spot, call->consumer.spectrum->buffer, SIZE_MAX);
    if (call->moments)
        cg_spot_add_scratch(spot, call->moments->buffer, SIZE_MAX);
}

static void add_weight_outputs(cg_spot *spot, const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    cg_spot_add_output(
        spot, &(cg_spot_output){.name = "dw",
                                .buffer = call->weight,
                                .shape = {{s->kernel, s->kernel, s->large_c, s->small_c}, false},
                                .costly = true,
                                .expect = expect_weights,
                                .compare = compare_sums});
    if (call->db)
        cg_spot_add_output(spot, &(cg_spot_output){.name = "db",
                                                   .buffer = call->db,
                                                   .shape = {{1, 1, 1, s->small_c}, false},
                                                   .costly = true,
                                                   .expect = expect_db});
}

static void add_map_outputs(cg_spot *spot, const cg_conv2d *call)
{
    const cg_map *y = cg_conv2d_written(call);
    const cg_spot_output map = {.name = spot->stage->writes[0].name,
                                .buffer = y->buffer,
                                .shape = shape_of_output(call),
                                .expect = expect_map};
    const cg_spot_output gates = {.name = "gates",
                                  .buffer = call->epilogue.mask,
                                  .shape = map.shape,
                                  .bytes = true,
                                  .in_place = true,
                                  .expect = expect_gates};
    if (!cg_conv2d_transforms(spot->net->rt, call))
        cg_spot_add_output(spot, &map);
    if (call->epilogue.activation == CG_ACT_LEAKY && gates.buffer)
        cg_spot_add_output(spot, &gates);
    spot->moments = call->moments;
    spot->moments_of = y;
    spot->moments_groups = 1;
}

cg_status cg_spot_conv2d(cg_spot *spot)
{
    cg_status status = CG_OK;
    model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    m->call = cg_stage_conv(spot->stage, spot->net);
    m->transformed = cg_conv2d_choose(spot->net->rt, &m->call)->spectrum != NULL;
    if (m->call.pass == CG_CONV2D_WEIGHT)
        add_weight_outputs(spot, &m->call);
    else
        add_map_outputs(spot, &m->call);
    add_scratch(spot, &m->call);
    CG_TRY(read_operands(m, spot));
done:
    return status;
}
