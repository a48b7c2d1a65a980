/* Stages by time and rate; nn/stages.h has their operations and bytes. */
#include "bench/stage_times.h"

#include "base/clock.h"
#include "base/phase.h"
#include "base/try.h"
#include "bench/measure.h"
#include "nn/choice.h"
#include "nn/plan.h"

#include <stdlib.h>
#include <string.h>

size_t cg_stage_times_count(void)
{
    return 1 + CG_STAGES;
}

typedef struct layer_job {
    cg_workload *workload;
    const cg_stage *stage; /* NULL: draws the inputs */
} layer_job;

static cg_status enqueue_layer(void *user)
{
    const layer_job *job = user;
    return job->stage ? cg_stage_run(job->stage, job->workload->net)
                      : cg_workload_draw(job->workload);
}

/* Fills in costs, rates and algorithm of a layer that takes layer->seconds_median; `stage` is that
 * of layer_job. */
static void add_rates(cg_bench_layer *layer, const cg_stage *stage, const cg_workload *workload)
{
    const cg_network *net = workload->net;
    double giga = 1e-9 / layer->seconds_median;
    const char *algorithm = stage ? cg_choice_name(net->rt, &net->choice, stage) : NULL;
    cg_stage_cost cost = stage ? cg_stage_find_cost(stage, net)
                               : (cg_stage_cost){.bytes = cg_workload_draw_bytes(workload)};
    layer->algorithm = algorithm ? algorithm : "";
    layer->gflops_nominal = giga * cost.flop_nominal;
    layer->gflops_real = giga * cost.flop_real;
    layer->gflops_done = giga * cost.flop_done;
    layer->bytes = cost.bytes;
    layer->gbps = giga * cost.bytes;
}

/* The job of a measurement: each stage by each of the choices. The k-th sample of layer l by choice
 * c is in series[c * cg_stage_times_count() + l]. */
typedef struct layers_job {
    cg_workload *workload;
    const cg_choice *choices;
    size_t choice_count;
    cg_series *series;
} layers_job;

/* One more sample of each; *seconds = the time that took. */
static cg_status add_round(double *seconds, const layers_job *job)
{
    cg_status status = CG_OK;
    cg_network *net = job->workload->net;
    double start = cg_clock_seconds();
    for (size_t c = 0; c < job->choice_count; c++) {
        cg_series *series = job->series + c * cg_stage_times_count();
        CG_TRY(cg_network_apply(net, &job->choices[c]));
        for (size_t i = 0; i < cg_stage_times_count(); i++) {
            layer_job layer = {job->workload, i ? &cg_stages[i - 1] : NULL};
            CG_TRY(cg_series_add(&series[i], net->rt, enqueue_layer, &layer));
        }
    }
    *seconds = cg_clock_seconds() - start;
done:
    return status;
}

/* Fills the series. The first round counts only if there is no time for others: this batch may have
 * had kernels to build in it. */
static cg_status add_rounds(const layers_job *job, double seconds)
{
    cg_status status = CG_OK;
    double start = cg_clock_seconds(), first, round;
    cg_phase phase = {.words = "measuring each layer and pass"};

    cg_phase_begin(&phase);
    CG_TRY(add_round(&first, job));
    if (3 * first > seconds)
        goto done;
    memset(job->series, 0, job->choice_count * cg_stage_times_count() * sizeof *job->series);
    do {
        CG_TRY(add_round(&round, job));
        cg_phase_advance(&phase, job->series->count);
    } while (job->series->count < CG_MEASURE_MAX && cg_clock_seconds() - start + round < seconds);
done:
    cg_phase_end(&phase);
    return status;
}

static cg_bench_layer make_layer(const cg_stage *stage, const cg_times *times,
                                 const cg_workload *workload)
{
    cg_bench_layer layer = {.name = stage ? stage->name : "input",
                            .pass = stage ? cg_pass_names[stage->pass] : "draw",
                            .repetitions = times->samples,
                            .launches = times->launches,
                            .seconds_median = times->median,
                            .seconds_min = times->min,
                            .seconds_max = times->max};
    add_rates(&layer, stage, workload);
    return layer;
}

cg_status cg_stage_times_measure(cg_bench_layer *layers, cg_workload *workload,
                                 const cg_choice *choices, size_t choice_count, double seconds)
{
    cg_status status = CG_OK;
    size_t count = cg_stage_times_count();
    layers_job job = {.workload = workload, .choices = choices, .choice_count = choice_count};

    CG_TRY(cg_memory_create(&job.series, choice_count * count, sizeof *job.series));
    CG_TRY(add_rounds(&job, seconds));
    for (size_t i = 0; i < choice_count * count; i++) {
        cg_times times = cg_series_times(&job.series[i]);
        if (i % count == 0)
            CG_TRY(cg_network_apply(workload->net, &choices[i / count]));
        layers[i] = make_layer(i % count ? &cg_stages[i % count - 1] : NULL, &times, workload);
    }
done:
    free(job.series);
    return status;
}

double cg_stage_times_seconds(const cg_bench_layer *layers)
{
    double seconds = 0;
    for (size_t i = 0; i < cg_stage_times_count(); i++)
        seconds += layers[i].seconds_median;
    return seconds;
}
