/* The strict step: its parts in the order of the step's table, and Adam (docs/strict.md). */
#include "ref/strict.h"

#include "base/memory.h"
#include "base/try.h"
#include "ref/strict_fourier.h"
#include "ref/strict_math.h"
#include "ref/strict_parts.h"

#include <stdlib.h>

/* ---- Adam ------------------------------------------------------------------------------------ */

/* base^t by squaring. */
static double power(double base, uint64_t t)
{
    double result = 1;
    for (; t; t >>= 1, base *= base)
        if (t & 1)
            result *= base;
    return result;
}

typedef struct adam {
    float rate, beta1, beta2, follow; /* the betas are 1 - beta */
} adam;

static void update(cg_strict *s, size_t id, const adam *a)
{
    float *p = s->state.param[id], *m = s->state.moment1[id], *v = s->state.moment2[id];
    float *average = id < CG_G_PARAM_COUNT ? s->state.average[id] : NULL;
    for (size_t i = 0; i < cg_param_size(&cg_model_params[id]); i++) {
        const float g = flush(s->grad[id][i]), off = g - m[i];
        m[i] = flush_below(fma32(a->beta1, off, m[i]), 0x1p-80f);
        v[i] = flush_below(fma32(a->beta2, fma32(g, g, -v[i]), v[i]), 0x1p-100f);
        const float up = a->rate * m[i], down = portable_sqrt(v[i]) + (float)CG_ADAM_EPSILON;
        p[i] = flush(p[i] - portable_div(up, down));
        if (average && a->follow > 0.0f) {
            const float behind = p[i] - average[i];
            average[i] = flush(fma32(a->follow, behind, average[i]));
        }
    }
}

static void update_all(cg_strict *s, uint64_t step)
{
    const cg_strict_options *o = &s->options;
    const double correction = sqrt(1 - power(o->beta2, step)) / (1 - power(o->beta1, step));
    double decay = (1 + (double)step) / (10 + (double)step);
    decay = decay < o->average ? decay : o->average;
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const double rate = id < CG_G_PARAM_COUNT ? o->rate : o->rate_d;
        const adam a = {(float)(rate * correction), (float)(1 - o->beta1), (float)(1 - o->beta2),
                        (float)(o->average > 0 ? 1 - decay : 0)};
        update(s, id, &a);
    }
}

/* ---- the step -------------------------------------------------------------------------------- */

/* The three layers whose maps both have blocks of channels. */
static cg_strict_conv convt1(const cg_strict *s)
{
    return (cg_strict_conv){s->fakes, CG_SIDE4, CG_SIDE4, CG_G_CHANNELS1, CG_G_CHANNELS0, 1};
}

static cg_strict_conv convt2(const cg_strict *s)
{
    return (cg_strict_conv){s->fakes, CG_SIDE2, CG_SIDE4, CG_G_CHANNELS2, CG_G_CHANNELS1, 2};
}

static cg_strict_conv conv2(const cg_strict *s)
{
    return (cg_strict_conv){s->fakes + s->reals, CG_SIDE2,       CG_SIDE4,
                            CG_D_CHANNELS1,      CG_D_CHANNELS2, 2};
}

/* h = transposed convolution of x; its batchnorm, i, follows. */
static void convt_fwd(cg_strict *s, float *h, const float *x, const cg_strict_conv *c, size_t id,
                      size_t i)
{
    cg_strict_transform_small(s->small, x, c);
    cg_strict_transform_weight(s->weight, s->state.param[id], c);
    cg_strict_conv_up(h, s->result, s->small, s->weight, c);
    cg_strict_norm_channels(s, i, h, c);
}

/* Gradients of a transposed convolution's weights and of its input x. */
static void convt_bwd(cg_strict *s, float *dx, const float *dh, const float *x,
                      const cg_strict_conv *c, size_t id)
{
    cg_strict_transform_large(s->large, dh, c);
    cg_strict_transform_small(s->small, x, c);
    cg_strict_conv_weight(s->grad[id], s->result, s->large, s->small, NULL, c);
    cg_strict_transform_weight(s->weight, s->state.param[id], c);
    cg_strict_conv_down(dx, s->result, s->large, s->weight, c);
}

