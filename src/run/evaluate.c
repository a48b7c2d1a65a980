/* clgan evaluate: what is judged becomes images, an entry each. */
#include <clgan/evaluate.h>

#include "base/argument.h"
#include "base/clock.h"
#include "base/text_clean.h"
#include "base/try.h"
#include "eval/evaluator.h"
#include "ocl/types.h"
#include "run/sampler.h"
#include "run/pictures.h"
#include "run/subject.h"

#include <clgan/terminal.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct session {
    const cg_evaluate_options *options;
    cg_subject *subject;
    cg_evaluation *evaluation;
    cg_runtime *rt;
    cg_evaluator *evaluator;
    unsigned char *pixels; /* [samples, 28, 28], drawn           */
} session;

cg_evaluate_options cg_evaluate_defaults(void)
{
    return (cg_evaluate_options){.samples = 10000, .seed = 1};
}

/* ---- entries --------------------------------------------------------------------------------- */

static cg_status score_images(session *s, cg_evaluation_entry *entry, const char *name,
                              const unsigned char *images, size_t n)
{
    cg_log(CG_LOG_INFO, "evaluating %s", name);
    cg_text_clean(entry->name, sizeof entry->name, name);
    return cg_evaluator_score(s->evaluator, &entry->scores, images, n);
}

static cg_status score_checkpoint(session *s, cg_evaluation_entry *entry, const char *path)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_network *net = NULL;
    cg_recipe recipe;
    size_t n = s->options->samples;
    CG_TRY(cg_checkpoint_read(&file, &recipe, &entry->step, path));
    entry->epoch = strtoull(cg_safetensors_metadata(file, "epoch"), NULL, 10);
    CG_TRY(cg_sampler_open(&net, s->rt, file, &recipe));
    CG_TRY(cg_pictures_generate(s->pixels, net, s->options->seed, CG_STREAM_SAMPLE, n));
    CG_TRY(score_images(s, entry, path, s->pixels, n));
done:
    cg_network_release(net);
    cg_safetensors_release(file);
    return status;
}

/* ---- the session ----------------------------------------------------------------------------- */

static void warn_of_classifier(const char *name, const char *data)
{
    char line[CG_COMMAND_LINE];
    const char *const words[] = {"train-classifier", "--data", data, "--out",
                                 "own.safetensors",  NULL};
    cg_log(CG_LOG_WARNING,
           "the classifier %s was trained on other images than those in %s: make one for them and "
           "name it by --classifier: %s",
           name, data, cg_command_line(line, words));
}

/* The device, and the real images as it sees them. */
static cg_status open_evaluator(session *s, size_t samples)
{
    cg_status status = CG_OK;
    const cg_evaluate_options *o = s->options;
    cg_evaluation *e = s->evaluation;
    const cg_evaluator_options options = {.data = s->subject->data,
                                          .train = &s->subject->train,
                                          .test = &s->subject->test,
                                          .classifier = s->subject->classifier,
                                          .seed = o->seed};
    if (!cg_evaluator_has_fid())
        cg_log(CG_LOG_WARNING, "no Frechet distances: this clgan was built without LAPACKE, which "
                               "the CMake option CLGAN_FID=ON takes");
    CG_TRY(cg_runtime_create_selected(&s->rt, o->device));
    s->rt->trusted = o->no_selftest;
    e->device = *cg_runtime_device(s->rt);
    cg_log(CG_LOG_INFO, "measuring the real images of %s on %s", options.data, e->device.name);
    CG_TRY(cg_evaluator_create(&s->evaluator, s->rt, &options));
    const cg_classifier_id *id = cg_evaluator_classifier(s->evaluator);
    snprintf(e->classifier, sizeof e->classifier, "%s", id->name);
    snprintf(e->classifier_sha256, sizeof e->classifier_sha256, "%s", id->sha256);
    snprintf(e->data_sha256, sizeof e->data_sha256, "%s", cg_evaluator_data_sha256(s->evaluator));
    e->classifier_fits = strcmp(id->data_sha256, e->data_sha256) == 0;
    if (!e->classifier_fits)
        warn_of_classifier(id->name, options.data);
    CG_TRY(cg_evaluator_floor(s->evaluator, &e->floor, samples));
done:
    return status;
}

