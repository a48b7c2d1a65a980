/* A run that goes on. */
#include "train/resume.h"

#include "base/memory.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "run/checkpoint.h"
#include "run/numbered.h"
#include "run/pictures.h"
#include "run/record.h"
#include "train/best.h"
#include "train/log_check.h"
#include "train/metrics.h"
#include "train/settings.h"
#include "train/setup.h"
#include "train/team.h"

#include <clgan/runs.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* *user = one was skipped, whose error has been told. A checkpoint that cannot be read now may be
 * sound, and what came after an older one would be removed. */
static cg_status say_skipped(void *user, uint64_t step, cg_status status)
{
    bool *skipped = user;
    if (status == CG_ERR_READ)
        return status;
    *skipped = true;
    cg_log(CG_LOG_WARNING, "skipped the checkpoint of step %" PRIu64 "; trying an older one", step);
    return CG_OK;
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
    CG_TRY(cg_run_path(&log, &t->run, CG_RUN_LOG));
    CG_TRY(cg_record_visit(log, raise_step, &last));
    *began = !count && last <= (double)first;
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
    CG_TRY(cg_checkpoint_read_newest(file, recipe, &t->step, &t->run, &t->config.recipe,
                                     say_skipped, &skipped));
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
    CG_TRY(cg_run_path(&log, &t->run, CG_RUN_LOG));
    CG_TRY(cg_runlog_truncate(log, end));
    CG_TRY(cg_log_check(log, end, t->epoch_steps));
    CG_TRY(cg_run_remove_pictures(&t->run, epoch));
    CG_TRY(cg_pictures_write_gif(&t->run, epoch));
    CG_TRY(cg_history_read(&t->monitor.history, log));
    CG_TRY(cg_best_restore(&t->run, cg_history_best(&t->monitor.history), &t->config.recipe));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(cg_pictures_write_real(&t->run, &t->dataset));
done:
    free(log);
    return status;
}

/* With the run's algorithms, which its bits depend on, unless the device may be another one. */
static cg_status choose_network(cg_choice *choice, cg_trainer *t, const cg_recipe *recorded)
{
    bool free_choice = may_change_device(t);
    cg_status status =
        cg_setup_choose_network(choice, t, free_choice ? NULL : recorded->algorithms);
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
    CG_TRY(cg_run_path(&log, &t->run, CG_RUN_LOG));
    CG_TRY(cg_history_read(&history, log));
    t->unjudged = history.ended >= t->step && history.evaluated < t->step;
done:
    cg_history_deinit(&history);
    free(log);
    return status;
}

/* Prepares the monitor where there is something left to do. */
static cg_status prepare_monitor(cg_trainer *t, uint64_t every)
{
    cg_status status = CG_OK;
    CG_TRY(find_unjudged(t, every));
    if (t->step < t->last || t->unjudged)
        CG_TRY(cg_setup_prepare_monitor(t));
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

cg_status cg_resume(cg_trainer *t)
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
    cg_settings_take_again(t);
    CG_TRY(find_checkpoint(t, &file, &recorded, first));
    CG_TRY(check_given(t, &recorded));
    CG_TRY(cg_settings_check_shards(t));
    CG_TRY(cg_setup_load_data(t));
    CG_TRY(cg_setup_open_device(t));
    CG_TRY(check_surroundings(t, &recorded));
    CG_TRY(choose_network(&choice, t, &recorded));
    CG_TRY(prepare_monitor(t, every));
    CG_TRY(cg_setup_create_network(t, &choice));
    const size_t rows = (size_t)(t->step % t->epoch_steps);
    CG_TRY(file ? cg_checkpoint_restore(t->net, file, &recorded, rows) : cg_setup_init_network(t));
    CG_TRY(cg_team_share(t));
    CG_TRY(cg_metrics_restore(t, rows));
    if ((t->step < t->last || t->unjudged) && !cg_trainer_is_stopped(t))
        CG_TRY(take_back(t, &end));
done:
    cg_safetensors_release(file);
    return status;
}
