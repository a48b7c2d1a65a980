/* A run: options and data become a state, the loop takes it from step to step, and at epochs' ends,
 * log intervals and stops the state becomes files.
 *
 * Which step is next is all that the loop knows; epoch, batch and order follow from it
 * (cg_step_locate). At an epoch's end files are written in the order picture, GIF, log, checkpoint:
 * a checkpoint stands for files that are complete, and a resume takes back what is newer than it.
 */
#include <clgan/dataset.h>
#include <clgan/runlog.h>
#include <clgan/train.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/pictures.h"
#include "train/progress.h"
#include "train/run.h"
#include "train/step.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct trainer {
    const cg_train_options *options;
    cg_run run;
    cg_run_config config;
    cg_dataset dataset;
    cg_runtime *rt;
    cg_dcgan *net;
    cg_buffer *images;
    cg_step_source source;
    cg_runlog *log;
    cg_progress progress;
    cg_metrics *metrics; /* [epoch_steps], of the current epoch */
    size_t rows;         /* how many of them have been read and found finite */
    uint64_t step;       /* done so far */
    uint64_t last;       /* step to end with */
    size_t epoch_steps;
    double start; /* clock at the start of this process's training */
    double epoch_start;
    double logged; /* clock and step of the last log record */
    uint64_t logged_step;
} trainer;

cg_train_options cg_train_defaults(void)
{
    return (cg_train_options){
        .epochs.value = 50,
        .keep.value = 3,
        .log_every.value = 50,
        .batch.value = 256,
        .seed.value = 1,
    };
}

/* ---- preparing --------------------------------------------------------------------------------
 */

static uint64_t chosen(cg_train_number option, uint64_t recorded)
{
    return option.given ? option.value : recorded;
}

static void take_options(trainer *t)
{
    const cg_train_options *o = t->options;
    t->config.epochs = o->epochs.value;
    t->config.keep = o->keep.value;
    t->config.checkpoint_every = o->checkpoint_every.value;
    t->config.log_every = o->log_every.value;
    t->config.recipe.seed = o->seed.value;
    t->config.recipe.batch = o->batch.value;
    t->config.recipe.learning_rate = o->learning_rate > 0 ? o->learning_rate : CG_ADAM_RATE;
}

/* The options of a resumed run: the run's, but for those given again. */
static void take_recorded(trainer *t)
{
    const cg_train_options *o = t->options;
    t->config.epochs = chosen(o->epochs, t->config.epochs);
    t->config.keep = chosen(o->keep, t->config.keep);
    t->config.checkpoint_every = chosen(o->checkpoint_every, t->config.checkpoint_every);
    t->config.log_every = chosen(o->log_every, t->config.log_every);
}

/* The folder of the data set: as given, else the run's, else the one here, else the source's. */
static void choose_data(trainer *t)
{
    static const char here[] = "data/mnist", source[] = CLGAN_SOURCE_DIR "/data/mnist";
    const char *folder = t->options->data;
    if (!folder && t->config.data[0])
        return;
    if (!folder)
        folder = cg_file_exists(here) ? here : source;
    snprintf(t->config.data, sizeof t->config.data, "%s", folder);
}

static cg_status load_data(trainer *t)
{
    cg_status status = CG_OK;
    choose_data(t);
    CG_TRY(cg_dataset_read(&t->dataset, t->config.data));
    t->config.images = t->dataset.count;
    snprintf(t->config.recipe.data_sha256, sizeof t->config.recipe.data_sha256, "%s",
             t->dataset.sha256);
done:
    return status;
}

/* The algorithm of each convolution, which the bits of a run depend on: "g.convt1/fwd=direct ...".
 * CG_ERR_ARGUMENT when the one that was asked for does not serve them all. */
static cg_status describe_algorithms(char *text, size_t size, const cg_dcgan *net)
{
    size_t count, used = 0;
    const cg_stage *stages = cg_dcgan_stages(&count);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!stages[i].conv)
            continue;
        cg_conv2d call = stages[i].conv(net);
        const cg_conv2d_algorithm *a = cg_conv2d_choose(net->rt, &call);
        if (!a)
            return cg_fail(CG_ERR_ARGUMENT, "no --algorithm '%s' for %s/%s", call.algorithm,
                           stages[i].name, stages[i].pass);
        int n = snprintf(text + used, size - used, "%s%s/%s=%s", used ? " " : "", stages[i].name,
                         stages[i].pass, a->name);
        used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
    }
    return CG_OK;
}

