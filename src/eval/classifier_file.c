/* A classifier's weights in a file. */
#include "eval/classifier_file.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/place.h"
#include "base/platform.h"
#include "base/text_clean.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20, METADATA_MAX = 16 };

static const char format_key[] = "clgan.classifier", data_key[] = "data_sha256";

/* The name of a classifier: its file's, without folder and ending. */
static void take_name(char *name, size_t size, const char *path)
{
    const char *base = path + cg_platform_folder_length(path);
    char plain[64];
    size_t length = strcspn(base, ".");
    snprintf(plain, sizeof plain, "%.*s", (int)(length < sizeof plain ? length : sizeof plain - 1),
             base);
    cg_text_clean(name, size, plain);
}

static cg_status identify_file(cg_classifier_id *id, const char *path, const char *data_sha256)
{
    void *data;
    size_t size;
    cg_status status = cg_file_read(&data, &size, path, FILE_LIMIT);
    if (status != CG_OK)
        return status;
    take_name(id->name, sizeof id->name, path);
    cg_sha256_hex(id->sha256, data, size);
    snprintf(id->data_sha256, sizeof id->data_sha256, "%s", data_sha256 ? data_sha256 : "");
    free(data);
    return CG_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static cg_status download_tensor(cg_host_tensor *tensor, const cg_classifier *net, size_t i)
{
    cg_status status = CG_OK;
    const cg_param_spec *spec = &net->specs[i];
    size_t size = cg_param_size(spec);
    *tensor = (cg_host_tensor){.name = spec->name, .rank = spec->rank};
    memcpy(tensor->dims, spec->dims, sizeof tensor->dims);
    CG_TRY(cg_memory_create(&tensor->data, size, sizeof *tensor->data));
    CG_TRY(cg_buffer_download(net->params.view[i], 0, tensor->data, size * sizeof *tensor->data));
    if (!cg_memory_is_finite(tensor->data, size))
        return cg_fail(CG_ERR_DIVERGED,
                       "the classifier's %s is not finite: nothing is written "
                       "(a smaller --learning-rate may help)",
                       spec->name);
done:
    return status;
}

cg_status cg_classifier_write(const char *path, const cg_classifier *net, const cg_metadata *recipe,
                              size_t count, cg_classifier_id *id)
{
    cg_status status = CG_OK;
    cg_host_tensor tensors[CG_CLASSIFIER_PARAMS] = {0};
    cg_metadata metadata[METADATA_MAX] = {{format_key, "1"}};
    const char *data_sha256 = NULL;

    _Static_assert(CG_CLASSIFIER_FORMAT == 1, "the text above");
    if (count >= METADATA_MAX)
        return cg_fail(CG_ERR_ARGUMENT, "a classifier of %zu metadata entries", count);
    memcpy(metadata + 1, recipe, count * sizeof *recipe);
    for (size_t i = 0; i < count; i++)
        if (strcmp(recipe[i].key, data_key) == 0)
            data_sha256 = recipe[i].value;
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++)
        CG_TRY(download_tensor(&tensors[i], net, i));
    CG_TRY(cg_safetensors_write(path, tensors, CG_CLASSIFIER_PARAMS, metadata, count + 1));
    CG_TRY(identify_file(id, path, data_sha256));
done:
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++)
        free(tensors[i].data);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* *classes = as many as the last layer has outputs. */
static cg_status check_file(size_t *classes, const cg_safetensors *file, const char *path)
{
    const char *format = cg_safetensors_metadata(file, format_key);
    if (!format)
        return cg_fail(CG_ERR_INPUT, "%s is no classifier of clgan", path);
    if (strcmp(format, "1") != 0)
        return cg_fail(CG_ERR_INPUT,
                       "%s has classifier format %s, this clgan reads %d: make one with clgan "
                       "train-classifier",
                       path, format, CG_CLASSIFIER_FORMAT);
    const cg_host_tensor *last =
        cg_safetensors_get(file, cg_classifier_params[CG_CLASSIFIER_PARAMS - 1].name);
    *classes = last && last->rank == 1 ? last->dims[0] : CG_CLASSES;
    if (*classes < CG_CLASSES_LEAST || *classes > CG_CLASSES_MOST)
        return cg_fail(CG_ERR_INPUT, "%s has %zu classes: %d to %d can be read", path, *classes,
                       CG_CLASSES_LEAST, CG_CLASSES_MOST);
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++) {
        const cg_param_spec spec = cg_classifier_param(i, *classes);
        const cg_host_tensor *t = cg_safetensors_get(file, spec.name);
        if (!t || t->rank != spec.rank ||
            memcmp(t->dims, spec.dims, t->rank * sizeof t->dims[0]) != 0)
            return cg_fail(CG_ERR_INPUT, "%s: the tensor %s is missing or has another shape", path,
                           spec.name);
        if (!cg_memory_is_finite(t->data, cg_param_size(&spec)))
            return cg_fail(CG_ERR_INPUT, "%s: the tensor %s holds numbers that are not finite",
                           path, spec.name);
    }
    return CG_OK;
}

cg_status cg_classifier_read(cg_classifier **net, cg_classifier_id *id, cg_runtime *rt,
                             size_t max_n, const char *path)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_classifier *n = NULL;
    size_t classes;

    *net = NULL;
    CG_TRY(cg_safetensors_read(&file, path));
    CG_TRY(check_file(&classes, file, path));
    CG_TRY(identify_file(id, path, cg_safetensors_metadata(file, data_key)));
    CG_TRY(cg_classifier_create(&n, rt, classes, max_n, false));
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++) {
        const cg_param_spec *spec = &n->specs[i];
        CG_TRY(cg_buffer_upload(n->params.view[i], 0, cg_safetensors_get(file, spec->name)->data,
                                cg_param_size(spec) * sizeof(float)));
    }
    *net = n;
    n = NULL;
done:
    cg_classifier_release(n);
    cg_safetensors_release(file);
    return status;
}

const char *cg_classifier_default(void)
{
    static _Thread_local cg_place place;
    return cg_place_find(&place, "classifier/mnist-1.safetensors");
}
