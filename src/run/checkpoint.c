/* Checkpoints. Writing, validating and restoring share one list of tensors.
 */
#include "run/checkpoint.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/buffer.h"
#include "run/config.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS = sizeof(cg_metrics) / sizeof(float) };
static const char metrics_name[] = "train.epoch_metrics";

/* The options that are texts. */
typedef struct text_option {
    const char *name;
    size_t offset, size; /* in cg_recipe */
    bool device;         /* of the device: a strict run's is "any", so that its files are alike */
} text_option;

#define TEXT_OPTION(name, device)                                              \
    {                                                                          \
#name, offsetof(cg_recipe, name), sizeof((cg_recipe *)0)->name, device \
    }
static const text_option text_options[] = {
    TEXT_OPTION(data_sha256, false), TEXT_OPTION(device, true),     TEXT_OPTION(platform, true),
    TEXT_OPTION(driver, true),       TEXT_OPTION(algorithms, true),
};

/* An array of the state: a parameter in one of three arenas, or a moving statistic. */
typedef struct entry {
    char name[64];
    const cg_param_spec *spec;
    bool is_stat;
    cg_arena_id arena;
    size_t id;
} entry;

enum { ENTRIES_MAX = 3 * CG_PARAM_COUNT + CG_G_PARAM_COUNT + CG_STAT_COUNT };

/* Parameters, statistics, both moments, then the average, where the recipe keeps one. Returns how
 * many they are. */
static size_t list_entries(entry entries[ENTRIES_MAX], const cg_recipe *recipe)
{
    const struct {
        cg_arena_id arena;
        const char *prefix;
        size_t count;
    } arenas[] = {
        {CG_ARENA_PARAMS, "", CG_PARAM_COUNT},
        {CG_ARENA_MOMENT1, "adam.m.", CG_PARAM_COUNT},
        {CG_ARENA_MOMENT2, "adam.v.", CG_PARAM_COUNT},
        {CG_ARENA_AVERAGE, "average.", recipe->hypers[CG_HYPER_AVERAGE] > 0 ? CG_G_PARAM_COUNT : 0},
    };
    entry *e = entries;
    for (size_t a = 0; a < CG_COUNT(arenas); a++) {
        for (size_t id = 0; id < arenas[a].count; id++, e++) {
            *e = (entry){.spec = &cg_model_params[id], .arena = arenas[a].arena, .id = id};
            snprintf(e->name, sizeof e->name, "%s%s", arenas[a].prefix, e->spec->name);
        }
        for (size_t id = 0; a == 0 && id < CG_STAT_COUNT; id++, e++) {
            *e = (entry){.spec = &cg_model_stats[id], .is_stat = true, .id = id};
            snprintf(e->name, sizeof e->name, "%s", e->spec->name);
        }
    }
    return (size_t)(e - entries);
}

/* ---- writing --------------------------------------------------------------------------------- */

static cg_status download_entry(const cg_network *net, const entry *e, uint64_t step,
                                cg_host_tensor *tensor)
{
    cg_status status = CG_OK;
    size_t size = cg_param_size(e->spec);
    *tensor = (cg_host_tensor){.name = e->name, .rank = e->spec->rank};
    memcpy(tensor->dims, e->spec->dims, sizeof tensor->dims);
    CG_TRY(cg_memory_create(&tensor->data, size, sizeof *tensor->data));
    CG_TRY(e->is_stat ? cg_network_download_stat(net, (cg_stat_id)e->id, tensor->data)
                      : cg_network_download_param(net, e->arena, (cg_param_id)e->id, tensor->data));
    if (!cg_memory_is_finite(tensor->data, size))
        return cg_fail(CG_ERR_DIVERGED,
                       "%s is not finite any more at step %" PRIu64
                       ": stopped, no checkpoint is written (a smaller --learning-rate may help)",
                       e->name, step);
done:
    return status;
}

