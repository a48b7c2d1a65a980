/* A device's tuning, in order: the file, the defaults' results, what changes whole steps, the
 * layers, and at last whole steps with all that was chosen against the defaults. */
#include <clgan/tune.h>

#include "base/argument.h"
#include "base/clock.h"
#include "base/try.h"
#include "bench/stage_times.h"
#include "bench/tune_layers.h"
#include "bench/tune_steps.h"
#include "bench/device_check.h"
#include "nn/plan.h"
#include "ocl/rehearsal.h"
#include "nn/tuning.h"
#include "ocl/runtime.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Shares of all seconds: one is kept for the end, whole steps and then the table; a single step may
 * take the other at most. */
static const double end_share = .25, longest_step = .08;
static const double end_steps = 40;   /* the end needs this many of them at most             */
static const double step_share = .6;  /* of what is kept for the end, for whole steps      */
static const double steps_share = .4; /* of what is left before it, for their candidates   */

/* ---- beginning ------------------------------------------------------------------------------- */

/* The shipped choice by its names. */
static cg_choice name_choice(const cg_network *net)
{
    cg_choice choice = {.vec = cg_choice_width(&net->choice, net->rt)};
    for (size_t i = 0; i < CG_STAGES; i++)
        if (cg_stage_has_choice(&cg_stages[i]))
            choice.algorithms[i] = cg_choice_name(net->rt, &net->choice, &cg_stages[i]);
    return choice;
}

/* *step = the seconds that one takes. CG_ERR_ARGUMENT when that is too much of the `seconds`. */
static cg_status time_step(double *step, cg_tuner *t, size_t batch, double seconds)
{
    cg_status status = CG_OK;
    double longest = longest_step * seconds;
    CG_TRY(cg_workload_warm_up(step, &t->workload));
    if (*step > longest)
        return cg_fail(CG_ERR_ARGUMENT,
                       "%s: a step of batch %zu would take about %.3g s; with %.0f s in all it may "
                       "take %.3g s: give a smaller --batch, or more --seconds",
                       t->rt->info.name, batch, *step, seconds, longest);
    CG_TRY(cg_workload_step(&t->workload));
    CG_TRY(cg_runtime_finish(t->rt));
done:
    return status;
}

/* Compares and builds the defaults. CG_ERR_STOPPED when the time is over before that. */
static cg_status init_tuner(cg_tuner *t, cg_tune *tune, double seconds)
{
    cg_status status = CG_OK;
    cg_bench_check check;
    double start = cg_clock_seconds(), step;

    cg_log(CG_LOG_INFO, "%s: comparing the defaults with the float64 reference", t->rt->info.id);
    CG_TRY(cg_device_check_run(&check, t->rt, NULL, false, tune->batch, &t->budget));
    CG_TRY(cg_device_check_verdict(&check, t->rt));
    CG_TRY(cg_workload_init(&t->workload, t->rt, tune->batch, NULL, false));
    cg_log(CG_LOG_INFO, "%s: building the kernels", t->rt->info.id);
    CG_TRY(cg_rehearse(t->rt, cg_workload_enqueue, &t->workload));
    t->shipped = t->best = name_choice(t->workload.net);
    CG_TRY(cg_tuner_build_step(t, &t->shipped, &t->budget));
    CG_TRY(time_step(&step, t, tune->batch, seconds));
    t->budget.reserve = fmin(end_share * seconds, end_steps * step);
    t->prepared = cg_clock_seconds() - start;
done:
    return status;
}

/* ---- ending ---------------------------------------------------------------------------------- */

/* The winners together against the defaults: kept where a step with them is not slower. */
static cg_status choose_faster(cg_tuner *t, cg_tune *tune)
{
    cg_status status = CG_OK;
    double seconds = step_share * t->budget.reserve;
    cg_choice winners = t->best;
    cg_times times[2];
    bool won;

    t->best = t->shipped;
    cg_log(CG_LOG_INFO, "%s: whole steps", t->rt->info.id);
    CG_TRY(cg_network_apply(t->workload.net, &winners));
    CG_TRY(cg_workload_step(&t->workload));
    CG_TRY(cg_runtime_finish(t->rt));
    CG_TRY(cg_tuner_compare(&won, times, t, &winners, cg_workload_enqueue, &t->workload, seconds));
    tune->before = times[0].median;
    tune->changed = !cg_tuner_is_same(&winners, &t->shipped) && times[1].median <= times[0].median;
    t->best = tune->changed ? winners : t->shipped;
    tune->after = tune->changed ? times[1].median : times[0].median;
    if (!tune->changed && !cg_tuner_is_same(&winners, &t->shipped))
        cg_log(CG_LOG_INFO, "%s: all together are not faster: the defaults stay", t->rt->info.id);
    CG_TRY(cg_network_apply(t->workload.net, &t->best));
done:
    return status;
}

