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

void cg_expect_moments(cg_approx *mean, cg_approx *variance, const float *y, size_t step,
                       size_t samples, size_t largest)
{
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < samples; i++) {
        double value = (double)y[i * step];
        sum += value;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    mean->value = sum / (double)samples;
    for (size_t i = 0; i < samples; i++)
        squares += pow((double)y[i * step] - mean->value, 2);
    variance->value = squares / (double)samples;
    double gamma = cg_gamma(largest + ROUNDINGS);
    double delta = gamma * fmax(fabs(low), fabs(high));
    mean->error = delta;
    variance->error = gamma * variance->value + 20 * delta * delta + 4 * (high - low) * delta;
}

static void compare_channel(cg_harness *harness, const float *y, const cg_map *map, size_t c,
                            cg_merged_moments got)
{
    size_t samples = map->n * map->h * map->w;
    cg_approx mean, variance;
    cg_expect_moments(&mean, &variance, y + c, map->c, samples, (size_t)got.largest);
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
