/* clgan bench: which devices, and the figures as tables or JSON. */
#include "cli/cli.h"

#include <clgan/bench.h>
#include <clgan/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_BATCH = 65536 };

/* ---- tables ---------------------------------------------------------------------------------- */

/* A number in its column, a dash for 0: nothing is counted there. */
static void print_rate(int width, int decimals, double value)
{
    if (value > 0)
        printf(" %*.*f", width, decimals, value);
    else
        printf(" %*s", width, "-");
}

static void print_layer(const cg_bench_layer *layer)
{
    printf("%-9s %-10s %-13s %9.3f %9.3f", layer->name, layer->pass, layer->algorithm,
           1e3 * layer->seconds_median, 1e3 * layer->seconds_min);
    print_rate(9, 1, layer->gflops_nominal);
    print_rate(8, 1, layer->gflops_real);
    print_rate(8, 1, layer->gflops_done);
    print_rate(6, 1, 100 * layer->done_share);
    print_rate(8, 2, layer->bytes / 1e6);
    print_rate(6, 1, layer->gbps);
    printf(" %4zu\n", layer->launches);
}

/* All layers as one: the sum of their times and of their work. */
static cg_bench_layer add_up(const cg_bench *bench)
{
    cg_bench_layer sum = {.name = "all", .pass = "", .algorithm = ""};
    for (size_t i = 0; i < bench->layer_count; i++) {
        const cg_bench_layer *layer = &bench->layers[i];
        sum.seconds_median += layer->seconds_median;
        sum.seconds_min += layer->seconds_min;
        sum.gflops_nominal += layer->gflops_nominal * layer->seconds_median;
        sum.gflops_real += layer->gflops_real * layer->seconds_median;
        sum.gflops_done += layer->gflops_done * layer->seconds_median;
        sum.bytes += layer->bytes;
        sum.launches += layer->launches;
    }
    sum.gflops_nominal /= sum.seconds_median;
    sum.gflops_real /= sum.seconds_median;
    sum.gflops_done /= sum.seconds_median;
    sum.done_share = sum.gflops_done / bench->peak.gflops;
    sum.gbps = 1e-9 * sum.bytes / sum.seconds_median;
    return sum;
}

static void print_startup(const cg_bench *bench)
{
    const cg_bench_startup *startup = &bench->startup;
    printf("start: device opened in %.2f s, first step in %.2f s (%.2f s of it building programs), "
           "compared in %.1f s\n",
           startup->runtime_seconds, startup->first_step_seconds, startup->compile_seconds,
           startup->check_seconds);
}

static void print_step(const cg_bench *bench)
{
    const cg_bench_step *step = &bench->step;
    printf("step of batch %zu: median %.3f ms (%.3f to %.3f, ", bench->batch,
           1e3 * step->seconds_median, 1e3 * step->seconds_min, 1e3 * step->seconds_max);
    if (step->repetitions > 1)
        printf("%zu times)", step->repetitions);
    else
        printf("no time to repeat)");
    printf(
        ", %zu launches\n%.0f images/s, an epoch %.1f s, %.0f MiB of device memory, at most %.0f "
        "MiB of the host's\n",
        step->launches, step->images_per_second, step->epoch_seconds,
        (double)bench->memory_peak_bytes / (1 << 20), (double)bench->host_peak_bytes / (1 << 20));
}

/* The time line of a step: each launch, and when it ends. */
static void print_launches(const cg_bench *bench)
{
    double total = 0, end = 0;
    for (size_t i = 0; i < bench->launch_count; i++)
        total += bench->launches[i].seconds;
    printf("%-9s %-10s %-26s %10s %6s %10s\n", "layer", "pass", "kernel", "ms", "%", "end at");
    for (size_t i = 0; i < bench->launch_count; i++) {
        const cg_bench_launch *launch = &bench->launches[i];
        end += launch->seconds;
        printf("%-9s %-10s %-26s %10.3f %6.1f %10.3f\n", launch->name, launch->pass, launch->kernel,
               1e3 * launch->seconds, 100 * launch->seconds / total, 1e3 * end);
    }
    putchar('\n');
}

static void print_table(const cg_bench *bench)
{
    const cg_device_info *device = &bench->device;
    printf("%s  %s (%s), driver %s\n", device->id, device->name, device->platform, device->driver);
    if (!bench->measured) {
        printf("no figures: %s\n\n", bench->check.message);
        return;
    }
    printf("check: ok, largest error %.0f %% of its bound (%s)\n"
           "peak: %.1f GFLOP/s, copying %.1f GB/s\n\n",
           100 * bench->check.max_share, bench->check.worst, bench->peak.gflops, bench->peak.gbps);
    printf("%-9s %-10s %-13s %9s %9s %9s %8s %8s %6s %8s %6s %4s\n", "layer", "pass", "algorithm",
           "ms", "ms", "GFLOP/s", "GFLOP/s", "GFLOP/s", "% of", "MB", "GB/s", "laun");
    printf("%-9s %-10s %-13s %9s %9s %9s %8s %8s %6s %8s %6s %4s\n", "", "", "", "median", "least",
           "nominal", "real", "done", "peak", "", "", "ches");
    for (size_t i = 0; i < bench->layer_count; i++)
        print_layer(&bench->layers[i]);
    cg_bench_layer sum = add_up(bench);
    print_layer(&sum);
    putchar('\n');
    if (bench->launches)
        print_launches(bench);
    print_step(bench);
    print_startup(bench);
    putchar('\n');
}

