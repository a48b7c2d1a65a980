/* Random numbers, masks and the batch's images against the host's Philox and shuffle. */
#include "verify/random.h"

#include "verify/approx.h"
#include "verify/harness.h"

#include "base/model.h"
#include "base/philox.h"
#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "ops/random.h"
#include "ref/pointwise.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static cg_random random_of(const cg_verify_case *check)
{
    return (cg_random){
        .seed = check->array.seed, .stream = CG_STREAM_SAMPLE, .layer = 3, .step = 7};
}

/* The words of a group of counters, as the header of ops/random.h orders them. */
static void fill_group(uint32_t words[CG_RANDOM_GROUP], size_t group, const cg_random *random)
{
    uint32_t key[2], out[4];
    cg_seed_key(key, random->seed);
    for (size_t i = 0; i < CG_RANDOM_COUNTERS; i++) {
        const uint32_t counter[4] = {(uint32_t)(group * CG_RANDOM_COUNTERS + i), random->layer,
                                     random->step, random->stream};
        cg_philox4x32(out, counter, key);
        for (size_t j = 0; j < 4; j++)
            words[CG_RANDOM_COUNTERS * j + i] = out[j];
    }
}

/* *words = the first `count` of them. */
static cg_status host_words(uint32_t **words, cg_harness *harness, size_t count,
                            const cg_random *random)
{
    cg_status status = cg_harness_array(words, harness, count, sizeof **words);
    for (size_t g = 0; status == CG_OK && g < count / CG_RANDOM_GROUP; g++)
        fill_group(*words + g * CG_RANDOM_GROUP, g, random);
    return status;
}

cg_status cg_verify_random_words(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_random random = random_of(check);
    size_t count = cg_round_up(check->array.count, CG_RANDOM_GROUP);
    uint32_t *expected, *got;
    cg_buffer *buffer;

    CG_TRY(host_words(&expected, harness, count, &random));
    CG_TRY(cg_harness_array(&got, harness, count, sizeof *got));
    CG_TRY(cg_harness_output(&buffer, harness, count * sizeof *got));
    CG_TRY(cg_random_words(harness->rt, buffer, check->array.count, &random));
    CG_TRY(cg_buffer_download(buffer, 0, got, count * sizeof *got));
    for (size_t i = 0; i < count; i++)
        if (got[i] != expected[i])
            cg_harness_fail(harness, "words[%zu] is %08x, not %08x", i, got[i], expected[i]);
done:
    return status;
}

/* A group of a mask against the words that it comes from. */
static void compare_group(cg_harness *harness, const unsigned char *mask, size_t group, double keep,
                          const cg_random *random)
{
    uint32_t words[CG_RANDOM_GROUP];
    fill_group(words, group, random);
    for (size_t i = 0; i < CG_MASK_GROUP; i++) {
        size_t vector = i / CG_RANDOM_COUNTERS, lane = i % CG_RANDOM_COUNTERS;
        uint32_t word = words[vector / 2 * CG_RANDOM_COUNTERS + lane];
        uint32_t half = vector % 2 ? word & 0xFFFF : word >> 16;
        size_t at = group * CG_MASK_GROUP + i;
        if (mask[at] != (half < cg_mask_threshold(keep)))
            cg_harness_fail(harness, "mask[%zu] of layer %u is %u for the half word %04x", at,
                            random->layer, mask[at], half);
    }
}

/* *kept = a mask's ones. One of `every` groups is compared, each time at another place, which
 * follows from the step, and the last one is. */
