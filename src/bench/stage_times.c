/* Stages by time and rate. A convolution counts its work itself; for the rest a table says what
 * there is to do. */
#include "bench/stage_times.h"

#include "base/clock.h"
#include "base/try.h"
#include "bench/measure.h"
#include "nn/choice.h"

#include <stdlib.h>
#include <string.h>

/* What a stage's work grows with: elements of maps, of vectors, of parameters. */
typedef enum quantity {
    NONE,
    H0,
    H1,
    H2,
    BN0, /* features */
    BN1,
    BN2,
    A1,
    A2,
    NOISE,
    PIXELS, /* of the real images */
    LOGITS,
    G_DENSE, /* weights */
    D_DENSE,
    PARAMETERS, /* all of both networks */
    QUANTITIES
} quantity;

enum { MOVED = 4 };

/* What a stage that is no convolution costs: operations for each element of a quantity, and bytes
 * to move at least for each of several. */
typedef struct stage_cost {
    const char *name, *pass;
    double flop;
    quantity flop_of;
    struct {
        double bytes;
        quantity of;
    } moved[MOVED];
} stage_cost;

static const stage_cost costs[] = {
    /* writes noise, masks and images; reads the images' bytes */
    {"input", "draw", 0, NONE, {{4, NOISE}, {1, A1}, {1, A2}, {5, PIXELS}}},
    {"g.dense", "fwd", 2 * CG_NOISE, H0, {{4, NOISE}, {4, G_DENSE}, {4, H0}}},
    /* h0, dh0: bn0's backward pass is done on the way */
    {"g.dense", "bwd_weight", 2 * CG_NOISE, H0, {{4, NOISE}, {4, G_DENSE}, {8, H0}}},
    /* reads gamma, beta and moments, moves two averages, writes mean, 1/std, scale and shift */
    {"g.bn0", "fwd", 0, NONE, {{52, BN0}}},
    {"g.bn1", "fwd", 0, NONE, {{52, BN1}}},
    {"g.bn2", "fwd", 0, NONE, {{52, BN2}}},
    {"g.bn1", "bwd", 0, NONE, {{12, H1}}}, /* h1, dh1, and dh1 back */
    {"g.bn2", "bwd", 0, NONE, {{12, H2}}},
    {"d.dense", "fwd", 2, A2, {{4, A2}, {4, D_DENSE}, {4, LOGITS}}},
    {"loss", "fwd", 0, NONE, {{14, LOGITS}}}, /* logits and back, factor_d, factor_g of half */
    {"d.dense", "bwd_weight", 2, A2, {{4, A2}, {4, D_DENSE}, {4, LOGITS}}},
    {"d.dense", "bwd_data", 0, NONE, {{5, A2}, {4, D_DENSE}}}, /* gates; da2 */
    {"adam", "update", 0, NONE, {{28, PARAMETERS}}},           /* p, m, v, g; p, m, v */
};

static double count(const cg_network *net, quantity q)
{
    /* clang-format off */
    const size_t counts[QUANTITIES] = {
        [H0]         = cg_map_floats(&net->h0),
        [H1]         = cg_map_floats(&net->h1),
        [H2]         = cg_map_floats(&net->h2),
        [BN0]        = cg_batchnorm_features(&net->bn[0]),
        [BN1]        = cg_batchnorm_features(&net->bn[1]),
        [BN2]        = cg_batchnorm_features(&net->bn[2]),
        [A1]         = cg_map_floats(&net->a1),
        [A2]         = cg_map_floats(&net->a2),
        [NOISE]      = net->fakes * CG_NOISE,
        [PIXELS]     = net->reals * CG_PIXELS,
        [LOGITS]     = net->fakes + net->reals,
        [G_DENSE]    = CG_NOISE * CG_DENSE_FEATURES,
        [D_DENSE]    = CG_D_FEATURES,
        [PARAMETERS] = cg_arena_floats(&net->arenas[CG_ARENA_PARAMS]),
    };
    /* clang-format on */
    return (double)counts[q];
}

