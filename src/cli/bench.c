/* clgan bench: which devices, and the figures as tables or JSON. */
#include "cli/bench_ranks.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/ranks.h"

#include <clgan/bench.h>
#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/recipe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---------------------------------------------------------------------------------- */

static const cg_table_column layer_columns[] = {
    {"layer", NULL, 9, 0, true},      {"pass", NULL, 10, 0, true},
    {"algorithm", NULL, 13, 9, true}, {"ms", "median", 9, 0, false},
    {"ms", "least", 9, 4, false},     {"GFLOP/s", "nominal", 9, 1, false},
    {"GFLOP/s", "real", 8, 2, false}, {"GFLOP/s", "done", 8, 8, false},
    {"% of", "peak", 6, 10, false},   {"MB", NULL, 8, 5, false},
    {"GB/s", NULL, 6, 6, false},      {"laun", "ches", 4, 3, false},
};

enum { LAYER_COLUMNS = sizeof layer_columns / sizeof layer_columns[0] };

static void print_layer(const cg_table *table, const cg_bench_layer *layer)
{
    cg_cells cells;
    snprintf(cells[0], CG_TABLE_CELL, "%s", layer->name);
    snprintf(cells[1], CG_TABLE_CELL, "%s", layer->pass);
    snprintf(cells[2], CG_TABLE_CELL, "%s", layer->algorithm);
    cg_cell_number(cells[3], 3, 1e3 * layer->seconds_median);
    cg_cell_number(cells[4], 3, 1e3 * layer->seconds_min);
    cg_cell_number(cells[5], 1, layer->gflops_nominal);
    cg_cell_number(cells[6], 1, layer->gflops_real);
    cg_cell_number(cells[7], 1, layer->gflops_done);
    cg_cell_number(cells[8], 1, 100 * layer->done_share);
    cg_cell_number(cells[9], 2, layer->bytes / 1e6);
    cg_cell_number(cells[10], 1, layer->gbps);
    cg_cell_number(cells[11], 0, (double)layer->launches);
    cg_table_print(table, cells);
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

/* Prints a line of the results. */
CG_PRINTF(1, 2) static void print_sentence(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cg_output_result(text, 0, 2);
}

static void print_startup(const cg_bench *bench)
{
    const cg_bench_startup *startup = &bench->startup;
    print_sentence("start: device opened in %.2f s, first step in %.2f s (%.2f s of it compiling "
                   "kernels), compared in %.1f s",
                   startup->runtime_seconds, startup->first_step_seconds, startup->compile_seconds,
                   startup->check_seconds);
}

static void print_step(const cg_bench *bench)
{
    const cg_bench_step *step = &bench->step;
    char times[48] = "no time to repeat";
    if (step->repetitions > 1)
        snprintf(times, sizeof times, "%zu times", step->repetitions);
    print_sentence("step of batch %zu: median %.3f ms (%.3f to %.3f, %s), %zu launches",
                   bench->batch, 1e3 * step->seconds_median, 1e3 * step->seconds_min,
                   1e3 * step->seconds_max, times, step->launches);
    print_sentence("%.0f images/s, an epoch %.1f s, %.0f MiB of device memory, at most %.0f MiB of "
                   "the host's",
                   step->images_per_second, step->epoch_seconds,
                   (double)bench->memory_peak_bytes / (1 << 20),
                   (double)bench->host_peak_bytes / (1 << 20));
}

static const cg_table_column launch_columns[] = {
    {"layer", NULL, 9, 0, true}, {"pass", NULL, 10, 0, true}, {"kernel", NULL, 26, 3, true},
    {"ms", NULL, 10, 0, false},  {"%", NULL, 6, 2, false},    {"end at", NULL, 10, 1, false},
};

/* Prints the time line of a step: each launch, and when it ends. */
static void print_launches(const cg_bench *bench)
{
    double total = 0, end = 0;
    cg_table table;
    cg_cells cells;
    for (size_t i = 0; i < bench->launch_count; i++)
        total += bench->launches[i].seconds;
    cg_table_begin(&table, launch_columns, sizeof launch_columns / sizeof launch_columns[0]);
    for (size_t i = 0; i < bench->launch_count; i++) {
        const cg_bench_launch *launch = &bench->launches[i];
        end += launch->seconds;
        snprintf(cells[0], CG_TABLE_CELL, "%s", launch->name);
        snprintf(cells[1], CG_TABLE_CELL, "%s", launch->pass);
        snprintf(cells[2], CG_TABLE_CELL, "%s", launch->kernel);
        cg_cell_number(cells[3], 3, 1e3 * launch->seconds);
        cg_cell_number(cells[4], 1, 100 * launch->seconds / total);
        cg_cell_number(cells[5], 3, 1e3 * end);
        cg_table_print(&table, cells);
    }
    putchar('\n');
}

static void print_layers(const cg_bench *bench)
{
    const cg_bench_layer sum = add_up(bench);
    cg_table table;
    cg_table_begin(&table, layer_columns, LAYER_COLUMNS);
    for (size_t i = 0; i < bench->layer_count; i++)
        print_layer(&table, &bench->layers[i]);
    print_layer(&table, &sum);
    putchar('\n');
}

static void print_table(const cg_bench *bench)
{
    const cg_device_info *device = &bench->device;
    print_sentence("%s  %s (%s), driver %s", device->id, device->name, device->platform,
                   device->driver);
    if (!bench->measured) {
        print_sentence("no figures: %s", bench->check.message);
        putchar('\n');
        return;
    }
    print_sentence("check: ok, largest error %.0f %% of its bound (%s)",
                   100 * bench->check.max_share, bench->check.worst);
    print_sentence("peak: %.1f GFLOP/s, copying %.1f GB/s", bench->peak.gflops, bench->peak.gbps);
    putchar('\n');
    print_layers(bench);
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

    cg_status status = cg_select_devices(&devices, &selected, selector);
    if (status == CG_OK) {
        size_t room = cg_devices_count(devices);
        benches = calloc(room, sizeof *benches);
        if (!benches)
            status = cg_fail(CG_ERR_MEMORY, "no memory for %zu devices", room);
    }
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

/* The values of the command line. */
typedef struct arguments {
    const char *device, *json, *algorithm, *gemm, *chosen;
    char algorithms[CG_ALGORITHMS_OPTION]; /* both of them, joined */
    uint64_t batch, seconds, ranks, shards;
    bool profile, strict, has_ranks, has_shards;
} arguments;

static cg_status parse(arguments *a, const cg_command *command, int argc, char **argv, bool *helped)
{
    const cg_option options[] = {
        {"device", CG_OPTION_TEXT, &a->device, NULL, 0, 0, "SEL",
         "device (default: the best), or all; of ranks those by rank"},
        {"batch", CG_OPTION_NUMBER, &a->batch, NULL, 1, CG_BATCH_MOST, "N", "images a step (256)"},
        {"seconds", CG_OPTION_NUMBER, &a->seconds, NULL, 1, CG_BENCH_SECONDS, "N",
         "of measuring a device, at most (60); building the kernels comes on top"},
        {"profile", CG_OPTION_FLAG, &a->profile, NULL, 0, 0, NULL,
         "also the time of every kernel of a step; not of ranks and shards"},
        {"ranks", CG_OPTION_NUMBER, &a->ranks, &a->has_ranks, 1, CG_SHARDS_MOST, "N",
         "processes of this machine that share each step, by MPI, beside one alone"},
        {"shards", CG_OPTION_NUMBER, &a->shards, &a->has_shards, 1, CG_SHARDS_MOST, "N",
         "cut a batch, for several devices to share (with ranks 8)"},
        {"strict", CG_OPTION_FLAG, &a->strict, NULL, 0, 0, NULL,
         "of a strict training, which has the same bits on every device"},
        {"algorithm", CG_OPTION_TEXT, &a->algorithm, NULL, 0, 0, "[OP=]NAME",
         "of all convolutions, or of one operation; a,b,... (default: the device's)"},
        {"gemm", CG_OPTION_TEXT, &a->gemm, NULL, 0, 0, "own|clblast|plain",
         "of the dense layers' products"},
        {"json", CG_OPTION_OUTPUT, &a->json, NULL, 0, 0, "FILE",
         "write the figures there; - prints them instead of tables"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, helped);
    return status == CG_OK && !*helped
               ? cg_join_algorithms(&a->chosen, a->algorithms, a->algorithm, a->gemm)
               : status;
}

/* True where it is ranks that are measured, of which this process is one or will start some. */
static bool is_of_ranks(const arguments *a)
{
    cg_rank rank;
    return a->has_ranks || a->has_shards || (cg_rank_find(&rank) && rank.count != 1);
}

static int bench_ranks(const arguments *a, int argc, char **argv)
{
    if (a->profile)
        return cg_exit_status(cg_fail(CG_ERR_ARGUMENT, "--profile tells of one device, without "
                                                       "ranks and shards"));
    if (a->ranks > 1)
        return cg_ranks_start("bench", (size_t)a->ranks, argc, argv);
    return cg_exit_status(
        cg_bench_ranks_command(&(cg_bench_ranks_options){.batch = (size_t)a->batch,
                                                         .shards = (size_t)a->shards,
                                                         .seconds = (double)a->seconds,
                                                         .device = a->device,
                                                         .algorithm = a->chosen,
                                                         .file = a->json,
                                                         .strict = a->strict}));
}

static int run_bench(const cg_command *command, int argc, char **argv)
{
    arguments a = {.device = getenv("CLGAN_DEVICE"), .batch = 256, .seconds = CG_BENCH_SECONDS};
    bool helped;
    cg_ranks_hush(true);
    cg_status status = parse(&a, command, argc, argv, &helped);
    cg_ranks_hush(false);
    if (status == CG_OK && !helped && is_of_ranks(&a))
        return bench_ranks(&a, argc, argv);
    if (status == CG_OK && !helped)
        status = bench_devices(a.device,
                               &(cg_bench_options){.batch = (size_t)a.batch,
                                                   .profile = a.profile,
                                                   .strict = a.strict,
                                                   .algorithm = a.chosen,
                                                   .seconds = (double)a.seconds},
                               a.json);
    return cg_exit_status(status);
}

const cg_command cg_command_bench = {
    .name = "bench",
    .summary = "measures a device: each layer and pass, whole training steps",
    .synopsis = "[--device SEL|all] [--batch 256] [--seconds 60] [--profile] [--ranks N] "
                "[--shards N] [--strict] [--algorithm [OP=]NAME] [--json FILE]",
    .example = "clgan bench --device all --json bench.json",
    .run = run_bench,
};
