/* The files of an evaluation. Checkpoints are known by the digest of the images that they were
 * trained on; where these lie is only a hint of their run. */
#include "run/subject.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "eval/classifier_file.h"
#include "io/data_files.h"
#include "run/checkpoint.h"
#include "run/numbered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is judged -------------------------------------------------------------------------- */

static cg_status add_path(cg_subject *s, const char *path)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_grow(&s->paths, s->count, sizeof *s->paths));
    CG_TRY(cg_memory_copy_text(&s->paths[s->count], path));
    s->count++;
done:
    return status;
}

/* Adds a checkpoint, whose training's data become the subject's. */
static cg_status add_checkpoint(cg_subject *s, const char *path, const cg_recipe *recipe)
{
    memcpy(s->trained_on, recipe->data_sha256, sizeof s->trained_on);
    return add_path(s, path);
}

static cg_status add_file(cg_subject *s, const char *path)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t step;
    CG_TRY(cg_checkpoint_read(&file, &recipe, &step, path));
    CG_TRY(add_checkpoint(s, path, &recipe));
done:
    cg_safetensors_release(file);
    return status;
}

/* Adds the one that the walk has come to. */
static cg_status add_walked(cg_subject *s, const cg_run_walk *walk, const cg_recipe *own)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t step;
    CG_TRY(cg_checkpoint_read_walked(&file, &recipe, &step, walk, own));
    CG_TRY(add_checkpoint(s, walk->path, &recipe));
done:
    cg_safetensors_release(file);
    return status;
}

static cg_status add_checkpoints(cg_subject *s, const cg_run *run)
{
    cg_status status = CG_OK;
    cg_run_walk walk = {.run = run, .oldest_first = true};
    cg_recipe own;
    bool there, known, any = false;
    CG_TRY(cg_config_find_recipe(&known, &own, run));
    for (;; any = true) {
        CG_TRY(cg_run_walk_next(&walk));
        if (!walk.path)
            break;
        status = add_walked(s, &walk, known ? &own : NULL);
        if (status != CG_OK && cg_file_forgive(status) == CG_OK)
            cg_log(CG_LOG_WARNING, "%s is left out", walk.path);
        CG_TRY(cg_file_forgive(status));
    }
    if (s->count)
        goto done;
    CG_TRY(cg_file_find(&there, run->path));
    status = there
                 ? cg_fail(CG_ERR_INPUT, "%s holds no %scheckpoint", run->path, any ? "sound " : "")
                 : cg_fail(CG_ERR_INPUT, "cannot read %s: %s", run->path, strerror(ENOENT));
done:
    cg_run_walk_deinit(&walk);
    return status;
}

static void clear_paths(cg_subject *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->paths[i]);
    free(s->paths);
    s->paths = NULL;
    s->count = 0;
}

cg_status cg_subject_list_again(cg_subject *subject, const char *run)
{
    clear_paths(subject);
    return add_checkpoints(subject, &(cg_run){.path = (char *)run, .lock = -1});
}

static cg_status read_images(cg_subject *s, const char *path)
{
    cg_status status = CG_OK;
    CG_TRY(cg_idx_read(&s->images, path));
    const cg_idx *images = &s->images;
    if (images->rank != 3 || images->dims[1] != CG_SIDE || images->dims[2] != CG_SIDE)
        return cg_fail(CG_ERR_INPUT, "%s does not hold images of %d x %d pixels", path, CG_SIDE,
                       CG_SIDE);
    if (images->dims[0] < CG_EVALUATE_LEAST)
        return cg_fail(CG_ERR_INPUT, "%s holds %zu images: %d at least are needed", path,
                       images->dims[0], CG_EVALUATE_LEAST);
    CG_TRY(add_path(s, path));
done:
    return status;
}

/* *run = the folder that a checkpoint's run has if it lies where clgan writes it, for free(). */
static cg_status find_run(char **run, const char *checkpoint)
{
    cg_status status = CG_OK;
    char *folder = NULL;
    *run = NULL;
    CG_TRY(cg_path_folder(&folder, checkpoint));
    CG_TRY(cg_path_join(run, folder, ".."));
done:
    free(folder);
    return status;
}

