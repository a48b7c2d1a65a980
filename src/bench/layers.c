/* Stages by time and rate. A convolution counts its multiply-adds, a dense layer too; for the rest
 * the table says what must be moved at least. */
#include "bench/layers.h"

#include "base/clock.h"
#include "base/try.h"
#include "bench/measure.h"
#include "nn/algorithms.h"

#include <stdlib.h>
#include <string.h>

/* What a stage that is no convolution costs for each element of one of the network's maps. */
typedef struct stage_cost {
    const char *name, *pass;
    size_t map; /* offset of the map in cg_dcgan; 0: the arena of parameters */
    double bytes, flop;
} stage_cost;

#define MAP(field) offsetof(cg_dcgan, field)

static const stage_cost costs[] = {
    {"g.dense", "fwd", MAP(h0), 4, 2 * CG_NOISE},        /* writes h0             */
    {"g.dense", "bwd_weight", MAP(h0), 4, 2 * CG_NOISE}, /* reads dh0             */
    {"g.bn0", "fwd", MAP(h0), 4, 0},                     /* reads h0              */
    {"g.bn1", "fwd", MAP(h1), 4, 0},
    {"g.bn2", "fwd", MAP(h2), 4, 0},
    {"g.bn0", "bwd", MAP(h0), 12, 0}, /* h0, dh0, and dh0 back */
    {"g.bn1", "bwd", MAP(h1), 12, 0},
    {"g.bn2", "bwd", MAP(h2), 12, 0},
    {"d.dense", "fwd", MAP(a2), 4, 2}, /* reads a2              */
    {"d.dense", "bwd_weight", MAP(a2), 4, 2},
    {"d.dense", "bwd_data", MAP(a2), 9, 0}, /* a2, mask2; da2        */
    {"d.conv1", "bwd_bias", MAP(a1), 4, 0}, /* reads da1             */
    {"d.conv2", "bwd_bias", MAP(a2), 4, 0},
    {"adam", "update", 0, 28, 0}, /* p, m, v, g; p, m, v   */
};

static const stage_cost *find_cost(const cg_stage *stage)
{
    for (size_t i = 0; i < CG_COUNT(costs); i++)
        if (strcmp(costs[i].name, stage->name) == 0 && strcmp(costs[i].pass, stage->pass) == 0)
            return &costs[i];
    return NULL;
}

static double elements(const cg_dcgan *net, const stage_cost *cost)
{
    if (!cost->map)
        return (double)net->arena_floats;
    return (double)cg_map_floats((const cg_map *)((const char *)net + cost->map));
}

size_t cg_layers_count(void)
{
    size_t count;
    cg_dcgan_stages(&count);
    return 1 + count;
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

/* Names, algorithm and rates of a stage that takes layer->seconds_median. */
static void describe(cg_bench_layer *layer, const cg_stage *stage, const cg_dcgan *net)
{
    double giga = 1e-9 / layer->seconds_median;
    layer->name = stage->name;
    layer->pass = stage->pass;
    const char *algorithm = cg_algorithms_name(net, stage);
    layer->algorithm = algorithm ? algorithm : "";
    if (stage->conv) {
        cg_conv2d call = stage->conv(net);
        layer->gflops_nominal = giga * cg_conv2d_flop_nominal(&call.shape);
        layer->gflops_real = giga * cg_conv2d_flop_real(&call.shape);
    }
    const stage_cost *cost = stage->conv ? NULL : find_cost(stage);
    if (cost) {
        layer->gflops_nominal = layer->gflops_real = giga * cost->flop * elements(net, cost);
        layer->gbps = giga * cost->bytes * elements(net, cost);
    }
}

/* What is measured: each stage by each of the choices; the k-th sample of layer l by choice c is in
 * series[c * cg_layers_count() + l]. */
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
    cg_dcgan *net = job->workload->net;
    double start = cg_clock_seconds();
    size_t stage_count;
    const cg_stage *stages = cg_dcgan_stages(&stage_count);
    for (size_t c = 0; c < job->choice_count; c++) {
        cg_series *series = job->series + c * cg_layers_count();
        CG_TRY(cg_dcgan_take(net, &job->choices[c]));
        for (size_t i = 0; i < cg_layers_count(); i++) {
            layer_job layer = {job->workload, i ? &stages[i - 1] : NULL};
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

    CG_TRY(add_round(&first, job));
    if (3 * first > seconds)
        goto done;
    memset(job->series, 0, job->choice_count * cg_layers_count() * sizeof *job->series);
    do
        CG_TRY(add_round(&round, job));
    while (job->series->count < CG_MEASURE_MAX && cg_clock_seconds() - start + round < seconds);
done:
    return status;
}

static cg_bench_layer make_layer(const cg_stage *stage, const cg_times *times, const cg_dcgan *net)
{
    cg_bench_layer layer = {.name = "input",
                            .pass = "draw",
                            .algorithm = "",
                            .repetitions = times->samples,
                            .launches = times->launches,
                            .seconds_median = times->median,
                            .seconds_min = times->min};
    if (stage)
        describe(&layer, stage, net);
    return layer;
}

cg_status cg_layers_measure(cg_bench_layer *layers, cg_workload *workload, const cg_choice *choices,
                            size_t choice_count, double seconds)
{
    cg_status status = CG_OK;
    size_t stage_count, count = cg_layers_count();
    const cg_stage *stages = cg_dcgan_stages(&stage_count);
    layers_job job = {workload, choices, choice_count, NULL};

    CG_TRY(cg_memory_create(&job.series, choice_count * count, sizeof *job.series));
    CG_TRY(add_rounds(&job, seconds));
    for (size_t i = 0; i < choice_count * count; i++) {
        cg_times times = cg_series_times(&job.series[i]);
        if (i % count == 0)
            CG_TRY(cg_dcgan_take(workload->net, &choices[i / count]));
        layers[i] = make_layer(i % count ? &stages[i % count - 1] : NULL, &times, workload->net);
    }
done:
    free(job.series);
    return status;
}

double cg_layers_seconds(const cg_bench_layer *layers)
{
    double seconds = 0;
    for (size_t i = 0; i < cg_layers_count(); i++)
        seconds += layers[i].seconds_median;
    return seconds;
}
