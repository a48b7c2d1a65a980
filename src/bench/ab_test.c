/* A round is a sample of each. */
#include "bench/ab_test.h"

#include "base/clock.h"
#include "base/try.h"

enum { ROUNDS = 9, ENOUGH = 5 /* for a win */, FIRST_LOOK = 2, SECOND_LOOK = 3 };

/* Ratios to the other's time: below the first the second is faster; above the others it is timed no
 * more, at the first and at the second look. */
static const double clearly = 0.97, hopeless = 1.2, behind = 0.985;

/* True when the second will not win any more. */
static bool is_lost(cg_series series[2])
{
    size_t count = series[0].count;
    double ratio = cg_series_times(&series[1]).min / cg_series_times(&series[0]).min;
    return (count == FIRST_LOOK && ratio > hopeless) || (count == SECOND_LOOK && ratio > behind);
}

cg_status cg_ab_test(cg_times times[2], cg_network *net, const cg_choice *const choices[2],
                     cg_measured *enqueue, void *user, double seconds)
{
    cg_status status = CG_OK;
    cg_series series[2] = {{.count = 0}};
    double start = cg_clock_seconds(), round;

    do {
        double began = cg_clock_seconds();
        for (int i = 0; i < 2; i++) {
            CG_TRY(cg_network_apply(net, choices[i]));
            CG_TRY(cg_series_add(&series[i], net->rt, enqueue, user));
        }
        round = cg_clock_seconds() - began;
    } while (series[0].count < ROUNDS && !is_lost(series) &&
             cg_clock_seconds() - start + round < seconds);
    for (int i = 0; i < 2; i++)
        times[i] = cg_series_times(&series[i]);
done:
    return status;
}

bool cg_ab_test_is_won(const cg_times times[2])
{
    return times[1].samples >= ENOUGH && times[1].median < clearly * times[0].median &&
           times[1].min < clearly * times[0].min;
}
