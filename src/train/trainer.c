/* The training loop: it takes the state from step to step, and writes it to files at epochs'
 * ends, log intervals and stops.
 *
 * The loop's only state is the next step; epoch, batch and order follow from it
 * (cg_step_locate). At an epoch's end files are written in the order picture, GIF, log,
 * checkpoint: a checkpoint stands for files that are complete, and a resume takes back what is
 * newer than it. Then the epoch is judged, which may take minutes: its records, the best
 * checkpoint. A resume judges what was not. */
#include "train/start.h"

#include "base/argument.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/phase.h"
#include "base/screen.h"
#include "base/try.h"
#include "base/waiting.h"
#include "nn/slow.h"
#include "nn/stages.h"
#include "ocl/rehearsal.h"
#include "ocl/runtime.h"
#include "run/checkpoint.h"
#include "run/latest.h"
#include "run/record.h"
#include "train/best.h"
#include "train/follow.h"
#include "train/retry.h"
#include "train/team.h"
#include "run/pictures.h"
#include "train/tensorboard.h"

#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- records --------------------------------------------------------------------------------- */

/* A wait for a step; one that takes as long as many others is told of. An audit has its step done
 * twice and the host compute stages of it, as long as any wait may take. The words are the same
 * whenever the step is waited for. */
static void begin_waiting(const cg_trainer *t, cg_wait *wait, uint64_t step, bool audited)
{
    const double usual = t->usual * CG_WAIT_STEPS, least = CG_WAIT_LEAST;
    if (audited)
        cg_wait_begin(wait, fmax(3 * usual, CG_WAIT_SECONDS), "at step %" PRIu64 ", audited", step);
    else if (usual > 0)
        cg_wait_begin(wait, fmax(usual, least), "at step %" PRIu64 " (%.3g s are usual)", step,
                      t->usual);
    else
        cg_wait_begin(wait, CG_WAIT_USUAL, "at step %" PRIu64, step);
}

static cg_status download_metrics(cg_trainer *t, size_t rows)
{
    cg_wait wait;
    begin_waiting(t, &wait, t->step, t->audit.passed == t->step);
    cg_status status = cg_buffer_download(t->net->metrics, t->rows * sizeof *t->metrics,
                                          t->metrics + t->rows, rows * sizeof *t->metrics);
    cg_wait_end(&wait);
    return status;
}

/* The run ends at a loss that is not finite: CG_ERR_WRONG where the device made it so. */
static cg_status judge_loss(cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    CG_TRY(cg_retry(t, step));
    status = cg_fail(CG_ERR_DIVERGED,
                     "the loss is not finite at step %" PRIu64
                     ": stopped; the checkpoints that are in %s/checkpoints stay "
                     "(a smaller --learning-rate may help)",
                     step, t->run.path);
done:
    return status;
}

/* Fetches the metrics up to and with row `last` and sees that each is finite. This is the one host
 * wait of a log interval. */
static cg_status fetch_metrics(cg_trainer *t, size_t last)
{
    cg_status status = CG_OK;
    CG_TRY(download_metrics(t, last + 1 - t->rows));
    for (; t->rows <= last; t->rows++) {
        const cg_metrics *m = &t->metrics[t->rows];
        CG_TRY(cg_audit_metrics(&t->audit, m, t->step - last + t->rows));
        if (!isfinite(m->loss_d_real) || !isfinite(m->loss_d_fake) || !isfinite(m->loss_g))
            return judge_loss(t, t->step - last + t->rows);
    }
done:
    return status;
}

/* Tells the caller, who asks to be told, of each record by itself. Line ends become 0. */
static void tell_records(const cg_trainer *t, char *lines)
{
    for (char *line = lines, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        t->options->log(t->options->user, line);
    }
}

/* Appends the records to the log, all or none, and to the event file where there is one. */
static cg_status write_records(cg_trainer *t, cg_record *records, size_t count)
{
    cg_status status = CG_OK;
    cg_text lines = {0};
    for (size_t i = 0; i < count; i++) {
        cg_record_round(&records[i]);
        if (i)
            cg_text_add(&lines, "\n", 1);
        cg_record_print(&lines, &records[i]);
    }
    CG_TRY(lines.status);
    if (count)
        CG_TRY(cg_runlog_append(t->log, lines.data));
    for (size_t i = 0; t->events && i < count; i++)
        CG_TRY(cg_tensorboard_add(t->events, &t->run, &records[i]));
    if (count && t->options->log)
        tell_records(t, lines.data);
done:
    cg_text_deinit(&lines);
    return status;
}

