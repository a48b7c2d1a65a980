/* config.json. */
#include "run/config.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "nn/tuning.h"

#include <clgan/evaluate.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1, CONFIG_LIMIT = 1 << 20 };

const cg_run_number_spec cg_run_numbers[CG_RUN_NUMBER_COUNT] = {
    [CG_RUN_EPOCHS] = {"epochs", "epochs", 50, 1, 1000000, "epochs to train", NULL},
    [CG_RUN_KEEP] = {"keep", "keep", 3, 1, 1000000,
                     "checkpoints to keep beside every tenth epoch's", NULL},
    [CG_RUN_CHECKPOINT_EVERY] = {"checkpoint_every", "checkpoint-every", 0, 0, 1000000000,
                                 "steps between checkpoints", "each epoch"},
    [CG_RUN_LOG_EVERY] = {"log_every", "log-every", 50, 1, 1000000000, "steps between log records",
                          NULL},
    [CG_RUN_EVALUATE_EVERY] = {"evaluate_every", "evaluate-every", 1, 0, 1000000,
                               "epochs between evaluations", "none"},
    [CG_RUN_EVALUATE_SAMPLES] = {"evaluate_samples", "evaluate-samples", 2000, CG_EVALUATE_LEAST,
                                 CG_EVALUATE_MOST, "drawn for each", NULL},
};

/* The numbers of config.json that are no options. */
static const cg_run_number_spec first_step = {.name = "first_step", .max = UINT32_MAX},
                                images = {.name = "images", .min = 1, .max = 1000000000};

/* The numbers of a run as config.json has them: first those of cg_run_numbers. */
static const struct {
    const cg_run_number_spec *spec;
    size_t offset;
    bool optional; /* 0 where the file has none: it is younger than the first runs */
} fields[] = {
    [CG_RUN_EPOCHS] = {&cg_run_numbers[CG_RUN_EPOCHS], offsetof(cg_run_config, epochs), false},
    [CG_RUN_KEEP] = {&cg_run_numbers[CG_RUN_KEEP], offsetof(cg_run_config, keep), false},
    [CG_RUN_CHECKPOINT_EVERY] = {&cg_run_numbers[CG_RUN_CHECKPOINT_EVERY],
                                 offsetof(cg_run_config, checkpoint_every), false},
    [CG_RUN_LOG_EVERY] = {&cg_run_numbers[CG_RUN_LOG_EVERY], offsetof(cg_run_config, log_every),
                          false},
    [CG_RUN_EVALUATE_EVERY] = {&cg_run_numbers[CG_RUN_EVALUATE_EVERY],
                               offsetof(cg_run_config, evaluate_every), true},
    [CG_RUN_EVALUATE_SAMPLES] = {&cg_run_numbers[CG_RUN_EVALUATE_SAMPLES],
                                 offsetof(cg_run_config, evaluate_samples), true},
    {&first_step, offsetof(cg_run_config, first_step), true},
    {&images, offsetof(cg_run_config, images), false},
};

static uint64_t *field_of(cg_run_config *config, size_t i)
{
    return (uint64_t *)((char *)config + fields[i].offset); // NOLINT: it is aligned
}

uint64_t *cg_config_number(cg_run_config *config, cg_run_number number)
{
    return field_of(config, number);
}

/* Adds the numbers of the table. */
static void add_fields(cg_json *json, const cg_run_config *config)
{
    for (size_t i = 0; i < CG_COUNT(fields); i++) {
        uint64_t value;
        memcpy(&value, (const char *)config + fields[i].offset, sizeof value);
        cg_json_add_number(json, json->root, fields[i].spec->name, (double)value);
    }
}

static void add_device(cg_json *json, const cg_device_info *device)
{
    cJSON *object = cg_json_add_object(json, json->root, "device");
    cg_json_add_text(json, object, "id", device->id);
    cg_json_add_text(json, object, "name", device->name);
    cg_json_add_text(json, object, "platform", device->platform);
    cg_json_add_text(json, object, "vendor", device->vendor);
    cg_json_add_text(json, object, "type", cg_device_type_name(device->type));
    cg_json_add_text(json, object, "driver", device->driver);
    cg_json_add_text(json, object, "version", device->version);
}

static void add_ranks(cg_json *json, const cg_run_config *config)
{
    cJSON *list = cg_json_add_array(json, json->root, "ranks");
    for (size_t i = 0; i < config->rank_count; i++) {
        cJSON *rank = cg_json_add_object(json, list, NULL);
        cg_json_add_text(json, rank, "id", config->ranks[i].id);
        cg_json_add_text(json, rank, "device", config->ranks[i].device);
        cg_json_add_text(json, rank, "platform", config->ranks[i].platform);
        cg_json_add_text(json, rank, "driver", config->ranks[i].driver);
        cg_json_add_text(json, rank, "host", config->ranks[i].host);
    }
}