static const stage_cost *find_cost(const char *name, const char *pass)
{
    for (size_t i = 0; i < CG_COUNT(costs); i++)
        if (strcmp(costs[i].name, name) == 0 && strcmp(costs[i].pass, pass) == 0)
            return &costs[i];
    return NULL;
}

size_t cg_stage_times_count(void)
{
    size_t count;
    cg_network_stages(&count);
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

/* What a layer has to do: operations by the three ways of counting, and bytes. */
typedef struct work {
    double nominal, real, done, bytes;
} work;

static work conv_work(const cg_stage *stage, const cg_network *net)
{
    cg_conv2d call = cg_stage_conv(stage, net);
    return (work){cg_conv2d_flop_nominal(&call.shape), cg_conv2d_flop_real(&call.shape),
                  cg_conv2d_flop_done(net->rt, &call), cg_conv2d_bytes(net->rt, &call)};
}

static work other_work(const cg_bench_layer *layer, const cg_network *net)
{
    const stage_cost *cost = find_cost(layer->name, layer->pass);
    if (!cost)
        return (work){0};
    double flop = cost->flop * count(net, cost->flop_of), bytes = 0;
    for (size_t i = 0; i < MOVED; i++)
        bytes += cost->moved[i].bytes * count(net, cost->moved[i].of);
    return (work){flop, flop, flop, bytes};
}

/* Algorithm and rates of a layer that takes layer->seconds_median. */
static void describe(cg_bench_layer *layer, const cg_stage *stage, const cg_network *net)
{
    double giga = 1e-9 / layer->seconds_median;
    const char *algorithm = stage ? cg_choice_name(net, stage) : NULL;
    work w = stage && stage->conv ? conv_work(stage, net) : other_work(layer, net);
    layer->algorithm = algorithm ? algorithm : "";
    layer->gflops_nominal = giga * w.nominal;
    layer->gflops_real = giga * w.real;
    layer->gflops_done = giga * w.done;
    layer->bytes = w.bytes;
    layer->gbps = giga * w.bytes;
}

/* What is measured: each stage by each of the choices; the k-th sample of layer l by choice c is in
 * series[c * cg_stage_times_count() + l]. */
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
    size_t stage_count;
    const cg_stage *stages = cg_network_stages(&stage_count);
    for (size_t c = 0; c < job->choice_count; c++) {
        cg_series *series = job->series + c * cg_stage_times_count();
        CG_TRY(cg_network_apply(net, &job->choices[c]));
        for (size_t i = 0; i < cg_stage_times_count(); i++) {
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
    memset(job->series, 0, job->choice_count * cg_stage_times_count() * sizeof *job->series);
    do
        CG_TRY(add_round(&round, job));
    while (job->series->count < CG_MEASURE_MAX && cg_clock_seconds() - start + round < seconds);
done:
    return status;
}

static cg_bench_layer make_layer(const cg_stage *stage, const cg_times *times,
                                 const cg_network *net)
{
    cg_bench_layer layer = {.name = stage ? stage->name : "input",
                            .pass = stage ? stage->pass : "draw",
                            .repetitions = times->samples,
                            .launches = times->launches,
                            .seconds_median = times->median,
                            .seconds_min = times->min,
                            .seconds_max = times->max};
    describe(&layer, stage, net);
    return layer;
}

cg_status cg_stage_times_measure(cg_bench_layer *layers, cg_workload *workload,
                                 const cg_choice *choices, size_t choice_count, double seconds)
{
    cg_status status = CG_OK;
    size_t stage_count, count = cg_stage_times_count();
    const cg_stage *stages = cg_network_stages(&stage_count);
    layers_job job = {workload, choices, choice_count, NULL};

    CG_TRY(cg_memory_create(&job.series, choice_count * count, sizeof *job.series));
    CG_TRY(add_rounds(&job, seconds));
    for (size_t i = 0; i < choice_count * count; i++) {
        cg_times times = cg_series_times(&job.series[i]);
        if (i % count == 0)
            CG_TRY(cg_network_apply(workload->net, &choices[i / count]));
        layers[i] = make_layer(i % count ? &stages[i % count - 1] : NULL, &times, workload->net);
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