static cg_status write_record(cg_trainer *t, cg_record *record)
{
    return write_records(t, record, 1);
}

static cg_record make_record(cg_record_kind kind, const cg_step_place *place)
{
    cg_record record = cg_record_make(kind);
    record.step = (double)place->step;
    record.epoch = (double)place->epoch;
    return record;
}

static cg_status log_step(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(cg_run_check(&t->run));
    CG_TRY(fetch_metrics(t, place->row));
    CG_TRY(cg_audit_data(&t->audit, place->step));
    CG_TRY(cg_audit_batch(&t->audit, &t->source, place));
    const cg_metrics *m = &t->metrics[place->row];
    double now = cg_clock_seconds();
    cg_record record = make_record(CG_RECORD_STEP, place);
    record.loss_d = (double)m->loss_d_real + (double)m->loss_d_fake;
    record.loss_d_real = (double)m->loss_d_real;
    record.loss_d_fake = (double)m->loss_d_fake;
    record.loss_g = (double)m->loss_g;
    record.d_real = (double)m->d_real;
    record.d_fake = (double)m->d_fake;
    const double rate = (double)((t->step - t->logged_step) * t->source.batch) / (now - t->logged);
    record.images_per_second = rate;
    record.seconds = now - t->start;
    CG_TRY(write_record(t, &record));
    t->logged = now;
    t->logged_step = t->step;
    cg_progress_log(&t->progress, place, m, rate);
done:
    return status;
}

/* The end of an epoch, in words, with the path of its picture. */
static void tell_epoch(const cg_trainer *t, const cg_record *r)
{
    char *picture = NULL;
    if (cg_run_picture_path(&picture, &t->run, (size_t)r->epoch) == CG_OK)
        cg_log(CG_LOG_INFO,
               "epoch %.0f/%" PRIu64 " done in %.1f s: mean loss D %.4f, G %.4f; picture: %s",
               r->epoch, t->config.epochs, r->seconds, r->loss_d, r->loss_g, picture);
    free(picture);
    if (r->epoch == 1 && cg_recipe_is_tutorial(&t->config.recipe))
        cg_log(CG_LOG_INFO, "the tutorial's first epochs are blobs, its digits need some ten; "
                            "--recipe fast draws legible digits in two");
}

/* The epoch's record: means over its steps. */
static cg_status log_epoch(cg_trainer *t, const cg_step_place *place)
{
    double loss_d = 0, loss_g = 0, n = (double)place->epoch_steps, now = cg_clock_seconds();
    for (size_t i = 0; i < place->epoch_steps; i++) {
        loss_d += (double)t->metrics[i].loss_d_real + (double)t->metrics[i].loss_d_fake;
        loss_g += (double)t->metrics[i].loss_g;
    }
    cg_record record = make_record(CG_RECORD_EPOCH, place);
    record.loss_d = loss_d / n;
    record.loss_g = loss_g / n;
    record.seconds = now - t->epoch_start;
    t->epoch_start = now;
    tell_epoch(t, &record);
    return write_record(t, &record);
}

/* The grid of the fixed noise; in an epoch, not at its end, under the step's name. */
static cg_status draw_picture(cg_trainer *t, const cg_step_place *place, bool epoch_end)
{
    cg_status status = CG_OK;
    unsigned char pixels[CG_PICTURE_COUNT * CG_PIXELS];
    char *path = NULL;
    CG_TRY(cg_audit_hold(&t->audit));
    CG_TRY(cg_sampler_update(&t->sampler));
    CG_TRY(cg_pictures_generate(pixels, t->sampler.net, t->source.seed, CG_STREAM_PICTURES,
                                CG_PICTURE_COUNT));
    CG_TRY(cg_audit_compare(&t->audit, place->step, "pictures were drawn"));
    CG_TRY(epoch_end ? cg_run_picture_path(&path, &t->run, place->epoch)
                     : cg_run_path(&path, &t->run, "images/image_at_step_%08" PRIu64 ".png",
                                   place->step));
    CG_TRY(cg_pictures_write_grid(path, pixels));
done:
    free(path);
    return status;
}

