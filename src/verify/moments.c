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
#include "verify/approx.h"
#include "verify/harness.h"

/* 8 a merge, and 8 for the division of a sum and the merge with nothing. */
enum {
    MERGES = CG_FOURIER_IMAGES > CG_BATCHNORM_SLICES ? CG_FOURIER_IMAGES : CG_BATCHNORM_SLICES,
    ROUNDINGS = 8 * (MERGES + 1)
};

typedef struct merged {
    double count, mean, squares, largest; /* of the partials the largest count */
} merged;

/* Chan, Golub and LeVeque 1979. */
static merged merge_partials(const float *moments, size_t partials, size_t channels, size_t c)
{
    merged all = {0};
    for (size_t i = 0; i < partials; i++) {
        const float *share = moments + i * CG_MOMENTS * channels + c;
        double count = (double)share[CG_MOMENT_COUNT * channels];
        double mean = (double)share[CG_MOMENT_MEAN * channels];
        if (count == 0)
            continue;
        double d = mean - all.mean, part = count / (all.count + count);
        all.squares += (double)share[CG_MOMENT_SQUARES * channels] + d * d * all.count * part;
        all.mean += d * part;
        all.count += count;
        all.largest = fmax(all.largest, count);
    }
    return all;
}

static void compare_channel(cg_harness *harness, const float *y, const cg_map *map, size_t c,
                            merged got)
{
    size_t samples = map->n * map->h * map->w;
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < samples; i++) {
        double value = (double)y[i * map->c + c];
        sum += value;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    double mean = sum / (double)samples;
    for (size_t i = 0; i < samples; i++)
        squares += pow((double)y[i * map->c + c] - mean, 2);
    double variance = squares / (double)samples;
    double gamma = cg_gamma((size_t)got.largest + ROUNDINGS);
    double delta = gamma * fmax(fabs(low), fabs(high));
    cg_harness_compare_one(harness, "samples", c, got.count, (double)samples, 0);
    cg_harness_compare_one(harness, "mean", c, got.mean, mean, delta);
    cg_harness_compare_one(harness, "variance", c, got.squares / (double)samples, variance,
                           gamma * variance + 20 * delta * delta + 4 * (high - low) * delta);
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
        compare_channel(harness, y, map, c, merge_partials(sums, moments->partials, channels, c));
done:
    return status;
}
