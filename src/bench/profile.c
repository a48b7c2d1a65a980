/* The launches of several steps, which are the same ones each time, and the median of each. */
#include "bench/profile.h"

#include "base/clock.h"
#include "base/median.h"
#include "base/try.h"
#include "ocl/profile.h"

#include <stdlib.h>

enum { STEPS = 9, MAX_LAUNCHES = 512 };

/* Enqueues a step. names[i]: the stage and pass that launch i belongs to. */
static cg_status record_step(cg_profile *profile, cg_workload *workload,
                             cg_bench_launch names[MAX_LAUNCHES])
{
    cg_status status = CG_OK;
    size_t done = 0;

    for (size_t i = 0; i <= CG_STAGES; i++) {
        const cg_stage *stage = i ? &cg_stages[i - 1] : NULL;
        CG_TRY(stage ? cg_stage_run(stage, workload->net) : cg_workload_draw(workload));
        for (; done < profile->count && done < MAX_LAUNCHES; done++) {
            names[done].name = stage ? stage->name : "input";
            names[done].pass = stage ? cg_pass_names[stage->pass] : "draw";
        }
    }
done:
    return status;
}

/* times[i][s] = of launch i in step s, for *steps steps: STEPS, or as many as end in time. */
static cg_status record_steps(double times[][STEPS], size_t *steps, cg_bench_launch *names,
                              size_t *count, cg_workload *workload, double seconds)
{
    cg_status status = CG_OK;
    cg_runtime *rt = workload->net->rt;
    cg_profile profile = {0};
    double start = cg_clock_seconds(), spent = 0;
    for (size_t s = 0; s < STEPS && (s == 0 || spent + spent / (double)s < seconds); s++) {
        CG_TRY(cg_profile_begin(&profile, rt, MAX_LAUNCHES));
        CG_TRY(record_step(&profile, workload, names));
        CG_TRY(cg_profile_end(&profile, rt));
        *count = profile.count;
        for (size_t i = 0; i < profile.count; i++) {
            names[i].kernel = profile.launches[i].kernel;
            times[i][s] = profile.launches[i].seconds;
        }
        cg_profile_deinit(&profile, rt);
        spent = cg_clock_seconds() - start;
        *steps = s + 1;
    }
done:
    cg_profile_deinit(&profile, rt);
    return status;
}

cg_status cg_bench_profile(cg_bench_launch **launches, size_t *count, cg_workload *workload,
                           double seconds)
{
    cg_status status = CG_OK;
    cg_bench_launch *names = NULL;
    double(*times)[STEPS] = NULL;
    size_t steps = 0;

    CG_TRY(cg_memory_create(&names, MAX_LAUNCHES, sizeof *names));
    CG_TRY(cg_memory_create(&times, MAX_LAUNCHES, sizeof *times));
    CG_TRY(record_steps(times, &steps, names, count, workload, seconds));
    for (size_t i = 0; i < *count; i++)
        names[i].seconds = cg_median(times[i], steps);
    *launches = names;
    names = NULL;
done:
    free(names);
    free(times);
    return status;
}
