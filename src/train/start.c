/* The start of a run: options and data become a state, anew or from a checkpoint. */
#include "train/start.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/data_files.h"
#include "nn/plan.h"
#include "nn/tuning.h"
#include "ocl/footprint.h"
#include "ranks/ranks.h"
#include "run/checkpoint.h"
#include "run/pictures.h"
#include "run/record.h"
#include "train/best.h"
#include "train/log_check.h"
#include "train/team.h"
#include "verify/selftest.h"

#include <clgan/evaluate.h>
#include <clgan/runs.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The numbers that are options: where the run's settings have them, what they are where they are
 * not given, and the least that can be. The seed is the run's for good. */
#define NUMBER(name, option, setting, value, least)                                               \
    {                                                                                             \
        name, offsetof(cg_train_options, option), offsetof(cg_run_config, setting), value, least, \
    }
static const struct {
    const char *name;
    size_t option, setting; /* offsets of a cg_option_number and of a uint64_t */
    uint64_t value, least;
} numbers[] = {
    NUMBER("epochs", epochs, epochs, 50, 1),
    NUMBER("keep", keep, keep, 3, 1),
    NUMBER("checkpoint-every", checkpoint_every, checkpoint_every, 0, 0),
    NUMBER("log-every", log_every, log_every, 50, 1),
    NUMBER("evaluate-every", evaluate_every, evaluate_every, 1, 0),
    NUMBER("evaluate-samples", evaluate_samples, evaluate_samples, 2000, CG_EVALUATE_LEAST),
    NUMBER("seed", seed, recipe.seed, 1, 0),
};

enum { CHANGING = CG_COUNT(numbers) - 1 }; /* the first ones, that a resume may change */

static cg_option_number *number_of(cg_train_options *options, size_t i)
{
    return (cg_option_number *)((char *)options + numbers[i].option); // NOLINT: it is aligned
}

cg_train_options cg_train_defaults(void)
{
    cg_train_options options = {0};
    for (size_t i = 0; i < CG_COUNT(numbers); i++)
        number_of(&options, i)->value = numbers[i].value;
    return options;
}

cg_status cg_train_complete(cg_train_options *complete, const cg_train_options *options)
{
    const cg_option_number *batch = &options->recipe.batch;
    *complete = *options;
    for (size_t i = 0; i < CG_COUNT(numbers); i++) {
        cg_option_number *number = number_of(complete, i);
        if (!number->given && !number->value)
            number->value = numbers[i].value;
        if (number->value < numbers[i].least)
            return cg_fail(CG_ERR_ARGUMENT, "--%s must be at least %" PRIu64 ", not %" PRIu64,
                           numbers[i].name, numbers[i].least, number->value);
    }
    if (batch->given && !batch->value)
        return cg_fail(CG_ERR_ARGUMENT, "--batch must be at least 1");
    return CG_OK;
}

/* ---- starting -------------------------------------------------------------------------------- */

static void set_number(cg_run_config *config, size_t i, uint64_t value)
{
    memcpy((char *)config + numbers[i].setting, &value, sizeof value);
}

static void take_classifier(cg_trainer *t)
{
    const char *given = t->options->classifier;
    if (given)
        snprintf(t->config.classifier, sizeof t->config.classifier, "%s", given);
}

/* CG_ERR_ARGUMENT where the run's batches are not in shards enough for all ranks. */
static cg_status check_shards(const cg_trainer *t)
{
    const size_t ranks = cg_ranks_count(t->ranks);
    const uint64_t shards = t->config.recipe.shards;
    if (ranks == 1 || ranks <= shards)
        return CG_OK;
    if (!shards)
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run has no --shards: it goes on as one process only, not as %zu ranks",
                       ranks);
    return cg_fail(CG_ERR_ARGUMENT, "%zu ranks cannot share %" PRIu64 " shards: at most one each",
                   ranks, shards);
}

static cg_status take_options(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_train_options o = *t->options;
    for (size_t i = 0; i < CG_COUNT(numbers); i++)
        set_number(&t->config, i, number_of(&o, i)->value);
    take_classifier(t);
    t->config.no_selftest = o.no_selftest;
    CG_TRY(cg_recipe_resolve(&t->config.recipe, &o.recipe));
    if (!t->config.recipe.shards && cg_ranks_count(t->ranks) > 1)
        t->config.recipe.shards =
            cg_shards_usual(cg_ranks_count(t->ranks), (size_t)t->config.recipe.batch);
    CG_TRY(check_shards(t));
done:
    return status;
}

