/* Evaluation while training. A checkpoint stands for complete files, so best.safetensors is written
 * before it; a resume from an older one finds the best of then among the checkpoints, because
 * cg_run_prune() leaves it. */
#include "train/monitor.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "run/pictures.h"
#include "train/trainer.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKPOINT_LIMIT = 1 << 30, LINE = 1024 };

static const char best_name[] = "checkpoints/best.safetensors";

/* ---- before the run -------------------------------------------------------------------------- */

static const char *classifier_of(const cg_trainer *t)
{
    return t->config.classifier[0] ? t->config.classifier : cg_classifier_default();
}

/* Reads what a first evaluation will read, so that it does not fail after an epoch. */
static cg_status try_files(const cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_dataset test = {0};
    cg_classifier *classifier = NULL;
    cg_classifier_id id;
    CG_TRY(cg_dataset_read(&test, t->config.data, CG_DATASET_TEST));
    if (test.count < CG_EVALUATE_LEAST) {
        status = cg_fail(CG_ERR_INPUT,
                         "the test set in %s holds %zu images: evaluation needs %d at least "
                         "(--evaluate-every 0 goes without)",
                         t->config.data, test.count, CG_EVALUATE_LEAST);
        goto done;
    }
    CG_TRY(cg_classifier_read(&classifier, &id, t->rt, 1, classifier_of(t)));
done:
    cg_classifier_release(classifier);
    cg_dataset_deinit(&test);
    return status;
}

cg_status cg_monitor_prepare(cg_trainer *t)
{
    const cg_train_options *o = t->options;
    bool asked = o->evaluate_every.given || o->stop_on_collapse || t->config.classifier[0];
    const char *classifier = classifier_of(t), *missing = NULL;
    if (!t->config.evaluate_every && o->stop_on_collapse)
        return cg_fail(CG_ERR_ARGUMENT, "--stop-on-collapse needs evaluation: --evaluate-every 1");
    if (!t->config.evaluate_every)
        return CG_OK;
    if (!cg_dataset_has(t->config.data, CG_DATASET_TEST))
        missing = t->config.data;
    else if (!cg_file_exists(classifier))
        missing = classifier;
    t->monitor.able = !missing;
    if (!missing)
        return try_files(t);
    const char *what = missing == classifier ? "is not there" : "holds no test images";
    if (asked)
        return cg_fail(CG_ERR_INPUT, "evaluation while training is not possible: %s %s", missing,
                       what);
    cg_log(CG_LOG_INFO, "no evaluation while training: %s %s", missing, what);
    return CG_OK;
}

/* ---- the best checkpoint --------------------------------------------------------------------- */

/* Whether the file is a sound checkpoint of that step. */
static bool is_checkpoint(const char *path, uint64_t step)
{
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t found = 0;
    bool is = cg_file_exists(path) && cg_checkpoint_read(&file, &recipe, &found, path) == CG_OK &&
              found == step;
    cg_safetensors_release(file);
    return is;
}

static cg_status copy_file(const char *to, const char *from)
{
    void *data;
    size_t size;
    cg_status status = cg_file_read(&data, &size, from, CHECKPOINT_LIMIT);
    if (status == CG_OK)
        status = cg_file_write(to, data, size);
    free(data);
    return status;
}

/* best.safetensors = the checkpoint of the history's best, or gone where there is none. */
static cg_status restore_best(cg_trainer *t)
{
    cg_status status = CG_OK;
    uint64_t step = cg_history_best(&t->monitor.history);
    char *best = NULL, *source = NULL;
    CG_TRY(cg_run_path(&best, &t->run, best_name));
    CG_TRY(cg_run_checkpoint_path(&source, &t->run, step));
    if (step && is_checkpoint(best, step))
        goto done;
    if (step && is_checkpoint(source, step)) {
        status = copy_file(best, source);
        goto done;
    }
    if (step || cg_file_exists(best))
        cg_log(CG_LOG_WARNING,
               "the log's best checkpoint (step %" PRIu64
               ") is not there: %s will be the best from "
               "here on",
               step, best);
    if (cg_file_exists(best) && unlink(best) != 0)
        status = cg_fail(CG_ERR_WRITE, "cannot remove %s", best);
done:
    free(best);
    free(source);
    return status;
}

