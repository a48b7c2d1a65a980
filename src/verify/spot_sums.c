/* Sums of a weight gradient, by Freivalds' idea: with signs v,
 *     sum_s v[s] dw[t, l, s] = sum_(n, i) large[n, l, i + t] (sum_s v[s] small[n, s, i]),
 * of which the right side takes as long as the gradient of one small channel. An error of some
 * elements that is larger than a sum's bound shows, wherever they are in the large channels that
 * are compared; it cancels with some signs alone, and those differ from step to step.
 *
 * An element is wrong by at most `relative` times the sum over the images of the products of its
 * planes' norms, by Cauchy's inequality, and by what the planes themselves are; each may be 0 where
 * it is tiny. A sum's bound is that of its elements together.
 *
 * Source: R. Freivalds, Probabilistic machines can use less running time, IFIP Congress 1977. */
#include "verify/spot_sums.h"

#include "base/parallel.h"
#include "base/try.h"

#include <stdio.h>

/* A share of the images. */
typedef struct share {
    double *sums;       /* [large channels, taps] */
    double *limit;      /* [large channels] */
    double *added;      /* [small_h, small_w]: an image's small channels, with their signs */
    double norm, error; /* of those planes, added */
} share;

typedef struct sums {
    const cg_spot_gradient *gradient;
    const double *sign;    /* [small_c] */
    const size_t *channel; /* [channels]: the large ones that are compared */
    size_t taps, channels;
    share shares[CG_SPOT_SHARES];
} sums;

static double norm_of(const double *values, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += values[i] * values[i];
    return sqrt(squares);
}

static void add_small(const sums *all, share *own, size_t at, size_t n)
{
    cg_spot_planes *small = all->gradient->small;
    const size_t pixels = small->map.h * small->map.w;
    double *restrict added = own->added;
    for (size_t i = 0; i < pixels; i++)
        added[i] = 0;
    own->norm = own->error = 0;
    for (size_t c = 0; c < small->map.c; c++) {
        const size_t plane = cg_spot_plane(small, at, n, c);
        const double *restrict value = small->images[at].value + plane;
        const double sign = all->sign[c];
        for (size_t i = 0; i < pixels; i++)
            added[i] += sign * value[i];
        own->norm += small->images[at].norm[c];
        own->error += norm_of(small->images[at].error + plane, pixels);
    }
}

/* The sum of the products that a tap makes of a large plane. */
static double multiply(const cg_conv2d_shape *s, const double *large, const double *small,
                       size_t tap)
{
    double sum = 0;
    for (size_t row = 0; row < s->small_h; row++) {
        const size_t y = row * s->stride + tap / s->kernel - s->pad_h;
        if (y >= s->large_h) /* or below 0 */
            continue;
        for (size_t column = 0; column < s->small_w; column++) {
            const size_t x = column * s->stride + tap % s->kernel - s->pad_w;
            if (x < s->large_w)
                sum += large[y * s->large_w + x] * small[row * s->small_w + column];
        }
    }
    return sum;
}

static void multiply_large(const sums *all, share *own, size_t at, size_t n)
{
    cg_spot_planes *large = all->gradient->large;
    const size_t pixels = large->map.h * large->map.w;
    for (size_t k = 0; k < all->channels; k++) {
        const size_t c = all->channel[k], plane = cg_spot_plane(large, at, n, c);
        const double norm = large->images[at].norm[c];
        const double error = norm_of(large->images[at].error + plane, pixels);
        for (size_t tap = 0; tap < all->taps; tap++)
            own->sums[k * all->taps + tap] +=
                multiply(all->gradient->shape, large->images[at].value + plane, own->added, tap);
        own->limit[k] += all->gradient->relative * norm * own->norm + norm * own->error +
                         error * (own->norm + own->error);
    }
}

static void sum_share(void *user, size_t at)
{
    sums *all = user;
    for (size_t n = at; n < all->gradient->shape->n; n += CG_SPOT_SHARES) {
        add_small(all, &all->shares[at], at, n);
        multiply_large(all, &all->shares[at], at, n);
    }
}

static cg_status create_shares(sums *all, cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = all->gradient->shape;
    const size_t count = all->channels * all->taps;
    const size_t size = count + all->channels + s->small_h * s->small_w;
    double *numbers;
    CG_TRY(cg_spot_create_memory(&numbers, spot, CG_SPOT_SHARES * size, sizeof *numbers));
    for (size_t i = 0; i < CG_SPOT_SHARES; i++, numbers += size)
        all->shares[i] = (share){
            .sums = numbers, .limit = numbers + count, .added = numbers + count + all->channels};
done:
    return status;
}

static cg_status draw_signs(const double **sign, cg_spot *spot, size_t count)
{
    double *drawn;
    cg_status status = cg_spot_create_memory(&drawn, spot, count, sizeof *drawn);
    for (size_t i = 0; status == CG_OK && i < count; i++)
        drawn[i] = cg_spot_sign(spot, i);
    *sign = drawn;
    return status;
}

static void compare_sum(cg_spot *spot, cg_verify_result *result, const sums *all,
                        const cg_spot_output *dw, size_t k, size_t tap)
{
    const cg_conv2d_shape *s = all->gradient->shape;
    const size_t c = all->channel[k];
    cg_approx expected = {0};
    double found = 0;
    char where[96];
    for (size_t i = 0; i < CG_SPOT_SHARES; i++) {
        expected.value += all->shares[i].sums[k * all->taps + tap];
        expected.error += all->shares[i].limit[k];
    }
    expected.error += (double)s->small_c * cg_approx_least(spot->net->choice.strict);
    for (size_t i = 0; i < s->small_c; i++)
        found += all->sign[i] * cg_spot_element(dw, (tap * s->large_c + c) * s->small_c + i);
    snprintf(where, sizeof where, "the sum of +-%s[%zu, %zu, %zu, :]", dw->name, tap / s->kernel,
             tap % s->kernel, c);
    cg_spot_compare(spot, result, where, found, expected);
}

/* One of each few, or all where there are no such groups. */
static cg_status choose_channels(sums *all, cg_spot *spot)
{
    const size_t channels = all->gradient->shape->large_c;
    const bool few = channels % CG_SPOT_CHANNELS == 0;
    size_t *chosen;
    all->channels = few ? channels / CG_SPOT_CHANNELS : channels;
    cg_status status = cg_spot_create_memory(&chosen, spot, all->channels, sizeof *chosen);
    for (size_t k = 0; status == CG_OK && k < all->channels; k++)
        chosen[k] = few ? cg_spot_channel(spot, k) : k;
    all->channel = chosen;
    return status;
}

cg_status cg_spot_compare_sums(cg_spot *spot, cg_verify_result *result, const cg_spot_output *dw,
                               const cg_spot_gradient *gradient)
{
    cg_status status = CG_OK;
    sums all = {.gradient = gradient, .taps = cg_conv2d_taps(gradient->shape)};
    CG_TRY(draw_signs(&all.sign, spot, gradient->shape->small_c));
    CG_TRY(choose_channels(&all, spot));
    CG_TRY(create_shares(&all, spot));
    cg_parallel_run(CG_SPOT_SHARES, sum_share, &all);
    for (size_t k = 0; k < all.channels; k++)
        for (size_t tap = 0; tap < all.taps; tap++)
            compare_sum(spot, result, &all, dw, k, tap);
done:
    return status;
}