/* The options of a resumed run: the run's, but for those given again. */
static void take_recorded(cg_trainer *t)
{
    cg_train_options o = *t->options;
    for (size_t i = 0; i < CHANGING; i++)
        if (number_of(&o, i)->given)
            set_number(&t->config, i, number_of(&o, i)->value);
    if (!t->config.evaluate_samples) /* a run that is older than evaluation */
        t->config.evaluate_samples = o.evaluate_samples.value;
    take_classifier(t);
    /* Trust that was told once holds for the run's device. */
    t->config.no_selftest = o.no_selftest || (t->config.no_selftest && !o.allow_device_change);
}

/* The folder of the data set: as given, else the run's, else the default. */
static void choose_data(cg_trainer *t)
{
    const char *folder = t->options->data;
    if (!folder && t->config.data[0])
        return;
    if (!folder)
        folder = cg_dataset_default();
    snprintf(t->config.data, sizeof t->config.data, "%s", folder);
}

/* *found = the folder of a run that goes on is gone, as when a program was moved with its data, and
 * the default has the same images. */
static cg_status read_usual(bool *found, cg_trainer *t)
{
    cg_status status = CG_OK;
    const char *usual = cg_dataset_default();
    *found = false;
    bool there = true, has;
    if (!t->options->data && t->config.data[0])
        CG_TRY(cg_file_find(&there, t->config.data));
    if (there)
        return CG_OK;
    CG_TRY(cg_data_files_have(&has, usual, CG_DATASET_TRAIN));
    if (!has)
        return CG_OK;
    CG_TRY(cg_dataset_read(&t->dataset, usual, CG_DATASET_TRAIN));
    *found = strcmp(t->dataset.sha256, t->config.recipe.data_sha256) == 0;
    if (*found)
        snprintf(t->config.data, sizeof t->config.data, "%s", usual);
    else
        cg_dataset_deinit(&t->dataset);
done:
    return status;
}

static cg_status load_data(cg_trainer *t)
{
    cg_status status = CG_OK;
    bool usual;
    CG_TRY(read_usual(&usual, t));
    if (!usual) {
        choose_data(t);
        CG_TRY(cg_dataset_read(&t->dataset, t->config.data, CG_DATASET_TRAIN));
    }
    t->config.images = t->dataset.count;
    snprintf(t->config.recipe.data_sha256, sizeof t->config.recipe.data_sha256, "%s",
             t->dataset.sha256);
done:
    return status;
}

static uint64_t last_step(const cg_trainer *t)
{
    uint64_t last = t->config.epochs * t->epoch_steps, limit = t->options->max_steps;
    return limit && limit < last ? limit : last;
}

static cg_status open_device(cg_trainer *t)
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

/* *choice = what the network will take, which fits the device's memory. `recorded`: the algorithms
 * of a run that goes on, NULL: none. */
static cg_status choose_network(cg_choice *choice, cg_trainer *t, const char *recorded)
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

static bool is_stopped(void *trainer)
{
    return cg_trainer_is_stopped(trainer);
}

/* The test of what a training computes. A run keeps its algorithms as long as its device. */
static cg_selftest_plan plan_test(cg_trainer *t, const cg_choice *choice)
{
    const cg_recipe *recipe = &t->config.recipe;
    return (cg_selftest_plan){
        .what = recipe->shards ? "training in shards" : "training",
        .chooses = t->options->resume ? "--allow-device-change --algorithm" : "--algorithm",
        .parts = CG_SELFTEST_STEP | (recipe->shards ? (unsigned)CG_SELFTEST_SHARDS : 0),
        .choice = choice,
        .batch = recipe->shards ? cg_shard_most((size_t)recipe->batch, (size_t)recipe->shards)
                                : (size_t)recipe->batch,
        .cancel = is_stopped,
        .user = t};
}

/* True where an evaluation is due before the run's last step. */
static bool will_judge(const cg_trainer *t)
{
    const uint64_t epoch = t->step / t->epoch_steps, last = t->last / t->epoch_steps;
    return t->monitor.able && last / t->config.evaluate_every > epoch / t->config.evaluate_every;
}

/* The device proves that it computes right, unless nothing is left to be computed: evaluations,
 * too, that nobody learns after an epoch that they cannot be had. That may take as long as kernels
 * take to compile: the run is told of before, and a signal ends the process. */
