/* A device's measurement, in order: a first step, results compared with the reference, stages,
 * peak, whole steps as often as the time allows, peak. */
#include <clgan/bench.h>

#include "base/argument.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/try.h"
#include "bench/stage_times.h"
#include "bench/measure.h"
#include "bench/peak.h"
#include "bench/profile.h"
#include "bench/device_check.h"
#include "nn/slow.h"
#include "nn/tuning.h"
#include "ocl/rehearsal.h"
#include "ocl/runtime.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Shares of the seconds of measuring. The reserve for the peak's two limits, each measured twice,
 * has room for a last sample that takes longer than foreseen. */
static const double aside = .1, peak_share = 1. / 60;
/* The most that is used, on a device whose steps are short. */
static const double layers_share = 1. / 6, step_share = .1, profile_share = .1;

/* Seconds of measuring: all of them, and those that are left without the reserve. Building kernels
 * and comparing results do not count. */
typedef struct budget {
    double seconds, left;
} budget;

/* ---- the figures ----------------------------------------------------------------------------- */

static double limit_to(double wanted, double left)
{
    return fmax(0, fmin(wanted, left));
}

/* The time since `start` was measuring. */
static void count_measuring(budget *b, double start)
{
    b->left -= cg_clock_seconds() - start;
}

/* *repeat = whether there is time for whole steps too. */
static cg_status measure_layers(cg_bench *bench, cg_workload *workload, budget *b, bool *repeat)
{
    cg_status status = CG_OK;
    double start = cg_clock_seconds();
    const cg_choice choice = workload->net->choice;
    CG_TRY(cg_memory_create(&bench->layers, cg_stage_times_count(), sizeof *bench->layers));
    bench->layer_count = cg_stage_times_count();
    CG_TRY(cg_stage_times_measure(bench->layers, workload, &choice, 1,
                                  limit_to(layers_share * b->seconds, b->left / 2)));
    count_measuring(b, start);
    *repeat = 2 * cg_stage_times_seconds(bench->layers) < b->left;
    if (!*repeat)
        cg_log(CG_LOG_WARNING, "%s: no time for whole steps: the sum of the stages is given",
               bench->device.id);
done:
    return status;
}

/* The step's time as the sum of its stages, when there is no time to run one. */
static cg_times add_up(const cg_bench *bench)
{
    double seconds = cg_stage_times_seconds(bench->layers);
    cg_times times = {.samples = 1, .median = seconds, .min = seconds, .max = seconds};
    for (size_t i = 0; i < bench->layer_count; i++)
        times.launches += bench->layers[i].launches;
    return times;
}

static cg_status measure_step(cg_bench *bench, cg_workload *workload, budget *b, bool repeat)
{
    cg_status status = CG_OK;
    double start = cg_clock_seconds();
    cg_times times = add_up(bench);
    if (repeat)
        CG_TRY(cg_measure(&times, workload->net->rt, cg_workload_enqueue, workload,
                          limit_to(step_share * b->seconds, b->left / 2)));
    count_measuring(b, start);
    bench->step = cg_times_as_step(&times, bench->batch);
done:
    return status;
}

/* The peak is the best of before and after: others may use the processors too, and a device has to
 * warm up or may get too hot. It is that of vectors as wide as the network's. */
static cg_status measure_peak(cg_bench *bench, const cg_network *net, const budget *b)
{
    cg_bench_peak peak = {0};
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    cg_status status = cg_peak_measure(&peak, net->rt, peak_share * b->seconds);
    cg_runtime_set_mode(net->rt, before);
    bench->peak.gflops = fmax(bench->peak.gflops, peak.gflops);
    bench->peak.gbps = fmax(bench->peak.gbps, peak.gbps);
    for (size_t i = 0; i < bench->layer_count; i++) {
        bench->layers[i].peak_share = bench->layers[i].gflops_real / bench->peak.gflops;
        bench->layers[i].done_share = bench->layers[i].gflops_done / bench->peak.gflops;
    }
    return status;
}

/* Notes the memory that the process and the device hold for training. The peak is measured later,
 * as that takes more.
 */
static void note_memory(cg_bench *bench, const cg_runtime *rt)
{
    bench->memory_peak_bytes = rt->memory_peak;
    bench->host_peak_bytes = cg_memory_resident_peak();
}

/* CG_ERR_ARGUMENT when a step of the full batch would take longer than there is time to measure
 * everything. */