static cg_status prune_checkpoints(const cg_trainer *t, uint64_t step)
{
    const cg_history *history = &t->monitor.history;
    const cg_keep_rule rule = {.step = step,
                               .keep = t->config.keep,
                               .epoch_steps = t->epoch_steps,
                               .every = t->config.checkpoint_every,
                               .bests = history->bests,
                               .best_count = history->best_count};
    return cg_run_prune(&t->run, &rule);
}

/* Somebody may have removed config.json, without which nobody takes the folder for a run. */
static cg_status keep_config(cg_trainer *t)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, &t->run, "config.json");
    if (status == CG_OK && !cg_file_exists(path))
        status = cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt));
    free(path);
    return status;
}

static cg_status save_checkpoint(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char *path = NULL;
    size_t rows = (place->row + 1) % t->epoch_steps; /* none at an epoch's end */

    CG_TRY(cg_run_check(&t->run));
    CG_TRY(fetch_metrics(t, place->row));
    CG_TRY(cg_runlog_sync(t->log));
    CG_TRY(keep_config(t));
    CG_TRY(cg_run_checkpoint_path(&path, &t->run, place->step));
    status = cg_checkpoint_write(path, t->net, &t->config.recipe, place->step, place->epoch, rows);
    if (status == CG_ERR_DIVERGED) {
        cg_status cause = cg_retry(t, place->step);
        status = cause == CG_OK ? status : cause;
    }
    CG_TRY(status);
    CG_TRY(prune_checkpoints(t, place->step));
    cg_run_mark_latest(&t->run); /* another run may have been written meanwhile */
done:
    free(path);
    return status;
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* An epoch's end as the monitor sees it. */
static cg_monitor_epoch_end describe_end(const cg_trainer *t, const cg_step_place *place)
{
    cg_monitor_epoch_end end = {
        .step = place->step, .epoch = place->epoch, .sampler = t->sampler.net, .real = &t->dataset};
    double n = (double)place->epoch_steps;
    for (size_t i = 0; i < place->epoch_steps; i++) {
        end.d_real += (double)t->metrics[i].d_real / n;
        end.d_fake += (double)t->metrics[i].d_fake / n;
        end.loss_g += (double)t->metrics[i].loss_g / n;
    }
    return end;
}

static void tell_verdict(const cg_trainer *t, const cg_record *r, const char *remark)
{
    char fid[32] = ""; /* it is NAN in a build without LAPACK */
    if (isfinite(r->fid))
        snprintf(fid, sizeof fid, "FID %.2f, ", r->fid);
    if (r->kind == CG_RECORD_EVALUATION)
        cg_log(CG_LOG_INFO,
               "epoch %.0f/%" PRIu64 " judged in %.1f s: %sprecision %.3f, recall %.3f, "
               "%.0f of %zu classes%s%s",
               r->epoch, t->config.epochs, r->seconds, fid, r->precision, r->recall,
               r->classes_covered, cg_record_classes(r), *remark ? ": " : "", remark);
    else if (r->kind == CG_RECORD_WARNING)
        cg_log(CG_LOG_WARNING, "epoch %.0f: %s", r->epoch, r->message);
}

/* Logs what the monitor has found. */
static cg_status take_verdict(cg_trainer *t, cg_monitor_verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++)
        tell_verdict(t, &verdict->records[i], verdict->remark);
    return write_records(t, verdict->records, verdict->count);
}

/* Has the monitor judge the epoch, unless that is not due or a stop leaves it to a resume, for it
 * may take minutes. A signal ends the process once that is settled; an earlier one is asked for. */
static cg_status ask_monitor(cg_trainer *t, cg_monitor_verdict *verdict, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char words[64];
    cg_phase phase = {.words = words};
    const cg_monitor_epoch_end end = describe_end(t, place);
    *verdict = (cg_monitor_verdict){.remark = ""};
    t->unjudged = cg_monitor_is_due(&t->monitor, place->epoch);
    cg_trainer_set_settled(t, t->unjudged ? CG_TRAIN_JUDGING : 0);
    if (t->unjudged && !cg_trainer_is_stopped(t)) {
        snprintf(words, sizeof words, "judging epoch %zu/%" PRIu64, place->epoch, t->config.epochs);
        cg_phase_begin(&phase);
        status = cg_audit_hold(&t->audit);
        if (status == CG_OK)
            status = cg_monitor_judge(&t->monitor, verdict, &end);
        if (status == CG_OK)
            status = cg_audit_compare(&t->audit, place->step, "the epoch was judged");
        cg_phase_end(&phase);
        t->unjudged = false;
    }
    cg_trainer_set_settled(t, 0);
    return status;
}