static void add_row(cg_tune *tune, const cg_bench_layer *before, const cg_bench_layer *after)
{
    cg_tune_row *row = &tune->rows[tune->row_count++];
    snprintf(row->name, sizeof row->name, "%s", before->name);
    snprintf(row->pass, sizeof row->pass, "%s", before->pass);
    snprintf(row->before, sizeof row->before, "%s", before->algorithm);
    snprintf(row->after, sizeof row->after, "%s", after->algorithm);
    row->before_seconds = before->seconds_median;
    row->after_seconds = after->seconds_median;
}

static void add_width_row(cg_tune *tune, const cg_tuner *t)
{
    cg_tune_row *row = &tune->rows[tune->row_count++];
    *row = (cg_tune_row){.name = "vec",
                         .pass = "step",
                         .before_seconds = tune->before,
                         .after_seconds = tune->after};
    snprintf(row->before, sizeof row->before, "%zu", t->shipped.vec);
    snprintf(row->after, sizeof row->after, "%zu", t->best.vec);
}

static cg_status fill_table(cg_tune *tune, cg_tuner *t)
{
    cg_status status = CG_OK;
    cg_bench_layer *layers = NULL;
    const cg_choice choices[2] = {t->shipped, t->best};
    size_t count = cg_stage_times_count(), choice_count = tune->changed ? 2 : 1;
    double start = cg_clock_seconds();

    t->budget.reserve = 0;
    CG_TRY(cg_memory_create(&tune->rows, 1 + count, sizeof *tune->rows));
    CG_TRY(cg_memory_create(&layers, choice_count * count, sizeof *layers));
    CG_TRY(cg_stage_times_measure(layers, &t->workload, choices, choice_count,
                                  cg_budget_left(&t->budget)));
    t->measured += cg_clock_seconds() - start;
    add_width_row(tune, t);
    for (size_t i = 0; i < count; i++)
        if (*layers[i].algorithm)
            add_row(tune, &layers[i], &layers[(choice_count - 1) * count + i]);
done:
    free(layers);
    return status;
}

static cg_status store_choice(cg_tune *tune, const cg_tuner *t, char *path)
{
    cg_tuning tuning = {
        .batch = tune->batch, .step_seconds = tune->after, .default_seconds = tune->before};
    cg_status status = cg_choice_describe(tuning.algorithms, t->rt, &t->best);
    return status == CG_OK ? cg_tuning_store(path, t->rt, &tuning) : status;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The candidates, and at last whole steps; tune->compared is true from these on. */
static cg_status try_candidates(cg_tune *tune, cg_tuner *t)
{
    cg_status status = CG_OK;
    CG_TRY(cg_tune_steps(t, steps_share));
    CG_TRY(cg_tune_layers(t));
    CG_TRY(choose_faster(t, tune));
    tune->compared = true;
    CG_TRY(fill_table(tune, t));
done:
    return status;
}

static cg_status tune_device(cg_tune *tune, cg_tuner *t, double seconds)
{
    double start = cg_clock_seconds();
    cg_status status = init_tuner(t, tune, seconds);
    if (status == CG_OK)
        status = try_candidates(tune, t);
    else if (status == CG_ERR_STOPPED)
        status = CG_OK; /* nothing is better than the defaults as far as is known */
    tune->candidates = t->candidates;
    tune->wrong = t->wrong;
    tune->untried = t->untried;
    tune->measuring_seconds = t->measured;
    tune->other_seconds = cg_clock_seconds() - start - t->measured;
    return status;
}

cg_tune_options cg_tune_defaults(void)
{
    return (cg_tune_options){.batch = 256, .seconds = CG_TUNE_SECONDS};
}

cg_status cg_tune_run(cg_tune *tune, const cg_devices *devices, size_t index,
                      const cg_tune_options *options)
{
    CG_NEED(tune);
    CG_NEED(options);
    cg_status status = CG_OK;
    cg_tuner *t = NULL;
    char *path = NULL;
    double seconds = options->seconds > 0 ? options->seconds : CG_TUNE_SECONDS;

    *tune = (cg_tune){.batch = options->batch ? options->batch : cg_tune_defaults().batch};
    CG_TRY(cg_runtime_check_index(devices, index));
    tune->device = *cg_devices_info(devices, index);
    CG_TRY(cg_memory_create(&t, 1, sizeof *t));
    t->budget = cg_budget_start(seconds, cg_clock_seconds, options->stop);
    CG_TRY(cg_tuning_path(&path));
    if (path)
        CG_TRY(cg_tuning_probe(path));
    CG_TRY(cg_runtime_create(&t->rt, devices, index));
    CG_TRY(tune_device(tune, t, seconds));
    if (path && tune->compared && t->candidates && !t->stored_waits) {
        CG_TRY(store_choice(tune, t, path));
        tune->file = path;
        path = NULL;
    }
    status = options->stop && *options->stop ? CG_ERR_STOPPED : CG_OK;
done:
    free(path);
    if (t) {
        cg_workload_deinit(&t->workload);
        cg_runtime_release(t->rt);
    }
    free(t);
    return status;
}

void cg_tune_deinit(cg_tune *tune)
{
    if (!tune)
        return;
    free(tune->rows);
    free(tune->file);
    *tune = (cg_tune){0};
}
