/* Training the classifier: Adam, a learning rate that goes down to 0, every epoch's images in the
 * order of the DCGAN's shuffle. Images that do not fill a batch at an epoch's end are left out. */
#include <clgan/classifier.h>

#include "base/argument.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/phase.h"
#include "base/shuffle.h"
#include "base/try.h"
#include "eval/classifier_file.h"
#include "eval/features.h"
#include "eval/verify_measures.h"
#include "ocl/rehearsal.h"
#include "ocl/runtime.h"
#include "ops/random.h"
#include "verify/selftest_once.h"

#include <clgan/dataset.h>
#include <clgan/runtime.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct trainer {
    const cg_classifier_options *options;
    cg_dataset train, test;
    cg_runtime *rt;
    cg_classifier *net;
    cg_buffer *images;      /* [train.count, 28, 28] bytes  */
    cg_buffer *labels;      /* [train.count] bytes, in the epoch's order */
    unsigned char *ordered; /* the same on the host */
    size_t batch, steps;    /* an epoch's */
    double start, loss, accuracy;
} trainer;

cg_classifier_options cg_classifier_defaults(void)
{
    return (cg_classifier_options){.epochs = 10, .batch = 256, .seed = 1, .learning_rate = 0.003};
}

/* A number that is 0, but for the seed, becomes the default. */
static cg_classifier_options with_defaults(const cg_classifier_options *options)
{
    cg_classifier_options complete = *options;
    const cg_classifier_options defaults = cg_classifier_defaults();
    complete.epochs = complete.epochs ? complete.epochs : defaults.epochs;
    complete.batch = complete.batch ? complete.batch : defaults.batch;
    if (complete.learning_rate == 0)
        complete.learning_rate = defaults.learning_rate;
    return complete;
}

static cg_status read_part(cg_dataset *dataset, const char *folder, cg_dataset_part part)
{
    cg_status status = cg_dataset_read(dataset, folder, part);
    if (status != CG_OK)
        return status;
    if (!dataset->labels)
        return cg_fail(CG_ERR_INPUT, "%s has no labels: a classifier cannot be trained without",
                       folder);
    return CG_OK;
}

/* One more than the largest label: a class is its label, and one that no image has stays empty. */
static size_t count_classes(const cg_dataset *train, const cg_dataset *test)
{
    const cg_dataset *const both[] = {train, test};
    size_t classes = CG_CLASSES_LEAST;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < both[i]->count; k++)
            classes = both[i]->labels[k] < classes ? classes : both[i]->labels[k] + (size_t)1;
    return classes;
}

/* Sees to it that the device computes right. */
static cg_status test_device(cg_runtime *rt)
{
    cg_selftest_plan plan = {.what = "training of the classifier", .batch = 1};
    plan.cases = cg_verify_classifier_list(&plan.case_count);
    return cg_selftest_ensure(rt, &plan);
}

static cg_status init_trainer(trainer *t)
{
    cg_status status = CG_OK;
    const cg_classifier_options *o = t->options;
    const char *folder = o->data ? o->data : cg_dataset_default();
    CG_TRY(read_part(&t->train, folder, CG_DATASET_TRAIN));
    CG_TRY(read_part(&t->test, folder, CG_DATASET_TEST));
    t->batch = o->batch < t->train.count ? (size_t)o->batch : t->train.count;
    t->steps = t->train.count / t->batch;
    CG_TRY(cg_runtime_create_selected(&t->rt, o->device));
    t->rt->trusted = o->no_selftest;
    CG_TRY(test_device(t->rt));
    CG_TRY(
        cg_classifier_create(&t->net, t->rt, count_classes(&t->train, &t->test), t->batch, true));
    CG_TRY(cg_classifier_init(t->net, o->seed));
    CG_TRY(cg_buffer_create(&t->images, t->rt, t->train.count * CG_PIXELS));
    CG_TRY(cg_buffer_upload(t->images, 0, t->train.images, t->train.count * CG_PIXELS));
    CG_TRY(cg_buffer_create(&t->labels, t->rt, t->train.count));
    CG_TRY(cg_memory_create(&t->ordered, t->train.count, 1));
    cg_log(CG_LOG_INFO, "%zu images from %s, training a classifier of %zu classes on %s",
           t->train.count, folder, t->net->classes, cg_runtime_device(t->rt)->name);
done:
    return status;
}

static cg_status order_labels(trainer *t, const cg_shuffle *shuffle)
{
    for (uint32_t i = 0; i < t->train.count; i++)
        t->ordered[i] = t->train.labels[cg_shuffle_index(shuffle, i)];
    return cg_buffer_upload(t->labels, 0, t->ordered, t->train.count);
}

/* The i-th step of an epoch, `done` steps after the first of all. */
static cg_status run_step(trainer *t, const cg_shuffle *shuffle, size_t i, uint64_t done)
{
    cg_status status = CG_OK;
    const cg_classifier_options *o = t->options;
    double left = 1 - (double)done / ((double)o->epochs * (double)t->steps);
    CG_TRY(
        cg_gather_images(t->rt, &t->net->maps[0], 0, t->images, shuffle, i * t->batch, t->batch));
    CG_TRY(cg_classifier_draw(t->net, o->seed, (uint32_t)done));
    CG_TRY(cg_classifier_fwd(t->net, t->batch, true));
    CG_TRY(cg_classifier_bwd(t->net, t->labels, i * t->batch, t->batch));
    CG_TRY(cg_classifier_update(t->net, o->learning_rate * left, done + 1));
    CG_TRY(cg_runtime_mark(t->rt));
done:
    return status;
}

