/* Reading fixtures.
 *
 * The reader trusts nothing: each value is asked for by name and kind through one of the get_*
 * functions, which say where in the file it is that something is wrong. */
#include "verify/fixture.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Some hundred steps fit. */
enum { MAX_FILE_BYTES = 1 << 28, MAX_MEMORY = 60 << 20 };

const char *const cg_loss_names[CG_LOSS_COUNT] = {
    [CG_LOSS_D_REAL] = "loss_d_real",
    [CG_LOSS_D_FAKE] = "loss_d_fake",
    [CG_LOSS_D] = "loss_d",
    [CG_LOSS_G] = "loss_g",
};

/* ---- the file -------------------------------------------------------------------------------- */

static cg_status parse_json(cJSON **json, const char *text, size_t size, const char *path)
{
    cg_status status = cg_json_parse(json, text, size, MAX_MEMORY);
    return status == CG_ERR_INPUT ? cg_fail(CG_ERR_INPUT, "%s: not JSON, or too much of it", path)
                                  : status;
}

/* ---- values of a JSON object ----------------------------------------------------------------- */

/* An object in the file and how a person finds it: path "x.json", place "fixture.steps[0].grad". */
typedef struct node {
    const cJSON *json;
    const char *path;
    char place[128];
} node;

static cg_status refuse(const node *at, const char *key, const char *what)
{
    return cg_fail(CG_ERR_INPUT, "%s: %s%s%s %s", at->path, at->place, *key ? "." : "", key, what);
}

static cg_status get_item(const cJSON **item, const node *at, const char *key)
{
    *item = cJSON_GetObjectItemCaseSensitive(at->json, key);
    return *item ? CG_OK : refuse(at, key, "is missing");
}

static cg_status get_number(double *value, const node *at, const char *key)
{
    const cJSON *item = NULL;
    cg_status status = get_item(&item, at, key);
    if (status != CG_OK)
        return status;
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
        return refuse(at, key, "is not a finite number");
    *value = item->valuedouble;
    return CG_OK;
}

/* *value = an item that is an integer in first..last; false when it is not. */
static bool to_integer(uint64_t *value, const cJSON *item, uint64_t first, uint64_t last)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)first) ||
        !(item->valuedouble <= (double)last) || item->valuedouble != floor(item->valuedouble))
        return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

/* An integer in first..last, which is at most 2^53. */
static cg_status get_integer(uint64_t *value, const node *at, const char *key, uint64_t first,
                             uint64_t last)
{
    const cJSON *item = NULL;
    cg_status status = get_item(&item, at, key);
    if (status != CG_OK || to_integer(value, item, first, last))
        return status;
    char what[80];
    snprintf(what, sizeof what, "is not an integer in %llu..%llu", (unsigned long long)first,
             (unsigned long long)last);
    return refuse(at, key, what);
}

static cg_status get_array(const cJSON **array, const node *at, const char *key)
{
    cg_status status = get_item(array, at, key);
    if (status == CG_OK && !cJSON_IsArray(*array))
        return refuse(at, key, "is not an array");
    return status;
}

static cg_status get_object(node *object, const node *at, const char *key)
{
    object->path = at->path;
    snprintf(object->place, sizeof object->place, "%.60s.%.60s", at->place, key);
    cg_status status = get_item(&object->json, at, key);
    if (status == CG_OK && !cJSON_IsObject(object->json))
        return refuse(object, "", "is not an object");
    return status;
}

/* The i-th member `json` of the array `key`, which must be an object. */
static cg_status get_element(node *object, const cJSON *json, const node *at, const char *key,
                             size_t i)
{
    object->json = json;
    object->path = at->path;
    snprintf(object->place, sizeof object->place, "%.40s.%.40s[%zu]", at->place, key, i);
    return cJSON_IsObject(json) ? CG_OK : refuse(object, "", "is not an object");
}

