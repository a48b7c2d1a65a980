/* Batch normalisation of the strict step (strict_parts.h): moments by shares, which are merged in
 * their order. */
#include "ref/strict_math.h"
#include "ref/strict_parts.h"

enum { SAMPLES = 128 /* that sums go through at a time */ };

typedef struct moments {
    float count, mean, squares;
} moments;

/* Chan, Golub and LeVeque 1979. */
static moments merge(moments a, moments b)
{
    const float count = a.count + b.count;
    const float part = portable_div(b.count, count > 1.0f ? count : 1.0f);
    const float d = flush(b.mean - a.mean);
    const float square = d * d, weight = a.count * part;
    a.mean = fma32(d, part, a.mean);
    a.squares += fma32(square, weight, b.squares);
    a.count = count;
    return a;
}

/* The moments of a rectangle of h x w values, whose rows are `row` floats apart and whose columns
 * `column`. */
static moments measure(const float *x, size_t h, size_t w, size_t row, size_t column)
{
    moments m = {(float)(h * w), 0.0f, 0.0f};
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < w; j++)
            m.mean += x[i * row + j * column];
    m.mean = flush(portable_div(m.mean, m.count));
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < w; j++) {
            const float d = x[i * row + j * column] - m.mean;
            m.squares = fma32(d, d, m.squares);
        }
    return m;
}

/* A feature at each position: its samples are the images, SAMPLES at a time. */
static moments measure_position(const float *x, size_t n, size_t step)
{
    moments all = {0.0f, 0.0f, 0.0f};
    for (size_t i = 0; i < n; i += SAMPLES)
        all = merge(all, measure(x + i * step, n - i < SAMPLES ? n - i : SAMPLES, 1, step, 0));
    return all;
}

/* A channel of maps that a transposed convolution wrote: of SHARE images' phase at a time, one
 * image's after the other's; the shares are merged, phase by phase. */
static moments measure_channel(const float *x, size_t n, size_t side, size_t channels, size_t step)
{
    moments all = {0.0f, 0.0f, 0.0f};
    for (size_t first = 0; first < n; first += SHARE)
        for (size_t phase = 0; phase < step * step; phase++) {
            moments share = {0.0f, 0.0f, 0.0f};
            for (size_t i = first; i < first + SHARE && i < n; i++) {
                const float *at = x + ((i * side + phase / step) * side + phase % step) * channels;
                share = merge(share, measure(at, side / step, side / step, side * step * channels,
                                             step * channels));
            }
            all = merge(all, share);
        }
    return all;
}

/* Adds what is new to a moving statistic. */
static void move(float *moving, float value)
{
    const float momentum = (float)CG_BN_MOMENTUM, rest = 1.0f - momentum, fresh = value * rest;
    *moving = flush(fma32(*moving, momentum, fresh));
}

static void finish(cg_strict *s, size_t i, size_t f, moments all)
{
    cg_strict_norm *bn = &s->norms[i];
    const float gamma = s->state.param[CG_G_BN0_GAMMA + 3 * i][f];
    const float beta = s->state.param[CG_G_BN0_BETA + 3 * i][f];
    const float variance = flush(portable_div(all.squares, all.count));
    const float mean = flush(all.mean), widened = variance + (float)CG_BN_EPSILON;
    const float inverse = portable_div(1.0f, portable_sqrt(widened));
    bn->mean[f] = mean;
    bn->inverse[f] = inverse;
    bn->scale[f] = flush(gamma * inverse);
    bn->shift[f] = flush(fma32(-mean, bn->scale[f], beta));
    move(&s->state.stat[2 * i][f], mean);
    move(&s->state.stat[2 * i + 1][f], variance);
}

void cg_strict_norm_positions(cg_strict *s, size_t i, const float *x, size_t n)
{
    const size_t features = s->norms[i].features;
    for (size_t f = 0; f < features; f++)
        finish(s, i, f, measure_position(x + f, n, features));
}

void cg_strict_norm_channels(cg_strict *s, size_t i, const float *x, const cg_strict_conv *c)
{
    for (size_t f = 0; f < c->cl; f++)
        finish(s, i, f, measure_channel(x + f, c->n, c->large, c->cl, c->stride));
}

void cg_strict_normalise(float *y, const float *x, const cg_strict_norm *bn, size_t n)
{
    for (size_t i = 0; i < n * bn->features; i++) {
        const size_t f = i % bn->features;
        y[i] = flush(leaky(fma32(bn->scale[f], x[i], bn->shift[f])));
    }
}

/* The gradient before LeakyReLU, and the normalised x. */
static void read_element(float *g, float *xhat, float dy, float x, const cg_strict_norm *bn,
                         size_t f)
{
    const float y = fma32(bn->scale[f], x, bn->shift[f]), centred = x - bn->mean[f];
    *g = y > 0.0f ? dy : SLOPE * dy;
    *xhat = flush(centred * bn->inverse[f]);
}

void cg_strict_norm_bwd(cg_strict *s, size_t i, float *dy, const float *x, size_t samples)
{
    const cg_strict_norm *bn = &s->norms[i];
    float *dgamma = s->grad[CG_G_BN0_GAMMA + 3 * i], *dbeta = s->grad[CG_G_BN0_BETA + 3 * i];
    float g, xhat;
    for (size_t f = 0; f < bn->features; f++) {
        dgamma[f] = dbeta[f] = 0.0f;
        for (size_t first = 0; first < samples; first += SAMPLES) {
            float sum_g = 0.0f, sum_gx = 0.0f;
            for (size_t k = first; k < first + SAMPLES && k < samples; k++) {
                const size_t at = k * bn->features + f;
                read_element(&g, &xhat, dy[at], x[at], bn, f);
                sum_g += g;
                sum_gx = fma32(g, xhat, sum_gx);
            }
            dbeta[f] += sum_g;
            dgamma[f] += sum_gx;
        }
        const float mean_g = flush(portable_div(dbeta[f], (float)samples));
        const float mean_gx = flush(portable_div(dgamma[f], (float)samples));
        for (size_t k = 0; k < samples; k++) {
            const size_t at = k * bn->features + f;
            read_element(&g, &xhat, dy[at], x[at], bn, f);
            const float rest = g - mean_g;
            dy[at] = flush(bn->scale[f] * fma32(-xhat, mean_gx, rest));
        }
    }
}
