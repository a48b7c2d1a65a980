/* A device's measurement, in order: a first step, results compared with the reference, stages,
 * peak, whole steps as often as the time allows, peak. */
#include <clgan/bench.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/try.h"
#include "bench/layers.h"
#include "bench/measure.h"
#include "bench/peak.h"
#include "bench/profile.h"
#include "check/ops.h"
#include "ops/dense.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double reserve = 6;      /* seconds for what cannot be foreseen */
static const double peak_seconds = 1; /* for each limit */
/* With time in plenty. */
static const double layers_seconds = 10, step_seconds = 6, profile_seconds = 6;

enum { PROBE_BATCH = 4 }; /* small: builds the kernels and foretells a large batch's time */

static double seconds_left(double start)
{
    return CG_BENCH_SECONDS - reserve - (cg_clock_seconds() - start);
}

/* ---- right numbers first --------------------------------------------------------------------- */

static void note_result(cg_bench_check *check, const cg_check_result *result)
{
    double error = isnan(result->max_error) ? INFINITY : result->max_error;
    check->max_error = fmax(check->max_error, error);
    check->ok = result->ok;
    if (!result->ok)
        snprintf(check->message, sizeof check->message, "%s: %s", result->name, result->message);
}

/* Algorithms that are named are the self-test's business: only what will be measured must be right,
 * and building the others' kernels costs time. */
static bool is_wanted(const cg_check *check)
{
    return check->run != cg_check_conv2d_run || !check->conv2d.algorithm;
}

/* The checks that take the default algorithm, with one that was chosen. */
static cg_status check_named(cg_bench_check *check, cg_runtime *rt, const cg_check *checks,
                             size_t count, const char *name)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < count && check->ok; i++) {
        cg_check named = checks[i];
        cg_check_result result = {0};
        if (named.run == cg_check_conv2d_run && !named.conv2d.algorithm)
            named.conv2d.algorithm = name;
        else if (named.run == cg_check_dense_fwd || named.run == cg_check_dense_bwd_weight)
            named.map.algorithm = name;
        else
            continue;
        CG_TRY(cg_check_run(&result, rt, &named)); /* skipped where there is no such algorithm */
        note_result(check, &result);
    }
done:
    return status;
}

/* All algorithms that the text of a choice names. */
static cg_status check_chosen(cg_bench_check *check, cg_runtime *rt, const char *text)
{
    cg_status status = CG_OK;
    size_t count;
    const cg_check *checks = cg_check_list(&count);
    const cg_conv2d_algorithm *conv;
    const cg_dense_algorithm *dense;
    for (size_t i = 0; text && (conv = cg_conv2d_algorithm_at(i)); i++)
        if (strstr(text, conv->name))
            CG_TRY(check_named(check, rt, checks, count, conv->name));
    for (size_t i = 0; text && (dense = cg_dense_algorithm_at(i)); i++)
        if (strstr(text, dense->name))
            CG_TRY(check_named(check, rt, checks, count, dense->name));
done:
    return status;
}

static cg_status check_all(cg_bench_check *check, cg_runtime *rt, const char *algorithms)
{
    cg_status status = CG_OK;
    size_t count;
    const cg_check *checks = cg_check_list(&count);

    check->ok = true;
    for (size_t i = 0; i < count && check->ok; i++) {
        cg_check_result result = {0};
        if (!is_wanted(&checks[i]))
            continue;
        CG_TRY(cg_check_run(&result, rt, &checks[i]));
        note_result(check, &result);
    }
    if (check->ok)
        CG_TRY(check_chosen(check, rt, algorithms));
done:
    return status;
}

static cg_status check_device(cg_bench *bench, cg_runtime *rt, const char *algorithms)
{
    double start = cg_clock_seconds();
    cg_log(CG_LOG_INFO, "%s: comparing with the float64 reference", rt->info.id);
    cg_status status = check_all(&bench->check, rt, algorithms);
    bench->startup.check_seconds = cg_clock_seconds() - start;
    if (status != CG_OK) {
        bench->check.ok = false;
        return status;
    }
    return bench->check.ok
               ? CG_OK
               : cg_fail(CG_ERR_WRONG, "%s computes wrong results, so nothing is measured: %s",
                         rt->info.name, bench->check.message);
}

