/* The strict step: one function an operation, in the order of the step's table (docs/strict.md). */
#include "ref/strict.h"

#include "base/memory.h"
#include "base/philox.h"
#include "base/shuffle.h"
#include "base/streams.h"
#include "base/try.h"
#include "ref/strict_fourier.h"
#include "ref/strict_math.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAPS = CG_KERNEL * CG_KERNEL,
    PIXELS4 = CG_SIDE4 * CG_SIDE4,
    PIXELS2 = CG_SIDE2 * CG_SIDE2,
    SHARE = 8,    /* images that sums and moments go through at a time    */
    PART = 32,    /* steps of a dense product, images of d.dense          */
    SAMPLES = 128 /* that a batchnorm's sums go through at a time         */
};

/* A batchnorm's forward pass leaves these for each feature. */
typedef struct norm {
    size_t features;
    float *mean, *inverse, *scale, *shift;
} norm;

struct cg_strict {
    cg_strict_options options;
    cg_strict_state state;
    float *grad[CG_PARAM_COUNT];
    size_t fakes, reals;
    float *noise, *images, *h0, *h1, *h2, *n0, *n1, *n2; /* n: after batchnorm and LeakyReLU */
    float *dh0, *dh1, *dh2, *dimages, *a1, *a2, *da1, *da2;
    uint8_t *mask1, *mask2; /* [n, pixels, channels]; gates from the forward pass on */
    float *logits, *factor_d, *factor_g;
    norm norms[3];
    float *small, *large, *weight, *result; /* spectra */
    void *blocks[128];                      /* all that is to be freed */
    size_t block_count;
};

