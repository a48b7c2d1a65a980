/* The spot checks of dense layers: sums of K products, wrong by at most gamma(K + ROUNDINGS) of the
 * sum of their absolute values, and by what their factors are. */
#include "verify/spot_models.h"
#include "verify/spot_norm.h"

#include "base/parallel.h"
#include "base/try.h"

#include <stdio.h>

enum { ROUNDINGS = 16 };

typedef struct sum {
    double value, magnitude, error;
} sum;

static void add(sum *s, double a, cg_approx b)
{
    s->value += a * b.value;
    s->magnitude += fabs(a * b.value);
    s->error += fabs(a) * b.error;
}

static cg_approx finish(sum s, size_t terms)
{
    double gamma = cg_gamma_likely(terms + ROUNDINGS);
    return (cg_approx){s.value, gamma * (s.magnitude + s.error) + s.error};
}

/* ---- g.dense: noise to a map ----------------------------------------------------------------- */

typedef struct vector_model {
    cg_spot_norm *norm; /* of the backward pass; first: norm_of() in spot_norm.c */
    cg_spot_norm own;
    const float *noise, *weight;
} vector_model;

/* The panels [8][100][49][32] of weights, and of their gradient. */
static cg_spot_shape panels_of(const cg_network *net)
{
    size_t blocks = net->h0.c / CG_BLOCK;
    return (cg_spot_shape){{blocks, CG_NOISE, net->h0.h * net->h0.w, CG_BLOCK}, false};
}

static cg_status expect_h0(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    const vector_model *m = spot->model;
    const cg_map *h0 = &spot->net->h0;
    const cg_spot_shape shape = cg_spot_map_shape(h0, h0->n);
    size_t row = h0->h * h0->w * CG_BLOCK; /* of a panel */
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        sum s = {0};
        cg_spot_locate(at, &shape, index[i]);
        size_t w = at[3] / CG_BLOCK * CG_NOISE * row + (at[1] * h0->w + at[2]) * CG_BLOCK +
                   at[3] % CG_BLOCK;
        for (size_t k = 0; k < CG_NOISE; k++)
            add(&s, (double)m->noise[at[0] * CG_NOISE + k],
                cg_approx_exact((double)m->weight[w + k * row]));
        expected[i] = finish(s, CG_NOISE);
    }
    return CG_OK;
}

cg_status cg_spot_dense_fwd(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    vector_model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    cg_spot_add_output(spot, &(cg_spot_output){.name = "h0",
                                               .buffer = net->h0.buffer,
                                               .shape = cg_spot_map_shape(&net->h0, net->h0.n),
                                               .expect = expect_h0});
    cg_spot_add_scratch(spot, net->bn[0].moments->buffer, SIZE_MAX);
    spot->moments = net->bn[0].moments;
    spot->moments_of = &net->h0;
    spot->moments_groups = net->bn[0].groups;
    CG_TRY(cg_spot_fetch(&m->noise, spot, net->noise));
    CG_TRY(cg_spot_fetch(&m->weight, spot, net->arenas[CG_ARENA_PARAMS].view[CG_G_DENSE_WEIGHT]));
done:
    return status;
}

/* The sum over the images of noise and dx, which bn0 makes of dh0 on the way. */
static cg_status expect_panels(cg_spot *spot, cg_approx *expected, const size_t *index,
                               size_t count)
{
    const vector_model *m = spot->model;
    const cg_spot_norm *l = m->norm;
    const cg_spot_shape shape = panels_of(spot->net);
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        sum s = {0};
        cg_spot_locate(at, &shape, index[i]);
        size_t f = (at[0] * shape.dims[2] + at[2]) * CG_BLOCK + at[3];
        size_t sample = cg_spot_norm_first(l, f);
        for (size_t n = 0; n < l->samples; n++, sample += l->step)
            add(&s, (double)m->noise[n * CG_NOISE + at[1]],
                cg_spot_norm_gradient(spot, l, f, sample));
        expected[i] = finish(s, l->samples);
    }
    return CG_OK;
}

/* The gradient's panels, all numbers of noise added with a sign for each, as in spot_sums.c. */
typedef struct panel_sums {
    cg_spot *spot;
    double sign[CG_NOISE];
    double *added, *magnitude; /* [samples]: an image's noise, added, and without its signs */
    cg_approx *expected;       /* of the chosen feature of each CG_SPOT_CHANNELS */
} panel_sums;