/* ---- the figures ----------------------------------------------------------------------------- */

static cg_status enqueue_step(void *workload)
{
    return cg_workload_step(workload);
}

/* *seconds = of one step with n fakes and n reals, its kernels built. */
static cg_status probe(double *seconds, cg_workload *workload, size_t n)
{
    cg_status status = CG_OK;
    cg_times times;
    cg_dcgan_set_batch(workload->net, n, n);
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_measure(&times, workload->net->rt, enqueue_step, workload, 0));
    *seconds = times.min;
done:
    return status;
}

/* Builds the kernels at a small batch and refuses a step that would not end in time: a kernel once
 * enqueued cannot be stopped. Leaves the network at its full batch. */
static cg_status warm_up(cg_workload *workload, size_t batch, double start)
{
    cg_status status = CG_OK;
    size_t small = batch < PROBE_BATCH ? batch : PROBE_BATCH;
    double one = 0, some = 0;

    CG_TRY(probe(&one, workload, 1));
    CG_TRY(probe(&some, workload, small));
    double image = small > 1 ? fmax(some - one, 0) / (double)(small - 1) : 0;
    double step = some + image * (double)(batch - small);
    if (step > seconds_left(start)) {
        status = cg_fail(CG_ERR_ARGUMENT,
                         "%s: a step of batch %zu would take about %.0f s; measure a smaller "
                         "--batch",
                         workload->net->rt->info.name, batch, step);
        goto done;
    }
    cg_dcgan_set_batch(workload->net, batch, batch);
done:
    return status;
}

static double limit(double wanted, double left)
{
    return fmax(0, fmin(wanted, left));
}

/* *repeat = whether there is time for whole steps too. */
static cg_status measure_layers(cg_bench *bench, cg_workload *workload, double start, bool *repeat)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&bench->layers, cg_layers_count(), sizeof *bench->layers));
    bench->layer_count = cg_layers_count();
    CG_TRY(
        cg_layers_measure(bench->layers, workload, limit(layers_seconds, seconds_left(start) / 2)));
    *repeat = 2 * cg_layers_seconds(bench->layers) < seconds_left(start);
    if (!*repeat)
        cg_log(CG_LOG_WARNING, "%s: no time for whole steps: the sum of the stages is given",
               bench->device.id);
done:
    return status;
}

/* The step as the sum of its stages, for want of time to run one. */
static cg_times add_up(const cg_bench *bench)
{
    double seconds = cg_layers_seconds(bench->layers);
    cg_times times = {.samples = 1, .median = seconds, .min = seconds, .max = seconds};
    for (size_t i = 0; i < bench->layer_count; i++)
        times.launches += bench->layers[i].launches;
    return times;
}

static cg_status measure_step(cg_bench *bench, cg_workload *workload, double start, bool repeat)
{
    cg_status status = CG_OK;
    cg_times times = add_up(bench);
    if (repeat)
        CG_TRY(cg_measure(&times, workload->net->rt, enqueue_step, workload,
                          limit(step_seconds, seconds_left(start) / 2)));
    bench->step = (cg_bench_step){
        .repetitions = times.samples,
        .seconds_median = times.median,
        .seconds_min = times.min,
        .seconds_max = times.max,
        .launches = times.launches,
        .images_per_second = (double)bench->batch / times.median,
        .epoch_seconds = (double)cg_ceil_div(CG_BENCH_IMAGES, bench->batch) * times.median,
    };
done:
    return status;
}

/* The peak is the best of before and after: others may use the processors too, and a device has to
 * warm up or may get too hot. */