static cg_status print_json(const cg_bench *benches, size_t count)
{
    char *text;
    cg_status status = cg_bench_json(&text, benches, count);
    if (status == CG_OK)
        puts(text);
    free(text);
    return status;
}

/* ---- which devices --------------------------------------------------------------------------- */

/* True when one of the selector's terms is "all". */
static bool says_all(const char *selector)
{
    for (const char *term = selector ? selector : ""; *term;) {
        term += strspn(term, ", ");
        size_t length = strcspn(term, ", ");
        if (length == 3 && strncasecmp(term, "all", 3) == 0)
            return true;
        term += length;
    }
    return false;
}

static cg_status select_devices(bool *selected, const cg_devices *devices, const char *selector)
{
    size_t index, count = cg_devices_count(devices);
    const cg_device_info *infos = count ? cg_devices_info(devices, 0) : NULL;
    if (count && says_all(selector))
        return cg_device_select_all(selected, infos, count, selector);
    cg_status status = cg_device_select(&index, infos, count, selector);
    if (status == CG_OK)
        selected[index] = true;
    return status;
}

/* ---- the command ----------------------------------------------------------------------------- */

/* Measures the selected devices; the status of the first that failed. Their tables are printed as
 * they come. */
static cg_status measure_devices(cg_bench *benches, size_t *count, const cg_devices *devices,
                                 const bool *selected, const cg_bench_options *options, bool tables)
{
    cg_status first = CG_OK;
    for (size_t i = 0; i < cg_devices_count(devices); i++) {
        if (!selected[i])
            continue;
        cg_bench *bench = &benches[(*count)++];
        cg_status status = cg_bench_run(bench, devices, i, options);
        if (first == CG_OK)
            first = status;
        if (tables)
            print_table(bench);
        fflush(stdout);
    }
    return first;
}

static cg_status bench_devices(const char *selector, const cg_bench_options *options,
                               const char *json)
{
    cg_devices *devices = NULL;
    cg_bench *benches = NULL;
    bool *selected = NULL, to_stdout = json && strcmp(json, "-") == 0;
    size_t count = 0;

    cg_status status = cg_devices_create(&devices);
    if (status == CG_OK) {
        size_t room = cg_devices_count(devices) + 1;
        selected = calloc(room, sizeof *selected);
        benches = calloc(room, sizeof *benches);
        if (!selected || !benches)
            status = cg_fail(CG_ERR_MEMORY, "no memory for %zu devices", room);
    }
    if (status == CG_OK)
        status = select_devices(selected, devices, selector);
    if (status == CG_OK && json && !to_stdout)
        status = cg_bench_probe(json);
    if (status == CG_OK) {
        status = measure_devices(benches, &count, devices, selected, options, !to_stdout);
        cg_status written = CG_OK;
        if (json)
            written = to_stdout ? print_json(benches, count) : cg_bench_write(json, benches, count);
        status = status == CG_OK ? written : status;
    }
    for (size_t i = 0; i < count; i++)
        cg_bench_deinit(&benches[i]);
    free(benches);
    free(selected);
    cg_devices_release(devices);
    return status;
}

static int run_bench(const cg_command *command, int argc, char **argv)
{
    const char *selector = getenv("CLGAN_DEVICE"), *json = NULL;
    const char *algorithm = NULL, *gemm = NULL, *chosen = NULL;
    char algorithms[CG_ALGORITHMS_OPTION];
    uint64_t batch = 256, seconds = CG_BENCH_SECONDS;
    bool profile = false, helped;
    const cg_option options[] = {
        {"device", CG_OPTION_TEXT, &selector, NULL, 0, 0, "SEL",
         "device (default: the best), or all"},
        {"batch", CG_OPTION_NUMBER, &batch, NULL, 1, MAX_BATCH, "N", "images a step (256)"},
        {"seconds", CG_OPTION_NUMBER, &seconds, NULL, 1, CG_BENCH_SECONDS, "N",
         "of measuring a device, at most (60); building the kernels comes on top"},
        {"profile", CG_OPTION_FLAG, &profile, NULL, 0, 0, NULL,
         "also the time of every kernel of a step"},
        {"algorithm", CG_OPTION_TEXT, &algorithm, NULL, 0, 0, "[OP=]NAME",
         "of all convolutions, or of one operation; a,b,... (default: the device's)"},
        {"gemm", CG_OPTION_TEXT, &gemm, NULL, 0, 0, "own|clblast|plain",
         "of the dense layers' products"},
        {"json", CG_OPTION_TEXT, &json, NULL, 0, 0, "FILE",
         "write the figures there; - prints them instead of tables"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = cg_join_algorithms(&chosen, algorithms, algorithm, gemm);
    if (status == CG_OK && !helped)
        status = bench_devices(selector,
                               &(cg_bench_options){.batch = (size_t)batch,
                                                   .profile = profile,
                                                   .algorithm = chosen,
                                                   .seconds = (double)seconds},
                               json);
    return cg_exit_status(status);
}

const cg_command cg_command_bench = {
    .name = "bench",
    .summary = "measures a device: each layer and pass, whole training steps",
    .synopsis =
        "[--device SEL|all] [--batch 256] [--seconds 60] [--profile] [--algorithm [OP=]NAME] "
        "[--json FILE]",
    .example = "clgan bench --device all --json bench.json",
    .run = run_bench,
};
