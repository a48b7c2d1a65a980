/* config.json. */
#include "run/config.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "nn/tuning.h"

#include <cjson/cJSON.h>
#include <clgan/evaluate.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_LIMIT = 1 << 20 };

/* The numbers of a run, as a table for writing and reading. */
typedef struct number_field {
    const char *name;
    size_t offset;
    uint64_t min, max;
    bool optional; /* 0 where the file has none: it is younger than the first runs */
} number_field;

#define FIELD(name, ...)                                  \
    {                                                     \
#name, offsetof(cg_run_config, name), __VA_ARGS__ \
    }
static const number_field fields[] = {
    FIELD(epochs, 1, 1000000, false),
    FIELD(keep, 1, 1000000, false),
    FIELD(checkpoint_every, 0, 1000000000, false),
    FIELD(log_every, 1, 1000000000, false),
    FIELD(evaluate_every, 0, 1000000, true),
    FIELD(evaluate_samples, CG_EVALUATE_LEAST, CG_EVALUATE_MOST, true),
    FIELD(first_step, 0, UINT32_MAX, true),
    FIELD(images, 1, 1000000000, false),
};

static cJSON *device_json(const cg_device_info *device)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", device->id);
    cJSON_AddStringToObject(json, "name", device->name);
    cJSON_AddStringToObject(json, "platform", device->platform);
    cJSON_AddStringToObject(json, "vendor", device->vendor);
    cJSON_AddStringToObject(json, "type", cg_device_type_name(device->type));
    cJSON_AddStringToObject(json, "driver", device->driver);
    cJSON_AddStringToObject(json, "version", device->version);
    return json;
}

cg_status cg_config_write(const cg_run *run, const cg_run_config *config,
                          const cg_device_info *device)
{
    cg_status status = CG_OK;
    char *path = NULL, *text = NULL, seed[24];
    char *data = cg_platform_resolve(config->data);
    char *classifier = cg_platform_resolve(config->classifier);
    cJSON *json = cJSON_CreateObject();
    const cg_recipe *recipe = &config->recipe;

    if (!data) {
        status =
            cg_fail(CG_ERR_INPUT, "cannot find %s any more: %s", config->data, strerror(errno));
        goto done;
    }
    snprintf(seed, sizeof seed, "%" PRIu64, recipe->seed); /* a double holds 53 bits only */
    cJSON_AddNumberToObject(json, "format", 1);
    cJSON_AddStringToObject(json, "clgan", CLGAN_VERSION);
    cJSON_AddRawToObject(json, "seed", seed);
    cJSON_AddNumberToObject(json, "batch", (double)recipe->batch);
    cg_recipe_add_json(json, recipe);
    for (size_t i = 0; i < CG_COUNT(fields); i++) {
        uint64_t value;
        memcpy(&value, (const char *)config + fields[i].offset, sizeof value);
        cJSON_AddNumberToObject(json, fields[i].name, (double)value);
    }
    cJSON_AddStringToObject(json, "data", data);
    if (config->classifier[0]) /* one that is gone keeps its name */
        cJSON_AddStringToObject(json, "classifier", classifier ? classifier : config->classifier);
    cJSON_AddStringToObject(json, "data_sha256", recipe->data_sha256);
    cJSON_AddItemToObject(json, "device", device_json(device));
    cJSON_AddItemToObject(json, "algorithms", cg_algorithms_json(recipe->algorithms));
    cJSON_AddStringToObject(json, "algorithms_from", config->algorithms_from);
    text = cJSON_Print(json);
    CG_TRY(text ? CG_OK : cg_fail(CG_ERR_MEMORY, "out of memory"));
    CG_TRY(cg_run_path(&path, run, "config.json"));
    CG_TRY(cg_file_write(path, text, strlen(text)));
done:
    cJSON_free(text);
    cJSON_Delete(json);
    free(data);
    free(classifier);
    free(path);
    return status;
}

static bool read_fields(cg_run_config *config, const cJSON *json)
{
    for (size_t i = 0; i < CG_COUNT(fields); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, fields[i].name);
        bool missing = !item && fields[i].optional;
        double number = missing ? 0 : cJSON_GetNumberValue(item);
        if (!missing && !(number >= (double)fields[i].min && number <= (double)fields[i].max))
            return false;
        uint64_t value = (uint64_t)number;
        memcpy((char *)config + fields[i].offset, &value, sizeof value);
    }
    const char *data = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "data"));
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "classifier");
    const char *classifier = item ? cJSON_GetStringValue(item) : "";
    if (!data || strlen(data) >= sizeof config->data || !classifier ||
        strlen(classifier) >= sizeof config->classifier)
        return false;
    snprintf(config->data, sizeof config->data, "%s", data);
    snprintf(config->classifier, sizeof config->classifier, "%s", classifier);
    return true;
}

cg_status cg_config_read(cg_run_config *config, const cg_run *run)
{
    cg_status status = CG_OK;
    char *path = NULL;
    void *text = NULL;
    size_t size;
    cJSON *json = NULL;

    *config = (cg_run_config){0};
    CG_TRY(cg_run_path(&path, run, "config.json"));
    CG_TRY(cg_file_read(&text, &size, path, CONFIG_LIMIT));
    json = cJSON_Parse(text);
    if (!json || !read_fields(config, json))
        status = cg_fail(CG_ERR_INPUT, "%s is damaged: it is not what clgan writes", path);
done:
    cJSON_Delete(json);
    free(text);
    free(path);
    return status;
}