/* ---- tensors --------------------------------------------------------------------------------- */

static cg_status check_shape(const node *at, const cg_param_spec *spec)
{
    const cJSON *shape = NULL, *dim = NULL;
    cg_status status = get_array(&shape, at, "shape");
    if (status != CG_OK)
        return status;
    size_t rank = 0;
    uint64_t size = 0;
    cJSON_ArrayForEach (dim, shape) {
        if (rank == spec->rank || !to_integer(&size, dim, spec->dims[rank], spec->dims[rank]))
            return refuse(at, "shape", "is not that of this network");
        rank++;
    }
    return rank == spec->rank ? CG_OK : refuse(at, "shape", "is not that of this network");
}

/* description->index and value from two arrays of the same length. */
static cg_status read_elements(cg_description *d, const node *at)
{
    cg_status status = CG_OK;
    const cJSON *indices = NULL, *values = NULL;
    CG_TRY(get_array(&indices, at, "index"));
    CG_TRY(get_array(&values, at, "value"));
    d->count = (size_t)cJSON_GetArraySize(indices);
    if (d->count == 0 || d->count > d->size)
        return refuse(at, "index", "has no elements or more than the tensor");
    if ((size_t)cJSON_GetArraySize(values) != d->count)
        return refuse(at, "value", "is not as long as index");
    CG_TRY(cg_memory_create(&d->index, d->count, sizeof *d->index));
    CG_TRY(cg_memory_create(&d->value, d->count, sizeof *d->value));
    const cJSON *index = indices->child, *value = values->child;
    for (size_t i = 0; i < d->count; i++, index = index->next, value = value->next) {
        uint64_t position = 0;
        if (!to_integer(&position, index, 0, d->size - 1))
            return refuse(at, "index", "has one that is outside of the tensor");
        if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble))
            return refuse(at, "value", "has one that is not a finite number");
        d->index[i] = (size_t)position;
        d->value[i] = value->valuedouble;
    }
done:
    return status;
}

/* The tensor `key`, which must have the shape of `spec`. */
static cg_status read_description(cg_description *d, const node *parent, const char *key,
                                  const cg_param_spec *spec)
{
    cg_status status = CG_OK;
    node at;
    CG_TRY(get_object(&at, parent, key));
    CG_TRY(check_shape(&at, spec));
    d->size = cg_param_size(spec);
    CG_TRY(get_number(&d->sum, &at, "sum"));
    CG_TRY(get_number(&d->l2, &at, "l2"));
    if (d->l2 < 0)
        return refuse(&at, "l2", "is negative");
    CG_TRY(read_elements(d, &at));
done:
    return status;
}

/* The object `key` with one tensor for each of the specs and nothing else. */
static cg_status read_group(cg_description *descriptions, const node *parent, const char *key,
                            const cg_param_spec *specs, size_t count)
{
    cg_status status = CG_OK;
    node at;
    CG_TRY(get_object(&at, parent, key));
    for (size_t i = 0; i < count; i++)
        CG_TRY(read_description(&descriptions[i], &at, specs[i].name, &specs[i]));
    const cJSON *child = NULL;
    cJSON_ArrayForEach (child, at.json) {
        size_t i = 0;
        while (i < count && strcmp(child->string, specs[i].name) != 0)
            i++;
        if (i == count)
            return refuse(&at, child->string, "is not a name in this network");
    }
    if ((size_t)cJSON_GetArraySize(at.json) != count)
        return refuse(&at, "", "has a name twice");
done:
    return status;
}

