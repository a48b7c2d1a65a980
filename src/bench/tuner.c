/* Builds and times choices for a tuning. */
#include "bench/tuner.h"

#include "base/clock.h"
#include "base/try.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "ocl/runtime.h"

#include <string.h>

static void count_measuring(cg_tuner *t, double start)
{
    t->measured += cg_clock_seconds() - start;
}

cg_status cg_tuner_build_choice(cg_tuner *tuner, const cg_choice *choice, cg_measured *enqueue,
                                void *user)
{
    cg_status status = CG_OK;
    CG_TRY(cg_network_apply(tuner->workload.net, choice));
    CG_TRY(enqueue(user));
    CG_TRY(cg_runtime_finish(tuner->rt));
done:
    return status;
}

/* The batch is one image: what a full one needs beyond that is little. */
cg_status cg_tuner_build_step(cg_tuner *tuner, const cg_choice *choice, const cg_budget *budget)
{
    cg_status status = CG_OK;
    cg_network *net = tuner->workload.net;
    size_t batch = net->max_reals;
    CG_TRY(cg_network_apply(net, choice));
    cg_network_set_batch(net, 1, 1);
    CG_TRY(cg_workload_draw(&tuner->workload));
    for (size_t i = 0; i < CG_STAGES; i++) {
        CG_TRY(cg_budget_is_over(budget) ? CG_ERR_STOPPED : CG_OK);
        CG_TRY(cg_stage_run(&cg_stages[i], net));
        CG_TRY(cg_runtime_finish(tuner->rt));
    }
done:
    cg_network_set_batch(net, batch, batch);
    return status;
}

cg_status cg_tuner_measure(cg_times *times, cg_tuner *tuner, cg_measured *enqueue, void *user)
{
    const double start = cg_clock_seconds();
    cg_status status = cg_measure(times, tuner->rt, enqueue, user, 0);
    count_measuring(tuner, start);
    return status;
}

cg_status cg_tuner_compare(bool *won, cg_times times[2], cg_tuner *tuner, const cg_choice *other,
                           cg_measured *enqueue, void *user, double seconds)
{
    const cg_choice *const choices[2] = {&tuner->best, other};
    double start = cg_clock_seconds();
    cg_status status = CG_OK;
    *won = true;
    for (int match = 0; match < 2 && *won && status == CG_OK; match++) {
        status = cg_ab_test(times, tuner->workload.net, choices, enqueue, user, seconds / 2);
        *won = status == CG_OK && cg_ab_test_is_won(times);
    }
    count_measuring(tuner, start);
    if (*won)
        tuner->best = *other;
    return status;
}

bool cg_tuner_is_same(const cg_choice *a, const cg_choice *b)
{
    for (size_t i = 0; i < CG_STAGES; i++)
        if (a->algorithms[i] && strcmp(a->algorithms[i], b->algorithms[i]) != 0)
            return false;
    return a->vec == b->vec;
}
