/* Results as JSON. A device without results has a reason and no figures, so that nobody takes the
 * numbers of a device that computes garbage for an achievement. */
#include <clgan/bench.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/json.h"
#include "base/try.h"

#include <stdlib.h>

static void add_layer(cg_json *json, cJSON *list, const cg_bench_layer *layer)
{
    cJSON *item = cg_json_add_object(json, list, NULL);
    cg_json_add_text(json, item, "name", layer->name);
    cg_json_add_text(json, item, "pass", layer->pass);
    cg_json_add_text(json, item, "algorithm", layer->algorithm);
    cg_json_add_finite(json, item, "seconds_median", layer->seconds_median);
    cg_json_add_finite(json, item, "seconds_min", layer->seconds_min);
    cg_json_add_finite(json, item, "seconds_max", layer->seconds_max);
    cg_json_add_finite(json, item, "gflops_nominal", layer->gflops_nominal);
    cg_json_add_finite(json, item, "gflops_real", layer->gflops_real);
    cg_json_add_finite(json, item, "gflops_done", layer->gflops_done);
    cg_json_add_finite(json, item, "peak_share", layer->peak_share);
    cg_json_add_finite(json, item, "done_share", layer->done_share);
    cg_json_add_finite(json, item, "bytes", layer->bytes);
    cg_json_add_finite(json, item, "gbps", layer->gbps);
    cg_json_add_finite(json, item, "launches", (double)layer->launches);
    cg_json_add_finite(json, item, "repetitions", (double)layer->repetitions);
}

static void add_startup(cg_json *json, cJSON *device, const cg_bench_startup *startup)
{
    cJSON *item = cg_json_add_object(json, device, "startup");
    cg_json_add_finite(json, item, "runtime_seconds", startup->runtime_seconds);
    cg_json_add_finite(json, item, "first_step_seconds", startup->first_step_seconds);
    cg_json_add_finite(json, item, "compile_seconds", startup->compile_seconds);
    cg_json_add_finite(json, item, "check_seconds", startup->check_seconds);
}

static void add_step(cg_json *json, cJSON *parent, const char *name, const cg_bench_step *step)
{
    cJSON *item = cg_json_add_object(json, parent, name);
    cg_json_add_finite(json, item, "seconds_median", step->seconds_median);
    cg_json_add_finite(json, item, "seconds_min", step->seconds_min);
    cg_json_add_finite(json, item, "seconds_max", step->seconds_max);
    cg_json_add_finite(json, item, "launches", (double)step->launches);
    cg_json_add_finite(json, item, "images_per_second", step->images_per_second);
    cg_json_add_finite(json, item, "epoch_seconds", step->epoch_seconds);
    cg_json_add_finite(json, item, "repetitions", (double)step->repetitions);
}

static void add_launch(cg_json *json, cJSON *list, const cg_bench_launch *launch)
{
    cJSON *item = cg_json_add_object(json, list, NULL);
    cg_json_add_text(json, item, "name", launch->name);
    cg_json_add_text(json, item, "pass", launch->pass);
    cg_json_add_text(json, item, "kernel", launch->kernel);
    cg_json_add_finite(json, item, "seconds", launch->seconds);
}

static void add_figures(cg_json *json, cJSON *device, const cg_bench *bench)
{
    cJSON *peak = cg_json_add_object(json, device, "peak");
    cg_json_add_finite(json, peak, "gflops", bench->peak.gflops);
    cg_json_add_finite(json, peak, "gbps", bench->peak.gbps);
    add_startup(json, device, &bench->startup);
    cJSON *layers = cg_json_add_array(json, device, "layers");
    for (size_t i = 0; i < bench->layer_count; i++)
        add_layer(json, layers, &bench->layers[i]);
    add_step(json, device, "step", &bench->step);
    cJSON *launches = bench->launches ? cg_json_add_array(json, device, "profile") : NULL;
    for (size_t i = 0; launches && i < bench->launch_count; i++)
        add_launch(json, launches, &bench->launches[i]);
    cg_json_add_finite(json, device, "memory_bytes", (double)bench->memory_bytes);
    cg_json_add_finite(json, device, "memory_peak_bytes", (double)bench->memory_peak_bytes);
    cg_json_add_finite(json, device, "host_peak_bytes", (double)bench->host_peak_bytes);
    cg_json_add_text(json, device, "algorithms_from", bench->algorithms_from);
}