static cg_status read_step(cg_fixture_step *step, const node *at, const cg_fixture *fixture,
                           size_t number)
{
    cg_status status = CG_OK;
    uint64_t t = 0;
    const cg_param_spec real = {.rank = 2, .dims = {fixture->real_batch, 1}};
    const cg_param_spec fake = {.rank = 2, .dims = {fixture->fake_batch, 1}};
    const cg_param_spec images = {.rank = 4, .dims = {fixture->fake_batch, CG_SIDE, CG_SIDE, 1}};
    const cg_param_spec sample = {.rank = 4, .dims = {CG_FIXTURE_SAMPLES, CG_SIDE, CG_SIDE, 1}};
    CG_TRY(get_integer(&t, at, "step", number, number));
    step->step = number;
    for (size_t i = 0; i < CG_LOSS_COUNT; i++)
        CG_TRY(get_number(&step->loss[i], at, cg_loss_names[i]));
    CG_TRY(read_description(&step->logits_real, at, "logits_real", &real));
    CG_TRY(read_description(&step->logits_fake, at, "logits_fake", &fake));
    CG_TRY(read_description(&step->fake, at, "fake", &images));
    CG_TRY(read_description(&step->sample, at, "sample", &sample));
    CG_TRY(read_group(step->grad, at, "grad", cg_model_params, CG_PARAM_COUNT));
    CG_TRY(read_group(step->param, at, "param", cg_model_params, CG_PARAM_COUNT));
    CG_TRY(read_group(step->stat, at, "stat", cg_model_stats, CG_STAT_COUNT));
done:
    return status;
}

static cg_status read_steps(cg_fixture *fixture, const node *root)
{
    cg_status status = CG_OK;
    const cJSON *steps = NULL, *json = NULL;
    CG_TRY(get_array(&steps, root, "steps"));
    size_t count = (size_t)cJSON_GetArraySize(steps);
    if (count == 0 || count > CG_FIXTURE_MAX_STEPS)
        return refuse(root, "steps", "has no members or too many");
    CG_TRY(cg_memory_create(&fixture->steps, count, sizeof *fixture->steps));
    fixture->step_count = count;
    size_t i = 0;
    cJSON_ArrayForEach (json, steps) {
        node at;
        CG_TRY(get_element(&at, json, root, "steps", i));
        CG_TRY(read_step(&fixture->steps[i], &at, fixture, i + 1));
        i++;
    }
done:
    return status;
}

/* ---- header fields --------------------------------------------------------------------------- */

static cg_status read_init_entry(cg_fixture *fixture, bool *seen, const node *at)
{
    cg_status status = CG_OK;
    const cJSON *name = NULL;
    CG_TRY(get_item(&name, at, "name"));
    if (!cJSON_IsString(name))
        return refuse(at, "name", "is not a string");
    size_t id = 0;
    while (id < CG_PARAM_COUNT && strcmp(name->valuestring, cg_model_params[id].name) != 0)
        id++;
    if (id == CG_PARAM_COUNT)
        return refuse(at, "name", "is not a name in this network");
    if (seen[id])
        return refuse(at, "name", "was there before");
    seen[id] = true;
    CG_TRY(check_shape(at, &cg_model_params[id]));
    CG_TRY(get_integer(&fixture->init[id].stream, at, "stream", 0, UINT32_MAX));
    CG_TRY(get_number(&fixture->init[id].scale, at, "scale"));
    CG_TRY(get_number(&fixture->init[id].offset, at, "offset"));
done:
    return status;
}

static cg_status read_init(cg_fixture *fixture, const node *root)
{
    cg_status status = CG_OK;
    const cJSON *init = NULL, *json = NULL;
    bool seen[CG_PARAM_COUNT] = {false};
    CG_TRY(get_array(&init, root, "init"));
    size_t i = 0;
    cJSON_ArrayForEach (json, init) {
        node at;
        CG_TRY(get_element(&at, json, root, "init", i++));
        CG_TRY(read_init_entry(fixture, seen, &at));
    }
    if (i != CG_PARAM_COUNT)
        return refuse(root, "init", "does not have all parameters");
done:
    return status;
}

