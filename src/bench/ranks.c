/* Steps that several ranks make together, and in turn those of rank 0 alone, for whom the others
 * wait: they sleep then (ranks/ranks.h). Each turn makes its networks anew, so that a device holds
 * no more than a training does. */
#include "ranks/ranks.h"

#include "base/argument.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/platform.h"
#include "base/try.h"
#include "bench/measure.h"
#include "bench/workload.h"
#include "nn/slow.h"
#include "nn/tuning.h"
#include "ocl/runtime.h"
#include "verify/selftest_once.h"

#include <clgan/bench.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS = 3, TURN_STEPS = CG_MEASURE_MAX / TURNS };

/* A step of one rank. */
typedef struct sample {
    double seconds; /* all of it */
    double order;   /* of them, until rank 0's order was there */
    size_t launches;
    size_t shards; /* that the rank computes */
    cg_shard_costs costs;
} sample;

typedef struct session {
    const cg_bench_ranks_options *options;
    cg_bench_ranks *result;
    cg_ranks *ranks;
    cg_runtime *rt;
    char algorithms[CG_TUNING_TEXT];
    sample *samples; /* [CG_MEASURE_MAX][count], of the steps of all ranks */
    size_t steps;    /* that there are samples of */
    cg_series alone, whole;
} session;

/* ---- steps ----------------------------------------------------------------------------------- */

/* *go = what rank 0 has decided. */
static cg_status decide(session *s, bool *go, bool decision)
{
    cg_status status = CG_OK;
    uint64_t word = decision;
    CG_TRY(cg_ranks_share(s->ranks, &word, sizeof word));
    *go = word != 0;
done:
    return status;
}

/* The first step, which may build kernels, does not count. */
static cg_status warm_up(session *s, cg_workload *workload)
{
    cg_status status = CG_OK;
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_runtime_finish(s->rt));
done:
    return status;
}

static cg_status begin_shards(session *s, cg_workload *workload, cg_ranks *ranks)
{
    const cg_bench_ranks *r = s->result;
    return cg_workload_init_shards(workload, s->rt, ranks, r->batch, r->shards, s->algorithms,
                                   r->strict);
}

/* Rank 0's steps. */
static cg_status measure_alone(session *s, cg_series *series, bool shards, double seconds)
{
    cg_status status = CG_OK;
    cg_workload workload = {0};
    const cg_bench_ranks *r = s->result;
    const size_t most = series->count + TURN_STEPS;
    CG_TRY(shards ? begin_shards(s, &workload, NULL)
                  : cg_workload_init(&workload, s->rt, r->batch, s->algorithms, r->strict));
    CG_TRY(warm_up(s, &workload));
    const double end = cg_clock_seconds() + seconds;
    do
        CG_TRY(cg_series_add(series, s->rt, cg_workload_enqueue, &workload));
    while (series->count < most && cg_clock_seconds() < end);
done:
    cg_workload_deinit(&workload);
    return status;
}

/* A step of all ranks, which began at `start` with the wait for rank 0's order. */
static cg_status measure_step(session *s, cg_workload *workload, double start)
{
    cg_status status = CG_OK;
    const size_t count = s->result->count;
    sample *row = s->samples + s->steps * count, *own = &row[s->result->mine];
    size_t bytes[CG_TREE_MOST];
    for (size_t r = 0; r < count; r++)
        bytes[r] = sizeof *own;
    own->order = cg_clock_seconds() - start;
    own->launches = s->rt->launches;
    workload->shards->costs = (cg_shard_costs){0};
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_runtime_finish(s->rt));
    own->seconds = cg_clock_seconds() - start;
    own->costs = workload->shards->costs;
    own->shards = workload->shards->local;
    own->launches = s->rt->launches - own->launches;
    CG_TRY(cg_ranks_gather(s->ranks, row, bytes));
    s->steps++;
done:
    return status;
}

static cg_status measure_together(session *s, double seconds)
{
    cg_status status = CG_OK;
    cg_workload workload = {0};
    const size_t most = s->steps + TURN_STEPS;
    bool go = true;
    CG_TRY(begin_shards(s, &workload, s->ranks));
    CG_TRY(warm_up(s, &workload));
    workload.shards->measured = true;
    const double end = cg_clock_seconds() + seconds;
    while (go) {
        const double start = cg_clock_seconds();
        CG_TRY(decide(s, &go, s->steps + TURN_STEPS == most || (s->steps < most && start < end)));
        if (go)
            CG_TRY(measure_step(s, &workload, start));
    }
done:
    cg_workload_deinit(&workload);
    return status;
}