static cg_status test_device(cg_trainer *t, const cg_choice *choice)
{
    const cg_selftest_plan plan = plan_test(t, choice);
    if (t->options->started && t->run.path) /* which rank 0 has */
        t->options->started(t->run.path);
    if (t->step >= t->last)
        return CG_OK;
    cg_trainer_set_settled(t, cg_trainer_is_stopped(t) ? 0 : CG_TRAIN_STARTED);
    cg_status status = cg_selftest_ensure(t->rt, &plan);
    if (status == CG_OK && will_judge(t))
        status = cg_monitor_test_device(&t->monitor, t->rt);
    cg_trainer_set_settled(t, 0);
    return status;
}

void cg_start_distrust(cg_trainer *t)
{
    const cg_selftest_plan plan = plan_test(t, &t->net->choice);
    cg_selftest_forget(t->rt, &plan);
}

static cg_status create_network(cg_trainer *t, const cg_choice *choice)
{
    cg_status status = CG_OK;
    const cg_recipe *recipe = &t->config.recipe;

    if (cg_ranks_mine(t->ranks) == 0)
        CG_TRY(cg_team_begin(t));
    CG_TRY(cg_team_compare_devices(t));
    CG_TRY(test_device(t, choice));
    CG_TRY(create_buffers(t, choice));
    t->audit.passed = cg_audit_find_passed(recipe->seed, t->step);
    CG_TRY(cg_buffer_upload(t->images, 0, t->dataset.images, t->dataset.count * CG_PIXELS));
    CG_TRY(cg_audit_clear_metrics(t->net));
    CG_TRY(cg_memory_create(&t->metrics, t->epoch_steps, sizeof *t->metrics));
    t->source = (cg_step_source){recipe->seed, t->images, t->dataset.count, (size_t)recipe->batch};
done:
    return status;
}

static cg_status write_real_grid(cg_trainer *t)
{
    cg_status status = CG_OK;
    unsigned char pixels[CG_PICTURE_COUNT * CG_PIXELS] = {0};
    size_t count = t->dataset.count < CG_PICTURE_COUNT ? t->dataset.count : CG_PICTURE_COUNT;
    char *path = NULL;
    memcpy(pixels, t->dataset.images, count * CG_PIXELS);
    CG_TRY(cg_run_path(&path, &t->run, "images/real.png"));
    CG_TRY(cg_pictures_write_grid(path, pixels));
done:
    free(path);
    return status;
}

static cg_status prepare_monitor(cg_trainer *t)
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
    return cg_monitor_prepare(&t->monitor, &settings, t->rt);
}

/* The state at step 0. */
static cg_status init_network(cg_trainer *t)
{
    const cg_recipe *recipe = &t->config.recipe;
    return cg_network_init(t->net, recipe->seed, recipe->hypers[CG_HYPER_DEVIATION]);
}

cg_status cg_start_new(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_choice choice;
    CG_TRY(take_options(t));
    CG_TRY(load_data(t));
    CG_TRY(open_device(t));
    CG_TRY(choose_network(&choice, t, NULL));
    CG_TRY(prepare_monitor(t));
    CG_TRY(cg_run_create(&t->run, t->options->out));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(write_real_grid(t));
    CG_TRY(create_network(t, &choice));
    if (t->team) /* which is not known before */
        CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(init_network(t));
    CG_TRY(cg_team_share(t));
done:
    return status;
}

/* ---- resuming -------------------------------------------------------------------------------- */

/* *user = one was skipped, whose error has been told. */
static void say_skipped(void *user, uint64_t step)
{
    bool *skipped = user;
    *skipped = true;
    cg_log(CG_LOG_WARNING, "skipped the checkpoint of step %" PRIu64 "; trying an older one", step);
}

/* The step of a run's first checkpoint, as the program that wrote config.json was to write it. */
static uint64_t first_checkpoint(const cg_run_config *config)
{
    uint64_t every = config->checkpoint_every, batch = config->recipe.batch;
    uint64_t epoch = cg_ceil_div((size_t)config->images, (size_t)(batch ? batch : 1));
    return every && every < epoch ? every : epoch;
}

static cg_status raise_step(void *user, const cg_record *record)
{
    double *last = user;
    *last = fmax(*last, record->step);
    return CG_OK;
}

/* *began = the run ended before its first checkpoint, after `first` steps. A log that goes beyond
 * tells of checkpoints that were removed: to begin again would take the rest away, too. */
