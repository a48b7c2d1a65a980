/* Reads what src/bench/json.c wrote. */
#include <clgan/compare.h>

#include "base/file.h"
#include "base/try.h"

#include <cjson/cJSON.h>
#include <clgan/log.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 64 << 20 };

static const double max_batch = 1e9;

static cg_status refuse(const char *path, const char *what)
{
    return cg_fail(CG_ERR_INPUT, "%s: not a file of clgan bench: %s", path, what);
}

static const cJSON *item(const cJSON *json, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(json, key);
}

static cg_status read_text(char text[CG_COMPARE_TEXT], const cJSON *json, const char *key,
                           const char *path)
{
    const cJSON *value = item(json, key);
    if (!cJSON_IsString(value))
        return refuse(path, key);
    snprintf(text, CG_COMPARE_TEXT, "%s", value->valuestring);
    for (char *c = text; *c; c++) /* nothing that a terminal obeys */
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return CG_OK;
}

static cg_status read_number(double *number, const cJSON *json, const char *key, const char *path)
{
    const cJSON *value = item(json, key);
    if (!cJSON_IsNumber(value) || !(value->valuedouble > 0) || !(value->valuedouble < DBL_MAX))
        return refuse(path, key);
    *number = value->valuedouble;
    return CG_OK;
}

static cg_status read_figures(cg_comparison_entry *entry, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    const cJSON *step = item(json, "step");
    CG_TRY(read_number(&entry->seconds, step, "seconds_median", path));
    CG_TRY(read_number(&entry->images_per_second, step, "images_per_second", path));
    CG_TRY(read_number(&entry->gflops, item(json, "peak"), "gflops", path));
    CG_TRY(read_number(&entry->memory_bytes, json, "memory_bytes", path));
done:
    return status;
}

static cg_status read_entry(cg_comparison_entry *entry, const cJSON *json, const char *path)
{
    cg_status status = CG_OK;
    double batch;
    const cJSON *check = item(json, "check"), *message = item(check, "message");

    snprintf(entry->file, sizeof entry->file, "%s", path);
    CG_TRY(read_text(entry->device, json, "device", path));
    CG_TRY(read_text(entry->driver, json, "driver", path));
    CG_TRY(read_number(&batch, json, "batch", path));
    if (batch > max_batch)
        CG_TRY(refuse(path, "batch"));
    entry->batch = (uint64_t)batch;
    if (item(json, "step")) {
        CG_TRY(read_figures(entry, json, path));
    } else if (cJSON_IsString(message) && message->valuestring[0]) {
        CG_TRY(read_text(entry->reason, check, "message", path));
    } else {
        snprintf(entry->reason, sizeof entry->reason, "no figures");
    }
done:
    return status;
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
    CG_TRY(read_text(version, json, "clgan", path));
    if (!cJSON_IsArray(list) || !cJSON_GetArraySize(list))
        return refuse(path, "devices");
    cJSON_ArrayForEach (device, list) {
        cg_comparison_entry *grown = realloc(c->entries, (c->count + 1) * sizeof *c->entries);
        if (!grown)
            return cg_fail(CG_ERR_MEMORY, "no memory for %zu devices", c->count + 1);
        c->entries = grown;
        grown[c->count] = (cg_comparison_entry){0};
        CG_TRY(read_entry(&grown[c->count], device, path));
        memcpy(grown[c->count].clgan, version, sizeof version);
        c->count++;
    }
    find_ratios(c);
done:
    return status;
}

cg_status cg_comparison_add(cg_comparison *comparison, const char *path)
{
    cg_status status = CG_OK;
    void *text = NULL;
    size_t size;
    cJSON *json = NULL;

    CG_TRY(cg_file_read(&text, &size, path, MAX_BYTES));
    json = cJSON_ParseWithLength(text, size);
    status = json ? add_devices(comparison, json, path) : refuse(path, "JSON");
done:
    cJSON_Delete(json);
    free(text);
    return status;
}

void cg_comparison_deinit(cg_comparison *comparison)
{
    free(comparison->entries);
    *comparison = (cg_comparison){0};
}