/* All turns, unless they take longer than there is time. */
static cg_status measure_turns(session *s)
{
    cg_status status = CG_OK;
    const bool leads = s->result->mine == 0, several = s->result->count > 1;
    const double wanted = s->options->seconds > 0 ? s->options->seconds : CG_BENCH_SECONDS;
    const double share = wanted / TURNS / (several ? 3 : 2), start = cg_clock_seconds();
    bool go = true;
    for (size_t turn = 0; turn < TURNS && go; turn++) {
        const double used = cg_clock_seconds() - start;
        CG_TRY(decide(s, &go, !turn || used + used / (double)turn < 1.5 * wanted));
        if (go && leads)
            CG_TRY(measure_alone(s, &s->whole, false, share));
        if (go && leads && several)
            CG_TRY(measure_alone(s, &s->alone, true, share));
        if (go)
            CG_TRY(measure_together(s, share));
    }
done:
    return status;
}

/* ---- results --------------------------------------------------------------------------------- */

/* The i-th exchange takes as long as it takes the rank that was the last to come. */
static double transfer_of(const session *s, const sample *row, size_t i)
{
    double least = HUGE_VAL;
    for (size_t r = 0; r < s->result->count; r++)
        least = fmin(least, row[r].costs.exchanging[i]);
    return least;
}

static double seconds_of(const session *s, const sample *row, size_t rank)
{
    double most = 0;
    (void)rank;
    for (size_t r = 0; r < s->result->count; r++)
        most = fmax(most, row[r].seconds);
    return most;
}

static double exchanging_of(const session *s, const sample *row, size_t rank)
{
    double sum = row[rank].order + row[rank].costs.copying;
    for (size_t i = 0; i < row[rank].costs.exchanges; i++)
        sum += transfer_of(s, row, i);
    return sum;
}

static double waiting_of(const session *s, const sample *row, size_t rank)
{
    double sum = 0;
    for (size_t i = 0; i < row[rank].costs.exchanges; i++)
        sum += row[rank].costs.exchanging[i] - transfer_of(s, row, i);
    return sum;
}

static double computing_of(const session *s, const sample *row, size_t rank)
{
    return row[rank].seconds - exchanging_of(s, row, rank) - waiting_of(s, row, rank);
}

/* Returns the times of what `find` finds in each step. */
static cg_times times_of(const session *s, size_t rank,
                         double (*find)(const session *s, const sample *row, size_t rank))
{
    cg_series series = {.count = s->steps};
    for (size_t i = 0; i < s->steps; i++)
        series.samples[i] = find(s, s->samples + i * s->result->count, rank);
    return cg_series_times(&series);
}

static cg_status gather_devices(session *s)
{
    cg_status status = CG_OK;
    cg_bench_ranks *r = s->result;
    size_t bytes[CG_TREE_MOST];
    cg_bench_rank *own = &r->ranks[r->mine];
    for (size_t i = 0; i < r->count; i++)
        bytes[i] = sizeof *own;
    own->device = *cg_runtime_device(s->rt);
    cg_platform_host_name(own->host, sizeof own->host);
    CG_TRY(cg_ranks_gather(s->ranks, r->ranks, bytes));
done:
    return status;
}

static void fill_result(session *s)
{
    cg_bench_ranks *r = s->result;
    const cg_times together = times_of(s, 0, seconds_of), whole = cg_series_times(&s->whole);
    r->step = cg_times_as_step(&together, r->batch);
    r->step.launches = s->samples[0].launches;
    r->whole = cg_times_as_step(&whole, r->batch);
    r->efficiency = 1;
    r->efficiency_whole = whole.median / ((double)r->count * together.median);
    if (r->count > 1) {
        const cg_times alone = cg_series_times(&s->alone);
        r->alone = cg_times_as_step(&alone, r->batch);
        r->efficiency = alone.median / ((double)r->count * together.median);
    }
    for (size_t i = 0; i < r->count; i++) {
        cg_bench_rank *rank = &r->ranks[i];
        rank->shards = s->samples[i].shards;
        rank->computing = times_of(s, i, computing_of).median;
        rank->exchanging = times_of(s, i, exchanging_of).median;
        rank->waiting = times_of(s, i, waiting_of).median;
        rank->sent = s->samples[i].costs.sent;
        rank->received = s->samples[i].costs.received;
    }
}