static cg_status warm_up(const cg_bench *bench, cg_workload *workload, const budget *b)
{
    double step;
    cg_status status = cg_workload_warm_up(&step, workload);
    if (status != CG_OK || step <= b->left)
        return status;
    return cg_fail(CG_ERR_ARGUMENT,
                   "%s: a step of batch %zu would take about %.3g s; with %.0f s of measuring it "
                   "may take %.3g s: give a smaller --batch%s",
                   bench->device.name, bench->batch, step, b->seconds, b->left,
                   b->seconds < CG_BENCH_SECONDS ? ", or more --seconds" : "");
}

static cg_status measure_network(cg_bench *bench, cg_workload *workload, double seconds,
                                 bool profile)
{
    cg_status status = CG_OK;
    cg_runtime *rt = workload->net->rt;
    budget b = {seconds, (1 - aside) * seconds};
    bool repeat = false;

    CG_TRY(warm_up(bench, workload, &b));
    cg_log(CG_LOG_INFO, "%s: measuring each layer and pass", rt->info.id);
    rt->memory_peak = rt->memory_bytes;
    CG_TRY(measure_layers(bench, workload, &b, &repeat));
    note_memory(bench, rt);
    cg_log(CG_LOG_INFO, "%s: measuring the peak, then whole steps", rt->info.id);
    CG_TRY(measure_peak(bench, workload->net, &b));
    CG_TRY(measure_step(bench, workload, &b, repeat));
    if (profile && repeat)
        CG_TRY(cg_bench_profile(&bench->launches, &bench->launch_count, workload,
                                limit_to(profile_share * b.seconds, b.left)));
    else if (profile)
        cg_log(CG_LOG_WARNING, "%s: no time for a profile", rt->info.id);
    CG_TRY(measure_peak(bench, workload->net, &b));
done:
    return status;
}

/* A first step on a device that has done nothing yet, as in a training. */
static cg_status start_network(cg_bench *bench, cg_workload *workload, cg_runtime *rt,
                               const char *algorithms)
{
    cg_status status = CG_OK;
    size_t before = rt->memory_bytes;

    cg_log(CG_LOG_INFO, "%s: building the kernels", rt->info.id);
    CG_TRY(cg_workload_init(workload, rt, bench->batch, algorithms, bench->strict));
    cg_slow_warn(rt, &workload->net->choice);
    bench->memory_bytes = rt->memory_bytes - before;
    cg_network_set_batch(workload->net, 1, 1);
    double start = cg_clock_seconds(), built = rt->build_seconds;
    CG_TRY(cg_rehearse(rt, cg_workload_enqueue, workload));
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_runtime_finish(rt));
    bench->startup.first_step_seconds = cg_clock_seconds() - start;
    bench->startup.compile_seconds = rt->build_seconds - built;
done:
    return status;
}

static cg_status check_device(cg_bench *bench, cg_runtime *rt, const char *algorithms)
{
    cg_status status = CG_OK;
    double start = cg_clock_seconds();
    cg_log(CG_LOG_INFO, "%s: comparing with the float64 reference", rt->info.id);
    CG_TRY(cg_device_check_run(&bench->check, rt, algorithms, bench->strict, bench->batch, NULL));
    bench->startup.check_seconds = cg_clock_seconds() - start;
    CG_TRY(cg_device_check_verdict(&bench->check, rt));
done:
    return status;
}

cg_bench_options cg_bench_defaults(void)
{
    return (cg_bench_options){.batch = 256, .seconds = CG_BENCH_SECONDS};
}

cg_status cg_bench_run(cg_bench *bench, const cg_devices *devices, size_t index,
                       const cg_bench_options *options)
{
    CG_NEED(bench);
    CG_NEED(options);
    cg_status status = CG_OK;
    cg_runtime *rt = NULL;
    cg_workload workload = {0};
    char algorithms[CG_TUNING_TEXT];
    double start = cg_clock_seconds();

    *bench = (cg_bench){.batch = options->batch ? options->batch : cg_bench_defaults().batch,
                        .strict = options->strict};
    CG_TRY(cg_runtime_check_index(devices, index));
    bench->device = *cg_devices_info(devices, index);
    CG_TRY(cg_runtime_create(&rt, devices, index));
    bench->startup.runtime_seconds = cg_clock_seconds() - start;
    CG_TRY(cg_tuning_join(algorithms, &bench->algorithms_from, rt, NULL, options->algorithm,
                          options->strict));
    CG_TRY(start_network(bench, &workload, rt, algorithms));
    CG_TRY(check_device(bench, rt, algorithms));
    CG_TRY(measure_network(bench, &workload,
                           options->seconds > 0 ? options->seconds : CG_BENCH_SECONDS,
                           options->profile));
    bench->measured = true;
done:
    if (status == CG_ERR_WRONG) /* also of the peak */
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