static cg_status compare_mask(size_t *kept, cg_harness *harness, const cg_buffer *mask, size_t n,
                              double keep, const cg_random *random, size_t every)
{
    cg_status status = CG_OK;
    const size_t count = cg_round_up(n, CG_MASK_GROUP), groups = count / CG_MASK_GROUP;
    const void *mapped = NULL;
    size_t others = 0, ones = 0;
    CG_TRY(cg_buffer_map(&mapped, mask));
    const unsigned char *got = mapped;
    for (size_t i = 0; i < count; i++) {
        others += got[i] > 1;
        ones += got[i] == 1;
    }
    if (others)
        cg_harness_fail(harness, "%zu bytes of the mask of layer %u are neither 0 nor 1", others,
                        random->layer);
    for (size_t g = 0; g < groups; g++)
        if (g % every == (g / every + random->step) % every || g == groups - 1)
            compare_group(harness, got, g, keep, random);
    *kept = ones;
done:
    cg_buffer_unmap(mask, mapped);
    return status;
}

/* kept[i] = the ones of masks[i]. */
static cg_status compare_masks(size_t kept[2], cg_harness *harness, cg_buffer *const masks[2],
                               const size_t counts[2], double keep, const cg_random *random,
                               size_t every)
{
    cg_status status = CG_OK;
    for (uint32_t i = 0; i < 2; i++) {
        cg_random layer = *random;
        layer.layer += i;
        CG_TRY(compare_mask(&kept[i], harness, masks[i], counts[i], keep, &layer, every));
    }
done:
    return status;
}

/* The share of ones, within eight standard deviations: a sound mask is not, once in 1e15 times, and
 * audits look at many. One of the words is no random one. */
static void expect_share(cg_harness *harness, size_t kept, size_t n, double keep)
{
    const size_t count = cg_round_up(n, CG_MASK_GROUP);
    const double deviation = sqrt(keep * (1 - keep) * (double)count);
    if (fabs((double)kept - keep * (double)count) > 8 * deviation + 1)
        cg_harness_fail(harness, "the mask keeps %zu of %zu", kept, count);
}

/* Two masks of different sizes by one call. Half words that equal the threshold are rare: further
 * calls have the first half word, and the next number, for their thresholds. */
cg_status cg_verify_random_mask(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_random random = random_of(check);
    const size_t counts[] = {check->array.count, check->array.count / 2 + 1};
    uint32_t *words;

    CG_TRY(host_words(&words, harness, CG_RANDOM_GROUP, &random));
    const double half = words[0] >> 16;
    const double keeps[] = {CG_DROPOUT_KEEP, half * 0x1p-16, (half + 1) * 0x1p-16};
    for (size_t k = 0; k < CG_COUNT(keeps); k++) {
        cg_buffer *masks[2];
        size_t kept[2] = {0};
        for (size_t i = 0; i < 2; i++)
            CG_TRY(cg_harness_output(&masks[i], harness, cg_round_up(counts[i], CG_MASK_GROUP)));
        CG_TRY(cg_random_masks(harness->rt, masks, counts, keeps[k], &random));
        CG_TRY(compare_masks(kept, harness, masks, counts, keeps[k], &random, 1));
        for (size_t i = 0; i < 2; i++)
            expect_share(harness, kept[i], counts[i], keeps[k]);
    }
done:
    return status;
}

/* ---- normal numbers -------------------------------------------------------------------------- */

/* The device's inputs to Box and Muller's formula are exact, then it takes log (3 ulp, halved by
 * the root), sqrt (3 ulp), a sine or cosine of an angle in half turns (4 ulp) and a product. The
 * host's angle is not exact: where the device has 0, at whole and half turns, float64 has not. */
static cg_approx approx_normal(uint32_t word, uint32_t angle_word, bool sine)
{
    float u = fminf(((float)word + 0.5f) * 0x1p-32f, 1.0f), turns = (float)angle_word * 0x1p-31f;
    double angle = acos(-1.0) * (double)turns, radius = sqrt(-2 * log((double)u));
    cg_approx z = {radius * (sine ? sin(angle) : cos(angle)), 8 * DBL_EPSILON * radius};
    return cg_approx_round(z, 3 + 6 + 8 + 1);
}