static cg_status download_metrics(const cg_network *net, size_t rows, cg_host_tensor *tensor)
{
    cg_status status = CG_OK;
    *tensor = (cg_host_tensor){.name = metrics_name, .rank = 2, .dims = {rows, METRICS}};
    CG_TRY(cg_memory_create(&tensor->data, rows * METRICS, sizeof *tensor->data));
    CG_TRY(cg_buffer_download(net->metrics, 0, tensor->data, rows * sizeof(cg_metrics)));
done:
    return status;
}

cg_status cg_checkpoint_print_options(char **text, const cg_recipe *recipe)
{
    cg_json json;
    cg_json_init(&json);
    cg_json_add_number(&json, json.root, "batch", (double)recipe->batch);
    cg_recipe_add_json(&json, recipe);
    for (size_t i = 0; i < CG_COUNT(text_options); i++)
        cg_json_add_text(&json, json.root, text_options[i].name,
                         recipe->strict && text_options[i].device
                             ? "any"
                             : (const char *)recipe + text_options[i].offset);
    cg_status status = cg_json_print(text, &json, CG_JSON_COMPACT);
    cg_json_deinit(&json);
    return status;
}

cg_status cg_checkpoint_write(const char *path, const cg_network *net, const cg_recipe *recipe,
                              uint64_t step, size_t epoch, size_t rows)
{
    cg_status status = CG_OK;
    entry entries[ENTRIES_MAX];
    cg_host_tensor tensors[ENTRIES_MAX + 1] = {0};
    char step_text[24], epoch_text[24], seed_text[24], format_text[24];
    char *options = NULL;
    size_t count = list_entries(entries, recipe);

    CG_TRY(cg_checkpoint_print_options(&options, recipe));
    for (size_t i = 0; i < count; i++)
        CG_TRY(download_entry(net, &entries[i], step, &tensors[i]));
    if (rows)
        CG_TRY(download_metrics(net, rows, &tensors[count++]));
    snprintf(step_text, sizeof step_text, "%" PRIu64, step);
    snprintf(epoch_text, sizeof epoch_text, "%zu", epoch);
    snprintf(seed_text, sizeof seed_text, "%" PRIu64, recipe->seed);
    snprintf(format_text, sizeof format_text, "%d", CG_CHECKPOINT_FORMAT);
    const cg_metadata metadata[] = {{"clgan.format", format_text},
                                    {"step", step_text},
                                    {"epoch", epoch_text},
                                    {"seed", seed_text},
                                    {"options", options}};
    CG_TRY(cg_safetensors_write(path, tensors, count, metadata, CG_COUNT(metadata)));
done:
    for (size_t i = 0; i < CG_COUNT(tensors); i++)
        free(tensors[i].data);
    free(options);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* *value = the whole number that the metadata holds under `key`. */
static cg_status read_number(uint64_t *value, const cg_safetensors *file, const char *key,
                             const char *path)
{
    const char *text = cg_safetensors_metadata(file, key);
    char rest;
    if (!text || strspn(text, "0123456789") != strlen(text) ||
        sscanf(text, "%" SCNu64 "%c", value, &rest) != 1)
        return cg_fail(CG_ERR_INPUT, "%s is no checkpoint of clgan: its metadata has no '%s'", path,
                       key);
    return CG_OK;
}

/* False when a text is missing or longer than any that is written. */
static bool read_text_options(cg_recipe *recipe, const cJSON *json)
{
    for (size_t i = 0; i < CG_COUNT(text_options); i++) {
        const text_option *option = &text_options[i];
        const char *text =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, option->name));
        if (!text || strlen(text) >= option->size)
            return false;
        strcpy((char *)recipe + option->offset, text);
    }
    return true;
}

cg_status cg_checkpoint_read_options(cg_recipe *recipe, const char *text)
{
    cJSON *json = NULL;
    cg_status status =
        text ? cg_json_parse(&json, text, strlen(text), CG_JSON_MEMORY) : CG_ERR_INPUT;
    double batch = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "batch"));
    bool read = json && batch >= 1 && batch <= CG_BATCH_MOST &&
                !cg_recipe_read_json(recipe, json) && read_text_options(recipe, json);
    if (read)
        recipe->batch = (uint64_t)batch;
    cJSON_Delete(json);
    return read || status != CG_OK ? status : CG_ERR_INPUT;
}