static void sum_feature(void *user, size_t i)
{
    const panel_sums *all = user;
    const cg_spot_norm *l = ((const vector_model *)all->spot->model)->norm;
    const size_t f = cg_spot_channel(all->spot, i);
    size_t sample = cg_spot_norm_first(l, f);
    sum s = {0};
    for (size_t n = 0; n < l->samples; n++, sample += l->step) {
        const cg_approx dx = cg_spot_norm_gradient(all->spot, l, f, sample);
        s.value += all->added[n] * dx.value;
        s.magnitude += all->magnitude[n] * fabs(dx.value);
        s.error += all->magnitude[n] * dx.error;
    }
    all->expected[i] = finish(s, l->samples);
    all->expected[i].error += CG_NOISE * cg_approx_least(all->spot->net->choice.strict);
}

static double found_sum(const panel_sums *all, const cg_spot_output *dw, size_t f)
{
    const size_t row = dw->shape.dims[2] * CG_BLOCK; /* of a panel */
    const size_t at = f / row * CG_NOISE * row + f % row;
    double found = 0;
    for (size_t k = 0; k < CG_NOISE; k++)
        found += all->sign[k] * cg_spot_element(dw, at + k * row);
    return found;
}

static void add_noise(panel_sums *all, const vector_model *m)
{
    for (size_t k = 0; k < CG_NOISE; k++)
        all->sign[k] = cg_spot_sign(all->spot, k);
    for (size_t n = 0; n < m->norm->samples; n++)
        for (size_t k = 0; k < CG_NOISE; k++) {
            const double noise = (double)m->noise[n * CG_NOISE + k];
            all->added[n] += all->sign[k] * noise;
            all->magnitude[n] += fabs(noise);
        }
}

static cg_status compare_panel_sums(cg_spot *spot, cg_verify_result *result,
                                    const cg_spot_output *dw)
{
    cg_status status = CG_OK;
    const vector_model *m = spot->model;
    const size_t count = m->norm->features / CG_SPOT_CHANNELS;
    panel_sums all = {.spot = spot};
    CG_TRY(cg_spot_create_memory(&all.added, spot, m->norm->samples, sizeof *all.added));
    CG_TRY(cg_spot_create_memory(&all.magnitude, spot, m->norm->samples, sizeof *all.magnitude));
    CG_TRY(cg_spot_create_memory(&all.expected, spot, count, sizeof *all.expected));
    add_noise(&all, m);
    cg_parallel_run(count, sum_feature, &all);
    for (size_t i = 0; i < count; i++) {
        const size_t f = cg_spot_channel(spot, i);
        char where[64];
        snprintf(where, sizeof where, "the sum of +-dw of all noise for feature %zu", f);
        cg_spot_compare(spot, result, where, found_sum(&all, dw, f), all.expected[i]);
    }
done:
    return status;
}

cg_status cg_spot_dense_bwd_weight(cg_spot *spot)
{
    cg_status status = CG_OK;
    cg_network *net = spot->net;
    cg_buffer *const *grads = net->arenas[CG_ARENA_GRADS].view;
    vector_model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    m->norm = &m->own;
    cg_spot_add_output(spot, &(cg_spot_output){.name = "dw",
                                               .buffer = grads[CG_G_DENSE_WEIGHT],
                                               .shape = panels_of(net),
                                               .expect = expect_panels,
                                               .compare = compare_panel_sums});
    cg_spot_add_output(spot, /* some algorithms leave dx there */
                       &(cg_spot_output){.name = "dh0",
                                         .buffer = net->dh0.buffer,
                                         .shape = cg_spot_map_shape(&net->dh0, net->dh0.n),
                                         .in_place = true});
    CG_TRY(cg_spot_norm_init(m->norm, spot, &net->bn[0], &net->dh0, grads[CG_G_BN0_GAMMA],
                             grads[CG_G_BN0_BETA]));
    CG_TRY(cg_spot_fetch(&m->noise, spot, net->noise));
done:
    return status;
}

/* ---- d.dense: a map to a logit --------------------------------------------------------------- */

typedef struct column_model {
    const float *a2, *weight, *factor;
    const unsigned char *gates;
    double scale, slope;
} column_model;