/* A statistic of `count` numbers within five standard deviations of what it is for N(0, 1). */
static void expect_statistic(cg_harness *harness, const char *what, double got, double expected,
                             double variance, size_t count)
{
    if (!(fabs(got - expected) <= 5 * sqrt(variance / (double)count)))
        cg_harness_fail(harness, "%s of %zu normal numbers is %g, not %g", what, count, got,
                        expected);
}

static void expect_statistics(cg_harness *harness, const float *z, size_t count)
{
    double sum = 0, squares = 0, beyond2 = 0, beyond3 = 0, n = (double)count;
    const double tail2 = erfc(2 / sqrt(2)), tail3 = erfc(3 / sqrt(2));
    for (size_t i = 0; i < count; i++) {
        sum += (double)z[i];
        squares += (double)z[i] * (double)z[i];
        beyond2 += fabsf(z[i]) > 2;
        beyond3 += fabsf(z[i]) > 3;
    }
    expect_statistic(harness, "mean", sum / n, 0, 1, count);
    expect_statistic(harness, "mean square", squares / n, 1, 2, count);
    expect_statistic(harness, "share beyond 2", beyond2 / n, tail2, tail2 * (1 - tail2), count);
    expect_statistic(harness, "share beyond 3", beyond3 / n, tail3, tail3 * (1 - tail3), count);
}

/* *numbers = what the buffer holds, compared with the words that they come from. */
static cg_status compare_normal(float **numbers, cg_harness *harness, const cg_buffer *buffer,
                                size_t n, const cg_random *random)
{
    cg_status status = CG_OK;
    size_t count = cg_round_up(n, CG_RANDOM_GROUP);
    uint32_t *words;

    CG_TRY(host_words(&words, harness, count, random));
    CG_TRY(cg_harness_array(numbers, harness, count, sizeof **numbers));
    CG_TRY(cg_buffer_download(buffer, 0, *numbers, count * sizeof **numbers));
    for (size_t i = 0; i < count; i++) {
        /* Words 0 and 1 give elements 0 and 1, 2 and 3 the others. */
        bool sine = i / CG_RANDOM_COUNTERS % 2;
        size_t first = sine ? i - CG_RANDOM_COUNTERS : i;
        cg_approx z = approx_normal(words[first], words[first + CG_RANDOM_COUNTERS], sine);
        cg_harness_compare_one(harness, "z", i, (double)(*numbers)[i], z.value, z.error);
    }
done:
    return status;
}

cg_status cg_verify_random_normal(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    cg_random random = random_of(check);
    size_t count = cg_round_up(check->array.count, CG_RANDOM_GROUP);
    float *got;
    cg_buffer *buffer;

    CG_TRY(cg_harness_output(&buffer, harness, count * sizeof *got));
    for (size_t i = 0; i < 2; i++, random.step++) { /* each launch has arguments of its own */
        CG_TRY(cg_random_normal(harness->rt, buffer, check->array.count, &random));
        CG_TRY(compare_normal(&got, harness, buffer, count, &random));
        expect_statistics(harness, got, count);
    }
done:
    return status;
}

/* ---- the inputs of a step -------------------------------------------------------------------- */

/* Compares the noise, and one of `every` groups of the masks. */
static cg_status compare_inputs(cg_harness *harness, const cg_network *net, uint64_t seed,
                                uint32_t step, size_t every)
{
    cg_status status = CG_OK;
    const uint32_t shard = (uint32_t)net->shard;
    const cg_random noise = {.seed = seed, .stream = CG_STREAM_NOISE, .layer = shard, .step = step};
    const cg_random dropout = {
        .seed = seed, .stream = CG_STREAM_DROPOUT, .layer = 1 + 2 * shard, .step = step};
    cg_buffer *const masks[] = {net->mask1, net->mask2};
    const size_t counts[] = {cg_map_floats(&net->a1), cg_map_floats(&net->a2)};
    size_t kept[2];
    float *got;
    cg_mode before = cg_choice_enter(&net->choice, net->rt); /* strict numbers are flushed */

    CG_TRY(compare_normal(&got, harness, net->noise, net->fakes * CG_NOISE, &noise));
    CG_TRY(compare_masks(kept, harness, masks, counts, CG_DROPOUT_KEEP, &dropout, every));
    for (size_t i = 0; i < 2; i++)
        expect_share(harness, kept[i], counts[i], CG_DROPOUT_KEEP);
done:
    cg_runtime_set_mode(net->rt, before);
    return status;
}