static cg_status check_entries(const cg_safetensors *file, const cg_recipe *recipe,
                               const char *path)
{
    entry entries[ENTRIES_MAX];
    size_t count = list_entries(entries, recipe);
    for (size_t i = 0; i < count; i++) {
        const cg_param_spec *spec = entries[i].spec;
        const cg_host_tensor *t = cg_safetensors_get(file, entries[i].name);
        if (!t)
            return cg_fail(CG_ERR_INPUT, "%s: the tensor %s is missing", path, entries[i].name);
        if (t->rank != spec->rank || memcmp(t->dims, spec->dims, t->rank * sizeof t->dims[0]) != 0)
            return cg_fail(CG_ERR_INPUT, "%s: the tensor %s has another shape", path,
                           entries[i].name);
        if (!cg_memory_is_finite(t->data, cg_param_size(spec)))
            return cg_fail(CG_ERR_INPUT, "%s: the tensor %s holds numbers that are not finite",
                           path, entries[i].name);
    }
    return CG_OK;
}

static cg_status validate_file(cg_recipe *recipe, uint64_t *step, const cg_safetensors *file,
                               const char *path)
{
    cg_status status = CG_OK;
    uint64_t format = 0, epoch = 0;
    CG_TRY(read_number(&format, file, "clgan.format", path));
    if (format != CG_CHECKPOINT_FORMAT)
        return cg_fail(CG_ERR_INPUT,
                       "%s has checkpoint format %" PRIu64 ", this clgan reads %d: use %s clgan",
                       path, format, CG_CHECKPOINT_FORMAT,
                       format > CG_CHECKPOINT_FORMAT ? "a newer" : "an older");
    CG_TRY(read_number(step, file, "step", path));
    CG_TRY(read_number(&epoch, file, "epoch", path));
    CG_TRY(read_number(&recipe->seed, file, "seed", path));
    status = cg_checkpoint_read_options(recipe, cg_safetensors_metadata(file, "options"));
    if (status == CG_ERR_INPUT)
        return cg_fail(CG_ERR_INPUT,
                       "%s is no checkpoint of clgan: its metadata's 'options' lack a value, or "
                       "have one out of range",
                       path);
    CG_TRY(status);
    CG_TRY(check_entries(file, recipe, path));
done:
    return status;
}

cg_status cg_checkpoint_read(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                             const char *path)
{
    cg_status status = CG_OK;
    cg_safetensors *f = NULL;
    *file = NULL;
    CG_TRY(cg_safetensors_read(&f, path));
    CG_TRY(validate_file(recipe, step, f, path));
    *file = f;
    f = NULL;
done:
    cg_safetensors_release(f);
    return status;
}

cg_status cg_checkpoint_read_own(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                 const char *path, const cg_recipe *own)
{
    cg_status status = cg_checkpoint_read(file, recipe, step, path);
    const char *other = status == CG_OK && own ? cg_recipe_find_difference(recipe, own) : NULL;
    if (!other)
        return status;
    cg_safetensors_release(*file);
    *file = NULL;
    return cg_fail(CG_ERR_INPUT, "%s is of another run: its %s is not that of config.json", path,
                   other);
}

cg_status cg_checkpoint_read_walked(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                    const cg_run_walk *walk, const cg_recipe *own)
{
    cg_status status = cg_checkpoint_read_own(file, recipe, step, walk->path, own);
    if (status != CG_OK || *step == walk->step)
        return status;
    cg_safetensors_release(*file);
    *file = NULL;
    return cg_fail(CG_ERR_INPUT, "%s is the checkpoint of step %" PRIu64, walk->path, *step);
}

cg_status cg_checkpoint_read_newest(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                    const cg_run *run, const cg_recipe *own,
                                    cg_checkpoint_skipped *skipped, void *user)
{
    cg_status status = CG_OK;
    cg_run_walk walk = {.run = run};
    *file = NULL;
    while (!*file) {
        CG_TRY(cg_run_walk_next(&walk));
        if (!walk.path)
            break;
        status = cg_checkpoint_read_walked(file, recipe, step, &walk, own);
        if (status != CG_OK && cg_file_forgive(status) == CG_OK)
            status = skipped(user, walk.step, status);
        CG_TRY(status);
    }
done:
    cg_run_walk_deinit(&walk);
    return status;
}