static cg_status measure_peak(cg_bench *bench, cg_runtime *rt)
{
    cg_bench_peak peak = {0};
    cg_status status = cg_peak_measure(&peak, rt, peak_seconds);
    bench->peak.gflops = fmax(bench->peak.gflops, peak.gflops);
    bench->peak.gbps = fmax(bench->peak.gbps, peak.gbps);
    for (size_t i = 0; i < bench->layer_count; i++) {
        bench->layers[i].peak_share = bench->layers[i].gflops_real / bench->peak.gflops;
        bench->layers[i].done_share = bench->layers[i].gflops_done / bench->peak.gflops;
    }
    return status;
}

/* What the process and the device hold for training; before measuring the peak, which takes more.
 */
static void note_memory(cg_bench *bench, const cg_runtime *rt)
{
    bench->memory_peak_bytes = rt->memory_peak;
    bench->host_peak_bytes = cg_memory_resident_peak();
}

static cg_status measure_network(cg_bench *bench, cg_workload *workload, double start, bool profile)
{
    cg_status status = CG_OK;
    cg_runtime *rt = workload->net->rt;
    bool repeat = false;

    CG_TRY(warm_up(workload, bench->batch, start));
    cg_log(CG_LOG_INFO, "%s: measuring each layer and pass", rt->info.id);
    rt->memory_peak = rt->memory_bytes;
    CG_TRY(measure_layers(bench, workload, start, &repeat));
    note_memory(bench, rt);
    cg_log(CG_LOG_INFO, "%s: measuring the peak, then whole steps", rt->info.id);
    CG_TRY(measure_peak(bench, rt));
    CG_TRY(measure_step(bench, workload, start, repeat));
    if (profile)
        CG_TRY(cg_bench_profile(&bench->launches, &bench->launch_count, workload,
                                limit(profile_seconds, seconds_left(start))));
    CG_TRY(measure_peak(bench, rt));
done:
    return status;
}

/* A first step on a device that has done nothing yet, as in a training. */
static cg_status start_network(cg_bench *bench, cg_workload *workload, cg_runtime *rt,
                               const cg_bench_options *options)
{
    cg_status status = CG_OK;
    size_t before = rt->memory_bytes;

    cg_log(CG_LOG_INFO, "%s: building the kernels", rt->info.id);
    CG_TRY(cg_workload_init(workload, rt, bench->batch, options->algorithm));
    bench->memory_bytes = rt->memory_bytes - before;
    cg_dcgan_set_batch(workload->net, 1, 1);
    double start = cg_clock_seconds(), built = rt->build_seconds;
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_runtime_finish(rt));
    bench->startup.first_step_seconds = cg_clock_seconds() - start;
    bench->startup.compile_seconds = rt->build_seconds - built;
done:
    return status;
}

cg_status cg_bench_run(cg_bench *bench, const cg_devices *devices, size_t index,
                       const cg_bench_options *options)
{
    cg_status status = CG_OK;
    cg_runtime *rt = NULL;
    cg_workload workload = {0};
    double start = cg_clock_seconds();

    *bench = (cg_bench){.device = *cg_devices_info(devices, index), .batch = options->batch};
    CG_TRY(cg_runtime_create(&rt, devices, index));
    bench->startup.runtime_seconds = cg_clock_seconds() - start;
    CG_TRY(start_network(bench, &workload, rt, options));
    CG_TRY(check_device(bench, rt, options->algorithm));
    CG_TRY(measure_network(bench, &workload, start, options->profile));
    bench->measured = true;
done:
    if (status == CG_ERR_WRONG)
        bench->check.ok = false;
    if (status != CG_OK && !bench->check.message[0])
        snprintf(bench->check.message, sizeof bench->check.message,
                 "not measured: %s (the reason was logged)", cg_status_name(status));
    cg_workload_deinit(&workload);
    cg_runtime_release(rt);
    return status;
}

void cg_bench_deinit(cg_bench *bench)
{
    if (!bench)
        return;
    free(bench->layers);
    free(bench->launches);
    *bench = (cg_bench){0};
}