static cg_status write_result(const session *s)
{
    cg_status status = CG_OK;
    char *text = NULL;
    CG_TRY(cg_bench_ranks_json(&text, s->result));
    CG_TRY(cg_json_write(s->options->file, text));
done:
    free(text);
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static cg_status check_options(const cg_bench_ranks *r, const char *file)
{
    if (r->shards > CG_TREE_MOST || r->shards > r->batch)
        return cg_fail(CG_ERR_ARGUMENT, "a batch of %zu can be cut into 1 to %zu shards, not %zu",
                       r->batch, r->batch < CG_TREE_MOST ? r->batch : CG_TREE_MOST, r->shards);
    if (r->count > r->shards)
        return cg_fail(CG_ERR_ARGUMENT, "%zu ranks cannot share %zu shards: at most one each",
                       r->count, r->shards);
    return file ? cg_file_probe(file) : CG_OK;
}

/* All ranks know what is measured, which rank 0 finds to be sound, before they open a device. */
static cg_status begin(session *s)
{
    cg_status status = CG_OK;
    cg_bench_ranks *r = s->result;
    const cg_bench_ranks_options *o = s->options;
    bool go;
    r->mine = cg_ranks_mine(s->ranks);
    r->count = cg_ranks_count(s->ranks);
    r->batch = o->batch ? o->batch : cg_bench_defaults().batch;
    r->shards = o->shards ? o->shards : cg_shards_usual(r->count, r->batch);
    r->strict = o->strict;
    if (r->mine == 0)
        CG_TRY(check_options(r, o->file));
    CG_TRY(decide(s, &go, true));
    CG_TRY(cg_memory_create(&r->ranks, r->count, sizeof *r->ranks));
    CG_TRY(cg_memory_create(&s->samples, CG_MEASURE_MAX * r->count, sizeof *s->samples));
done:
    return status;
}

/* The device proves that it computes right what a training would compute, in shards or
 * without. The algorithms are those of rank 0's device. */
static cg_status open_device(session *s)
{
    cg_status status = CG_OK;
    cg_choice choice;
    const char *from;
    char own[CG_RANKS_DEVICE];
    CG_TRY(cg_ranks_take_device(own, s->options->device, s->result->mine, s->result->count));
    CG_TRY(cg_runtime_create_selected(&s->rt, own));
    CG_TRY(cg_tuning_join(s->algorithms, &from, s->rt, NULL, s->options->algorithm,
                          s->options->strict));
    CG_TRY(cg_ranks_share(s->ranks, s->algorithms, sizeof s->algorithms));
    CG_TRY(cg_choice_parse(&choice, s->rt, s->algorithms, s->options->strict));
    const cg_selftest_plan plan = {.what = "measuring in shards",
                                   .always = true,
                                   .chooses = "--algorithm",
                                   .parts = CG_SELFTEST_STEP | CG_SELFTEST_SHARDS,
                                   .choice = &choice,
                                   .batch = s->result->batch};
    CG_TRY(cg_selftest_ensure(s->rt, &plan));
    cg_slow_warn(s->rt, &choice);
done:
    return status;
}

cg_status cg_bench_run_ranks(cg_bench_ranks *result, const cg_bench_ranks_options *options)
{
    CG_NEED(result);
    CG_NEED(options);
    cg_status status = CG_OK;
    session s = {.options = options, .result = result};
    *result = (cg_bench_ranks){.count = 1};
    CG_TRY(cg_ranks_open(&s.ranks));
    CG_TRY(begin(&s));
    CG_TRY(open_device(&s));
    CG_TRY(gather_devices(&s));
    cg_log(CG_LOG_INFO, "measuring steps of %zu rank%s", result->count,
           result->count > 1 ? "s, and of rank 0 alone" : "");
    CG_TRY(measure_turns(&s));
    if (result->mine == 0) {
        fill_result(&s);
        if (options->file)
            CG_TRY(write_result(&s));
    }
done:
    free(s.samples);
    cg_runtime_release(s.rt);
    cg_ranks_close(s.ranks, status);
    return status;
}

void cg_bench_ranks_deinit(cg_bench_ranks *result)
{
    if (!result)
        return;
    free(result->ranks);
    *result = (cg_bench_ranks){0};
}