/* Reads the run's settings, where it has any. They are another run's if it trains on other data. */
static cg_status read_config(cg_subject *s, const char *folder)
{
    cg_status status = CG_OK;
    const cg_run run = {.path = (char *)folder, .lock = -1};
    bool readable = false, there;
    CG_TRY(cg_memory_create(&s->config, 1, sizeof *s->config));
    CG_TRY(cg_run_has_file(&there, &run, CG_RUN_CONFIG));
    if (there)
        CG_TRY(cg_config_try(&readable, s->config, &run));
    const char *digest = s->config->recipe.data_sha256;
    if (!readable || (digest[0] && strcmp(digest, s->trained_on) != 0)) {
        free(s->config);
        s->config = NULL;
    }
done:
    return status;
}

static cg_status read_subject(cg_subject *s, const cg_evaluate_options *o)
{
    cg_status status = CG_OK;
    char *folder = NULL;
    if (o->images)
        return read_images(s, o->images);
    if (o->run) {
        CG_TRY(cg_subject_list_again(s, o->run));
    } else {
        CG_TRY(add_file(s, o->checkpoint));
        CG_TRY(find_run(&folder, o->checkpoint));
    }
    CG_TRY(read_config(s, folder ? folder : o->run));
done:
    free(folder);
    return status;
}

/* ---- what it is compared with ---------------------------------------------------------------- */

static bool is_wanted(const cg_subject *s, const cg_evaluate_options *o)
{
    return o->other_data || !s->trained_on[0] || strcmp(s->train.sha256, s->trained_on) == 0;
}

/* Reads the training images of the named folder, which must be those of the training. */
static cg_status read_named(cg_subject *s, const cg_evaluate_options *o)
{
    cg_status status = CG_OK;
    s->data = o->data;
    CG_TRY(cg_dataset_read(&s->train, s->data, CG_DATASET_TRAIN));
    if (!is_wanted(s, o))
        status = cg_fail(CG_ERR_INPUT,
                         "%s does not hold the images that %s was trained on (SHA-256 %s): name "
                         "their folder, or judge by these others with --other-data",
                         s->data, o->run ? o->run : o->checkpoint, s->trained_on);
done:
    return status;
}

/* Reads the training images of the first folder that has those of the training. */
static cg_status find_images(cg_subject *s, const cg_evaluate_options *o)
{
    cg_status status = CG_OK;
    const char *own = s->config ? s->config->data : NULL;
    const char *wanted = o->other_data ? "" : s->trained_on;
    CG_TRY(cg_data_files_search(&s->train, &s->data, own, wanted));
    if (!s->data && !wanted[0])
        status = cg_data_files_tell_missing(cg_dataset_default(), CG_DATASET_TRAIN);
    else if (!s->data)
        status = cg_fail(CG_ERR_INPUT,
                         "the images that %s was trained on (SHA-256 %s) are not in %s%s%s: name "
                         "their folder by --data, or others by --data DIR --other-data",
                         o->run ? o->run : o->checkpoint, s->trained_on, own ? own : "",
                         own ? ", nor in " : "", cg_dataset_default());
done:
    return status;
}

static cg_status find_classifier(cg_subject *s, const cg_evaluate_options *o)
{
    const char *own = s->config && s->config->classifier[0] ? s->config->classifier : NULL;
    s->classifier = o->classifier ? o->classifier : own;
    const char *path = s->classifier ? s->classifier : cg_classifier_default();
    bool there;
    cg_status status = cg_file_find(&there, path);
    return status != CG_OK || there
               ? status
               : cg_fail(CG_ERR_INPUT, "cannot read the classifier %s: %s", path, strerror(ENOENT));
}

cg_status cg_subject_open(cg_subject *subject, const cg_evaluate_options *options)
{
    cg_status status = CG_OK;
    *subject = (cg_subject){0};
    CG_TRY(read_subject(subject, options));
    CG_TRY(find_classifier(subject, options));
    CG_TRY(options->data ? read_named(subject, options) : find_images(subject, options));
    CG_TRY(cg_dataset_read(&subject->test, subject->data, CG_DATASET_TEST));
done:
    return status;
}

void cg_subject_deinit(cg_subject *s)
{
    clear_paths(s);
    free(s->config);
    cg_idx_deinit(&s->images);
    cg_dataset_deinit(&s->train);
    cg_dataset_deinit(&s->test);
    *s = (cg_subject){0};
}