/* Judges a checkpoint of the list. *gone = it is of a run, and is not there any more. */
static cg_status judge_listed(session *s, bool *gone, const char *path)
{
    cg_evaluation *e = s->evaluation;
    cg_status status = CG_OK;
    bool there = true;
    *gone = false;
    if (s->options->run)
        CG_TRY(cg_file_find(&there, path));
    if (there)
        status = score_checkpoint(s, &e->entries[e->count], path);
    e->count += there && status == CG_OK;
    if (there && (status == CG_OK || cg_file_forgive(status) != CG_OK || !s->options->run))
        goto done;
    CG_TRY(cg_file_find(&there, path));
    *gone = !there;
    cg_log(CG_LOG_WARNING, there ? "%s is left out" : "%s is gone meanwhile: left out", path);
done:
    return status;
}

/* Judges those of the list. *again = a training has removed all of them meanwhile. */
static cg_status judge_list(session *s, bool *again)
{
    cg_status status = CG_OK;
    const cg_subject *list = s->subject;
    bool gone;
    *again = false;
    free(s->evaluation->entries);
    CG_TRY(cg_memory_create(&s->evaluation->entries, list->count, sizeof(cg_evaluation_entry)));
    for (size_t i = 0; i < list->count; i++) {
        CG_TRY(judge_listed(s, &gone, list->paths[i]));
        *again |= gone;
    }
    *again &= !s->evaluation->count;
done:
    return status;
}

/* Judges the checkpoints. Those of a run that are gone meanwhile are passed over; where none is
 * left, those are judged that are there by now. */
static cg_status judge_checkpoints(session *s)
{
    enum { TRIES = 100 };
    cg_status status = CG_OK;
    bool again = true;
    CG_TRY(cg_memory_create(&s->pixels, s->options->samples, CG_PIXELS));
    for (int i = 0; i < TRIES && again; i++) {
        if (i)
            CG_TRY(cg_subject_list_again(s->subject, s->options->run));
        CG_TRY(judge_list(s, &again));
    }
    if (!s->evaluation->count)
        status = cg_fail(CG_ERR_INPUT, "%s holds no sound checkpoint", s->options->run);
done:
    return status;
}

static cg_status check_options(const cg_evaluate_options *o)
{
    int named = !!o->checkpoint + !!o->run + !!o->images;
    if (named != 1)
        return cg_fail(CG_ERR_ARGUMENT,
                       "evaluate needs one of --checkpoint, --run and --images, not %d", named);
    if (o->samples < CG_EVALUATE_LEAST)
        return cg_fail(CG_ERR_ARGUMENT, "evaluate needs %d samples at least", CG_EVALUATE_LEAST);
    return CG_OK;
}

/* Images are as many as were asked for, or as there are. */
static cg_status judge_images(session *s)
{
    cg_evaluation *e = s->evaluation;
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&e->entries, 1, sizeof *e->entries));
    CG_TRY(score_images(s, e->entries, s->options->images, s->subject->images.data, e->samples));
    e->count = 1;
done:
    return status;
}

static void count_samples(cg_evaluation *e, const cg_evaluate_options *o, const cg_idx *images)
{
    if (!o->images || images->dims[0] >= e->samples)
        return;
    cg_log(CG_LOG_INFO, "%s holds %zu images, not %zu: these are taken", o->images, images->dims[0],
           e->samples);
    e->samples = images->dims[0];
}

cg_status cg_evaluate(cg_evaluation *evaluation, const cg_evaluate_options *options)
{
    CG_NEED(evaluation);
    CG_NEED(options);
    cg_status status = CG_OK;
    cg_subject subject = {0};
    cg_evaluate_options complete = *options;
    session s = {.options = &complete, .subject = &subject, .evaluation = evaluation};
    double start = cg_clock_seconds();

    complete.samples = complete.samples ? complete.samples : cg_evaluate_defaults().samples;
    options = &complete;
    *evaluation = (cg_evaluation){.samples = options->samples, .seed = options->seed};
    CG_TRY(check_options(options));
    CG_TRY(cg_subject_open(&subject, options));
    count_samples(evaluation, options, &subject.images);
    CG_TRY(open_evaluator(&s, evaluation->samples));
    CG_TRY(options->images ? judge_images(&s) : judge_checkpoints(&s));
    evaluation->seconds = cg_clock_seconds() - start;
done:
    cg_subject_deinit(&subject);
    free(s.pixels);
    cg_evaluator_release(s.evaluator);
    cg_runtime_release(s.rt);
    return status;
}

void cg_evaluation_deinit(cg_evaluation *evaluation)
{
    if (!evaluation)
        return;
    free(evaluation->entries);
    *evaluation = (cg_evaluation){0};
}