static void add_check(cg_json *json, cJSON *device, const cg_bench *bench)
{
    cJSON *check = cg_json_add_object(json, device, "check");
    cg_json_add_bool(json, check, "ok", bench->check.ok);
    cg_json_add_finite(json, check, "max_error", bench->check.max_error);
    cg_json_add_finite(json, check, "max_share", bench->check.max_share);
    cg_json_add_text(json, check, "worst", bench->check.worst);
    if (bench->check.message[0])
        cg_json_add_text(json, check, "message", bench->check.message);
}

static void add_info(cg_json *json, cJSON *item, const cg_device_info *info)
{
    cg_json_add_text(json, item, "id", info->id);
    cg_json_add_text(json, item, "platform", info->platform);
    cg_json_add_text(json, item, "device", info->name);
    cg_json_add_text(json, item, "driver", info->driver);
}

static void add_device(cg_json *json, cJSON *list, const cg_bench *bench)
{
    cJSON *device = cg_json_add_object(json, list, NULL);
    add_info(json, device, &bench->device);
    cg_json_add_finite(json, device, "batch", (double)bench->batch);
    if (bench->strict)
        cg_json_add_bool(json, device, "strict", true);
    if (bench->measured)
        add_figures(json, device, bench);
    add_check(json, device, bench);
}

static void begin_json(cg_json *json)
{
    cg_json_init(json);
    cg_json_add_number(json, json->root, "format", 1);
    cg_json_add_text(json, json->root, "clgan", CLGAN_VERSION);
}

static cg_status end_json(char **text, cg_json *json)
{
    cg_status status = cg_json_print(text, json, CG_JSON_INDENTED);
    cg_json_deinit(json);
    return status;
}

cg_status cg_bench_json(char **text, const cg_bench *benches, size_t count)
{
    CG_NEED(text);
    CG_NEED(benches || !count);
    cg_json json;
    begin_json(&json);
    cJSON *list = cg_json_add_array(&json, json.root, "devices");
    for (size_t i = 0; i < count; i++)
        add_device(&json, list, &benches[i]);
    return end_json(text, &json);
}

static void add_rank(cg_json *json, cJSON *list, const cg_bench_rank *rank)
{
    cJSON *item = cg_json_add_object(json, list, NULL);
    cg_json_add_text(json, item, "host", rank->host);
    add_info(json, item, &rank->device);
    cg_json_add_finite(json, item, "shards", (double)rank->shards);
    cg_json_add_finite(json, item, "computing_seconds", rank->computing);
    cg_json_add_finite(json, item, "exchanging_seconds", rank->exchanging);
    cg_json_add_finite(json, item, "waiting_seconds", rank->waiting);
    cg_json_add_finite(json, item, "sent_bytes", rank->sent);
    cg_json_add_finite(json, item, "received_bytes", rank->received);
}

cg_status cg_bench_ranks_json(char **text, const cg_bench_ranks *result)
{
    CG_NEED(text);
    CG_NEED(result && (result->ranks || !result->count));
    cg_json json;
    begin_json(&json);
    cJSON *ranks = cg_json_add_object(&json, json.root, "ranks");
    cg_json_add_finite(&json, ranks, "count", (double)result->count);
    cg_json_add_finite(&json, ranks, "batch", (double)result->batch);
    cg_json_add_finite(&json, ranks, "shards", (double)result->shards);
    if (result->strict)
        cg_json_add_bool(&json, ranks, "strict", true);
    add_step(&json, ranks, "step", &result->step);
    if (result->alone.repetitions)
        add_step(&json, ranks, "one_rank", &result->alone);
    add_step(&json, ranks, "without_shards", &result->whole);
    cg_json_add_finite(&json, ranks, "efficiency", result->efficiency);
    cg_json_add_finite(&json, ranks, "efficiency_without_shards", result->efficiency_whole);
    cJSON *list = cg_json_add_array(&json, ranks, "members");
    for (size_t i = 0; i < result->count; i++)
        add_rank(&json, list, &result->ranks[i]);
    return end_json(text, &json);
}

cg_status cg_bench_probe(const char *path)
{
    CG_NEED(path);
    return cg_file_probe(path);
}

cg_status cg_bench_write(const char *path, const cg_bench *benches, size_t count)
{
    CG_NEED(path);
    cg_status status = CG_OK;
    char *text = NULL;

    CG_TRY(cg_bench_json(&text, benches, count));
    CG_TRY(cg_json_write(path, text));
done:
    free(text);
    return status;
}