cg_status cg_monitor_resume(cg_trainer *t)
{
    cg_status status = CG_OK;
    char *log = NULL;
    CG_TRY(cg_run_path(&log, &t->run, "log.jsonl"));
    CG_TRY(cg_history_read(&t->monitor.history, log));
    CG_TRY(restore_best(t));
done:
    free(log);
    return status;
}

static cg_status save_best(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char *path = NULL;
    CG_TRY(cg_run_path(&path, &t->run, best_name));
    CG_TRY(cg_checkpoint_write(path, t->net, &t->config.recipe, place->step, place->epoch, 0));
done:
    free(path);
    return status;
}

/* ---- records --------------------------------------------------------------------------------- */

/* To the log, and as it stands there to the history. */
static cg_status append(cg_trainer *t, const char *line)
{
    cg_status status = CG_OK;
    CG_TRY(cg_trainer_record(t, line));
    CG_TRY(cg_history_take(&t->monitor.history, line));
done:
    return status;
}

/* As JSON: a file may have any name. */
static cg_status print_classifier(char **text, const cg_classifier_id *id)
{
    char name[sizeof id->name + 16];
    snprintf(name, sizeof name, "%s %.12s", id->name, id->sha256);
    cJSON *json = cJSON_CreateString(name);
    *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return *text ? CG_OK : cg_fail(CG_ERR_MEMORY, "out of memory");
}