static cg_status check_beginning(bool *began, const cg_trainer *t, uint64_t first)
{
    cg_status status = CG_OK;
    char *log = NULL;
    uint64_t *steps = NULL;
    size_t count = 0;
    double last = 0;
    CG_TRY(cg_run_checkpoints(&steps, &count, &t->run));
    CG_TRY(cg_run_path(&log, &t->run, "log.jsonl"));
    CG_TRY(cg_record_visit(log, raise_step, &last));
    *began = !count && t->config.recipe.algorithms[0] && last <= (double)first;
done:
    free(log);
    free(steps);
    return status;
}

/* *file = the checkpoint to go on from; NULL at the beginning of a run, which is as sound a state,
 * with the recipe of its config.json. `first`: the first checkpoint's step. */
static cg_status find_checkpoint(cg_trainer *t, cg_safetensors **file, cg_recipe *recipe,
                                 uint64_t first)
{
    cg_status status = CG_OK;
    bool began, skipped = false;
    CG_TRY(cg_checkpoint_read_newest(file, recipe, &t->step, &t->run, say_skipped, &skipped));
    if (*file)
        goto done;
    CG_TRY(check_beginning(&began, t, first));
    if (began)
        *recipe = t->config.recipe;
    else
        cg_log(skipped ? CG_LOG_WARNING : CG_LOG_ERROR,
               "%s holds no sound checkpoint to resume from", t->run.path);
    status = began ? CG_OK : CG_ERR_INPUT;
done:
    return status;
}

/* Options given again must be those of the run; what was not given is the run's. */
static cg_status check_given(cg_trainer *t, const cg_recipe *recorded)
{
    const cg_train_options *o = t->options;
    cg_recipe *recipe = &t->config.recipe;
    recipe->seed = recorded->seed;
    recipe->batch = recorded->batch;
    recipe->shards = recorded->shards;
    recipe->strict = recorded->strict;
    snprintf(recipe->name, sizeof recipe->name, "%s", recorded->name);
    memcpy(recipe->hypers, recorded->hypers, sizeof recipe->hypers);
    if (o->seed.given && o->seed.value != recipe->seed)
        return cg_fail(CG_ERR_ARGUMENT, "the run has --seed %" PRIu64 ": a resume cannot change it",
                       recipe->seed);
    return cg_recipe_compare(recipe, &o->recipe);
}

/* A strict run gives the same bits anywhere. */
static bool may_change_device(const cg_trainer *t)
{
    return t->options->allow_device_change || t->config.recipe.strict;
}

/* Data and device must be those of the run. */
static cg_status check_surroundings(const cg_trainer *t, const cg_recipe *recorded)
{
    const cg_recipe *recipe = &t->config.recipe;
    if (strcmp(recipe->data_sha256, recorded->data_sha256) != 0)
        return cg_fail(CG_ERR_INPUT, "%s is not the data that the run was trained on (SHA-256 %s)",
                       t->config.data, recorded->data_sha256);
    if (!may_change_device(t) && !cg_recipe_is_of(recorded, cg_runtime_device(t->rt)))
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run was trained on %s (%s, driver %s), this is %s (%s, driver %s): "
                       "--allow-device-change continues, with other rounding errors",
                       recorded->device, recorded->platform, recorded->driver, recipe->device,
                       recipe->platform, recipe->driver);
    return CG_OK;
}

/* Takes the run's files back to t->step, and makes those anew that can be. `end` describes how the
 * log was written. The record of the last step stays where no step is left to do. */
static cg_status take_back(cg_trainer *t, cg_runlog_end *end)
{
    cg_status status = CG_OK;
    char *log = NULL;
    const size_t epoch = (size_t)(t->step / t->epoch_steps);
    end->step = t->step;
    if (t->step < t->last)
        t->config.first_step = t->step;
    else
        end->first = t->step;
    CG_TRY(cg_run_path(&log, &t->run, "log.jsonl"));
    CG_TRY(cg_runlog_truncate(log, end));
    CG_TRY(cg_log_check(log, end, t->epoch_steps));
    CG_TRY(cg_run_remove_pictures(&t->run, epoch));
    CG_TRY(cg_pictures_write_gif(&t->run, epoch));
    CG_TRY(cg_history_read(&t->monitor.history, log));
    CG_TRY(cg_best_restore(&t->run, cg_history_best(&t->monitor.history)));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(write_real_grid(t));
done:
    free(log);
    return status;
}