static void run_generator(cg_strict *s)
{
    const cg_strict_conv c1 = convt1(s), c2 = convt2(s);
    float *const *param = s->state.param;
    const size_t features = CG_DENSE_FEATURES;

    cg_strict_dense(s->h0, s->noise, CG_NOISE, 1, param[CG_G_DENSE_WEIGHT], s->fakes, CG_NOISE,
                    features);
    cg_strict_norm_positions(s, 0, s->h0, s->fakes);
    cg_strict_normalise(s->n0, s->h0, &s->norms[0], s->fakes);
    convt_fwd(s, s->h1, s->n0, &c1, CG_G_CONVT1_WEIGHT, 1);
    cg_strict_normalise(s->n1, s->h1, &s->norms[1], s->fakes * PIXELS4);
    convt_fwd(s, s->h2, s->n1, &c2, CG_G_CONVT2_WEIGHT, 2);
    cg_strict_normalise(s->n2, s->h2, &s->norms[2], s->fakes * PIXELS2);
    for (size_t i = 0; i < s->fakes; i++)
        cg_strict_image_up(s->images + i * CG_PIXELS, s->n2 + i * PIXELS2 * CG_G_CHANNELS2,
                           param[CG_G_CONVT3_WEIGHT], CG_G_CHANNELS2);
    for (size_t i = 0; i < s->fakes * CG_PIXELS; i++)
        s->images[i] = flush(portable_tanh(s->images[i]));
}

static void run_discriminator(cg_strict *s)
{
    const cg_strict_conv c = conv2(s);
    const size_t n = s->fakes + s->reals;
    float *const *param = s->state.param;

    for (size_t i = 0; i < n; i++)
        cg_strict_image_down(s->a1 + i * PIXELS2 * CG_D_CHANNELS1, s->images + i * CG_PIXELS,
                             param[CG_D_CONV1_WEIGHT], CG_D_CHANNELS1);
    cg_strict_activate(s->a1, s->mask1, param[CG_D_CONV1_BIAS], n * PIXELS2, CG_D_CHANNELS1);
    cg_strict_transform_large(s->large, s->a1, &c);
    cg_strict_transform_weight(s->weight, param[CG_D_CONV2_WEIGHT], &c);
    cg_strict_conv_down(s->a2, s->result, s->large, s->weight, &c);
    cg_strict_activate(s->a2, s->mask2, param[CG_D_CONV2_BIAS], n * PIXELS4, CG_D_CHANNELS2);
    cg_strict_column_fwd(s->logits, s->a2, param[CG_D_DENSE_WEIGHT], n);
    cg_strict_losses(s);
}

/* s->large and s->weight still hold what the forward pass transformed. */
static void discriminator_bwd(cg_strict *s)
{
    const cg_strict_conv c = conv2(s);
    const size_t n = s->fakes + s->reals;
    float *const *param = s->state.param;

    cg_strict_column_bwd_weight(s->grad[CG_D_DENSE_WEIGHT], s->a2, s->factor_d, n);
    for (size_t i = 0; i < n * CG_D_FEATURES; i++)
        s->da2[i] = cg_strict_gated(param[CG_D_DENSE_WEIGHT][i % CG_D_FEATURES], s->mask2[i]);
    cg_strict_transform_small(s->small, s->da2, &c);
    cg_strict_conv_weight(s->grad[CG_D_CONV2_WEIGHT], s->result, s->large, s->small, s->factor_d,
                          &c);
    cg_strict_sum_small(s->grad[CG_D_CONV2_BIAS], s->small, s->factor_d, &c);
    cg_strict_conv_up(s->da1, s->result, s->small, s->weight, &c);
    for (size_t i = 0; i < n * PIXELS2 * CG_D_CHANNELS1; i++)
        s->da1[i] = cg_strict_gated(s->da1[i], s->mask1[i]);
    cg_strict_image_weight(s->grad[CG_D_CONV1_WEIGHT], s->grad[CG_D_CONV1_BIAS], s->images, s->da1,
                           s->factor_d, n);
    for (size_t i = 0; i < s->fakes; i++)
        cg_strict_image_up(s->dimages + i * CG_PIXELS, s->da1 + i * PIXELS2 * CG_D_CHANNELS1,
                           param[CG_D_CONV1_WEIGHT], CG_D_CHANNELS1);
    for (size_t i = 0; i < s->fakes * CG_PIXELS; i++) {
        const float slope = s->dimages[i] * fma32(-s->images[i], s->images[i], 1.0f);
        s->dimages[i] = flush(slope * s->factor_g[i / CG_PIXELS]);
    }
}

