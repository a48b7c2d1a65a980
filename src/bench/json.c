/* Results as JSON. A device without results has a reason and no figures, so that nobody takes the
 * numbers of a device that computes garbage for an achievement. */
#include <clgan/bench.h>

#include "base/file.h"
#include "base/try.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* JSON knows no infinity. */
static void add_number(cJSON *json, const char *name, double value)
{
    cJSON_AddNumberToObject(json, name, isfinite(value) ? value : DBL_MAX);
}

static void add_layers(cJSON *json, const cg_bench *bench)
{
    cJSON *list = cJSON_AddArrayToObject(json, "layers");
    for (size_t i = 0; i < bench->layer_count; i++) {
        const cg_bench_layer *layer = &bench->layers[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", layer->name);
        cJSON_AddStringToObject(item, "pass", layer->pass);
        cJSON_AddStringToObject(item, "algorithm", layer->algorithm);
        add_number(item, "seconds_median", layer->seconds_median);
        add_number(item, "seconds_min", layer->seconds_min);
        add_number(item, "seconds_max", layer->seconds_max);
        add_number(item, "gflops_nominal", layer->gflops_nominal);
        add_number(item, "gflops_real", layer->gflops_real);
        add_number(item, "gflops_done", layer->gflops_done);
        add_number(item, "peak_share", layer->peak_share);
        add_number(item, "done_share", layer->done_share);
        add_number(item, "bytes", layer->bytes);
        add_number(item, "gbps", layer->gbps);
        add_number(item, "launches", (double)layer->launches);
        add_number(item, "repetitions", (double)layer->repetitions);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_startup(cJSON *json, const cg_bench_startup *startup)
{
    cJSON *item = cJSON_AddObjectToObject(json, "startup");
    add_number(item, "runtime_seconds", startup->runtime_seconds);
    add_number(item, "first_step_seconds", startup->first_step_seconds);
    add_number(item, "compile_seconds", startup->compile_seconds);
    add_number(item, "check_seconds", startup->check_seconds);
}

static void add_step(cJSON *json, const cg_bench_step *step)
{
    cJSON *item = cJSON_AddObjectToObject(json, "step");
    add_number(item, "seconds_median", step->seconds_median);
    add_number(item, "seconds_min", step->seconds_min);
    add_number(item, "seconds_max", step->seconds_max);
    add_number(item, "launches", (double)step->launches);
    add_number(item, "images_per_second", step->images_per_second);
    add_number(item, "epoch_seconds", step->epoch_seconds);
    add_number(item, "repetitions", (double)step->repetitions);
}

static void add_launches(cJSON *json, const cg_bench *bench)
{
    cJSON *list = cJSON_AddArrayToObject(json, "profile");
    for (size_t i = 0; i < bench->launch_count; i++) {
        const cg_bench_launch *launch = &bench->launches[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", launch->name);
        cJSON_AddStringToObject(item, "pass", launch->pass);
        cJSON_AddStringToObject(item, "kernel", launch->kernel);
        add_number(item, "seconds", launch->seconds);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_figures(cJSON *json, const cg_bench *bench)
{
    cJSON *peak = cJSON_AddObjectToObject(json, "peak");
    add_number(peak, "gflops", bench->peak.gflops);
    add_number(peak, "gbps", bench->peak.gbps);
    add_startup(json, &bench->startup);
    add_layers(json, bench);
    add_step(json, &bench->step);
    if (bench->launches)
        add_launches(json, bench);
    add_number(json, "memory_bytes", (double)bench->memory_bytes);
    add_number(json, "memory_peak_bytes", (double)bench->memory_peak_bytes);
    add_number(json, "host_peak_bytes", (double)bench->host_peak_bytes);
    cJSON_AddStringToObject(json, "algorithms_from", bench->algorithms_from);
}

static cJSON *device_json(const cg_bench *bench)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", bench->device.id);
    cJSON_AddStringToObject(json, "platform", bench->device.platform);
    cJSON_AddStringToObject(json, "device", bench->device.name);
    cJSON_AddStringToObject(json, "driver", bench->device.driver);
    add_number(json, "batch", (double)bench->batch);
    if (bench->measured)
        add_figures(json, bench);
    cJSON *check = cJSON_AddObjectToObject(json, "check");
    cJSON_AddBoolToObject(check, "ok", bench->check.ok);
    add_number(check, "max_error", bench->check.max_error);
    add_number(check, "max_share", bench->check.max_share);
    cJSON_AddStringToObject(check, "worst", bench->check.worst ? bench->check.worst : "");
    if (bench->check.message[0])
        cJSON_AddStringToObject(check, "message", bench->check.message);
    return json;
}

cg_status cg_bench_json(char **text, const cg_bench *benches, size_t count)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "format", 1);
    cJSON_AddStringToObject(json, "clgan", CLGAN_VERSION);
    cJSON *list = cJSON_AddArrayToObject(json, "devices");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, device_json(&benches[i]));
    *text = cJSON_Print(json);
    cJSON_Delete(json);
    return *text ? CG_OK : cg_fail(CG_ERR_MEMORY, "no memory for the results as JSON");
}

cg_status cg_bench_probe(const char *path)
{
    return cg_file_probe(path);
}

cg_status cg_bench_write(const char *path, const cg_bench *benches, size_t count)
{
    cg_status status = CG_OK;
    cg_writer writer = {0};
    char *text = NULL;

    CG_TRY(cg_bench_json(&text, benches, count));
    CG_TRY(cg_writer_open(&writer, path));
    CG_TRY(cg_writer_write(&writer, text, strlen(text)));
    CG_TRY(cg_writer_write(&writer, "\n", 1));
    CG_TRY(cg_writer_commit(&writer));
done:
    cg_writer_abandon(&writer);
    free(text);
    return status;
}
