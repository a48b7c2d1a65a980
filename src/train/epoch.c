/* Ends of epochs. */
#include "train/epoch.h"

#include "base/clock.h"
#include "base/phase.h"
#include "base/try.h"
#include "run/pictures.h"
#include "train/audit_unchanged.h"
#include "train/best.h"
#include "train/metrics.h"
#include "train/save.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the record ------------------------------------------------------------------------------ */

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

/* The epoch's record. */
static cg_status log_epoch(cg_trainer *t, const cg_step_place *place)
{
    const cg_metric_means mean = cg_metrics_average(t);
    const double now = cg_clock_seconds();
    cg_record record = cg_records_make(CG_RECORD_EPOCH, place);
    record.loss_d = mean.loss_d;
    record.loss_g = mean.loss_g;
    record.seconds = now - t->epoch_start;
    t->epoch_start = now;
    tell_epoch(t, &record);
    return cg_records_write(&t->records, &record, 1);
}

/* ---- judging --------------------------------------------------------------------------------- */

/* An epoch's end as the monitor sees it. */
static cg_monitor_epoch_end describe_end(const cg_trainer *t, const cg_step_place *place)
{
    const cg_metric_means mean = cg_metrics_average(t);
    return (cg_monitor_epoch_end){.step = place->step,
                                  .epoch = place->epoch,
                                  .d_real = mean.d_real,
                                  .d_fake = mean.d_fake,
                                  .loss_g = mean.loss_g,
                                  .sampler = t->sampler.net,
                                  .real = &t->dataset};
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
    return cg_records_write(&t->records, verdict->records, verdict->count);
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
        CG_TRY(cg_save_prune(t, place->step)); /* the best one before may go */
    start = cg_clock_seconds() - start;
    t->logged += start;
    t->epoch_start += start;
done:
    return status;
}

/* Logs what the monitor finds in the epoch's losses; they are not in its checkpoint. */
static cg_status check_losses(cg_trainer *t, const cg_step_place *place)
{
    cg_monitor_verdict verdict;
    const cg_monitor_epoch_end end = describe_end(t, place);
    cg_status status = cg_monitor_check_losses(&t->monitor, &verdict, &end);
    return status == CG_OK ? take_verdict(t, &verdict) : status;
}

/* ---- all ------------------------------------------------------------------------------------- */

cg_status cg_epoch_finish(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(cg_run_check(&t->run));
    CG_TRY(cg_metrics_fetch(t, place));
    CG_TRY(cg_save_picture(t, place, true));
    CG_TRY(cg_pictures_write_gif(&t->run, place->epoch));
    CG_TRY(log_epoch(t, place));
    CG_TRY(check_losses(t, place));
    CG_TRY(cg_save_checkpoint(t, place));
    CG_TRY(judge_epoch(t, place));
    CG_TRY(cg_metrics_clear(t));
done:
    return status;
}

cg_status cg_epoch_judge_resumed(cg_trainer *t)
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