static cg_status create_network(trainer *t)
{
    cg_status status = CG_OK;
    cg_recipe *recipe = &t->config.recipe;
    size_t batch = (size_t)recipe->batch;
    size_t fakes = batch > CG_PICTURE_COUNT ? batch : CG_PICTURE_COUNT;
    size_t reals = batch < t->dataset.count ? batch : t->dataset.count;

    t->epoch_steps = cg_ceil_div(t->dataset.count, batch);
    CG_TRY(cg_dcgan_create(&t->net, t->rt, fakes, reals, t->epoch_steps, t->options->algorithm));
    t->net->adam.rate = recipe->learning_rate;
    CG_TRY(cg_buffer_create(&t->images, t->rt, t->dataset.count * CG_PIXELS));
    CG_TRY(cg_buffer_upload(t->images, 0, t->dataset.images, t->dataset.count * CG_PIXELS));
    CG_TRY(cg_memory_create(&t->metrics, t->epoch_steps, sizeof *t->metrics));
    t->source = (cg_step_source){recipe->seed, t->images, t->dataset.count, batch};

    const cg_device_info *device = cg_runtime_device(t->rt);
    snprintf(recipe->device, sizeof recipe->device, "%s", device->name);
    snprintf(recipe->platform, sizeof recipe->platform, "%s", device->platform);
    snprintf(recipe->driver, sizeof recipe->driver, "%s", device->driver);
    CG_TRY(describe_algorithms(recipe->algorithms, sizeof recipe->algorithms, t->net));
done:
    return status;
}

static cg_status write_real_grid(trainer *t)
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

/* A new run: nothing is created before options, data and device are known to be good. */
static cg_status prepare_new(trainer *t)
{
    cg_status status = CG_OK;
    take_options(t);
    CG_TRY(load_data(t));
    CG_TRY(cg_runtime_create_selected(&t->rt, t->options->device));
    CG_TRY(create_network(t));
    CG_TRY(cg_dcgan_init(t->net, t->config.recipe.seed));
    CG_TRY(cg_run_create(&t->run, t->options->out));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
    CG_TRY(write_real_grid(t));
done:
    return status;
}

/* ---- resuming ---------------------------------------------------------------------------------
 */

/* The newest sound checkpoint; those that are not are named and passed over. */
static cg_status find_checkpoint(trainer *t, cg_safetensors **file, cg_recipe *recipe)
{
    cg_status status = CG_OK;
    uint64_t *steps = NULL;
    size_t count = 0;

    CG_TRY(cg_run_checkpoints(&steps, &count, &t->run));
    for (size_t i = count; i-- > 0 && !*file;) {
        char *path = NULL;
        CG_TRY(cg_run_path(&path, &t->run, "checkpoints/step_%08" PRIu64 ".safetensors", steps[i]));
        if (cg_checkpoint_read(file, recipe, &t->step, path) != CG_OK)
            cg_log(CG_LOG_WARNING, "skipped %s; trying an older one", path);
        free(path);
    }
    if (!*file)
        status = cg_fail(CG_ERR_INPUT, "%s holds no sound checkpoint to resume from", t->run.path);
done:
    free(steps);
    return status;
}

/* Options given again must be those of the run; what was not given is the run's. */
static cg_status check_given(trainer *t, const cg_recipe *recorded)
{
    const cg_train_options *o = t->options;
    cg_recipe *recipe = &t->config.recipe;
    recipe->seed = recorded->seed;
    recipe->batch = recorded->batch;
    recipe->learning_rate = recorded->learning_rate;
    if (o->seed.given && o->seed.value != recipe->seed)
        return cg_fail(CG_ERR_ARGUMENT, "the run has --seed %" PRIu64 ": a resume cannot change it",
                       recipe->seed);
    if (o->batch.given && o->batch.value != recipe->batch)
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run has --batch %" PRIu64 ": a resume cannot change it", recipe->batch);
    if (o->learning_rate > 0 && o->learning_rate != recipe->learning_rate)
        return cg_fail(CG_ERR_ARGUMENT, "the run has --learning-rate %g: a resume cannot change it",
                       recipe->learning_rate);
    return CG_OK;
}