static cg_status verify_drawn(cg_verify_result *result, const cg_network *net, uint64_t seed,
                              uint32_t step, size_t every)
{
    cg_harness harness = {.rt = net->rt, .result = result};
    *result = (cg_verify_result){.name = "inputs", .ok = true};
    cg_status status = compare_inputs(&harness, net, seed, step, every);
    if (status != CG_OK)
        cg_harness_fail(&harness, "could not be fetched: %s", cg_status_name(status));
    cg_harness_deinit(&harness);
    return status;
}

cg_status cg_verify_drawn_inputs(cg_verify_result *result, const cg_network *net, uint64_t seed,
                                 uint32_t step)
{
    enum { EVERY = 8 }; /* masks are large */
    return verify_drawn(result, net, seed, step, EVERY);
}

cg_status cg_verify_inputs(cg_verify_result *result, cg_network *net, uint64_t seed, uint32_t step)
{
    cg_status status = CG_OK;
    cg_buffer *const inputs[] = {net->noise, net->mask1, net->mask2};
    *result = (cg_verify_result){.name = "inputs", .ok = true};
    for (size_t i = 0; i < CG_COUNT(inputs); i++)
        CG_TRY(cg_buffer_fill(inputs[i], CG_HARNESS_UNWRITTEN));
    CG_TRY(cg_network_sample_inputs(net, seed, step));
    CG_TRY(verify_drawn(result, net, seed, step, 1));
done:
    if (status != CG_OK && result->ok) {
        result->ok = false;
        snprintf(result->message, sizeof result->message, "could not be drawn: %s",
                 cg_status_name(status));
    }
    return status;
}

/* ---- the batch's images ---------------------------------------------------------------------- */

cg_status cg_verify_gather_images(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_gather *g = &check->gather;
    size_t pixels = g->h * g->w, room = g->to + g->n + 1;
    cg_shuffle shuffle;
    double *values;
    unsigned char *bytes;
    float *got;
    cg_buffer *images;
    cg_map out;

    cg_shuffle_init(&shuffle, 42, 3, (uint32_t)g->count);
    CG_TRY(cg_harness_draw(&values, harness, g->count * pixels, 0, 255.99));
    CG_TRY(cg_harness_array(&bytes, harness, g->count * pixels, 1));
    for (size_t i = 0; i < g->count * pixels; i++)
        bytes[i] = (unsigned char)values[i];
    CG_TRY(cg_harness_input_bytes(&images, harness, bytes, g->count * pixels));
    CG_TRY(cg_harness_output_map(&out, harness, room, g->h, g->w, 1));
    CG_TRY(cg_gather_images(harness->rt, &out, g->to, images, &shuffle, g->first, g->n));
    CG_TRY(cg_harness_array(&got, harness, room * pixels, sizeof *got));
    CG_TRY(cg_buffer_download(out.buffer, 0, got, room * pixels * sizeof *got));
    for (size_t i = 0; i < room * pixels; i++) {
        size_t image = i / pixels - g->to; /* wraps before `to`, and is then not below n */
        if (image >= g->n) {
            if (!isnan(got[i]))
                cg_harness_fail(harness, "image %zu was written", i / pixels);
            continue;
        }
        size_t from = cg_shuffle_index(&shuffle, (uint32_t)(g->first + image));
        double x;
        cg_ref_image_scale(&x, &bytes[from * pixels + i % pixels], 1);
        /* A division is 2.5 ulp; neighbouring bytes differ by 2^-6. */
        cg_harness_compare_one(harness, "images", i, (double)got[i], x, 5 * CG_ROUNDING * fabs(x));
    }
done:
    return status;
}
