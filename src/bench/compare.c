/* Reads what src/bench/json.c wrote. */
#include <clgan/compare.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/try.h"

#include <clgan/log.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 16 << 20 };

static const double max_count = 1e9; /* of images, of launches */

static cg_status refuse(const char *path, const char *what)
{
    return cg_fail(CG_ERR_INPUT, "%s: not a file of clgan bench: %s", path, what);
}

static const cJSON *item(const cJSON *json, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(json, key);
}

/* A member that a file may leave out, which then stays as it is. */
static cg_status read_text(char *text, size_t room, const cJSON *json, const char *key,
                           const char *path)
{
    const cJSON *value = item(json, key);
    if (value && !cJSON_IsString(value))
        return refuse(path, key);
    if (value)
        cg_text_clean(text, room, value->valuestring);
    return CG_OK;
}

/* *number = the member, refused when it is negative; a file that counts nothing writes 0. */
static cg_status read_number(double *number, const cJSON *json, const char *key, const char *path)
{
    const cJSON *value = item(json, key);
    if (!value)
        return CG_OK;
    if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0) || isinf(value->valuedouble))
        return refuse(path, key);
    *number = value->valuedouble;
    return CG_OK;
}

static cg_status read_count(uint64_t *count, const cJSON *json, const char *key, const char *path)
{
    double number = 0;
    cg_status status = read_number(&number, json, key, path);
    if (status == CG_OK && number > max_count)
        return refuse(path, key);
    *count = (uint64_t)number;
    return status;
}

/* A member that must be there, more than 0. */
static cg_status need_number(double *number, const cJSON *json, const char *key, const char *path)
{
    const double most = 1e12; /* seconds or images a second, which pages have room for */
    *number = 0;
    cg_status status = read_number(number, json, key, path);
    return status != CG_OK || (*number > 0 && *number <= most) ? status : refuse(path, key);
}

static cg_status need_text(char text[CG_COMPARE_TEXT], const cJSON *json, const char *key,
                           const char *path)
{
    return item(json, key) ? read_text(text, CG_COMPARE_TEXT, json, key, path) : refuse(path, key);
}

static cg_status read_layer(cg_comparison_layer *layer, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    CG_TRY(read_text(layer->name, sizeof layer->name, json, "name", path));
    CG_TRY(read_text(layer->pass, sizeof layer->pass, json, "pass", path));
    CG_TRY(read_text(layer->algorithm, sizeof layer->algorithm, json, "algorithm", path));
    CG_TRY(need_number(&layer->seconds, json, "seconds_median", path));
    CG_TRY(read_number(&layer->peak_share, json, "peak_share", path));
done:
    return status;
}

static cg_status read_layers(cg_comparison_entry *entry, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    const cJSON *list = item(json, "layers"), *layer;
    int count = cJSON_GetArraySize(list);
    if (list && (!cJSON_IsArray(list) || count > CG_COMPARE_LAYERS))
        return refuse(path, "layers");
    if (count == 0)
        return CG_OK;
    CG_TRY(cg_memory_create(&entry->layers, (size_t)count, sizeof *entry->layers));
    cJSON_ArrayForEach (layer, list)
        CG_TRY(read_layer(&entry->layers[entry->layer_count++], layer, path));
done:
    return status;
}

static cg_status read_figures(cg_comparison_entry *entry, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    const cJSON *step = item(json, "step"), *peak = item(json, "peak");
    CG_TRY(need_number(&entry->seconds, step, "seconds_median", path));
    CG_TRY(read_number(&entry->seconds_min, step, "seconds_min", path));
    CG_TRY(read_number(&entry->seconds_max, step, "seconds_max", path));
    CG_TRY(need_number(&entry->images_per_second, step, "images_per_second", path));
    CG_TRY(read_count(&entry->launches, step, "launches", path));
    CG_TRY(read_number(&entry->gflops, peak, "gflops", path));
    CG_TRY(read_number(&entry->gbps, peak, "gbps", path));
    CG_TRY(read_number(&entry->memory_bytes, json, "memory_bytes", path));
    CG_TRY(read_layers(entry, json, path));
done:
    return status;
}

static cg_status read_entry(cg_comparison_entry *entry, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    const cJSON *check = item(json, "check");

    cg_text_clean(entry->file, sizeof entry->file, path);
    CG_TRY(need_text(entry->device, json, "device", path));
    CG_TRY(read_text(entry->platform, sizeof entry->platform, json, "platform", path));
    CG_TRY(need_text(entry->driver, json, "driver", path));
    CG_TRY(read_count(&entry->batch, json, "batch", path));
    entry->checked = cJSON_IsTrue(item(check, "ok"));
    CG_TRY(read_number(&entry->max_error, check, "max_error", path));
    if (item(json, "step") && !cJSON_IsFalse(item(check, "ok"))) {
        CG_TRY(read_figures(entry, json, path));
    } else {
        CG_TRY(read_text(entry->reason, sizeof entry->reason, check, "message", path));
        if (!entry->reason[0])
            snprintf(entry->reason, sizeof entry->reason, "no figures");
    }
done:
    return status;
}

static size_t count_layers(const cg_comparison *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        count += c->entries[i].layer_count;
    return count;
}

static void find_ratios(cg_comparison *c)
{
    double first = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (first == 0)
            first = c->entries[i].images_per_second;
        c->entries[i].ratio = first > 0 ? c->entries[i].images_per_second / first : 0;
    }
}

static cg_status add_devices(cg_comparison *c, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    const cJSON *format = item(json, "format"), *list = item(json, "devices"), *device;
    char version[CG_COMPARE_TEXT];

    if (!cJSON_IsNumber(format) || format->valuedouble != 1)
        return refuse(path, "format");
    CG_TRY(need_text(version, json, "clgan", path));
    size_t count = (size_t)cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || !count)
        return refuse(path, "devices");
    if (count > CG_COMPARE_DEVICES - c->count)
        return cg_fail(CG_ERR_INPUT, "%s: %d devices can be compared at most", path,
                       CG_COMPARE_DEVICES);
    cJSON_ArrayForEach (device, list) {
        CG_TRY(cg_memory_grow(&c->entries, c->count, sizeof *c->entries));
        cg_comparison_entry *entry = &c->entries[c->count++];
        *entry = (cg_comparison_entry){0};
        memcpy(entry->clgan, version, sizeof version);
        CG_TRY(read_entry(entry, device, path));
        if (count_layers(c) > CG_COMPARE_TIMES)
            return refuse(path, "layers, more than can be compared");
    }
    find_ratios(c);
done:
    return status;
}

cg_status cg_comparison_add(cg_comparison *comparison, const char *path)
{
    CG_NEED(comparison);
    CG_NEED(path);
    cg_status status = CG_OK;
    void *text = NULL;
    size_t size;
    cJSON *json = NULL;

    CG_TRY(cg_file_read(&text, &size, path, MAX_BYTES));
    status = cg_json_parse(&json, text, size, CG_JSON_MEMORY);
    if (status == CG_OK)
        status = add_devices(comparison, json, path);
    else if (status == CG_ERR_INPUT)
        status = refuse(path, "JSON");
done:
    cJSON_Delete(json);
    free(text);
    return status;
}

void cg_comparison_deinit(cg_comparison *comparison)
{
    if (!comparison)
        return;
    for (size_t i = 0; i < comparison->count; i++)
        free(comparison->entries[i].layers);
    free(comparison->entries);
    *comparison = (cg_comparison){0};
}