/* Judges the epoch, whose checkpoint has been saved, and logs the verdict. The best checkpoint is
 * there before the log says so: an epoch without a record is judged again. The clocks are stopped
 * meanwhile, so that times and speed are those of training. */
static cg_status judge_epoch(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_monitor_verdict verdict;
    double start = cg_clock_seconds();
    CG_TRY(ask_monitor(t, &verdict, place));
    if (verdict.is_best)
        CG_TRY(cg_best_save(&t->run, t->net, &t->config.recipe, place->step, place->epoch));
    CG_TRY(take_verdict(t, &verdict));
    if (verdict.is_best)
        CG_TRY(prune_checkpoints(t, place->step)); /* the best one before may go */
    start = cg_clock_seconds() - start;
    t->logged += start;
    t->epoch_start += start;
done:
    return status;
}

/* Logs what the monitor finds in the epoch's losses; they are not in its checkpoint. */
static cg_status watch_epoch(cg_trainer *t, const cg_step_place *place)
{
    cg_monitor_verdict verdict;
    const cg_monitor_epoch_end end = describe_end(t, place);
    cg_status status = cg_monitor_watch(&t->monitor, &verdict, &end);
    return status == CG_OK ? take_verdict(t, &verdict) : status;
}

static cg_status finish_epoch(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(cg_run_check(&t->run));
    CG_TRY(fetch_metrics(t, place->row));
    CG_TRY(draw_picture(t, place, true));
    CG_TRY(cg_pictures_write_gif(&t->run, place->epoch));
    CG_TRY(log_epoch(t, place));
    CG_TRY(watch_epoch(t, place));
    CG_TRY(save_checkpoint(t, place));
    CG_TRY(judge_epoch(t, place));
    CG_TRY(cg_audit_clear_metrics(t->net));
    t->rows = 0;
done:
    return status;
}

/* Judges the epoch that the checkpoint stands at, where the process before was stopped in that. */
static cg_status judge_resumed(cg_trainer *t)
{
    cg_status status = CG_OK;
    if (!t->unjudged)
        return CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, t->step);
    CG_TRY(cg_sampler_update(&t->sampler));
    CG_TRY(judge_epoch(t, &place));
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
        CG_TRY(finish_epoch(t, place));
    else if (ending)
        CG_TRY(draw_picture(t, place, false));
    if (!epoch_end && (save_due || ending))
        CG_TRY(save_checkpoint(t, place));
done:
    return status;
}

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

/* The first step of a process, in which drivers build the kernels, is waited for: until it is done
 * a stop loses nothing. */
static cg_status run_step(cg_trainer *t, const cg_step_place *place, bool first)
{
    cg_status status = CG_OK;
    double compiled = t->rt->build_seconds;
    cg_wait wait;
    t->usual = cg_progress_usual(&t->progress);
    const bool audited = cg_audit_is_due(&t->audit, t->source.seed, place->step);
    begin_waiting(t, &wait, place->step, audited);
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

static cg_status run_loop(cg_trainer *t)
{
    cg_status status = CG_OK;
    t->begin = t->step;
    bool stopping = cg_trainer_is_stopped(t); /* then the run stays as it is in its files */
    t->start = t->epoch_start = t->logged = cg_clock_seconds();
    t->logged_step = t->step;
    CG_TRY(stopping ? CG_OK : judge_resumed(t));
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

static cg_status open_log(cg_trainer *t)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, &t->run, "log.jsonl");
    if (status == CG_OK)
        status = cg_runlog_open(&t->log, path);
    free(path);
    return status;
}

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

static cg_status run_steps(cg_trainer *t)
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
    cg_log(CG_LOG_INFO, "%zu images from %s, training on %s (%s)%s", t->dataset.count,
           t->config.data, device->name, device->platform, others);
    cg_slow_warn(t->rt, &t->net->choice);
    if (t->step)
        cg_log(CG_LOG_INFO, "resuming after step %" PRIu64, t->step);
    cg_run_mark_latest(&t->run);
    CG_TRY(open_log(t));
    if (t->options->tensorboard)
        CG_TRY(cg_events_create(&t->events, t->run.path, t->step + 1));
    CG_TRY(run_loop(t));
