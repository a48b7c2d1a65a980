/* The data set, the device and what lies on it. */
#include "train/setup.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/data_files.h"
#include "nn/plan.h"
#include "nn/tuning.h"
#include "ocl/footprint.h"
#include "ocl/runtime.h"
#include "run/pictures.h"
#include "train/audit_due.h"
#include "train/metrics.h"
#include "train/team.h"
#include "train/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the data set ---------------------------------------------------------------------------- */

/* A run that goes on finds its images where they were, or where the default is. */
cg_status cg_setup_load_data(cg_trainer *t)
{
    cg_status status = CG_OK;
    char *data = t->config.data, *sha256 = t->config.recipe.data_sha256;
    const char *where = t->options->data ? t->options->data : cg_dataset_default();
    if (!t->options->data && data[0])
        CG_TRY(cg_data_files_search(&t->dataset, &where, data, sha256));
    if (where && where != data)
        snprintf(data, sizeof t->config.data, "%s", where);
    if (!t->dataset.count)
        CG_TRY(cg_dataset_read(&t->dataset, data, CG_DATASET_TRAIN));
    t->config.images = t->dataset.count;
    snprintf(sha256, sizeof t->config.recipe.data_sha256, "%s", t->dataset.sha256);
done:
    return status;
}

/* ---- the device ------------------------------------------------------------------------------ */

cg_status cg_setup_open_device(cg_trainer *t)
{
    cg_recipe *recipe = &t->config.recipe;
    char own[CG_RANKS_DEVICE];
    cg_status status = cg_ranks_take_device(own, t->options->device, cg_ranks_mine(t->ranks),
                                            cg_ranks_count(t->ranks));
    if (status == CG_OK)
        status = cg_runtime_create_selected(&t->rt, own);
    if (status != CG_OK)
        return status;
    t->rt->trusted = t->config.no_selftest;
    const cg_device_info *device = cg_runtime_device(t->rt);
    snprintf(recipe->device, sizeof recipe->device, "%s", device->name);
    snprintf(recipe->platform, sizeof recipe->platform, "%s", device->platform);
    snprintf(recipe->driver, sizeof recipe->driver, "%s", device->driver);
    return CG_OK;
}

/* ---- the network ----------------------------------------------------------------------------- */

/* All that the run needs on the device, for a batch of its recipe. */
static cg_status create_buffers(cg_trainer *t, const cg_choice *choice)
{
    cg_status status = CG_OK;
    const cg_recipe *recipe = &t->config.recipe;
    size_t shards = (size_t)recipe->shards;
    size_t batch = recipe->batch > shards ? (size_t)recipe->batch : shards; /* of a planned one */
    size_t reals = batch < t->dataset.count ? batch : t->dataset.count;
    size_t part = shards ? shards : 1;
    size_t fakes = cg_shard_most(batch, part);

    CG_TRY(cg_network_create(&t->net, t->rt, fakes > CG_PICTURE_GROUP ? fakes : CG_PICTURE_GROUP,
                             cg_shard_most(reals, part), cg_ceil_div(t->dataset.count, batch),
                             choice));
    CG_TRY(cg_recipe_apply(recipe, t->net));
    if (shards)
        CG_TRY(cg_shards_create(&t->shards, t->net, t->ranks, batch, reals, shards));
    CG_TRY(cg_buffer_create(&t->images, t->rt, t->dataset.count * CG_PIXELS));
    CG_TRY(cg_sampler_init(&t->sampler, t->net, recipe));
    CG_TRY(cg_audit_create(&t->audit, t->net, t->shards));
done:
    return status;
}

static void release_buffers(cg_trainer *t)
{
    cg_audit_deinit(&t->audit);
    cg_sampler_deinit(&t->sampler);
    cg_buffer_release(t->images);
    cg_shards_release(t->shards);
    cg_network_release(t->net);
}

typedef struct plan_request {
    const cg_trainer *trainer;
    const cg_choice *choice;
} plan_request;