static float *make(cg_strict *s, size_t count, size_t size)
{
    void *block = NULL;
    if (s->block_count < CG_COUNT(s->blocks) && cg_memory_create(&block, count, size) == CG_OK)
        s->blocks[s->block_count++] = block;
    return block;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* Four words by Philox: word j of counter i. */
static void draw_words(uint32_t out[4], const cg_strict *s, size_t i, uint32_t layer, uint64_t step,
                       cg_stream stream)
{
    const uint32_t counter[4] = {(uint32_t)i, layer, (uint32_t)step, (uint32_t)stream};
    uint32_t key[2];
    cg_seed_key(key, s->options.seed);
    cg_philox4x32(out, counter, key);
}

/* Two normal numbers by Box and Muller. */
static void draw_pair(float *first, float *second, uint32_t word, uint32_t angle_word)
{
    float u = (float)word, angle = (float)angle_word;
    u += 0.5f;
    u *= 0x1p-32f;
    angle *= 0x1p-31f;
    const float square = -2.0f * portable_log(u < 1.0f ? u : 1.0f);
    const float radius = portable_sqrt(square);
    *first = flush(radius * portable_cospi(angle));
    *second = flush(radius * portable_sinpi(angle));
}

/* Element 64 g + 16 j + l is from word j of counter 16 g + l. */
static void draw_noise(cg_strict *s, uint64_t step)
{
    const size_t count = s->fakes * CG_NOISE;
    for (size_t i = 0; i < (count + 63) / 64 * 16; i++) {
        uint32_t words[4];
        float value[4];
        draw_words(words, s, i, 0, step, CG_STREAM_NOISE);
        draw_pair(&value[0], &value[1], words[0], words[1]);
        draw_pair(&value[2], &value[3], words[2], words[3]);
        for (size_t j = 0; j < 4; j++) {
            const size_t at = i / 16 * 64 + 16 * j + i % 16;
            if (at < count)
                s->noise[at] = value[j];
        }
    }
}

/* A mask lies in blocks of 32 channels: [block][image][pixel][32]. Byte 128 g + 32 j + l is from
 * the high half of word j of counter 16 g + l, the 16th after it from the low half. */
static void draw_mask(uint8_t *mask, const cg_strict *s, uint32_t layer, uint64_t step,
                      size_t pixels, size_t channels)
{
    const uint32_t threshold = (uint32_t)(CG_DROPOUT_KEEP * 65536 + 0.5);
    const size_t rows = (s->fakes + s->reals) * pixels, count = rows * channels;
    for (size_t i = 0; i < (count + 127) / 128 * 16; i++) {
        uint32_t words[4];
        draw_words(words, s, i, layer, step, CG_STREAM_DROPOUT);
        for (size_t j = 0; j < 8; j++) {
            const size_t at = i / 16 * 128 + 16 * j + i % 16;
            const uint32_t half = j % 2 ? words[j / 2] & 0xFFFF : words[j / 2] >> 16;
            const size_t block = at / 32 / rows, row = at / 32 % rows;
            if (at < count)
                mask[row * channels + block * 32 + at % 32] = half < threshold;
        }
    }
}

static void take_images(cg_strict *s, uint64_t step)
{
    const size_t steps = cg_ceil_div(s->options.count, s->options.fakes);
    const size_t first = (size_t)((step - 1) % steps) * s->options.fakes;
    cg_shuffle shuffle;
    s->fakes = s->options.fakes;
    s->reals = s->options.count - first < s->fakes ? s->options.count - first : s->fakes;
    cg_shuffle_init(&shuffle, s->options.seed, (uint32_t)((step - 1) / steps + 1),
                    (uint32_t)s->options.count);
    for (size_t i = 0; i < s->reals; i++) {
        const size_t from = cg_shuffle_index(&shuffle, (uint32_t)(first + i));
        for (size_t p = 0; p < CG_PIXELS; p++) {
            const float byte = (float)s->options.images[from * CG_PIXELS + p] - 127.5f;
            s->images[(s->fakes + i) * CG_PIXELS + p] = portable_div(byte, 127.5f);
        }
    }
}

/* ---- batchnorm ------------------------------------------------------------------------------- */

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

static void finish_norm(cg_strict *s, size_t i, size_t f, moments all)
{
    norm *bn = &s->norms[i];
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

/* y = LeakyReLU(scale x + shift), [n, features]. */
static void normalise(float *y, const float *x, const norm *bn, size_t n)
{
    for (size_t i = 0; i < n * bn->features; i++) {
        const size_t f = i % bn->features;
        y[i] = flush(leaky(fma32(bn->scale[f], x[i], bn->shift[f])));
    }
}

/* The gradient before LeakyReLU, and the normalised x. */
static void read_element(float *g, float *xhat, float dy, float x, const norm *bn, size_t f)
{
    const float y = fma32(bn->scale[f], x, bn->shift[f]), centred = x - bn->mean[f];
    *g = y > 0.0f ? dy : SLOPE * dy;
    *xhat = flush(centred * bn->inverse[f]);
}

/* dy [samples, features] becomes the gradient at x. */
static void norm_bwd(cg_strict *s, size_t i, float *dy, const float *x, size_t samples)
{
    const norm *bn = &s->norms[i];
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

/* ---- g.dense --------------------------------------------------------------------------------- */

/* y[rows][columns] = sum over k of a[row, k] b[k][columns], PART steps at a time. */
static void dense(float *y, const float *a, size_t row_step, size_t k_step, const float *b,
                  size_t rows, size_t k_count, size_t columns)
{
    float sum[CG_DENSE_FEATURES];
    for (size_t row = 0; row < rows; row++)
        for (size_t k0 = 0; k0 < k_count; k0 += PART) {
            memset(sum, 0, columns * sizeof *sum);
            for (size_t k = k0; k < k0 + PART && k < k_count; k++) {
                const float x = a[row * row_step + k * k_step];
                for (size_t i = 0; i < columns; i++)
                    sum[i] = fma32(x, b[k * columns + i], sum[i]);
            }
            for (size_t i = 0; i < columns; i++)
                y[row * columns + i] = k0 ? y[row * columns + i] + sum[i] : sum[i];
        }
}

/* ---- convolutions with an image of one channel ----------------------------------------------- */

enum { SHIFT = 1, CANVAS = 2 * (CG_SIDE2 - 1) + CG_KERNEL }; /* 31: from -1 to 29 */

/* The pixels that taps reach, 0 around the image. */
static void lay_canvas(float canvas[CANVAS][CANVAS], const float *image)
{
    memset(canvas, 0, CANVAS * sizeof *canvas);
    for (size_t y = 0; y < CG_SIDE; y++)
        for (size_t x = 0; x < CG_SIDE; x++)
            canvas[y + SHIFT][x + SHIFT] = flush(image[y * CG_SIDE + x]);
}

/* y [14, 14, channels] of one image: each row of the kernel has a sum, and these are added in their
 * order. */
static void image_down(float *y, const float *image, const float *w, size_t channels)
{
    float canvas[CANVAS][CANVAS];
    lay_canvas(canvas, image);
    for (size_t p = 0; p < PIXELS2; p++)
        for (size_t c = 0; c < channels; c++) {
            float all = 0.0f;
            for (size_t ky = 0; ky < CG_KERNEL; ky++) {
                const float *in = &canvas[p / CG_SIDE2 * 2 + ky][p % CG_SIDE2 * 2];
                float sum = in[0] * w[ky * CG_KERNEL * channels + c];
                for (size_t kx = 1; kx < CG_KERNEL; kx++)
                    sum = fma32(in[kx], w[(ky * CG_KERNEL + kx) * channels + c], sum);
                all = ky ? all + sum : sum;
            }
            y[p * channels + c] = all;
        }
}

/* image [28, 28] = the sum of all that the pixels of x [14, 14, channels] put there. */
static void image_up(float *image, const float *x, const float *w, size_t channels)
{
    float canvas[CANVAS][CANVAS] = {{0}};
    for (size_t p = 0; p < PIXELS2; p++)
        for (size_t t = 0; t < TAPS; t++) {
            float sum = 0.0f;
            for (size_t c = 0; c < channels; c++)
                sum = fma32(x[p * channels + c], w[t * channels + c], sum);
            canvas[p / CG_SIDE2 * 2 + t / CG_KERNEL][p % CG_SIDE2 * 2 + t % CG_KERNEL] += sum;
        }
    for (size_t p = 0; p < CG_PIXELS; p++)
        image[p] = canvas[p / CG_SIDE + SHIFT][p % CG_SIDE + SHIFT];
}

enum { IMAGE_CHANNELS = 64 }; /* of the map beside an image with one channel */

/* dw [25][64] and db [64], where they are wanted, of SHARE images at a time. */
static void image_weight(float *dw, float *db, const float *images, const float *x,
                         const float *factor, size_t n)
{
    memset(dw, 0, sizeof(float) * TAPS * IMAGE_CHANNELS);
    for (size_t c = 0; db && c < IMAGE_CHANNELS; c++)
        db[c] = 0.0f;
    for (size_t first = 0; first < n; first += SHARE) {
        float share[TAPS + 1][IMAGE_CHANNELS], sum[TAPS + 1][IMAGE_CHANNELS];
        for (size_t i = first; i < first + SHARE && i < n; i++) {
            float canvas[CANVAS][CANVAS];
            lay_canvas(canvas, images + i * CG_PIXELS);
            memset(sum, 0, sizeof sum);
            for (size_t p = 0; p < PIXELS2; p++) {
                const float *at = x + (i * PIXELS2 + p) * IMAGE_CHANNELS;
                for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
                    const float value = factor ? flush(at[c] * factor[i]) : at[c];
                    for (size_t t = 0; t < TAPS; t++)
                        sum[t][c] = fma32(canvas[p / CG_SIDE2 * 2 + t / CG_KERNEL]
                                                [p % CG_SIDE2 * 2 + t % CG_KERNEL],
                                          value, sum[t][c]);
                    sum[TAPS][c] += value;
                }
            }
            for (size_t t = 0; t <= TAPS; t++)
                for (size_t c = 0; c < IMAGE_CHANNELS; c++)
                    share[t][c] = i == first ? sum[t][c] : share[t][c] + sum[t][c];
        }
        for (size_t t = 0; t < TAPS; t++)
            for (size_t c = 0; c < IMAGE_CHANNELS; c++)
                dw[t * IMAGE_CHANNELS + c] += share[t][c];
        for (size_t c = 0; db && c < IMAGE_CHANNELS; c++)
            db[c] += share[TAPS][c];
    }
}

/* ---- D's activations ------------------------------------------------------------------------- */

/* A mask's byte is 1 where its element is kept; a gate's is 2 where LeakyReLU's argument was
 * positive, too. */
static void activate(float *y, uint8_t *mask, const float *bias, size_t rows, size_t channels)
{
    const float keep = (float)(1 / CG_DROPOUT_KEEP);
    for (size_t i = 0; i < rows * channels; i++) {
        const float value = y[i] + bias[i % channels];
        const float kept = mask[i] ? keep : 0.0f;
        mask[i] = (uint8_t)(mask[i] * (value > 0.0f ? 2 : 1));
        y[i] = flush(leaky(value) * kept);
    }
}

static float gated(float g, uint8_t gate)
{
    const float keep = (float)(1 / CG_DROPOUT_KEEP);
    const float slope = gate > 1 ? g : SLOPE * g;
    return flush(slope * (gate ? keep : 0.0f));
}

/* ---- D's dense layer and the losses ---------------------------------------------------------- */

/* w is [pixel * channels + channel]. 32 sums, one for each channel of a block, go through the
 * blocks of channels and their pixels; then they are added in their order. */
static void column_fwd(float *logits, const float *x, const float *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float sum[32] = {0}, all = 0.0f;
        for (size_t block = 0; block < CG_D_CHANNELS2; block += 32)
            for (size_t p = 0; p < PIXELS4; p++)
                for (size_t l = 0; l < 32; l++) {
                    const size_t f = p * CG_D_CHANNELS2 + block + l;
                    sum[l] = fma32(x[i * CG_D_FEATURES + f], w[f], sum[l]);
                }
        for (size_t l = 0; l < 32; l++)
            all += sum[l];
        logits[i] = all;
    }
}

static void column_bwd_weight(float *dw, const float *x, const float *factor, size_t n)
{
    for (size_t f = 0; f < CG_D_FEATURES; f++) {
        dw[f] = 0.0f;
        for (size_t first = 0; first < n; first += PART) {
            float sum = 0.0f;
            for (size_t i = first; i < first + PART && i < n; i++)
                sum = fma32(factor[i], x[i * CG_D_FEATURES + f], sum);
            dw[f] += sum;
        }
    }
}

/* A sum that keeps what was lost: Kahan 1965. */
typedef struct kahan {
    float sum, lost;
} kahan;

static void add(kahan *k, float value)
{
    const float y = flush(value) - k->lost;
    const float t = k->sum + y;
    const float gained = t - k->sum;
    k->lost = gained - y;
    k->sum = t;
}

/* Sums over images are of losses, of probabilities, and of the gradient of the logits' bias in both
 * ways. */
typedef struct loss_sums {
    kahan real, fake, g, d_real, d_fake;
    kahan bias, size, centred_bias, centred_size;
} loss_sums;

static float no_less(float x)
{
    return x > 0.0f ? x : 0.0f;
}

static void add_losses(loss_sums *sums, float z, float tail, float yes, bool fake, float smoothing)
{
    const float smoothed = fake ? 0.0f : smoothing * z, most = no_less(fake ? z : -z);
    const float loss = most + tail, low = no_less(-z);
    add(fake ? &sums->fake : &sums->real, loss + smoothed);
    add(fake ? &sums->d_fake : &sums->d_real, yes);
    if (fake)
        add(&sums->g, low + tail);
}

static void finish_losses(cg_strict *s, const loss_sums *sums)
{
    const float fakes = (float)s->fakes, reals = (float)s->reals;
    s->grad[CG_D_DENSE_BIAS][0] = sums->centred_size.sum < sums->size.sum
                                      ? sums->centred_bias.sum + s->options.smoothing
                                      : sums->bias.sum;
    const float metrics[CG_STRICT_METRICS] = {
        portable_div(sums->real.sum, reals), portable_div(sums->fake.sum, fakes),
        portable_div(sums->g.sum, fakes), portable_div(sums->d_real.sum, reals),
        portable_div(sums->d_fake.sum, fakes)};
    memcpy(s->state.metrics, metrics, sizeof metrics);
}

/* The logits get their bias; factors are the losses' derivatives. */
static void losses(cg_strict *s)
{
    loss_sums sums = {{0}};
    const float smoothing = s->options.smoothing;
    for (size_t i = 0; i < s->fakes + s->reals; i++) {
        const bool fake = i < s->fakes;
        const float z = s->logits[i] + s->state.param[CG_D_DENSE_BIAS][0];
        const float count = (float)(fake ? s->fakes : s->reals);
        const float e = portable_exp(-fabsf(z)), both = 1.0f + e;
        const float yes = portable_div(z >= 0.0f ? 1.0f : e, both);
        const float no = portable_div(z >= 0.0f ? e : 1.0f, both);
        const float factor = flush(portable_div(fake ? yes : smoothing - no, count));
        const float half = 0.5f * portable_tanh(0.5f * z);
        const float centred = portable_div(half, count);
        s->factor_d[i] = factor;
        if (fake)
            s->factor_g[i] = flush(portable_div(-no, count));
        add_losses(&sums, z, portable_log1p(e), yes, fake, smoothing);
        add(&sums.bias, factor);
        add(&sums.size, fabsf(factor));
        add(&sums.centred_bias, centred);
        add(&sums.centred_size, fabsf(centred));
    }
    finish_losses(s, &sums);
}

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
    for (size_t f = 0; f < c->cl; f++)
        finish_norm(s, i, f, measure_channel(h + f, c->n, c->large, c->cl, c->stride));
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

    dense(s->h0, s->noise, CG_NOISE, 1, param[CG_G_DENSE_WEIGHT], s->fakes, CG_NOISE, features);
    for (size_t f = 0; f < features; f++)
        finish_norm(s, 0, f, measure_position(s->h0 + f, s->fakes, features));
    normalise(s->n0, s->h0, &s->norms[0], s->fakes);
    convt_fwd(s, s->h1, s->n0, &c1, CG_G_CONVT1_WEIGHT, 1);
    normalise(s->n1, s->h1, &s->norms[1], s->fakes * PIXELS4);
    convt_fwd(s, s->h2, s->n1, &c2, CG_G_CONVT2_WEIGHT, 2);
    normalise(s->n2, s->h2, &s->norms[2], s->fakes * PIXELS2);
    for (size_t i = 0; i < s->fakes; i++)
        image_up(s->images + i * CG_PIXELS, s->n2 + i * PIXELS2 * CG_G_CHANNELS2,
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
        image_down(s->a1 + i * PIXELS2 * CG_D_CHANNELS1, s->images + i * CG_PIXELS,
                   param[CG_D_CONV1_WEIGHT], CG_D_CHANNELS1);
    activate(s->a1, s->mask1, param[CG_D_CONV1_BIAS], n * PIXELS2, CG_D_CHANNELS1);
    cg_strict_transform_large(s->large, s->a1, &c);
    cg_strict_transform_weight(s->weight, param[CG_D_CONV2_WEIGHT], &c);
    cg_strict_conv_down(s->a2, s->result, s->large, s->weight, &c);
    activate(s->a2, s->mask2, param[CG_D_CONV2_BIAS], n * PIXELS4, CG_D_CHANNELS2);
    column_fwd(s->logits, s->a2, param[CG_D_DENSE_WEIGHT], n);
    losses(s);
}

/* s->large and s->weight still hold what the forward pass transformed. */
static void discriminator_bwd(cg_strict *s)
{
    const cg_strict_conv c = conv2(s);
    const size_t n = s->fakes + s->reals;
    float *const *param = s->state.param;

    column_bwd_weight(s->grad[CG_D_DENSE_WEIGHT], s->a2, s->factor_d, n);
    for (size_t i = 0; i < n * CG_D_FEATURES; i++)
        s->da2[i] = gated(param[CG_D_DENSE_WEIGHT][i % CG_D_FEATURES], s->mask2[i]);
    cg_strict_transform_small(s->small, s->da2, &c);
    cg_strict_conv_weight(s->grad[CG_D_CONV2_WEIGHT], s->result, s->large, s->small, s->factor_d,
                          &c);
    cg_strict_sum_small(s->grad[CG_D_CONV2_BIAS], s->small, s->factor_d, &c);
    cg_strict_conv_up(s->da1, s->result, s->small, s->weight, &c);
    for (size_t i = 0; i < n * PIXELS2 * CG_D_CHANNELS1; i++)
        s->da1[i] = gated(s->da1[i], s->mask1[i]);
    image_weight(s->grad[CG_D_CONV1_WEIGHT], s->grad[CG_D_CONV1_BIAS], s->images, s->da1,
                 s->factor_d, n);
    for (size_t i = 0; i < s->fakes; i++)
        image_up(s->dimages + i * CG_PIXELS, s->da1 + i * PIXELS2 * CG_D_CHANNELS1,
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

    image_weight(s->grad[CG_G_CONVT3_WEIGHT], NULL, s->dimages, s->n2, NULL, s->fakes);
    for (size_t i = 0; i < s->fakes; i++)
        image_down(s->dh2 + i * PIXELS2 * CG_G_CHANNELS2, s->dimages + i * CG_PIXELS,
                   param[CG_G_CONVT3_WEIGHT], CG_G_CHANNELS2);
    for (size_t i = 0; i < s->fakes * PIXELS2 * CG_G_CHANNELS2; i++)
        s->dh2[i] = flush(s->dh2[i]);
    norm_bwd(s, 2, s->dh2, s->h2, s->fakes * PIXELS2);
    convt_bwd(s, s->dh1, s->dh2, s->n1, &c2, CG_G_CONVT2_WEIGHT);
    norm_bwd(s, 1, s->dh1, s->h1, s->fakes * PIXELS4);
    convt_bwd(s, s->dh0, s->dh1, s->n0, &c1, CG_G_CONVT1_WEIGHT);
    norm_bwd(s, 0, s->dh0, s->h0, s->fakes);
    dense(s->grad[CG_G_DENSE_WEIGHT], s->noise, 1, CG_NOISE, s->dh0, CG_NOISE, s->fakes,
          CG_DENSE_FEATURES);
}

void cg_strict_run(cg_strict *s, uint64_t step)
{
    take_images(s, step);
    draw_noise(s, step);
    draw_mask(s->mask1, s, 1, step, PIXELS2, CG_D_CHANNELS1);
    draw_mask(s->mask2, s, 2, step, PIXELS4, CG_D_CHANNELS2);
    run_generator(s);
    run_discriminator(s);
    discriminator_bwd(s);
    generator_bwd(s);
    update_all(s, step);
}

/* ---- memory ---------------------------------------------------------------------------------- */

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
        norm *bn = &s->norms[i];
        float **const arrays[] = {&bn->mean, &bn->inverse, &bn->scale, &bn->shift};
        bn->features = cg_param_size(&cg_model_stats[2 * i]);
        for (size_t j = 0; j < CG_COUNT(arrays); j++)
            ok = ok && (*arrays[j] = make(s, bn->features, sizeof(float))) != NULL;
    }
    return ok;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool create_maps(cg_strict *s)
{
    const size_t f = s->fakes, n = s->fakes + s->reals;
    const cg_strict_conv c1 = convt1(s), c2 = convt2(s), c3 = conv2(s);
    const size_t small = larger(cg_strict_small_floats(&c1), cg_strict_small_floats(&c3));
    const size_t large = larger(cg_strict_large_floats(&c1), cg_strict_large_floats(&c3));
    const size_t weight = larger(cg_strict_weight_floats(&c1), cg_strict_weight_floats(&c2));
    const struct {
        float **array;
        size_t floats;
    } arrays[] = {
        {&s->noise, f * CG_NOISE},
        {&s->images, n * CG_PIXELS},
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
        {&s->a1, n * PIXELS2 * CG_D_CHANNELS1},
        {&s->da1, n * PIXELS2 * CG_D_CHANNELS1},
        {&s->a2, n * CG_D_FEATURES},
        {&s->da2, n * CG_D_FEATURES},
        {&s->logits, n},
        {&s->factor_d, n},
        {&s->factor_g, f},
        {&s->small, small},
        {&s->large, large},
        {&s->weight, weight},
        {&s->result, larger(larger(small, large), weight)},
    };
    bool ok = true;
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        ok = ok && (*arrays[i].array = make(s, arrays[i].floats, sizeof(float))) != NULL;
    s->mask1 = ok ? (void *)make(s, n * PIXELS2 * CG_D_CHANNELS1, 1) : NULL;
    s->mask2 = ok ? (void *)make(s, n * CG_D_FEATURES, 1) : NULL;
    return ok && s->mask1 && s->mask2;
}

cg_status cg_strict_create(cg_strict **strict, const cg_strict_options *options)
{
    cg_status status = CG_OK;
    cg_strict *s = NULL;

    *strict = NULL;
    CG_TRY(cg_memory_create(&s, 1, sizeof *s));
    s->options = *options;
    s->fakes = s->reals = options->fakes;
    if (!create_state(s) || !create_maps(s))
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