/* Data, device and algorithms must be those of the run. */
static cg_status check_surroundings(const trainer *t, const cg_recipe *recorded)
{
    const cg_recipe *recipe = &t->config.recipe;
    if (strcmp(recipe->data_sha256, recorded->data_sha256) != 0)
        return cg_fail(CG_ERR_INPUT, "%s is not the data that the run was trained on (SHA-256 %s)",
                       t->config.data, recorded->data_sha256);
    if (t->options->allow_device_change)
        return CG_OK;
    if (strcmp(recipe->device, recorded->device) != 0 ||
        strcmp(recipe->platform, recorded->platform) != 0 ||
        strcmp(recipe->driver, recorded->driver) != 0)
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run was trained on %s (%s, driver %s), this is %s (%s, driver %s): "
                       "--allow-device-change goes on, though not bit for bit",
                       recorded->device, recorded->platform, recorded->driver, recipe->device,
                       recipe->platform, recipe->driver);
    if (strcmp(recipe->algorithms, recorded->algorithms) != 0)
        return cg_fail(CG_ERR_ARGUMENT, "the run was trained with other algorithms (%s)",
                       recorded->algorithms);
    return CG_OK;
}

static uint64_t last_step(const trainer *t)
{
    uint64_t last = t->config.epochs * t->epoch_steps, limit = t->options->max_steps;
    return limit && limit < last ? limit : last;
}

/* Takes the run's files back to t->step. `end` tells how the log was written. */
static cg_status take_back(trainer *t, cg_runlog_end *end)
{
    cg_status status = CG_OK;
    char *log = NULL;
    end->step = t->config.first_step = t->step;
    CG_TRY(cg_run_path(&log, &t->run, "log.jsonl"));
    CG_TRY(cg_runlog_truncate(log, end));
    CG_TRY(cg_run_remove_pictures(&t->run, (size_t)(t->step / t->epoch_steps)));
    CG_TRY(cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt)));
done:
    free(log);
    return status;
}

/* A resumed run: no file is changed before options, data, device and checkpoint are known to be
 * good, and there is something left to do. */
static cg_status prepare_resumed(trainer *t)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recorded = {0};
    cg_runlog_end end;

    CG_TRY(cg_run_open(&t->run, t->options->out));
    CG_TRY(cg_config_read(&t->config, &t->run));
    end = (cg_runlog_end){.first = t->config.first_step, .every = t->config.log_every};
    take_recorded(t);
    CG_TRY(find_checkpoint(t, &file, &recorded));
    CG_TRY(check_given(t, &recorded));
    CG_TRY(load_data(t));
    CG_TRY(cg_runtime_create_selected(&t->rt, t->options->device));
    CG_TRY(create_network(t));
    CG_TRY(check_surroundings(t, &recorded));
    t->rows = (size_t)(t->step % t->epoch_steps);
    CG_TRY(cg_checkpoint_restore(t->net, file, t->rows));
    if (t->rows)
        CG_TRY(cg_buffer_download(t->net->metrics, 0, t->metrics, t->rows * sizeof *t->metrics));
    if (t->step < last_step(t))
        CG_TRY(take_back(t, &end));
done:
    cg_safetensors_release(file);
    return status;
}

/* ---- records ----------------------------------------------------------------------------------
 */

/* Fetches the metrics up to and with row `last` and sees that each is finite. This is the one host
 * wait of a log interval. */
static cg_status fetch_metrics(trainer *t, size_t last)
{
    cg_status status = CG_OK;
    size_t new_rows = last + 1 - t->rows;
    CG_TRY(cg_buffer_download(t->net->metrics, t->rows * sizeof *t->metrics, t->metrics + t->rows,
                              new_rows * sizeof *t->metrics));
    for (; t->rows <= last; t->rows++) {
        const cg_metrics *m = &t->metrics[t->rows];
        if (!isfinite(m->loss_d_real) || !isfinite(m->loss_d_fake) || !isfinite(m->loss_g)) {
            cg_progress_clear(&t->progress);
            return cg_fail(CG_ERR_DIVERGED,
                           "the loss is not finite at step %" PRIu64
                           ": stopped; the checkpoints that are in %s/checkpoints stay "
                           "(a smaller --learning-rate may help)",
                           t->step - last + t->rows, t->run.path);
        }
    }
done:
    return status;
}