static cg_status plan_buffers(void *user, size_t batch)
{
    const plan_request *request = user;
    cg_trainer t = *request->trainer;
    t.config.recipe.batch = batch;
    cg_status status = create_buffers(&t, request->choice);
    release_buffers(&t);
    return status;
}

static uint64_t last_step(const cg_trainer *t)
{
    uint64_t last = t->config.epochs * t->epoch_steps, limit = t->options->max_steps;
    return limit && limit < last ? limit : last;
}

cg_status cg_setup_choose_network(cg_choice *choice, cg_trainer *t, const char *recorded)
{
    cg_status status = CG_OK;
    char algorithms[CG_TUNING_TEXT];
    cg_recipe *recipe = &t->config.recipe;
    plan_request request = {t, choice};

    CG_TRY(cg_tuning_join(algorithms, &t->config.algorithms_from, t->rt, recorded,
                          t->options->algorithm, recipe->strict));
    CG_TRY(cg_choice_parse(choice, t->rt, algorithms, recipe->strict));
    CG_TRY(cg_choice_describe(recipe->algorithms, t->rt, choice));
    CG_TRY(cg_footprint_check(t->rt, (size_t)recipe->batch, plan_buffers, &request));
    t->epoch_steps = cg_ceil_div(t->dataset.count, (size_t)recipe->batch);
    t->last = last_step(t);
done:
    return status;
}

cg_status cg_setup_create_network(cg_trainer *t, const cg_choice *choice)
{
    cg_status status = CG_OK;
    const cg_recipe *recipe = &t->config.recipe;

    if (cg_ranks_mine(t->ranks) == 0)
        CG_TRY(cg_team_begin(t));
    CG_TRY(cg_team_compare_devices(t));
    if (t->options->started && t->run.path) /* which rank 0 has */
        t->options->started(t->run.path);
    CG_TRY(cg_trust_test(t, choice));
    CG_TRY(create_buffers(t, choice));
    CG_TRY(cg_buffer_upload(t->images, 0, t->dataset.images, t->dataset.count * CG_PIXELS));
    CG_TRY(cg_metrics_create(t));
    t->source = (cg_step_source){recipe->seed, t->images, t->dataset.count, (size_t)recipe->batch};
    t->audit.passed = cg_audit_find_passed(&t->audit, &t->source, t->step);
done:
    return status;
}

cg_status cg_setup_init_network(cg_trainer *t)
{
    const cg_recipe *recipe = &t->config.recipe;
    return cg_network_init(t->net, recipe->seed, recipe->hypers[CG_HYPER_DEVIATION]);
}

/* ---- the monitor ----------------------------------------------------------------------------- */

cg_status cg_setup_prepare_monitor(cg_trainer *t)
{
    const cg_train_options *o = t->options;
    const cg_monitor_settings settings = {
        .data = t->config.data,
        .data_sha256 = t->config.recipe.data_sha256,
        .classifier = t->config.classifier,
        .every = t->config.evaluate_every,
        .samples = (size_t)t->config.evaluate_samples,
        .seed = t->config.recipe.seed,
        .asked = o->evaluate_every.given || o->stop_on_collapse || t->config.classifier[0],
        .stop_on_collapse = o->stop_on_collapse,
    };
    if (o->classifier && !settings.every) {
        cg_status status = cg_monitor_try_classifier(&settings, t->rt);
        if (status != CG_OK)
            return status;
    }
    return cg_monitor_prepare(&t->monitor, &settings, t->rt);
}

/* ---- the end --------------------------------------------------------------------------------- */

void cg_setup_release(cg_trainer *t)
{
    cg_monitor_deinit(&t->monitor);
    release_buffers(t);
    cg_runtime_release(t->rt);
    cg_dataset_deinit(&t->dataset);
    cg_run_close(&t->run);
    free(t->metrics);
    free(t->team);
}
