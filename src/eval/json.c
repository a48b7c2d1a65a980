/* An evaluation as JSON: the newest entry's scores stand in the object itself, all of a run's in
 * "evaluations". */
#include <clgan/evaluate.h>

#include "base/file.h"
#include "base/json.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

/* "fid": the value, "fid_interval": [low, high]. */
static void add_interval(cg_json *json, cJSON *parent, const char *name, const char *interval_name,
                         const cg_interval *interval)
{
    cg_json_add_number(json, parent, name, interval->value);
    cJSON *ends = cg_json_add_array(json, parent, interval_name);
    cg_json_add_number(json, ends, NULL, interval->low);
    cg_json_add_number(json, ends, NULL, interval->high);
}

static void add_scores(cg_json *json, cJSON *parent, const cg_scores *s)
{
    cg_json_add_number(json, parent, "samples", (double)s->samples);
    add_interval(json, parent, "fid", "fid_interval", &s->fid);
    add_interval(json, parent, "kid", "kid_interval", &s->kid);
    add_interval(json, parent, "fid_train", "fid_train_interval", &s->fid_train);
    add_interval(json, parent, "kid_train", "kid_train_interval", &s->kid_train);
    cg_json_add_number(json, parent, "precision", s->precision);
    cg_json_add_number(json, parent, "recall", s->recall);
    cg_json_add_number(json, parent, "density", s->density);
    cg_json_add_number(json, parent, "coverage", s->coverage);
    cg_json_add_number(json, parent, "classes_covered", (double)s->classes_covered);
    cJSON *histogram = cg_json_add_array(json, parent, "histogram");
    for (size_t c = 0; c < s->classes; c++)
        cg_json_add_number(json, histogram, NULL, (double)s->histogram[c]);
    cg_json_add_number(json, parent, "kl_uniform", s->kl_uniform);
    cg_json_add_number(json, parent, "confidence", s->confidence);
    cg_json_add_number(json, parent, "nearest_train", s->nearest_train);
    cg_json_add_number(json, parent, "nearest_train_low", s->nearest_train_low);
}

static void add_entry(cg_json *json, cJSON *parent, const cg_evaluation_entry *entry)
{
    cg_json_add_text(json, parent, "name", entry->name);
    if (entry->step) {
        cg_json_add_number(json, parent, "step", (double)entry->step);
        cg_json_add_number(json, parent, "epoch", (double)entry->epoch);
    }
    add_scores(json, parent, &entry->scores);
}

static void add_evaluation(cg_json *json, const cg_evaluation *e)
{
    cJSON *device = cg_json_add_object(json, json->root, "device");
    cg_json_add_text(json, device, "name", e->device.name);
    cg_json_add_text(json, device, "platform", e->device.platform);
    cg_json_add_text(json, device, "driver", e->device.driver);
    cg_json_add_number(json, json->root, "seconds", e->seconds);
    add_scores(json, cg_json_add_object(json, json->root, "floor"), &e->floor);
    cJSON *list = cg_json_add_array(json, json->root, "evaluations");
    for (size_t i = 0; i < e->count; i++)
        add_entry(json, cg_json_add_object(json, list, NULL), &e->entries[i]);
}

cg_status cg_evaluation_json(char **text, const cg_evaluation *e)
{
    cg_json json;
    cg_json_init(&json);
    cg_json_add_number(&json, json.root, "format", 1);
    cg_json_add_text(&json, json.root, "clgan", CLGAN_VERSION);
    cg_json_add_text(&json, json.root, "classifier", e->classifier);
    cg_json_add_text(&json, json.root, "classifier_sha256", e->classifier_sha256);
    cg_json_add_bool(&json, json.root, "classifier_fits", e->classifier_fits);
    cg_json_add_text(&json, json.root, "data_sha256", e->data_sha256);
    cg_json_add_uint64(&json, json.root, "seed", e->seed);
    if (e->count)
        add_entry(&json, json.root, &e->entries[e->count - 1]);
    add_evaluation(&json, e);
    cg_status status = cg_json_print(text, &json, CG_JSON_INDENTED);
    cg_json_deinit(&json);
    return status;
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