static cg_status say_skipped(void *user, uint64_t step, cg_status status)
{
    const cg_run *run = user;
    (void)status;
    cg_log(CG_LOG_WARNING, "%s: skipped the checkpoint of step %" PRIu64, run->path, step);
    return CG_OK;
}

cg_status cg_checkpoint_try(bool *sound, uint64_t *step, const char *path, const cg_recipe *own)
{
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    cg_status status = cg_file_find(sound, path);
    if (status == CG_OK && *sound)
        status = cg_checkpoint_read_own(&file, &recipe, step, path, own);
    *sound = file != NULL;
    cg_safetensors_release(file);
    return status == CG_ERR_INPUT ? CG_OK : status;
}

/* *file = the checkpoint of the best evaluation, NULL where there is no sound one. */
static cg_status read_best(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                           const cg_run *run, const cg_recipe *own)
{
    char *path = NULL;
    bool there;
    cg_status status = CG_OK;
    CG_TRY(cg_run_best_path(&path, run));
    CG_TRY(cg_file_find(&there, path));
    if (there)
        status = cg_checkpoint_read_own(file, recipe, step, path, own);
    status = status == CG_ERR_INPUT ? CG_OK : status;
done:
    free(path);
    return status;
}

cg_status cg_checkpoint_read_best(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                  const char *run)
{
    cg_status status = CG_OK;
    cg_run folder = {.path = (char *)run, .lock = -1};
    const char *which = "best";
    cg_recipe found;
    bool there, known;
    *file = NULL;
    CG_TRY(cg_config_find_recipe(&known, &found, &folder));
    const cg_recipe *own = known ? &found : NULL;
    CG_TRY(read_best(file, recipe, step, &folder, own));
    if (!*file) {
        which = "newest";
        CG_TRY(cg_checkpoint_read_newest(file, recipe, step, &folder, own, say_skipped, &folder));
    }
    if (*file) {
        cg_log(CG_LOG_INFO, "the %s checkpoint of %s, of step %" PRIu64, which, run, *step);
        goto done;
    }
    CG_TRY(cg_file_find(&there, run));
    status = there ? cg_fail(CG_ERR_INPUT, "%s holds no sound checkpoint", run)
                   : cg_fail(CG_ERR_INPUT, "cannot read %s: %s", run, strerror(ENOENT));
done:
    return status;
}

/* Uploads the entries that `net` has room for: one that only draws has no moments. */
static cg_status restore_entries(cg_network *net, const cg_safetensors *file,
                                 const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    entry entries[ENTRIES_MAX];
    size_t count = list_entries(entries, recipe);
    for (size_t i = 0; i < count; i++) {
        const entry *e = &entries[i];
        const float *data = cg_safetensors_get(file, e->name)->data;
        if (e->is_stat)
            CG_TRY(cg_network_upload_stat(net, (cg_stat_id)e->id, data));
        else if (net->arenas[e->arena].whole)
            CG_TRY(cg_network_upload_param(net, e->arena, (cg_param_id)e->id, data));
    }
done:
    return status;
}

cg_status cg_checkpoint_restore(cg_network *net, const cg_safetensors *file,
                                const cg_recipe *recipe, size_t rows)
{
    const cg_host_tensor *metrics = cg_safetensors_get(file, metrics_name);
    cg_status status = restore_entries(net, file, recipe);
    if (status != CG_OK || !rows)
        return status;
    if (!metrics || metrics->rank != 2 || metrics->dims[0] != rows || metrics->dims[1] != METRICS)
        return cg_fail(CG_ERR_INPUT, "the checkpoint does not hold the %zu steps of its epoch",
                       rows);
    return cg_buffer_upload(net->metrics, 0, metrics->data, rows * sizeof(cg_metrics));
}
