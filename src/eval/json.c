/* An evaluation as JSON: the newest entry's scores stand in the object itself, all of a run's in
 * "evaluations". */
#include <clgan/evaluate.h>

#include "base/file.h"
#include "base/try.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "fid": the value, "fid_interval": [low, high]. */
static void add_interval(cJSON *json, const char *name, const char *interval_name,
                         const cg_interval *interval)
{
    const double ends[] = {interval->low, interval->high};
    cJSON_AddNumberToObject(json, name, interval->value);
    cJSON_AddItemToObject(json, interval_name, cJSON_CreateDoubleArray(ends, 2));
}

static void add_scores(cJSON *json, const cg_scores *s)
{
    cJSON *histogram;
    cJSON_AddNumberToObject(json, "samples", (double)s->samples);
    add_interval(json, "fid", "fid_interval", &s->fid);
    add_interval(json, "kid", "kid_interval", &s->kid);
    add_interval(json, "fid_train", "fid_train_interval", &s->fid_train);
    add_interval(json, "kid_train", "kid_train_interval", &s->kid_train);
    cJSON_AddNumberToObject(json, "precision", s->precision);
    cJSON_AddNumberToObject(json, "recall", s->recall);
    cJSON_AddNumberToObject(json, "density", s->density);
    cJSON_AddNumberToObject(json, "coverage", s->coverage);
    cJSON_AddNumberToObject(json, "classes_covered", (double)s->classes_covered);
    histogram = cJSON_AddArrayToObject(json, "histogram");
    for (size_t c = 0; c < CG_EVALUATE_CLASSES; c++)
        cJSON_AddItemToArray(histogram, cJSON_CreateNumber((double)s->histogram[c]));
    cJSON_AddNumberToObject(json, "kl_uniform", s->kl_uniform);
    cJSON_AddNumberToObject(json, "confidence", s->confidence);
    cJSON_AddNumberToObject(json, "nearest_train", s->nearest_train);
    cJSON_AddNumberToObject(json, "nearest_train_low", s->nearest_train_low);
}

static void add_entry(cJSON *json, const cg_evaluation_entry *entry)
{
    cJSON_AddStringToObject(json, "name", entry->name);
    if (entry->step) {
        cJSON_AddNumberToObject(json, "step", (double)entry->step);
        cJSON_AddNumberToObject(json, "epoch", (double)entry->epoch);
    }
    add_scores(json, &entry->scores);
}

static void add_evaluation(cJSON *json, const cg_evaluation *e)
{
    cJSON *device = cJSON_AddObjectToObject(json, "device");
    cJSON_AddStringToObject(device, "name", e->device.name);
    cJSON_AddStringToObject(device, "platform", e->device.platform);
    cJSON_AddStringToObject(device, "driver", e->device.driver);
    cJSON_AddNumberToObject(json, "seconds", e->seconds);
    add_scores(cJSON_AddObjectToObject(json, "floor"), &e->floor);
    cJSON *list = cJSON_AddArrayToObject(json, "evaluations");
    for (size_t i = 0; i < e->count; i++) {
        cJSON *item = cJSON_CreateObject();
        add_entry(item, &e->entries[i]);
        cJSON_AddItemToArray(list, item);
    }
}

cg_status cg_evaluation_json(char **text, const cg_evaluation *e)
{
    char seed[24];
    cJSON *json = cJSON_CreateObject();
    snprintf(seed, sizeof seed, "%" PRIu64, e->seed); /* a double holds 53 bits only */
    cJSON_AddNumberToObject(json, "format", 1);
    cJSON_AddStringToObject(json, "clgan", CLGAN_VERSION);
    cJSON_AddStringToObject(json, "classifier", e->classifier);
    cJSON_AddStringToObject(json, "classifier_sha256", e->classifier_sha256);
    cJSON_AddBoolToObject(json, "classifier_fits", e->classifier_fits);
    cJSON_AddStringToObject(json, "data_sha256", e->data_sha256);
    cJSON_AddRawToObject(json, "seed", seed);
    if (e->count)
        add_entry(json, &e->entries[e->count - 1]);
    add_evaluation(json, e);
    *text = cJSON_Print(json);
    cJSON_Delete(json);
    return *text ? CG_OK : cg_fail(CG_ERR_MEMORY, "no memory for the evaluation as JSON");
}

cg_status cg_evaluation_probe(const char *path)
{
    return cg_file_probe(path);
}

cg_status cg_evaluation_write(const char *path, const cg_evaluation *evaluation)
{
    char *text = NULL;
    cg_status status = cg_evaluation_json(&text, evaluation);
    if (status == CG_OK)
        status = cg_file_write(path, text, strlen(text));
    free(text);
    return status;
}