static void generator_bwd(cg_strict *s)
{
    const cg_strict_conv c1 = convt1(s), c2 = convt2(s);
    float *const *param = s->state.param;

    cg_strict_image_weight(s->grad[CG_G_CONVT3_WEIGHT], NULL, s->dimages, s->n2, NULL, s->fakes);
    for (size_t i = 0; i < s->fakes; i++)
        cg_strict_image_down(s->dh2 + i * PIXELS2 * CG_G_CHANNELS2, s->dimages + i * CG_PIXELS,
                             param[CG_G_CONVT3_WEIGHT], CG_G_CHANNELS2);
    for (size_t i = 0; i < s->fakes * PIXELS2 * CG_G_CHANNELS2; i++)
        s->dh2[i] = flush(s->dh2[i]);
    cg_strict_norm_bwd(s, 2, s->dh2, s->h2, s->fakes * PIXELS2);
    convt_bwd(s, s->dh1, s->dh2, s->n1, &c2, CG_G_CONVT2_WEIGHT);
    cg_strict_norm_bwd(s, 1, s->dh1, s->h1, s->fakes * PIXELS4);
    convt_bwd(s, s->dh0, s->dh1, s->n0, &c1, CG_G_CONVT1_WEIGHT);
    cg_strict_norm_bwd(s, 0, s->dh0, s->h0, s->fakes);
    cg_strict_dense(s->grad[CG_G_DENSE_WEIGHT], s->noise, 1, CG_NOISE, s->dh0, CG_NOISE, s->fakes,
                    CG_DENSE_FEATURES);
}

void cg_strict_run(cg_strict *s, uint64_t step)
{
    cg_strict_take_images(s, step);
    cg_strict_draw_noise(s, step);
    cg_strict_draw_mask(s->mask1, s, 1, step, PIXELS2, CG_D_CHANNELS1);
    cg_strict_draw_mask(s->mask2, s, 2, step, PIXELS4, CG_D_CHANNELS2);
    run_generator(s);
    run_discriminator(s);
    discriminator_bwd(s);
    generator_bwd(s);
    update_all(s, step);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static float *make(cg_strict *s, size_t count, size_t size)
{
    void *block = NULL;
    if (s->block_count < CG_COUNT(s->blocks) && cg_memory_create(&block, count, size) == CG_OK)
        s->blocks[s->block_count++] = block;
    return block;
}

static bool create_state(cg_strict *s)
{
    bool ok = true;
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const size_t size = cg_param_size(&cg_model_params[id]);
        float **const arrays[] = {&s->state.param[id], &s->state.moment1[id], &s->state.moment2[id],
                                  &s->grad[id]};
        for (size_t i = 0; i < CG_COUNT(arrays); i++)
            ok = ok && (*arrays[i] = make(s, size, sizeof(float))) != NULL;
        if (id < CG_G_PARAM_COUNT && s->options.average > 0)
            ok = ok && (s->state.average[id] = make(s, size, sizeof(float))) != NULL;
    }
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        ok = ok && (s->state.stat[id] =
                        make(s, cg_param_size(&cg_model_stats[id]), sizeof(float))) != NULL;
    for (size_t i = 0; i < CG_COUNT(s->norms); i++) {
        cg_strict_norm *bn = &s->norms[i];
        float **const arrays[] = {&bn->mean, &bn->inverse, &bn->scale, &bn->shift};
        bn->features = cg_param_size(&cg_model_stats[2 * i]);
        for (size_t j = 0; j < CG_COUNT(arrays); j++)
            ok = ok && (*arrays[j] = make(s, bn->features, sizeof(float))) != NULL;
    }
    return ok;
}

