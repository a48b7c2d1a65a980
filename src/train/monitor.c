/* Evaluation while training: an epoch's samples are drawn, measured and judged. */
#include "train/monitor.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/data_files.h"
#include "run/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- before the run -------------------------------------------------------------------------- */

static const char *classifier_of(const cg_monitor_settings *s)
{
    return s->classifier[0] ? s->classifier : cg_classifier_default();
}

cg_status cg_monitor_try_classifier(const cg_monitor_settings *settings, cg_runtime *rt)
{
    cg_classifier *classifier = NULL;
    cg_classifier_id id;
    cg_status status = cg_classifier_read(&classifier, &id, rt, 1, classifier_of(settings));
    cg_classifier_release(classifier);
    return status;
}

/* Reads what a first evaluation will read, so that it does not fail after an epoch. `lack`
 * says what evaluation lacks, "" when all is there. */
static cg_status try_files(const cg_monitor_settings *s, cg_runtime *rt, char *lack, size_t size)
{
    cg_status status = CG_OK;
    cg_dataset test = {0};
    bool there;
    *lack = '\0';
    CG_TRY(cg_data_files_have(&there, s->data, CG_DATASET_TEST));
    if (!there) {
        snprintf(lack, size, "%s holds no test images", s->data);
        return CG_OK;
    }
    CG_TRY(cg_file_find(&there, classifier_of(s)));
    if (!there) {
        snprintf(lack, size, "%s is not there", classifier_of(s));
        return CG_OK;
    }
    CG_TRY(cg_dataset_read(&test, s->data, CG_DATASET_TEST));
    if (test.count < CG_EVALUATE_LEAST) {
        snprintf(lack, size, "the test set in %s holds %zu images: evaluation needs %d at least",
                 s->data, test.count, CG_EVALUATE_LEAST);
        goto done;
    }
    CG_TRY(cg_monitor_try_classifier(s, rt));
done:
    cg_dataset_deinit(&test);
    return status;
}

cg_status cg_monitor_prepare(cg_monitor *monitor, const cg_monitor_settings *settings,
                             cg_runtime *rt)
{
    char lack[512];
    monitor->settings = *settings;
    const cg_monitor_settings *s = &monitor->settings;
    if (!s->every && s->stop_on_collapse)
        return cg_fail(CG_ERR_ARGUMENT, "--stop-on-collapse needs evaluation: --evaluate-every 1");
    if (!s->every)
        return CG_OK;
    cg_status status = try_files(s, rt, lack, sizeof lack);
    if (status != CG_OK)
        return status;
    monitor->able = !lack[0];
    if (monitor->able && !cg_evaluator_has_fid())
        cg_log(CG_LOG_INFO,
               "evaluation goes without the Frechet distance, and no best checkpoint is kept: this "
               "clgan was built without LAPACKE, which the CMake option CLGAN_FID=ON takes");
    if (!monitor->able && s->asked)
        return cg_fail(CG_ERR_INPUT, "evaluation while training is not possible: %s", lack);
    if (!monitor->able)
        cg_log(CG_LOG_INFO, "no evaluation while training: %s", lack);
    return CG_OK;
}

/* ---- an evaluation --------------------------------------------------------------------------- */

/* Opens the evaluator when it is needed first: reading and measuring the test set takes seconds. */
static cg_status open_evaluator(cg_monitor *m, const cg_monitor_epoch_end *end)
{
    const cg_monitor_settings *s = &m->settings;
    const cg_evaluator_options options = {
        .data = s->data, .classifier = classifier_of(s), .seed = s->seed, .brief = true};
    double start = cg_clock_seconds();
    if (m->evaluator)
        return CG_OK;
    m->real_variety = cg_variety(end->real->images,
                                 s->samples < end->real->count ? s->samples : end->real->count);
    cg_status status = cg_evaluator_create(&m->evaluator, end->sampler->rt, &options);
    if (status == CG_OK)
        cg_log(CG_LOG_INFO, "the test images were measured in %.1f s, once for the run",
               cg_clock_seconds() - start);
    return status;
}

/* Draws and measures samples: *scores, and what warnings are judged by, which points to them. */
static cg_status evaluate_samples(cg_monitor *m, cg_scores *scores, cg_observation *now,
                                  double *seconds, const cg_monitor_epoch_end *end)
{
    cg_status status = CG_OK;
    const cg_monitor_settings *s = &m->settings;
    unsigned char *pixels = NULL;
    CG_TRY(open_evaluator(m, end));
    double start = cg_clock_seconds();
    CG_TRY(cg_memory_create(&pixels, s->samples, CG_PIXELS));
    CG_TRY(cg_pictures_generate(pixels, end->sampler, s->seed, CG_STREAM_JUDGED, s->samples));
    CG_TRY(cg_evaluator_score(m->evaluator, scores, pixels, s->samples));
    now->scores = scores;
    now->real = cg_evaluator_real(m->evaluator);
    now->variety = cg_variety(pixels, s->samples);
    now->real_variety = m->real_variety;
    now->classifier_fits =
        strcmp(cg_evaluator_classifier(m->evaluator)->data_sha256, s->data_sha256) == 0;
    *seconds = cg_clock_seconds() - start;
done:
    free(pixels);
    return status;
}