done:
    say_how_it_ended(t, status);
    return status;
}

static void release_trainer(cg_trainer *t)
{
    cg_monitor_deinit(&t->monitor);
    cg_audit_deinit(&t->audit);
    cg_runlog_release(t->log);
    cg_sampler_deinit(&t->sampler);
    cg_events_release(t->events);
    cg_shards_release(t->shards);
    cg_network_release(t->net);
    cg_buffer_release(t->images);
    cg_runtime_release(t->rt);
    cg_dataset_deinit(&t->dataset);
    cg_run_close(&t->run);
    free(t->metrics);
    free(t->team);
}

/* Takes away a run in which nothing was done, if there is one; the latest is the one before it
 * again. */
static void discard_run(cg_trainer *t)
{
    char *latest = NULL;
    const bool fresh = t->run.fresh;
    cg_run_discard(&t->run);
    if (!fresh)
        return;
    cg_run_clear_latest();
    if (cg_runs_find_latest(&latest, CG_RUNS_FOLDER) == CG_OK && latest)
        cg_run_mark_latest(&(cg_run){.path = latest, .lock = -1});
    free(latest);
}

/* True for the ends of a training whose state is saved. */
static bool is_settled(cg_status status)
{
    return status == CG_OK || status == CG_ERR_STOPPED || status == CG_ERR_COLLAPSED;
}

/* True when a device was seen to compute wrong while training. The self-test has its own advice. */
static bool is_wrong(const cg_trainer *t, cg_status status)
{
    const bool told = cg_ranks_failure(t->ranks) == cg_exit_status(CG_ERR_WRONG);
    return t->audit.net && (status == CG_ERR_WRONG || (status == CG_ERR_RANK && told && t->begun));
}

/* Ends the ranks. A stop before the run has begun finds them anywhere, and does not wait. */
static void end_ranks(cg_ranks *ranks, cg_status status, bool begun, const cg_train_options *o)
{
    enum { SIGNALLED = 128 }; /* exit statuses, as shells have them */
    if (begun || !is_settled(status))
        cg_ranks_close(ranks, status);
    else
        cg_ranks_abort(ranks,
                       o->stop && *o->stop ? SIGNALLED + (int)*o->stop : cg_exit_status(status));
}

/* Leads or follows. Rank 0 alone is asked to stop. */
static cg_status take_part(cg_trainer *t, cg_train_options *options)
{
    cg_status status = CG_OK;
    const bool follows = cg_ranks_mine(t->ranks) > 0;
    cg_screen_set_silent(options->step || follows);
    if (follows) {
        options->stop = NULL;
        options->cancel = NULL;
        return cg_follow(t);
    }
    CG_TRY(options->resume ? cg_start_resumed(t) : cg_start_new(t));
    t->begun = true;
    CG_TRY(run_steps(t));
done:
    return status;
}

/* Says what follows from the end; releases. *begun = all ranks come to it. Returns the status. */
static cg_status end_training(cg_trainer *t, cg_status status, bool *begun)
{
    if (t->begun && is_settled(status) && cg_team_end(t) != CG_OK)
        status = CG_ERR_RANK;
    *begun = t->begun || cg_ranks_mine(t->ranks) > 0;
    if (is_wrong(t, status)) {
        cg_start_distrust(t);
        if (t->run.path) /* which rank 0 has */
            cg_audit_advise(&t->audit, &t->run);
    }
    if (status != CG_OK && (status != CG_ERR_STOPPED || !t->begun) && !t->step && t->run.fresh)
        discard_run(t);
    release_trainer(t);
    free(t);
    return status;
}

cg_status cg_train(const cg_train_options *options)
{
    CG_NEED(options);
    cg_status status = CG_OK;
    cg_trainer *t = NULL;
    cg_ranks *ranks = NULL;
    bool begun = false;
    cg_train_options complete;
    CG_TRY(cg_train_complete(&complete, options));
    CG_TRY(cg_memory_create(&t, 1, sizeof *t));
    t->options = &complete;
    t->run.lock = -1;
    CG_TRY(cg_ranks_open(&ranks));
    t->ranks = ranks;
    CG_TRY(take_part(t, &complete));
done:
    if (t)
        status = end_training(t, status, &begun);
    cg_screen_set_silent(false);
    end_ranks(ranks, status, begun, options);
    return status;
}