/* An array that is to be made, of this many floats. */
typedef struct room {
    float **array;
    size_t floats;
} room;

static bool create_rooms(cg_strict *s, const room *rooms, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        ok = ok && (*rooms[i].array = make(s, rooms[i].floats, sizeof(float))) != NULL;
    return ok;
}

static bool create_generator(cg_strict *s)
{
    const size_t f = s->fakes;
    const room rooms[] = {
        {&s->noise, f * CG_NOISE},
        {&s->dimages, f * CG_PIXELS},
        {&s->h0, f * CG_DENSE_FEATURES},
        {&s->n0, f * CG_DENSE_FEATURES},
        {&s->dh0, f * CG_DENSE_FEATURES},
        {&s->h1, f * PIXELS4 * CG_G_CHANNELS1},
        {&s->n1, f * PIXELS4 * CG_G_CHANNELS1},
        {&s->dh1, f * PIXELS4 * CG_G_CHANNELS1},
        {&s->h2, f * PIXELS2 * CG_G_CHANNELS2},
        {&s->n2, f * PIXELS2 * CG_G_CHANNELS2},
        {&s->dh2, f * PIXELS2 * CG_G_CHANNELS2},
        {&s->factor_g, f},
    };
    return create_rooms(s, rooms, CG_COUNT(rooms));
}

static bool create_discriminator(cg_strict *s)
{
    const size_t n = s->fakes + s->reals;
    const room rooms[] = {
        {&s->images, n * CG_PIXELS},
        {&s->a1, n * PIXELS2 * CG_D_CHANNELS1},
        {&s->da1, n * PIXELS2 * CG_D_CHANNELS1},
        {&s->a2, n * CG_D_FEATURES},
        {&s->da2, n * CG_D_FEATURES},
        {&s->logits, n},
        {&s->factor_d, n},
    };
    s->mask1 = (void *)make(s, n * PIXELS2 * CG_D_CHANNELS1, 1);
    s->mask2 = (void *)make(s, n * CG_D_FEATURES, 1);
    return s->mask1 && s->mask2 && create_rooms(s, rooms, CG_COUNT(rooms));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool create_spectra(cg_strict *s)
{
    const cg_strict_conv c1 = convt1(s), c2 = convt2(s), c3 = conv2(s);
    const size_t small = larger(cg_strict_small_floats(&c1), cg_strict_small_floats(&c3));
    const size_t large = larger(cg_strict_large_floats(&c1), cg_strict_large_floats(&c3));
    const size_t weight = larger(cg_strict_weight_floats(&c1), cg_strict_weight_floats(&c2));
    const room rooms[] = {{&s->small, small},
                          {&s->large, large},
                          {&s->weight, weight},
                          {&s->result, larger(larger(small, large), weight)}};
    return create_rooms(s, rooms, CG_COUNT(rooms));
}

cg_status cg_strict_create(cg_strict **strict, const cg_strict_options *options)
{
    cg_status status = CG_OK;
    cg_strict *s = NULL;

    *strict = NULL;
    CG_TRY(cg_memory_create(&s, 1, sizeof *s));
    s->options = *options;
    s->fakes = s->reals = options->fakes;
    if (!create_state(s) || !create_generator(s) || !create_discriminator(s) || !create_spectra(s))
        CG_TRY(CG_ERR_MEMORY);
    *strict = s;
    s = NULL;
done:
    cg_strict_release(s);
    return status;
}

void cg_strict_release(cg_strict *s)
{
    for (size_t i = 0; s && i < s->block_count; i++)
        free(s->blocks[i]);
    free(s);
}

cg_strict_state *cg_strict_get_state(cg_strict *s)
{
    return &s->state;
}
