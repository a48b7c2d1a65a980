/* A convolution's moments against what it wrote: both come from the device, and the moments of the
 * very same numbers are computed anew in float64.
 *
 * Within a share means are sums of up to C numbers and merges of images or of slices, so that with
 * M the largest |y| a mean is wrong by delta = gamma(C + ROUNDINGS) M, and, with R the range of y,
 * a variance by gamma(C + ROUNDINGS) of itself, 20 delta^2 and 4 R delta (docs/kernels.md). The
 * partials are merged here, in float64. */
#include "verify/moments.h"

#include "base/try.h"
#include "cl/shared.h"
#include "verify/harness.h"

/* 8 a merge, and 8 for the division of a sum and the merge with nothing. */
enum {
    MERGES = CG_FOURIER_IMAGES > CG_BATCHNORM_SLICES ? CG_FOURIER_IMAGES : CG_BATCHNORM_SLICES,
    ROUNDINGS = 8 * (MERGES + 1)
};

/* Chan, Golub and LeVeque 1979. */
cg_merged_moments cg_merge_moments(const float *moments, size_t partials, size_t features, size_t f)
{
    cg_merged_moments all = {0};
    for (size_t i = 0; i < partials; i++) {
        const float *share = moments + i * CG_MOMENTS * features + f;
        double count = (double)share[CG_MOMENT_COUNT * features];
        double mean = (double)share[CG_MOMENT_MEAN * features];
        if (count == 0)
            continue;
        double d = mean - all.mean, part = count / (all.count + count);
        all.squares += (double)share[CG_MOMENT_SQUARES * features] + d * d * all.count * part;
        all.mean += d * part;
        all.count += count;
        all.largest = fmax(all.largest, count);
    }
    return all;
}

void cg_exact_moments_find(cg_exact_moments m[CG_BLOCK], size_t features, const float *y,
                           size_t step, size_t samples)
{
    double sum[CG_BLOCK] = {0}, squares[CG_BLOCK] = {0};
    for (size_t f = 0; f < features; f++)
        m[f] = (cg_exact_moments){.low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < samples; i++)
        for (size_t f = 0; f < features; f++) {
            const double value = (double)y[i * step + f];
            sum[f] += value;
            m[f].low = value < m[f].low ? value : m[f].low;
            m[f].high = value > m[f].high ? value : m[f].high;
        }
    for (size_t f = 0; f < features; f++)
        sum[f] = m[f].mean = sum[f] / (double)samples;
    for (size_t i = 0; i < samples; i++)
        for (size_t f = 0; f < features; f++) {
            const double difference = (double)y[i * step + f] - sum[f];
            squares[f] += difference * difference;
        }
    for (size_t f = 0; f < features; f++)
        m[f].variance = squares[f] / (double)samples;
}

void cg_expect_moments(cg_approx *mean, cg_approx *variance, const cg_exact_moments *m,
                       size_t largest)
{
    const double gamma = cg_gamma(largest + ROUNDINGS);
    const double delta = gamma * fmax(fabs(m->low), fabs(m->high));
    *mean = (cg_approx){m->mean, delta};
    *variance = (cg_approx){m->variance, gamma * m->variance + 20 * delta * delta +
                                             4 * (m->high - m->low) * delta};
}

static void compare_channel(cg_harness *harness, const float *y, const cg_map *map, size_t c,
                            cg_merged_moments got)
{
    size_t samples = map->n * map->h * map->w;
    cg_exact_moments exact[CG_BLOCK];
    cg_approx mean, variance;
    cg_exact_moments_find(exact, 1, y + c, map->c, samples);
    cg_expect_moments(&mean, &variance, exact, (size_t)got.largest);
    cg_harness_compare_one(harness, "samples", c, got.count, (double)samples, 0);
    cg_harness_compare_one(harness, "mean", c, got.mean, mean.value, mean.error);
    cg_harness_compare_one(harness, "variance", c, got.squares / (double)samples, variance.value,
                           variance.error);
}

cg_status cg_verify_moments(cg_harness *harness, const cg_moments *moments, const cg_map *map)
{
    cg_status status = CG_OK;
    size_t channels = cg_padded_channels(map->c),
           floats = moments->partials * CG_MOMENTS * channels;
    float *sums, *y;

    CG_TRY(cg_harness_array(&sums, harness, floats, sizeof *sums));
    CG_TRY(cg_harness_array(&y, harness, map->n * map->h * map->w * map->c, sizeof *y));
    CG_TRY(cg_buffer_download(moments->buffer, 0, sums, floats * sizeof *sums));
    CG_TRY(cg_map_download(map, y));
    for (size_t c = 0; c < map->c; c++)
        compare_channel(harness, y, map, c, cg_merge_moments(sums, moments->partials, channels, c));
done:
    return status;
}