/* `data` and `classifier` are absolute paths; "" is no classifier. */
static void add_config(cg_json *json, const cg_run_config *config, const cg_device_info *device,
                       const char *data, const char *classifier)
{
    const cg_recipe *recipe = &config->recipe;
    cg_json_add_number(json, json->root, "format", FORMAT);
    cg_json_add_text(json, json->root, "clgan", CLGAN_VERSION);
    cg_json_add_uint64(json, json->root, "seed", recipe->seed);
    cg_json_add_number(json, json->root, "batch", (double)recipe->batch);
    cg_recipe_add_json(json, recipe);
    add_fields(json, config);
    cg_json_add_text(json, json->root, "data", data);
    if (classifier[0])
        cg_json_add_text(json, json->root, "classifier", classifier);
    cg_json_add_text(json, json->root, "data_sha256", recipe->data_sha256);
    add_device(json, device);
    if (config->rank_count)
        add_ranks(json, config);
    cg_algorithms_add_json(json, json->root, recipe->algorithms);
    cg_json_add_text(json, json->root, "algorithms_from", config->algorithms_from);
    cg_json_add_bool(json, json->root, "selftest", !config->no_selftest);
}

/* *absolute = the path without links, for free(); NULL where there is no such file. */
static cg_status resolve_path(char **absolute, const char *path)
{
    *absolute = cg_platform_resolve(path);
    return *absolute || errno != ENOMEM ? CG_OK : cg_fail(CG_ERR_MEMORY, "out of memory");
}

/* The same of a folder or a file of data: the name of a file stays, since it says what is in it. */
static cg_status resolve_data(char **absolute, const char *path)
{
    cg_file_info info;
    char *folder = NULL, *resolved = NULL;
    cg_status status = CG_OK;
    if (!cg_platform_path_info(&info, path) || info.folder)
        return resolve_path(absolute, path);
    CG_TRY(cg_path_folder(&folder, path));
    CG_TRY(resolve_path(&resolved, *folder ? folder : "."));
    if (resolved)
        CG_TRY(cg_path_join(absolute, resolved, path + strlen(folder)));
done:
    free(folder);
    free(resolved);
    return status;
}

cg_status cg_config_write(const cg_run *run, const cg_run_config *config,
                          const cg_device_info *device)
{
    cg_status status = CG_OK;
    char *path = NULL, *text = NULL, *data = NULL, *classifier = NULL;
    cg_json json;

    cg_json_init(&json);
    CG_TRY(resolve_data(&data, config->data));
    if (!data) {
        status =
            cg_fail(CG_ERR_INPUT, "cannot find %s any more: %s", config->data, strerror(errno));
        goto done;
    }
    CG_TRY(resolve_path(&classifier, config->classifier));
    /* A classifier that is gone keeps its name. */
    add_config(&json, config, device, data, classifier ? classifier : config->classifier);
    CG_TRY(cg_json_print(&text, &json, CG_JSON_INDENTED));
    CG_TRY(cg_run_path(&path, run, CG_RUN_CONFIG));
    CG_TRY(cg_file_write(path, text, strlen(text)));
done:
    free(text);
    cg_json_deinit(&json);
    free(data);
    free(classifier);
    free(path);
    return status;
}

/* These return NULL, or the name of a member that is missing, or not what clgan writes. */

static const char *read_fields(cg_run_config *config, const cJSON *json)
{
    for (size_t i = 0; i < CG_COUNT(fields); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, fields[i].spec->name);
        bool missing = !item && fields[i].optional;
        double number = missing ? 0 : cJSON_GetNumberValue(item);
        const cg_run_number_spec *spec = fields[i].spec;
        if (!missing && !(number >= (double)spec->min && number <= (double)spec->max &&
                          number == floor(number)))
            return spec->name;
        *field_of(config, i) = (uint64_t)number;
    }
    const cJSON *selftest = cJSON_GetObjectItemCaseSensitive(json, "selftest");
    config->no_selftest = cJSON_IsFalse(selftest);
    return selftest && !cJSON_IsBool(selftest) ? "selftest" : NULL;
}

static const char *read_texts(cg_run_config *config, const cJSON *json)
{
    cg_recipe *r = &config->recipe;
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(json, "device");
    const struct {
        char *text;
        size_t size;
        const cJSON *parent;
        const char *name;
        bool optional;
    } texts[] = {
        {config->data, sizeof config->data, json, "data", false},
        {config->classifier, sizeof config->classifier, json, "classifier", true},
        {r->data_sha256, sizeof r->data_sha256, json, "data_sha256", false},
        {r->device, sizeof r->device, device, "name", false},
        {r->platform, sizeof r->platform, device, "platform", false},
        {r->driver, sizeof r->driver, device, "driver", false},
    };
    for (size_t i = 0; i < CG_COUNT(texts); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(texts[i].parent, texts[i].name);
        const char *found = cJSON_GetStringValue(item);
        if (!item && texts[i].optional)
            continue;
        if (!found || strlen(found) >= texts[i].size)
            return texts[i].parent == device ? "device" : texts[i].name;
        strcpy(texts[i].text, found);
    }
    return NULL;
}

