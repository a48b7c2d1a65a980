/* Repeated timing on the host's clock: events cost time on some drivers, and a step's time is what
 * a user waits for. */
#include "bench/measure.h"

#include "base/clock.h"
#include "base/median.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/types.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double sample_seconds = 4e-3; /* a shorter run is repeated within a sample */
static const double max_repeats = 256;

cg_times cg_series_times(cg_series *series)
{
    double *samples = series->samples;
    size_t count = series->count;
    const double median = cg_median(samples, count);
    return (cg_times){
        .samples = count,
        .median = median,
        .min = samples[0],
        .max = samples[count - 1],
        .launches = series->launches,
    };
}

cg_bench_step cg_times_as_step(const cg_times *times, size_t batch)
{
    return (cg_bench_step){
        .repetitions = times->samples,
        .seconds_median = times->median,
        .seconds_min = times->min,
        .seconds_max = times->max,
        .launches = times->launches,
        .images_per_second = (double)batch / times->median,
        .epoch_seconds = (double)cg_ceil_div(CG_BENCH_IMAGES, batch) * times->median,
    };
}

static size_t repeats_for(double seconds)
{
    return (size_t)fmin(fmax(ceil(sample_seconds / fmax(seconds, 1e-9)), 1), max_repeats);
}

/* *seconds = the time of one of `repeats` runs, back to back. */
static cg_status time_runs(double *seconds, cg_runtime *rt, cg_measured *enqueue, void *user,
                           size_t repeats)
{
    cg_status status = CG_OK;
    double start = cg_clock_seconds();
    for (size_t i = 0; i < repeats; i++)
        CG_TRY(enqueue(user));
    CG_TRY(cg_runtime_finish(rt));
    *seconds = (cg_clock_seconds() - start) / (double)repeats;
done:
    return status;
}

cg_status cg_series_add(cg_series *series, cg_runtime *rt, cg_measured *enqueue, void *user)
{
    cg_status status = CG_OK;
    double seconds;
    bool wanted = series->repeats > 0;

    assert(series->count < CG_MEASURE_MAX);
    if (!wanted) {
        size_t launches = rt->launches;
        CG_TRY(time_runs(&seconds, rt, enqueue, user, 1));
        series->launches = rt->launches - launches;
        series->repeats = repeats_for(seconds);
        wanted = series->repeats > 1; /* else this run was a sample already */
    }
    if (wanted)
        CG_TRY(time_runs(&seconds, rt, enqueue, user, series->repeats));
    series->samples[series->count++] = seconds;
done:
    return status;
}

cg_status cg_measure(cg_times *times, cg_runtime *rt, cg_measured *enqueue, void *user,
                     double seconds)
{
    cg_status status = CG_OK;
    cg_series series = {0};
    double start = cg_clock_seconds(), sample = 0;

    do {
        CG_TRY(cg_series_add(&series, rt, enqueue, user));
        sample = series.samples[series.count - 1] * (double)series.repeats;
    } while (series.count < CG_MEASURE_MAX && cg_clock_seconds() - start + sample < seconds);
    *times = cg_series_times(&series);
done:
    return status;
}
