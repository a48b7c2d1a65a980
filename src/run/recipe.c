/* Recipes: one table of numbers, from which options, files and the network's settings come. */
#include "run/recipe.h"

#include "base/try.h"

#include <clgan/terminal.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The tutorial's column is the tutorial; fast is what docs/results.md measured. */
/* clang-format off */
const cg_hyper_spec cg_hypers[CG_HYPER_COUNT] = {
    [CG_HYPER_LEARNING_RATE]   = {"learning_rate", "learning-rate", CG_ADAM_RATE, 4e-4, DBL_MIN, DBL_MAX,
                                  "Adam's, of the generator"},
    [CG_HYPER_LEARNING_RATE_D] = {"learning_rate_d", "learning-rate-d", CG_ADAM_RATE, 4e-4, DBL_MIN, DBL_MAX,
                                  "Adam's, of the discriminator"},
    [CG_HYPER_BETA1]           = {"beta1", "beta1", CG_ADAM_BETA1, 0.5, 0, 0.999999, "Adam's"},
    [CG_HYPER_BETA2]           = {"beta2", "beta2", CG_ADAM_BETA2, CG_ADAM_BETA2, 0, 0.999999, "Adam's"},
    [CG_HYPER_SMOOTHING]       = {"label_smoothing", "label-smoothing", 0, 0, 0, 0.5,
                                  "D's target for real images is 1 - X"},
    [CG_HYPER_DEVIATION]       = {"init_stddev", "init-stddev", 0, 0, 0, 10,
                                  "of the first weights; 0: Glorot's"},
    [CG_HYPER_AVERAGE]         = {"average", "average", 0, 0.998, 0, 0.999999,
                                  "decay of the mean of G's weights that draws; 0: none"},
    [CG_HYPER_RECOMPUTE]       = {"recompute", "recompute", 0, 20, 0, 1000,
                                  "batches for batchnorm's statistics in drawing; 0: moving"},
};
/* clang-format on */

static const struct {
    const char *name;
    uint64_t batch;
} recipes[] = {{"tutorial", 256}, {"fast", 64}};

static double preset(size_t name, size_t hyper)
{
    return name ? cg_hypers[hyper].fast : cg_hypers[hyper].tutorial;
}

static cg_status check_range(size_t hyper, double value)
{
    const cg_hyper_spec *spec = &cg_hypers[hyper];
    if (!(value >= spec->min && value <= spec->max))
        return cg_fail(CG_ERR_ARGUMENT, "--%s must be from %g to %g, not %g", spec->option,
                       spec->min, spec->max, value);
    if (hyper == CG_HYPER_RECOMPUTE && value != floor(value))
        return cg_fail(CG_ERR_ARGUMENT, "--%s must be a whole number, not %g", spec->option, value);
    return CG_OK;
}

static cg_status refuse_name(const char *wanted)
{
    char hint[CG_HINT];
    const char *names[CG_COUNT(recipes)];
    for (size_t i = 0; i < CG_COUNT(recipes); i++)
        names[i] = recipes[i].name;
    return cg_fail(CG_ERR_ARGUMENT, "--recipe must be tutorial or fast, not '%s'%s", wanted,
                   cg_did_you_mean(hint, "", wanted, names, CG_COUNT(recipes)));
}

static cg_status check_batch(const cg_recipe *recipe)
{
    if (recipe->batch < 1 || recipe->batch > CG_BATCH_MOST)
        return cg_fail(CG_ERR_ARGUMENT, "--batch must be from 1 to %d, not %" PRIu64, CG_BATCH_MOST,
                       recipe->batch);
    if (recipe->shards <= CG_SHARDS_MOST && recipe->shards <= recipe->batch)
        return CG_OK;
    return cg_fail(CG_ERR_ARGUMENT,
                   "--shards must be from 1 to %d, and at most --batch, not %" PRIu64,
                   CG_SHARDS_MOST, recipe->shards);
}

cg_status cg_recipe_resolve(cg_recipe *recipe, const cg_recipe_options *options)
{
    cg_status status = CG_OK;
    const char *wanted = options->name ? options->name : recipes[0].name;
    size_t name = 0;
    while (name < CG_COUNT(recipes) && strcmp(recipes[name].name, wanted) != 0)
        name++;
    if (name == CG_COUNT(recipes))
        return refuse_name(wanted);
    snprintf(recipe->name, sizeof recipe->name, "%s", wanted);
    recipe->batch = options->batch.given ? options->batch.value : recipes[name].batch;
    recipe->shards = options->shards.value;
    CG_TRY(check_batch(recipe));
    recipe->strict = options->strict;
    for (size_t i = 0; i < CG_HYPER_COUNT; i++) {
        recipe->hypers[i] = options->hypers[i].given ? options->hypers[i].value : preset(name, i);
        CG_TRY(check_range(i, recipe->hypers[i]));
    }
    /* One rate that is given is both networks'. */
    if (options->hypers[CG_HYPER_LEARNING_RATE].given &&
        !options->hypers[CG_HYPER_LEARNING_RATE_D].given)
        recipe->hypers[CG_HYPER_LEARNING_RATE_D] = recipe->hypers[CG_HYPER_LEARNING_RATE];
    /* The mean of weights has no moving statistics of its own. */
    if (recipe->hypers[CG_HYPER_AVERAGE] > 0 && recipe->hypers[CG_HYPER_RECOMPUTE] == 0)
        return cg_fail(CG_ERR_ARGUMENT, "--average needs --recompute: statistics for its weights");
done:
    return status;
}