static cg_status expect_logits(cg_spot *spot, cg_approx *expected, const size_t *index,
                               size_t count)
{
    const column_model *m = spot->model;
    const cg_map *a2 = &spot->net->a2;
    size_t pixels = a2->h * a2->w;
    for (size_t i = 0; i < count; i++) {
        sum s = {0};
        for (size_t f = 0; f < pixels * a2->c; f++) {
            size_t block = f / (pixels * CG_BLOCK), within = f % (pixels * CG_BLOCK);
            size_t at = (block * a2->n + index[i]) * pixels * CG_BLOCK + within;
            add(&s, (double)m->weight[f], cg_approx_exact((double)m->a2[at]));
        }
        expected[i] = finish(s, pixels * a2->c);
    }
    return CG_OK;
}

cg_status cg_spot_column_fwd(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    column_model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    cg_spot_add_output(spot, &(cg_spot_output){.name = "logits",
                                               .buffer = net->logits,
                                               .shape = {{1, 1, 1, net->a2.n}, false},
                                               .every = CG_SPOT_ALL,
                                               .expect = expect_logits});
    CG_TRY(cg_spot_fetch(&m->a2, spot, net->a2.buffer));
    CG_TRY(cg_spot_fetch(&m->weight, spot, net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT]));
done:
    return status;
}

/* Elements beside each other lie so in every image. */
static cg_status expect_column(cg_spot *spot, cg_approx *expected, const size_t *index,
                               size_t count)
{
    const column_model *m = spot->model;
    const cg_map *a2 = &spot->net->a2;
    const size_t image = a2->h * a2->w * CG_BLOCK; /* of a block */
    sum s[CG_SPOT_POINTS] = {{0}};
    for (size_t n = 0; n < a2->n; n++)
        for (size_t i = 0; i < count; i++) {
            const size_t at = (index[i] / image * a2->n + n) * image + index[i] % image;
            add(&s[i], (double)m->factor[n], cg_approx_exact((double)m->a2[at]));
        }
    for (size_t i = 0; i < count; i++)
        expected[i] = finish(s[i], a2->n);
    return CG_OK;
}

cg_status cg_spot_column_bwd_weight(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    column_model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    cg_spot_add_output(
        spot, &(cg_spot_output){.name = "dw",
                                .buffer = net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_WEIGHT],
                                .shape = {{1, 1, 1, net->a2.h * net->a2.w * net->a2.c}, false},
                                .every = CG_SPOT_ALL,
                                .expect = expect_column});
    cg_spot_add_scratch(spot, net->scratch->workspace, SIZE_MAX);
    CG_TRY(cg_spot_fetch(&m->a2, spot, net->a2.buffer));
    CG_TRY(cg_spot_fetch(&m->factor, spot, net->factor_d));
done:
    return status;
}

static cg_status expect_da2(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    const column_model *m = spot->model;
    const cg_map *da2 = &spot->net->da2;
    size_t image = da2->h * da2->w * CG_BLOCK; /* of a block */
    for (size_t i = 0; i < count; i++) {
        size_t f = index[i] / (image * da2->n) * image + index[i] % image;
        int gate = m->gates[index[i]];
        double factor = gate == CG_MASK_DROPPED ? 0 : gate == CG_GATE_OPEN ? 1 : m->slope;
        expected[i] = cg_approx_round(cg_approx_exact((double)m->weight[f] * factor * m->scale), 3);
    }
    return CG_OK;
}

/* da2 is not written where d.conv2 reads transforms. */
cg_status cg_spot_column_bwd_data(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    const cg_conv2d conv2 = cg_stage_conv(cg_stage_of_layer(CG_D_CONV2, CG_FWD), net);
    column_model *m;
    CG_TRY(cg_spot_create_memory(&m, spot, 1, sizeof *m));
    spot->model = m;
    m->scale = (double)conv2.epilogue.mask_scale;
    m->slope = (double)conv2.epilogue.slope;
    if (net->conv2_reads_spectrum)
        cg_spot_add_scratch(spot, conv2.spectrum[CG_CONV2D_SMALL]->buffer, SIZE_MAX);
    else
        cg_spot_add_output(spot,
                           &(cg_spot_output){.name = "da2",
                                             .buffer = net->da2.buffer,
                                             .shape = cg_spot_map_shape(&net->da2, net->da2.n),
                                             .expect = expect_da2});
    CG_TRY(cg_spot_fetch(&m->gates, spot, net->mask2));
    CG_TRY(cg_spot_fetch(&m->weight, spot, net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT]));
done:
    return status;
}