static cg_status log_step(trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char line[512];
    CG_TRY(fetch_metrics(t, place->row));
    const cg_metrics *m = &t->metrics[place->row];
    double now = cg_clock_seconds();
    double rate = (double)((t->step - t->logged_step) * t->source.batch) / (now - t->logged);
    snprintf(line, sizeof line,
             "{\"type\":\"step\",\"step\":%" PRIu64 ",\"epoch\":%zu,\"loss_d\":%.9g,"
             "\"loss_d_real\":%.9g,\"loss_d_fake\":%.9g,\"loss_g\":%.9g,\"d_real\":%.9g,"
             "\"d_fake\":%.9g,\"images_per_second\":%.1f,\"seconds\":%.3f}",
             place->step, place->epoch, (double)m->loss_d_real + (double)m->loss_d_fake,
             (double)m->loss_d_real, (double)m->loss_d_fake, (double)m->loss_g, (double)m->d_real,
             (double)m->d_fake, rate, now - t->start);
    CG_TRY(cg_runlog_append(t->log, line));
    t->logged = now;
    t->logged_step = t->step;
    cg_progress_log(&t->progress, place, m, rate);
done:
    return status;
}

/* The epoch's record: means over its steps. */
static cg_status log_epoch(trainer *t, const cg_step_place *place)
{
    double loss_d = 0, loss_g = 0, n = (double)place->epoch_steps, now = cg_clock_seconds();
    char line[256];
    for (size_t i = 0; i < place->epoch_steps; i++) {
        loss_d += (double)t->metrics[i].loss_d_real + (double)t->metrics[i].loss_d_fake;
        loss_g += (double)t->metrics[i].loss_g;
    }
    snprintf(line, sizeof line,
             "{\"type\":\"epoch\",\"epoch\":%zu,\"step\":%" PRIu64
             ",\"loss_d\":%.9g,\"loss_g\":%.9g,\"seconds\":%.3f}",
             place->epoch, place->step, loss_d / n, loss_g / n, now - t->epoch_start);
    cg_progress_clear(&t->progress);
    cg_log(CG_LOG_INFO, "epoch %zu/%" PRIu64 " done in %.1f s: mean loss D %.4f, G %.4f",
           place->epoch, t->config.epochs, now - t->epoch_start, loss_d / n, loss_g / n);
    t->epoch_start = now;
    return cg_runlog_append(t->log, line);
}

static cg_status draw_picture(trainer *t, const char *format, uint64_t number)
{
    cg_status status = CG_OK;
    unsigned char pixels[CG_PICTURE_COUNT * CG_PIXELS];
    char name[64], *path = NULL;
    snprintf(name, sizeof name, format, number);
    CG_TRY(
        cg_pictures_generate(pixels, t->net, t->source.seed, CG_STREAM_PICTURES, CG_PICTURE_COUNT));
    CG_TRY(cg_run_path(&path, &t->run, "images/%s", name));
    CG_TRY(cg_pictures_write_grid(path, pixels));
done:
    free(path);
    return status;
}

static cg_status save_checkpoint(trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char *path = NULL;
    cg_keep_rule rule = {t->config.keep, t->epoch_steps, t->config.checkpoint_every};
    size_t rows = (place->row + 1) % t->epoch_steps; /* none at an epoch's end */

    cg_progress_clear(&t->progress); /* a checkpoint may be refused, with a word */
    CG_TRY(fetch_metrics(t, place->row));
    CG_TRY(cg_run_path(&path, &t->run, "checkpoints/step_%08" PRIu64 ".safetensors", place->step));
    CG_TRY(cg_checkpoint_write(path, t->net, &t->config.recipe, place->step, place->epoch, rows));
    CG_TRY(cg_run_prune(&t->run, &rule));
done:
    free(path);
    return status;
}

/* ---- the loop ---------------------------------------------------------------------------------
 */

static cg_status finish_epoch(trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(fetch_metrics(t, place->row));
    CG_TRY(draw_picture(t, "image_at_epoch_%04" PRIu64 ".png", place->epoch));
    CG_TRY(cg_pictures_write_gif(&t->run, place->epoch));
    CG_TRY(log_epoch(t, place));
    CG_TRY(save_checkpoint(t, place));
    t->rows = 0;
done:
    return status;
}

