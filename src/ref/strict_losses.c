/* The strict step's losses, and their derivatives at the logits (strict_parts.h). */
#include "ref/strict_math.h"
#include "ref/strict_parts.h"

#include <string.h>

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

void cg_strict_losses(cg_strict *s)
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
