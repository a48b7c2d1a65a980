/* Images and labels of a data set. */
#include <clgan/dataset.h>

#include "base/argument.h"
#include "base/model.h"
#include "base/file.h"
#include "base/place.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/array_file.h"
#include "io/data_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- images ---------------------------------------------------------------------------------- */

/* Are they N x 28 x 28, perhaps with a last dimension of one channel? */
static bool are_images(const cg_idx *idx)
{
    return idx->rank >= 3 && idx->rank - (idx->dims[3] == 1) == 3 && idx->dims[1] == CG_SIDE &&
           idx->dims[2] == CG_SIDE;
}

static cg_status refuse_shape(const cg_idx *idx, const char *path)
{
    char shape[4 * 24] = "";
    size_t used = 0;
    for (size_t i = 0; i < idx->rank; i++)
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", i ? " x " : "",
                                 idx->dims[i]);
    if (idx->rank == 3)
        return cg_fail(CG_ERR_INPUT,
                       "%s holds images of %zu x %zu pixels, not %d x %d, which alone can be "
                       "trained on",
                       path, idx->dims[1], idx->dims[2], CG_SIDE, CG_SIDE);
    return cg_fail(CG_ERR_INPUT,
                   "%s does not hold images: it has %s numbers, N x %d x %d are wanted", path,
                   shape, CG_SIDE, CG_SIDE);
}

static cg_status check_images(const cg_array *array, const char *path)
{
    if (array->element != cg_element_of_numpy("u1"))
        return cg_fail(
            CG_ERR_INPUT,
            "%s holds %s: images are unsigned bytes (IDX type 0x08), 0 black to 255 white", path,
            array->element->name);
    return are_images(&array->idx) ? CG_OK : refuse_shape(&array->idx, path);
}

static cg_status read_images(cg_dataset *dataset, const char *path, cg_dataset_part part)
{
    cg_array array = {0};
    cg_status status = CG_OK;
    CG_TRY(cg_array_file_read(&array, path, part, CG_DATA_IMAGES, check_images));
    dataset->count = array.idx.dims[0];
    dataset->images = array.idx.data;
    array.idx.data = NULL;
    memcpy(dataset->sha256, array.idx.sha256, sizeof dataset->sha256);
done:
    cg_array_deinit(&array);
    return status;
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* Numbers of a label: 1, or as in QMNIST 8, of which the first is the class. 0: these are no
 * labels. */
static size_t count_columns(const cg_idx *idx)
{
    if (idx->rank == 1)
        return 1;
    return idx->rank == 2 && (idx->dims[1] == 1 || idx->dims[1] == 8) ? idx->dims[1] : 0;
}

/* Labels that do not fit mean that the folder is not what it seems. */
static cg_status read_labels(cg_dataset *dataset, const char *path, cg_dataset_part part)
{
    cg_array array = {0};
    cg_status status = CG_OK;
    CG_TRY(cg_array_file_read(&array, path, part, CG_DATA_LABELS, NULL));
    const cg_idx *idx = &array.idx;
    const size_t columns = count_columns(idx);
    if (!columns)
        status = cg_fail(CG_ERR_INPUT,
                         "%s does not hold labels: it has %zu dimensions, not 1 (or 8 numbers a "
                         "label, as QMNIST)",
                         path, idx->rank);
    else if (idx->dims[0] != dataset->count)
        status = cg_fail(CG_ERR_INPUT, "%s holds %zu labels for %zu images", path, idx->dims[0],
                         dataset->count);
    else
        status = cg_array_to_bytes(&dataset->labels, &array, columns, path);
done:
    cg_array_deinit(&array);
    return status;
}

/* ---- data sets ------------------------------------------------------------------------------- */

/* Logs what a user should know of the files that were found; once, with the training images. */
static void tell_found(const cg_data_files *files)
{
    if (files->deep)
        cg_log(CG_LOG_INFO, "the images are those of %s", files->images);
    if (strstr(files->set, "emnist"))
        cg_log(CG_LOG_INFO, "EMNIST's files have rows and columns exchanged: pictures lie on their "
                            "side, as the images do");
}

bool cg_dataset_has(const char *data, cg_dataset_part part)
{
    bool has = false;
    if ((unsigned)part > CG_DATASET_TEST)
        return false;
    data = data ? data : cg_dataset_default();
    return cg_data_files_have(&has, data, part) == CG_OK && has;
}

cg_status cg_dataset_read(cg_dataset *dataset, const char *data, cg_dataset_part part)
{
    CG_NEED(dataset);
    CG_NEED((unsigned)part <= CG_DATASET_TEST);
    cg_data_files files;
    cg_status status = CG_OK;
    *dataset = (cg_dataset){0};
    data = data ? data : cg_dataset_default();
    CG_TRY(cg_data_files_find(&files, data, part));
    CG_TRY(files.images ? read_images(dataset, files.images, part)
                        : cg_data_files_tell_missing(data, part));
    if (files.labels)
        CG_TRY(read_labels(dataset, files.labels, part));
    if (part == CG_DATASET_TRAIN)
        tell_found(&files);
done:
    cg_data_files_deinit(&files);
    if (status != CG_OK)
        cg_dataset_deinit(dataset);
    return status;
}

const char *cg_dataset_default(void)
{
    static _Thread_local cg_place place;
    return cg_place_find(&place, "mnist");
}

cg_status cg_data_files_search(cg_dataset *dataset, const char **where, const char *folder,
                               const char *sha256)
{
    cg_status status = CG_OK;
    const char *const folders[] = {folder, cg_dataset_default()};
    *dataset = (cg_dataset){0};
    *where = NULL;
    for (size_t i = 0; i < 2 && !*where; i++) {
        bool has = false;
        if (folders[i])
            CG_TRY(cg_data_files_have(&has, folders[i], CG_DATASET_TRAIN));
        if (!has)
            continue;
        CG_TRY(cg_dataset_read(dataset, folders[i], CG_DATASET_TRAIN));
        if (!sha256[0] || strcmp(dataset->sha256, sha256) == 0)
            *where = folders[i];
        else
            cg_dataset_deinit(dataset);
    }
done:
    return status;
}

void cg_dataset_deinit(cg_dataset *dataset)
{
    if (!dataset)
        return;
    free(dataset->images);
    free(dataset->labels);
    *dataset = (cg_dataset){0};
}