/* What is due after a step; `ending`: it is the last one of this process. */
static cg_status after_step(trainer *t, const cg_step_place *place, bool ending)
{
    cg_status status = CG_OK;
    bool epoch_end = place->row + 1 == place->epoch_steps;
    bool save_due = t->config.checkpoint_every && place->step % t->config.checkpoint_every == 0;

    if (place->step % t->config.log_every == 0 || ending)
        CG_TRY(log_step(t, place));
    if (epoch_end)
        CG_TRY(finish_epoch(t, place));
    else if (ending)
        CG_TRY(draw_picture(t, "image_at_step_%08" PRIu64 ".png", place->step));
    if (!epoch_end && (save_due || ending))
        CG_TRY(save_checkpoint(t, place));
done:
    return status;
}

static bool stop_wanted(const trainer *t)
{
    return t->options->stop && *t->options->stop;
}

static cg_status loop(trainer *t)
{
    cg_status status = CG_OK;
    bool stopping = false;
    t->start = t->epoch_start = t->logged = cg_clock_seconds();
    t->logged_step = t->step;
    cg_progress_init(&t->progress, (size_t)t->config.epochs, t->step + 1, t->last);
    while (t->step < t->last && !stopping) {
        cg_step_place place = cg_step_locate(&t->source, t->step + 1);
        CG_TRY(cg_step_run(t->net, &t->source, &place));
        CG_TRY(cg_runtime_mark(t->rt));
        t->step++;
        cg_progress_step(&t->progress, &place);
        stopping = stop_wanted(t);
        CG_TRY(after_step(t, &place, stopping || t->step == t->last));
    }
    if (stopping && t->step < t->last)
        status = CG_ERR_STOPPED;
done:
    cg_progress_clear(&t->progress);
    return status;
}

static cg_status open_log(trainer *t)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, &t->run, "log.jsonl");
    if (status == CG_OK)
        status = cg_runlog_open(&t->log, path);
    free(path);
    return status;
}

static void say_how_it_ended(const trainer *t, cg_status status)
{
    uint64_t all = t->config.epochs * t->epoch_steps;
    if (status == CG_ERR_STOPPED || (status == CG_OK && t->step < all))
        cg_log(CG_LOG_INFO,
               "stopped at step %" PRIu64 " of %" PRIu64
               ", saved; go on with: clgan train --out %s "
               "--resume",
               t->step, all, t->run.path);
    else if (status == CG_OK)
        cg_log(CG_LOG_INFO, "done: %s/dcgan.gif, %s/images", t->run.path, t->run.path);
}

static cg_status run_steps(trainer *t)
{
    cg_status status = CG_OK;
    const cg_device_info *device = cg_runtime_device(t->rt);
    t->last = last_step(t);
    if (t->options->started)
        t->options->started(t->run.path);
    if (t->step >= t->last) {
        cg_log(CG_LOG_INFO, "%s is finished: it has done %" PRIu64 " steps of %" PRIu64,
               t->run.path, t->step, t->last);
        return CG_OK;
    }
    cg_log(CG_LOG_INFO, "%zu images from %s, training on %s (%s)", t->dataset.count, t->config.data,
           device->name, device->platform);
    if (t->step)
        cg_log(CG_LOG_INFO, "resuming after step %" PRIu64, t->step);
    CG_TRY(open_log(t));
    CG_TRY(loop(t));
done:
    say_how_it_ended(t, status);
    return status;
}

static void release(trainer *t)
{
    cg_runlog_release(t->log);
    cg_dcgan_release(t->net);
    cg_buffer_release(t->images);
    cg_runtime_release(t->rt);
    cg_dataset_deinit(&t->dataset);
    cg_run_close(&t->run);
    free(t->metrics);
}

cg_status cg_train(const cg_train_options *options)
{
    cg_status status = CG_OK;
    trainer *t = NULL;
    CG_TRY(cg_memory_create(&t, 1, sizeof *t));
    t->options = options;
    t->run.lock = -1;
    CG_TRY(options->resume ? prepare_resumed(t) : prepare_new(t));
    CG_TRY(run_steps(t));
done:
    if (t)
        release(t);
    free(t);
    return status;
}
