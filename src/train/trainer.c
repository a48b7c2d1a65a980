/* The training loop.
 *
 * Its only state is the next step; epoch, batch and order follow from it (cg_step_locate). */
#include "train/trainer.h"

#include "base/clock.h"
#include "base/screen.h"
#include "base/try.h"
#include "nn/slow.h"
#include "ocl/rehearsal.h"
#include "ocl/runtime.h"
#include "run/latest.h"
#include "train/audit_due.h"
#include "train/audit_step.h"
#include "train/audit_unchanged.h"
#include "train/epoch.h"
#include "train/metrics.h"
#include "train/save.h"
#include "train/team.h"

#include <clgan/terminal.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- after a step ---------------------------------------------------------------------------- */

/* A log interval. */
static cg_status log_step(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(cg_run_check(&t->run));
    CG_TRY(cg_metrics_fetch(t, place));
    CG_TRY(cg_audit_data(&t->audit, place->step));
    CG_TRY(cg_audit_batch(&t->audit, &t->source, place));
    const cg_metrics *m = &t->metrics[place->row];
    double now = cg_clock_seconds();
    cg_record record = cg_records_make(CG_RECORD_STEP, place);
    record.loss_d = (double)m->loss_d_real + (double)m->loss_d_fake;
    record.loss_d_real = (double)m->loss_d_real;
    record.loss_d_fake = (double)m->loss_d_fake;
    record.loss_g = (double)m->loss_g;
    record.d_real = (double)m->d_real;
    record.d_fake = (double)m->d_fake;
    const double rate = (double)((t->step - t->logged_step) * t->source.batch) / (now - t->logged);
    record.images_per_second = rate;
    record.seconds = now - t->start;
    CG_TRY(cg_records_write(&t->records, &record, 1));
    t->logged = now;
    t->logged_step = t->step;
    cg_progress_log(&t->progress, place, m, rate);
done:
    return status;
}

/* Does what is due after a step; `ending`: it is the last one of this process. */
static cg_status after_step(cg_trainer *t, const cg_step_place *place, bool ending)
{
    cg_status status = CG_OK;
    bool epoch_end = place->row + 1 == place->epoch_steps;
    bool save_due = t->config.checkpoint_every && place->step % t->config.checkpoint_every == 0;

    if (place->step % t->config.log_every == 0 || ending)
        CG_TRY(log_step(t, place));
    if (epoch_end || ending || save_due)
        CG_TRY(cg_team_collect(t));
    if (epoch_end)
        CG_TRY(cg_epoch_finish(t, place));
    else if (ending)
        CG_TRY(cg_save_picture(t, place, false));
    if (!epoch_end && (save_due || ending))
        CG_TRY(cg_save_checkpoint(t, place));
done:
    return status;
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* Tells the caller, where it asks to be told, how far the training is. */
static void tell_step(const cg_trainer *t, const cg_step_place *place)
{
    const cg_progress *p = &t->progress;
    cg_train_progress progress = {
        .step = place->step,
        .last_step = t->last,
        .epoch = place->epoch,
        .epochs = t->config.epochs,
        .images_per_second = p->has_metrics ? p->images_per_second : NAN,
        .loss_d =
            p->has_metrics ? (double)p->metrics.loss_d_real + (double)p->metrics.loss_d_fake : NAN,
        .loss_g = p->has_metrics ? (double)p->metrics.loss_g : NAN,
        .d_real = p->has_metrics ? (double)p->metrics.d_real : NAN,
        .d_fake = p->has_metrics ? (double)p->metrics.d_fake : NAN,
    };
    if (t->options->step)
        t->options->step(t->options->user, &progress);
}

/* The first step of a process, in which drivers build the kernels, is waited for: until it is done
 * a stop loses nothing. */
static cg_status run_step(cg_trainer *t, const cg_step_place *place, bool first)
{
    cg_status status = CG_OK;
    double compiled = t->rt->build_seconds;
    cg_wait wait;
    const bool audited = cg_audit_is_due(&t->audit, &t->source, place->step);
    cg_progress_begin_step(&t->progress);
    cg_progress_wait(&t->progress, &wait, place->step, audited);
    /* An audit keeps a state that later steps are done again from: it has to be a good one. */
    if (audited && place->row > 0) {
        const cg_step_place previous = cg_step_locate(&t->source, place->step - 1);
        CG_TRY(cg_metrics_fetch(t, &previous));
    }
    CG_TRY(cg_team_order_step(t, place->step, audited));
    CG_TRY(audited ? cg_audit_step(&t->audit, &t->source, place)
                   : cg_step_run(t->net, t->shards, &t->source, place));
    CG_TRY(cg_runtime_mark(t->rt));
    if (first)
        CG_TRY(cg_runtime_finish(t->rt));
    cg_trainer_set_settled(t, 0);
    t->step++;
    compiled = t->rt->build_seconds - compiled;
    t->logged += compiled;
    cg_progress_pause(&t->progress, compiled);
    cg_progress_step(&t->progress, place);
    tell_step(t, place);
done:
    cg_wait_end(&wait);
    return status;
}

/* A step with all that is due after it. *stopping = it is the last one that is wanted. */
static cg_status take_step(cg_trainer *t, bool first, bool *stopping)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, t->step + 1);
    CG_TRY(run_step(t, &place, first));
    *stopping = cg_trainer_is_stopped(t);
    CG_TRY(cg_team_balance(t, t->step - t->begin));
    double start = cg_clock_seconds();
    CG_TRY(after_step(t, &place, *stopping || t->step == t->last));
    if (place.row + 1 == place.epoch_steps) { /* it takes long, and all is saved at its end */
        cg_progress_pause(&t->progress, cg_clock_seconds() - start);
        *stopping = cg_trainer_is_stopped(t);
    }