/* A fixture made with other constants describes another network. */
static cg_status check_hyper(const node *root)
{
    static const struct {
        const char *key;
        double value;
        int adam;
    } constants[] = {
        {"leaky_relu_slope", CG_LEAKY_SLOPE, 0},
        {"bn_momentum", CG_BN_MOMENTUM, 0},
        {"bn_epsilon", CG_BN_EPSILON, 0},
        {"dropout_rate", 1.0 - CG_DROPOUT_KEEP, 0},
        {"lr", CG_ADAM_RATE, 1},
        {"beta1", CG_ADAM_BETA1, 1},
        {"beta2", CG_ADAM_BETA2, 1},
        {"epsilon", CG_ADAM_EPSILON, 1},
    };
    cg_status status = CG_OK;
    node hyper, adam;
    CG_TRY(get_object(&hyper, root, "hyper"));
    CG_TRY(get_object(&adam, &hyper, "adam"));
    for (size_t i = 0; i < CG_COUNT(constants); i++) {
        const node *at = constants[i].adam ? &adam : &hyper;
        double value = 0;
        CG_TRY(get_number(&value, at, constants[i].key));
        if (!(fabs(value - constants[i].value) <= 1e-9 * constants[i].value))
            return refuse(at, constants[i].key, "is not this network's");
    }
done:
    return status;
}

static cg_status read_fixture(cg_fixture *fixture, const node *root)
{
    cg_status status = CG_OK;
    uint64_t real = 0, fake = 0;
    if (!cJSON_IsObject(root->json))
        return refuse(root, "", "is not a fixture: no JSON object");
    CG_TRY(get_integer(&fixture->seed, root, "seed", 0, (uint64_t)1 << 53));
    CG_TRY(get_integer(&real, root, "real_batch", 1, CG_FIXTURE_MAX_BATCH));
    CG_TRY(get_integer(&fake, root, "fake_batch", 1, CG_FIXTURE_MAX_BATCH));
    fixture->real_batch = (size_t)real;
    fixture->fake_batch = (size_t)fake;
    CG_TRY(check_hyper(root));
    CG_TRY(read_init(fixture, root));
    CG_TRY(read_steps(fixture, root));
done:
    return status;
}

cg_status cg_fixture_parse(cg_fixture **fixture, const char *text, size_t size, const char *path)
{
    cg_status status = CG_OK;
    cJSON *json = NULL;
    *fixture = NULL;
    CG_TRY(parse_json(&json, text, size, path));
    CG_TRY(cg_memory_create(fixture, 1, sizeof **fixture));
    node root = {.json = json, .path = path, .place = "fixture"};
    CG_TRY(read_fixture(*fixture, &root));
done:
    cJSON_Delete(json);
    if (status != CG_OK) {
        cg_fixture_release(*fixture);
        *fixture = NULL;
    }
    return status;
}

cg_status cg_fixture_read(cg_fixture **fixture, const char *path)
{
    cg_status status = CG_OK;
    void *text = NULL;
    size_t size = 0;
    *fixture = NULL;
    CG_TRY(cg_file_read(&text, &size, path, MAX_FILE_BYTES));
    CG_TRY(cg_fixture_parse(fixture, text, size, path));
done:
    free(text);
    return status;
}

static void free_descriptions(cg_description *descriptions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(descriptions[i].index);
        free(descriptions[i].value);
    }
}

void cg_fixture_release(cg_fixture *fixture)
{
    if (!fixture)
        return;
    for (size_t t = 0; t < fixture->step_count; t++) {
        cg_fixture_step *step = &fixture->steps[t];
        free_descriptions(&step->logits_real, 1);
        free_descriptions(&step->logits_fake, 1);
        free_descriptions(&step->fake, 1);
        free_descriptions(&step->sample, 1);
        free_descriptions(step->grad, CG_PARAM_COUNT);
        free_descriptions(step->param, CG_PARAM_COUNT);
        free_descriptions(step->stat, CG_STAT_COUNT);
    }
    free(fixture->steps);
    free(fixture);
}