/* Goes through a first step, to count its kernels. */
static cg_status rehearse_step(void *user)
{
    trainer *t = user;
    cg_shuffle shuffle;
    cg_shuffle_init(&shuffle, t->options->seed, 1, (uint32_t)t->train.count);
    return run_step(t, &shuffle, 0, 0);
}

/* The mean loss of the last batch. */
static cg_status read_loss(trainer *t)
{
    cg_status status = CG_OK;
    float *loss = NULL;
    CG_TRY(cg_memory_create(&loss, t->batch, sizeof *loss));
    CG_TRY(cg_buffer_download(t->net->loss, 0, loss, t->batch * sizeof *loss));
    t->loss = 0;
    for (size_t i = 0; i < t->batch; i++)
        t->loss += (double)loss[i] / (double)t->batch;
    if (!isfinite(t->loss))
        status = cg_fail(CG_ERR_DIVERGED, "the classifier's loss is not finite: stopped "
                                          "(a smaller --learning-rate may help)");
done:
    free(loss);
    return status;
}

/* The share of the test set's images that the classifier classifies correctly. */
static cg_status measure_accuracy(trainer *t)
{
    cg_features features = {0};
    size_t right = 0;
    cg_status status = cg_features_measure(&features, t->net, t->test.images, t->test.count,
                                           "measuring test images");
    for (size_t i = 0; status == CG_OK && i < t->test.count; i++)
        right += features.classes[i] == t->test.labels[i];
    t->accuracy = (double)right / (double)t->test.count;
    cg_features_deinit(&features);
    return status;
}

static cg_status run_epoch(trainer *t, uint64_t epoch)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;
    char words[64];
    cg_phase phase = {.words = words, .total = t->steps};
    cg_shuffle_init(&shuffle, t->options->seed, (uint32_t)epoch, (uint32_t)t->train.count);
    CG_TRY(order_labels(t, &shuffle));
    snprintf(words, sizeof words, "epoch %" PRIu64 "/%" PRIu64, epoch, t->options->epochs);
    cg_phase_begin(&phase);
    for (size_t i = 0; i < t->steps; i++) {
        status = t->options->stop && *t->options->stop ? CG_ERR_STOPPED : CG_OK;
        if (status != CG_OK)
            goto done;
        CG_TRY(run_step(t, &shuffle, i, (epoch - 1) * t->steps + i));
        cg_phase_advance(&phase, i + 1);
    }
    cg_phase_end(&phase);
    CG_TRY(read_loss(t));
    CG_TRY(measure_accuracy(t));
    cg_log(CG_LOG_INFO, "epoch %" PRIu64 "/%" PRIu64 ": loss %.4f, test accuracy %.2f %%, %.0f s",
           epoch, t->options->epochs, t->loss, 100 * t->accuracy, cg_clock_seconds() - t->start);
done:
    cg_phase_end(&phase);
    return status;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Writes the weights, with the training's settings as the file's metadata. */
static cg_status write_file(const trainer *t, cg_classifier_id *id)
{
    const cg_classifier_options *o = t->options;
    const cg_device_info *device = cg_runtime_device(t->rt);
    char epochs[24], batch[24], seed[24], rate[32], accuracy[32];
    snprintf(epochs, sizeof epochs, "%" PRIu64, o->epochs);
    snprintf(batch, sizeof batch, "%zu", t->batch);
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
    snprintf(rate, sizeof rate, "%.9g", o->learning_rate);
    snprintf(accuracy, sizeof accuracy, "%.6g", t->accuracy);
    const cg_metadata recipe[] = {
        {"clgan", CLGAN_VERSION},
        {"data_sha256", t->train.sha256},
        {"epochs", epochs},
        {"batch", batch},
        {"learning_rate", rate},
        {"seed", seed},
        {"test_accuracy", accuracy},
        {"device", device->name},
        {"platform", device->platform},
        {"driver", device->driver},
    };
    return cg_classifier_write(o->out, t->net, recipe, CG_COUNT(recipe), id);
}

static void deinit_trainer(trainer *t)
{
    cg_classifier_release(t->net);
    cg_buffer_release(t->images);
    cg_buffer_release(t->labels);
    cg_runtime_release(t->rt);
    cg_dataset_deinit(&t->train);
    cg_dataset_deinit(&t->test);
    free(t->ordered);
}

cg_status cg_train_classifier(cg_classifier_result *result, const cg_classifier_options *options)
{
    CG_NEED(result);
    CG_NEED(options);
    CG_NEED(options->out);
    cg_status status = CG_OK;
    const cg_classifier_options complete = with_defaults(options);
    trainer t = {.options = &complete};
    cg_classifier_id id;

    CG_TRY(cg_file_probe_output("--out", options->out, ".safetensors"));
    CG_TRY(init_trainer(&t));
    t.start = cg_clock_seconds();
    CG_TRY(cg_rehearse(t.rt, rehearse_step, &t));
    for (uint64_t epoch = 1; epoch <= complete.epochs; epoch++)
        CG_TRY(run_epoch(&t, epoch));
    CG_TRY(write_file(&t, &id));
    *result = (cg_classifier_result){t.accuracy, cg_clock_seconds() - t.start, ""};
    memcpy(result->sha256, id.sha256, sizeof result->sha256);
done:
    deinit_trainer(&t);
    return status;
}