bool cg_recipe_is_tutorial(const cg_recipe *recipe)
{
    return strcmp(recipe->name, recipes[0].name) == 0;
}

cg_status cg_recipe_compare(const cg_recipe *recipe, const cg_recipe_options *options)
{
    if (options->name && strcmp(options->name, recipe->name) != 0)
        return cg_fail(CG_ERR_ARGUMENT, "the run has --recipe %s: a resume cannot change it",
                       recipe->name);
    if (options->batch.given && options->batch.value != recipe->batch)
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run has --batch %" PRIu64 ": a resume cannot change it", recipe->batch);
    if (options->shards.value && options->shards.value != recipe->shards)
        return cg_fail(CG_ERR_ARGUMENT,
                       recipe->shards ? "the run has --shards %" PRIu64
                                        ": a resume cannot change it"
                                      : "the run has no --shards: a resume cannot change it",
                       recipe->shards);
    if (options->strict && !recipe->strict)
        return cg_fail(CG_ERR_ARGUMENT, "the run is not --strict: a resume cannot change it");
    for (size_t i = 0; i < CG_HYPER_COUNT; i++)
        if (options->hypers[i].given && options->hypers[i].value != recipe->hypers[i])
            return cg_fail(CG_ERR_ARGUMENT, "the run has --%s %g: a resume cannot change it",
                           cg_hypers[i].option, recipe->hypers[i]);
    return CG_OK;
}

void cg_recipe_add_json(cg_json *json, const cg_recipe *recipe)
{
    cg_json_add_text(json, json->root, "recipe", recipe->name);
    for (size_t i = 0; i < CG_HYPER_COUNT; i++)
        cg_json_add_number(json, json->root, cg_hypers[i].name, recipe->hypers[i]);
    if (recipe->shards)
        cg_json_add_number(json, json->root, "shards", (double)recipe->shards);
    if (recipe->strict)
        cg_json_add_bool(json, json->root, "strict", true);
}

/* A number that a file of before the recipes does not hold: its one learning rate was G's and D's,
 * the others were the tutorial's. */
static double old_hyper(const cg_recipe *recipe, size_t i)
{
    return i == CG_HYPER_LEARNING_RATE_D ? recipe->hypers[CG_HYPER_LEARNING_RATE]
                                         : cg_hypers[i].tutorial;
}

const char *cg_recipe_read_json(cg_recipe *recipe, const cJSON *json)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, "recipe");
    if (name && !cJSON_IsString(name))
        return "recipe";
    snprintf(recipe->name, sizeof recipe->name, "%s", name ? name->valuestring : recipes[0].name);
    for (size_t i = 0; i < CG_HYPER_COUNT; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, cg_hypers[i].name);
        if (name ? !item : item && i != CG_HYPER_LEARNING_RATE)
            return cg_hypers[i].name;
        double value = item ? cJSON_GetNumberValue(item) : old_hyper(recipe, i);
        if (!(value >= cg_hypers[i].min && value <= cg_hypers[i].max))
            return cg_hypers[i].name;
        recipe->hypers[i] = value;
    }
    const cJSON *shards = cJSON_GetObjectItemCaseSensitive(json, "shards");
    double count = shards ? cJSON_GetNumberValue(shards) : 0;
    if (shards && !(count >= 1 && count <= CG_SHARDS_MOST && count == floor(count)))
        return "shards";
    recipe->shards = (uint64_t)count;
    const cJSON *strict = cJSON_GetObjectItemCaseSensitive(json, "strict");
    recipe->strict = cJSON_IsTrue(strict);
    return !strict || cJSON_IsBool(strict) ? NULL : "strict";
}

const char *cg_recipe_find_difference(const cg_recipe *a, const cg_recipe *b)
{
    if (a->seed != b->seed)
        return "seed";
    if (a->batch != b->batch)
        return "batch";
    if (strcmp(a->data_sha256, b->data_sha256) != 0)
        return "data_sha256";
    if (strcmp(a->name, b->name) != 0)
        return "recipe";
    for (size_t i = 0; i < CG_HYPER_COUNT; i++)
        if (a->hypers[i] != b->hypers[i])
            return cg_hypers[i].name;
    if (a->shards != b->shards)
        return "shards";
    return a->strict != b->strict ? "strict" : NULL;
}

bool cg_recipe_is_of(const cg_recipe *recipe, const cg_device_info *device)
{
    return strcmp(recipe->device, device->name) == 0 &&
           strcmp(recipe->platform, device->platform) == 0 &&
           strcmp(recipe->driver, device->driver) == 0;
}

cg_status cg_recipe_apply(const cg_recipe *recipe, cg_network *net)
{
    const double *h = recipe->hypers;
    net->adam.rate = h[CG_HYPER_LEARNING_RATE];
    net->adam.rate_d = h[CG_HYPER_LEARNING_RATE_D];
    net->adam.beta1 = h[CG_HYPER_BETA1];
    net->adam.beta2 = h[CG_HYPER_BETA2];
    net->adam.average = h[CG_HYPER_AVERAGE];
    net->smoothing = (float)h[CG_HYPER_SMOOTHING];
    return h[CG_HYPER_AVERAGE] > 0 ? cg_network_keep_average(net) : CG_OK;
}
