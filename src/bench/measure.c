/* Repeated timing on the host's clock: events cost time on some drivers, and a step's time is what
 * a user waits for. */
#include "bench/measure.h"

#include "base/clock.h"
#include "base/try.h"

#include <math.h>
#include <stdlib.h>

static const double sample_seconds = 4e-3; /* a shorter run is repeated within a sample */
static const double max_repeats = 256;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the samples. */
static cg_times summarise(double *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return (cg_times){
        .samples = count,
        .median = (samples[(count - 1) / 2] + samples[count / 2]) / 2,
        .min = samples[0],
        .max = samples[count - 1],
    };
}

/* *seconds = the time of one of `repeats` runs, back to back. */
static cg_status sample(double *seconds, cg_runtime *rt, cg_measured *enqueue, void *user,
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

cg_status cg_measure(cg_times *times, cg_runtime *rt, cg_measured *enqueue, void *user,
                     double seconds)
{
    cg_status status = CG_OK;
    double samples[CG_MEASURE_MAX], start = cg_clock_seconds();
    size_t count = 0, repeats = 1, launches = rt->launches;

    CG_TRY(sample(&samples[count++], rt, enqueue, user, 1));
    launches = rt->launches - launches;
    double first = samples[0];
    if (first < sample_seconds) {
        repeats = (size_t)fmin(ceil(sample_seconds / fmax(first, 1e-9)), max_repeats);
        count = 0; /* the first one held the way there and back */
    }
    while (count < CG_MEASURE_MAX &&
           (!count || cg_clock_seconds() - start + first * (double)repeats < seconds))
        CG_TRY(sample(&samples[count++], rt, enqueue, user, repeats));
    *times = summarise(samples, count);
    times->launches = launches;
done:
    return status;
}