done:
    return status;
}

/* Goes through what compiles kernels in an epoch, to count them. */
static cg_status rehearse_epoch(void *user)
{
    cg_status status = CG_OK;
    cg_trainer *t = user;
    const cg_step_place place = cg_step_locate(&t->source, t->step + 1);
    CG_TRY(cg_step_run(t->net, t->shards, &t->source, &place));
    CG_TRY(cg_audit_hold(&t->audit));
    CG_TRY(cg_sampler_update(&t->sampler));
    CG_TRY(cg_network_generate(t->sampler.net));
done:
    return status;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool is_collapsed(const cg_trainer *t)
{
    return t->options->stop_on_collapse && t->monitor.collapsed;
}

/* The status of a loop that has done all steps, or was stopped before. */
static cg_status ending_of(const cg_trainer *t, bool stopping)
{
    if (t->step == t->last && !t->unjudged)
        return CG_OK;
    if (stopping)
        return CG_ERR_STOPPED;
    return cg_fail(CG_ERR_COLLAPSED,
                   "samples were alike at two evaluations in a row: stopped at step %" PRIu64
                   ", saved (--stop-on-collapse)",
                   t->step);
}

static cg_status run_loop(cg_trainer *t)
{
    cg_status status = CG_OK;
    t->begin = t->step;
    bool stopping = cg_trainer_is_stopped(t); /* then the run stays as it is in its files */
    t->start = t->epoch_start = t->logged = cg_clock_seconds();
    t->logged_step = t->step;
    CG_TRY(stopping ? CG_OK : cg_epoch_judge_resumed(t));
    stopping = cg_trainer_is_stopped(t);
    cg_trainer_set_settled(t, stopping ? 0 : CG_TRAIN_STARTED);
    if (t->step < t->last)
        CG_TRY(cg_rehearse(t->rt, rehearse_epoch, t));
    if (t->step < t->last && !stopping)
        CG_TRY(cg_audit_begin(&t->audit, t->images, &t->dataset, t->step));
    cg_progress_init(&t->progress, (size_t)t->config.epochs, t->last);
    while (t->step < t->last && !stopping && !is_collapsed(t))
        CG_TRY(take_step(t, t->step == t->begin, &stopping));
    status = ending_of(t, stopping);
done:
    cg_trainer_set_settled(t, 0);
    cg_screen_clear();
    return status;
}

/* ---- a process ------------------------------------------------------------------------------- */

static void say_how_it_ended(const cg_trainer *t, cg_status status)
{
    char line[CG_COMMAND_LINE];
    const char *const words[] = {"train", "--out", t->run.path, "--resume", NULL};
    uint64_t all = t->config.epochs * t->epoch_steps;
    if (status == CG_ERR_STOPPED || (status == CG_OK && t->step < all))
        cg_log(CG_LOG_INFO, "stopped at step %" PRIu64 " of %" PRIu64 ", saved; go on with: %s",
               t->step, all, cg_command_line(line, words));
    else if (status == CG_OK)
        cg_log(CG_LOG_INFO, "done: %s/dcgan.gif, %s/images", t->run.path, t->run.path);
}

static void say_that_nothing_is_left(const cg_trainer *t)
{
    uint64_t all = t->config.epochs * t->epoch_steps;
    if (t->step >= all)
        cg_log(CG_LOG_INFO, "%s is finished: it has done %" PRIu64 " steps of %" PRIu64,
               t->run.path, t->step, all);
    else
        cg_log(CG_LOG_INFO,
               "%s has done %" PRIu64 " steps of %" PRIu64 ": nothing is left up to --max-steps "
               "%" PRIu64,
               t->run.path, t->step, all, t->last);
}

cg_status cg_trainer_run(cg_trainer *t)
{
    cg_status status = CG_OK;
    const cg_device_info *device = cg_runtime_device(t->rt);
    if (t->step >= t->last && !t->unjudged) {
        say_that_nothing_is_left(t);
        return CG_OK;
    }
    const size_t ranks = cg_ranks_count(t->ranks);
    char others[48] = "";
    if (ranks > 1)
        snprintf(others, sizeof others, " and %zu other rank%s", ranks - 1, ranks > 2 ? "s" : "");
    cg_log(CG_LOG_INFO, "%zu image%s from %s, training on %s (%s)%s", t->dataset.count,
           t->dataset.count == 1 ? "" : "s", t->config.data, device->name, device->platform,
           others);
    cg_slow_warn(t->rt, &t->net->choice);
    if (t->step)
        cg_log(CG_LOG_INFO, "resuming after step %" PRIu64, t->step);
    cg_run_mark_latest(&t->run);
    CG_TRY(cg_records_open(&t->records, &t->run, t->options, t->step));
    CG_TRY(run_loop(t));
done:
    say_how_it_ended(t, status);
    return status;
}