bool cg_config_read_seed(uint64_t *seed, const char *text)
{
    static const char name[] = "\"seed\":"; /* a text within the file has \ before each " */
    const char *found = strstr(text, name);
    char after;
    if (!found)
        return false;
    found += sizeof name - 1;
    found += strspn(found, " \t");
    return isdigit((unsigned char)*found) && sscanf(found, "%" SCNu64 "%c", seed, &after) == 2 &&
           strchr(", }\r\n\t", after);
}

static const char *read_recipe(cg_recipe *r, const cJSON *json, const char *text)
{
    double batch = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "batch"));
    if (!cg_config_read_seed(&r->seed, text))
        return "seed";
    if (!(batch >= 1 && batch <= CG_BATCH_MOST && batch == floor(batch)))
        return "batch";
    r->batch = (uint64_t)batch;
    const char *wrong = cg_recipe_read_json(r, json);
    if (wrong)
        return wrong;
    const cJSON *algorithms = cJSON_GetObjectItemCaseSensitive(json, "algorithms");
    const bool read = cg_algorithms_read_json(r->algorithms, algorithms);
    return read && r->algorithms[0] ? NULL : "algorithms";
}

static const char *read_members(cg_run_config *config, const cJSON *json, const char *text)
{
    const double format = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "format"));
    const char *wrong = format == FORMAT ? read_fields(config, json) : "format";
    wrong = wrong ? wrong : read_texts(config, json);
    return wrong ? wrong : read_recipe(&config->recipe, json, text);
}

cg_status cg_config_parse(cg_run_config *config, const char **wrong, const char *text)
{
    *config = (cg_run_config){0};
    cJSON *json;
    cg_status status = cg_json_parse(&json, text, strlen(text), CG_JSON_MEMORY);
    *wrong = status == CG_OK ? read_members(config, json, text) : "";
    cJSON_Delete(json);
    return status == CG_OK && *wrong ? CG_ERR_INPUT : status;
}

/* Reads the file; what is wrong with its text is logged at that level. */
static cg_status read_file(cg_run_config *config, const char *path, cg_log_level level)
{
    cg_status status = CG_OK;
    void *text = NULL;
    size_t size;
    const char *wrong;
    *config = (cg_run_config){0};
    CG_TRY(cg_file_read(&text, &size, path, CONFIG_LIMIT));
    status = cg_config_parse(config, &wrong, text);
    if (status == CG_ERR_INPUT && *wrong)
        cg_log(level,
               "%s is damaged, or of another version of clgan: '%s' is missing, or not what this "
               "one writes",
               path, wrong);
    else if (status == CG_ERR_INPUT)
        cg_log(level, "%s is damaged: it is no JSON", path);
done:
    free(text);
    return status;
}

cg_status cg_config_read(cg_run_config *config, const cg_run *run)
{
    cg_status status = CG_OK;
    char *path = NULL;
    CG_TRY(cg_run_path(&path, run, CG_RUN_CONFIG));
    CG_TRY(read_file(config, path, CG_LOG_ERROR));
done:
    free(path);
    return status;
}

cg_status cg_config_try(bool *readable, cg_run_config *config, const cg_run *run)
{
    char *path = NULL;
    bool there;
    cg_status status = CG_OK;
    *readable = false;
    CG_TRY(cg_run_path(&path, run, CG_RUN_CONFIG));
    CG_TRY(cg_file_find(&there, path));
    if (there)
        status = read_file(config, path, CG_LOG_WARNING);
    else
        cg_log(CG_LOG_WARNING, "%s is not there", path);
    *readable = there && status == CG_OK;
    status = status == CG_ERR_INPUT ? CG_OK : status;
done:
    free(path);
    return status;
}

cg_status cg_config_find_recipe(bool *found, cg_recipe *recipe, const cg_run *run)
{
    cg_status status = CG_OK;
    cg_run_config *config = NULL;
    char *path = NULL;
    *found = false;
    CG_TRY(cg_run_has_file(found, run, CG_RUN_CONFIG));
    if (!*found)
        goto done;
    CG_TRY(cg_memory_create(&config, 1, sizeof *config));
    CG_TRY(cg_run_path(&path, run, CG_RUN_CONFIG));
    status = read_file(config, path, CG_LOG_DEBUG);
    *found = status == CG_OK;
    *recipe = config->recipe;
    status = cg_file_forgive(status);
done:
    free(path);
    free(config);
    return status;
}