/* ---- records --------------------------------------------------------------------------------- */

/* The next record of the verdict, of an epoch's end. */
static cg_record *add_record(cg_monitor_verdict *verdict, cg_record_kind kind,
                             const cg_monitor_epoch_end *end)
{
    cg_record *record = &verdict->records[verdict->count++];
    *record = cg_record_make(kind);
    record->step = (double)end->step;
    record->epoch = (double)end->epoch;
    return record;
}

static cg_status add_evaluation(cg_monitor *m, cg_monitor_verdict *verdict,
                                const cg_monitor_epoch_end *end, const cg_scores *s, double seconds)
{
    const cg_classifier_id *id = cg_evaluator_classifier(m->evaluator);
    cg_record *r = add_record(verdict, CG_RECORD_EVALUATION, end);
    r->samples = (double)s->samples;
    r->fid = s->fid.value;
    r->precision = s->precision;
    r->recall = s->recall;
    r->density = s->density;
    r->coverage = s->coverage;
    r->classes_covered = (double)s->classes_covered;
    for (size_t c = 0; c < s->classes; c++)
        r->histogram[c] = (double)s->histogram[c];
    r->kl_uniform = s->kl_uniform;
    r->confidence = s->confidence;
    snprintf(r->classifier, sizeof r->classifier, "%s %.12s", id->name, id->sha256);
    r->seconds = seconds;
    cg_record_round(r);
    cg_status status = cg_history_add(&m->history, r);
    verdict->is_best = cg_history_best(&m->history) == end->step;
    return status;
}

/* A warning goes out once, when its condition begins to hold, and stands until it does not. */
static cg_status judge_kind(cg_monitor *m, cg_monitor_verdict *verdict,
                            const cg_monitor_epoch_end *end, const cg_observation *now,
                            const cg_past *past, cg_warning kind)
{
    bool holds = cg_warning_holds(kind, now, past);
    if (holds == m->history.warned[kind])
        return CG_OK;
    cg_record *r = add_record(verdict, holds ? CG_RECORD_WARNING : CG_RECORD_CLEARED, end);
    snprintf(r->warning, sizeof r->warning, "%s", cg_warning_name(kind));
    if (holds)
        cg_warning_tell(r->message, sizeof r->message, kind, now);
    return cg_history_add(&m->history, r);
}

/* Judges the kinds that need scores, or the others. */
static cg_status judge_kinds(cg_monitor *m, cg_monitor_verdict *verdict,
                             const cg_monitor_epoch_end *end, const cg_observation *now,
                             const cg_past *past)
{
    cg_status status = CG_OK;
    for (cg_warning kind = 0; kind < CG_WARNINGS && status == CG_OK; kind++)
        if (cg_warning_needs_scores(kind) == (now->scores != NULL))
            status = judge_kind(m, verdict, end, now, past, kind);
    return status;
}

static cg_observation observe(const cg_monitor_epoch_end *end)
{
    return (cg_observation){
        .step = end->step, .d_real = end->d_real, .d_fake = end->d_fake, .loss_g = end->loss_g};
}

cg_status cg_monitor_check_losses(cg_monitor *m, cg_monitor_verdict *verdict,
                                  const cg_monitor_epoch_end *end)
{
    const cg_observation now = observe(end);
    *verdict = (cg_monitor_verdict){.remark = ""};
    return judge_kinds(m, verdict, end, &now, &m->history.past);
}

/* An evaluation that fails is the last one, but for a device that computes wrong. */
static cg_status give_up(cg_monitor *m, cg_status status)
{
    if (status == CG_OK || status == CG_ERR_WRONG)
        return status;
    cg_log(CG_LOG_WARNING, "training goes on without evaluation");
    m->able = false;
    return CG_OK;
}

cg_status cg_monitor_test_device(cg_monitor *m, cg_runtime *rt)
{
    return give_up(m, cg_evaluator_test_device(rt, true));
}

bool cg_monitor_is_due(const cg_monitor *m, size_t epoch)
{
    return m->able && epoch % m->settings.every == 0;
}

cg_status cg_monitor_judge(cg_monitor *m, cg_monitor_verdict *verdict,
                           const cg_monitor_epoch_end *end)
{
    cg_status status = CG_OK;
    cg_scores scores;
    cg_observation now = observe(end);
    const bool were_alike = m->history.warned[CG_WARNING_ALIKE];
    double seconds;
    *verdict = (cg_monitor_verdict){.remark = ""};
    m->collapsed = false;
    if (!cg_monitor_is_due(m, end->epoch))
        return CG_OK;
    CG_TRY(give_up(m, evaluate_samples(m, &scores, &now, &seconds, end)));
    if (!m->able)
        goto done;
    verdict->remark = cg_scores_remark(&scores, now.real);
    CG_TRY(add_evaluation(m, verdict, end, &scores, seconds));
    CG_TRY(judge_kinds(m, verdict, end, &now, &m->history.before));
    m->collapsed = were_alike && m->history.warned[CG_WARNING_ALIKE];
done:
    return status;
}

void cg_monitor_deinit(cg_monitor *monitor)
{
    cg_evaluator_release(monitor->evaluator);
    cg_history_deinit(&monitor->history);
}