static void print_histogram(char *text, size_t size, const cg_scores *s)
{
    size_t used = 0;
    for (size_t c = 0; c < CG_EVALUATE_CLASSES && used < size; c++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", c ? "," : "", s->histogram[c]);
}

static cg_status log_evaluation(cg_trainer *t, const cg_step_place *place, const cg_scores *s,
                                double seconds)
{
    cg_status status = CG_OK;
    char line[LINE], histogram[10 * CG_EVALUATE_CLASSES + 1], *classifier = NULL;
    CG_TRY(print_classifier(&classifier, cg_evaluator_classifier(t->monitor.evaluator)));
    print_histogram(histogram, sizeof histogram, s);
    snprintf(line, sizeof line,
             "{\"type\":\"evaluation\",\"step\":%" PRIu64 ",\"epoch\":%zu,\"samples\":%zu,"
             "\"fid\":%.9g,\"precision\":%.9g,\"recall\":%.9g,\"density\":%.9g,\"coverage\":%.9g,"
             "\"classes_covered\":%zu,\"histogram\":[%s],\"kl_uniform\":%.9g,"
             "\"confidence\":%.9g,\"classifier\":%s,\"seconds\":%.3f}",
             place->step, place->epoch, s->samples, s->fid.value, s->precision, s->recall,
             s->density, s->coverage, s->classes_covered, histogram, s->kl_uniform, s->confidence,
             classifier, seconds);
    cg_log(CG_LOG_INFO,
           "epoch %zu/%" PRIu64 " judged in %.1f s: FID %.2f, precision %.3f, recall %.3f, %zu of "
           "%d classes",
           place->epoch, t->config.epochs, seconds, s->fid.value, s->precision, s->recall,
           s->classes_covered, CG_EVALUATE_CLASSES);
    CG_TRY(append(t, line));
done:
    cJSON_free(classifier);
    return status;
}

/* A warning goes out once, when its condition begins to hold, and stands until it does not. */
static cg_status judge(cg_trainer *t, const cg_step_place *place, const cg_observation *now,
                       const cg_past *past, cg_warning kind)
{
    char line[LINE], message[512];
    const cg_history *h = &t->monitor.history;
    bool holds = cg_warning_holds(kind, now, past);
    const char *name = cg_warning_name(kind);
    if (holds == h->warned[kind])
        return CG_OK;
    cg_warning_tell(message, sizeof message, kind, now);
    if (holds)
        cg_log(CG_LOG_WARNING, "epoch %zu: %s", place->epoch, message);
    snprintf(line, sizeof line,
             "{\"type\":\"%s\",\"step\":%" PRIu64 ",\"epoch\":%zu,\"kind\":\"%s\"%s%s%s}",
             holds ? "warning" : "cleared", place->step, place->epoch, name,
             holds ? ",\"message\":\"" : "", holds ? message : "", holds ? "\"" : "");
    return append(t, line);
}

static cg_status judge_all(cg_trainer *t, const cg_step_place *place, const cg_observation *now,
                           const cg_past *past)
{
    cg_status status = CG_OK;
    cg_monitor *w = &t->monitor;
    bool were_alike = w->history.warned[CG_WARNING_ALIKE];
    for (cg_warning kind = 0; kind < CG_WARNINGS; kind++)
        if (cg_warning_seen(kind, now))
            CG_TRY(judge(t, place, now, past, kind));
    w->collapsed = now->scores && were_alike && w->history.warned[CG_WARNING_ALIKE];
done:
    return status;
}

/* ---- an epoch's end -------------------------------------------------------------------------- */

/* The evaluator, when it is needed first: reading and measuring the test set takes seconds. */
static cg_status open_evaluator(cg_trainer *t)
{
    cg_monitor *w = &t->monitor;
    const cg_evaluator_options options = {t->config.data, classifier_of(t), t->source.seed, true};
    size_t n = (size_t)t->config.evaluate_samples;
    double start = cg_clock_seconds();
    if (w->evaluator)
        return CG_OK;
    w->real_variety = cg_variety(t->dataset.images, n < t->dataset.count ? n : t->dataset.count);
    cg_status status = cg_evaluator_create(&w->evaluator, t->rt, &options);
    if (status == CG_OK)
        cg_log(CG_LOG_INFO, "the test images were measured in %.1f s, once for the run",
               cg_clock_seconds() - start);
    return status;
}

static cg_status evaluate(cg_trainer *t, cg_scores *scores, cg_observation *now, double *seconds)
{
    cg_status status = CG_OK;
    size_t n = (size_t)t->config.evaluate_samples;
    unsigned char *pixels = NULL;
    CG_TRY(open_evaluator(t));
    double start = cg_clock_seconds();
    CG_TRY(cg_memory_create(&pixels, n, CG_PIXELS));
    CG_TRY(cg_pictures_generate(pixels, t->sampler.net, t->source.seed, CG_STREAM_WATCH, n));
    CG_TRY(cg_evaluator_score(t->monitor.evaluator, scores, pixels, n));
    now->scores = scores;
    now->variety = cg_variety(pixels, n);
    now->real_variety = t->monitor.real_variety;
    now->classifier_fits = strcmp(cg_evaluator_classifier(t->monitor.evaluator)->data_sha256,
                                  t->config.recipe.data_sha256) == 0;
    *seconds = cg_clock_seconds() - start;
done:
    free(pixels);
    return status;
}

static cg_observation observe(const cg_trainer *t, const cg_step_place *place)
{
    cg_observation now = {.step = place->step};
    double n = (double)place->epoch_steps;
    for (size_t i = 0; i < place->epoch_steps; i++) {
        now.d_real += (double)t->metrics[i].d_real / n;
        now.d_fake += (double)t->metrics[i].d_fake / n;
        now.loss_g += (double)t->metrics[i].loss_g / n;
    }
    return now;
}

cg_status cg_monitor_epoch(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_scores scores;
    cg_observation now = observe(t, place);
    const cg_past past = t->monitor.history.past;
    double start = cg_clock_seconds(), seconds;
    bool due = t->monitor.able && place->epoch % t->config.evaluate_every == 0;
    if (due && evaluate(t, &scores, &now, &seconds) != CG_OK) {
        cg_log(CG_LOG_WARNING, "training goes on without evaluation");
        due = t->monitor.able = false;
    }
    if (due)
        CG_TRY(log_evaluation(t, place, &scores, seconds));
    CG_TRY(judge_all(t, place, &now, &past));
    if (due && cg_history_best(&t->monitor.history) == place->step)
        CG_TRY(save_best(t, place));
    start = cg_clock_seconds() - start;
    t->logged += start; /* times and speed are training's */
    t->epoch_start += start;
done:
    return status;
}

void cg_monitor_deinit(cg_monitor *monitor)
{
    cg_evaluator_release(monitor->evaluator);
    cg_history_deinit(&monitor->history);
}