/* With the run's algorithms, which its bits depend on, unless the device may be another one. */
static cg_status choose_resumed(cg_choice *choice, cg_trainer *t, const cg_recipe *recorded)
{
    bool free_choice = may_change_device(t);
    cg_status status = choose_network(choice, t, free_choice ? NULL : recorded->algorithms);
    if (status != CG_OK || free_choice ||
        strcmp(t->config.recipe.algorithms, recorded->algorithms) == 0)
        return status;
    return cg_fail(CG_ERR_ARGUMENT,
                   "the run was trained with other algorithms (%s): a resume cannot change them",
                   recorded->algorithms);
}

/* t->unjudged = the checkpoint stands at the end of an epoch that was to be evaluated, every so
 * many of them, and the log has the epoch's end but no evaluation of it. */
static cg_status find_unjudged(cg_trainer *t, uint64_t every)
{
    cg_status status = CG_OK;
    char *log = NULL;
    cg_history history = {0};
    uint64_t epoch = t->step / t->epoch_steps;
    if (!t->step || !every || t->step % t->epoch_steps != 0 || epoch % every != 0)
        return CG_OK;
    CG_TRY(cg_run_path(&log, &t->run, "log.jsonl"));
    CG_TRY(cg_history_read(&history, log));
    t->unjudged = history.ended >= t->step && history.evaluated < t->step;
done:
    cg_history_deinit(&history);
    free(log);
    return status;
}

/* Prepares the monitor where there is something left to do. */
static cg_status prepare_resumed_monitor(cg_trainer *t, uint64_t every)
{
    cg_status status = CG_OK;
    CG_TRY(find_unjudged(t, every));
    if (t->step < t->last || t->unjudged)
        CG_TRY(prepare_monitor(t));
    t->unjudged &= t->monitor.able;
done:
    return status;
}

/* The run that is named, else the one under runs/ that was written last. */
static cg_status open_run(cg_trainer *t)
{
    cg_status status = CG_OK;
    char *latest = NULL;
    const char *path = t->options->out;
    if (!path) {
        CG_TRY(cg_runs_find_latest(&latest, CG_RUNS_FOLDER));
        path = latest;
    }
    status = path ? cg_run_open(&t->run, path)
                  : cg_fail(CG_ERR_INPUT, "there is no run under %s/ to resume", CG_RUNS_FOLDER);
done:
    free(latest);
    return status;
}

cg_status cg_start_resumed(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recorded = {0};
    cg_runlog_end end;
    cg_choice choice;
    uint64_t first;

    CG_TRY(open_run(t));
    CG_TRY(cg_config_read(&t->config, &t->run));
    end = (cg_runlog_end){.first = t->config.first_step, .every = t->config.log_every};
    const uint64_t every = t->config.evaluate_every;
    first = first_checkpoint(&t->config);
    take_recorded(t);
    CG_TRY(find_checkpoint(t, &file, &recorded, first));
    CG_TRY(check_given(t, &recorded));
    CG_TRY(check_shards(t));
    CG_TRY(load_data(t));
    CG_TRY(open_device(t));
    CG_TRY(check_surroundings(t, &recorded));
    CG_TRY(choose_resumed(&choice, t, &recorded));
    CG_TRY(prepare_resumed_monitor(t, every));
    CG_TRY(create_network(t, &choice));
    t->rows = (size_t)(t->step % t->epoch_steps);
    CG_TRY(file ? cg_checkpoint_restore(t->net, file, &recorded, t->rows) : init_network(t));
    CG_TRY(cg_team_share(t));
    if (t->rows)
        CG_TRY(cg_buffer_download(t->net->metrics, 0, t->metrics, t->rows * sizeof *t->metrics));
    if ((t->step < t->last || t->unjudged) && !cg_trainer_is_stopped(t))
        CG_TRY(take_back(t, &end));
done:
    cg_safetensors_release(file);
    return status;
}

/* ---- following ------------------------------------------------------------------------------- */

/* With rank 0's algorithms where the device is of the same kind, so that its bits are the same. */
cg_status cg_start_following(cg_trainer *t)
{
    cg_status status = CG_OK;
    const cg_recipe led = t->config.recipe;
    cg_choice choice;
    CG_TRY(load_data(t));
    if (strcmp(t->dataset.sha256, led.data_sha256) != 0) {
        status = cg_fail(CG_ERR_INPUT, "%s is not the data that rank 0 trains on (SHA-256 %s)",
                         t->config.data, led.data_sha256);
        goto done;
    }
    CG_TRY(open_device(t));
    CG_TRY(choose_network(&choice, t,
                          cg_recipe_is_of(&led, cg_runtime_device(t->rt)) ? led.algorithms : NULL));
    CG_TRY(create_network(t, &choice));
done:
    return status;
}
