/* Images and labels of an MNIST folder. */
#include <clgan/dataset.h>

#include "base/argument.h"
#include "base/model.h"
#include "base/file.h"
#include "base/place.h"
#include "base/memory.h"
#include "base/try.h"

#include <clgan/idx.h>
#include <stdlib.h>
#include <string.h>

/* The names of a part's files, and what they are in a sentence. */
static const struct {
    const char *what, *images, *labels;
} parts[] = {
    [CG_DATASET_TRAIN] = {"training", "train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
    [CG_DATASET_TEST] = {"test", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
};

/* *path = folder/name or folder/name.gz, whichever is there first, else NULL. */
static cg_status find_file(char **path, const char *folder, const char *name)
{
    cg_status status = CG_OK;
    char packed[64];
    snprintf(packed, sizeof packed, "%s.gz", name);
    const char *const names[] = {name, packed};
    for (size_t i = 0; i < 2; i++) {
        CG_TRY(cg_path_join(path, folder, names[i]));
        if (cg_file_exists(*path))
            return CG_OK;
        free(*path);
        *path = NULL;
    }
done:
    return status;
}

bool cg_dataset_has(const char *folder, cg_dataset_part part)
{
    char *path = NULL;
    if ((size_t)part >= CG_COUNT(parts))
        return false;
    folder = folder ? folder : cg_dataset_default();
    bool has = find_file(&path, folder, parts[part].images) == CG_OK && path;
    free(path);
    return has;
}

static cg_status read_images(cg_idx *images, const char *folder, cg_dataset_part part)
{
    char *path = NULL;
    const char *name = parts[part].images;
    cg_status status = CG_OK;
    CG_TRY(find_file(&path, folder, name));
    if (!path) {
        status = cg_fail(CG_ERR_INPUT, "no %s images in %s: expected %s or %s.gz in %s",
                         parts[part].what, folder, name, name,
                         cg_file_exists(folder) ? "it" : "this folder, which does not exist");
        goto done;
    }
    CG_TRY(cg_idx_read(images, path));
    if (images->rank != 3)
        status = cg_fail(CG_ERR_INPUT, "%s does not hold images: it has %zu dimensions, not 3",
                         path, images->rank);
    else if (images->dims[1] != CG_SIDE || images->dims[2] != CG_SIDE)
        status = cg_fail(CG_ERR_INPUT, "%s holds images of %zu x %zu pixels, not %d x %d", path,
                         images->dims[1], images->dims[2], CG_SIDE, CG_SIDE);
done:
    free(path);
    return status;
}

/* Labels that do not fit mean that the folder is not what it seems. */
static cg_status read_labels(cg_idx *labels, const char *folder, cg_dataset_part part, size_t count)
{
    char *path = NULL;
    cg_status status = CG_OK;
    CG_TRY(find_file(&path, folder, parts[part].labels));
    if (!path)
        goto done;
    CG_TRY(cg_idx_read(labels, path));
    if (labels->rank != 1)
        status = cg_fail(CG_ERR_INPUT, "%s does not hold labels: it has %zu dimensions, not 1",
                         path, labels->rank);
    else if (labels->dims[0] != count)
        status = cg_fail(CG_ERR_INPUT, "%s holds %zu labels for %zu images", path, labels->dims[0],
                         count);
done:
    free(path);
    return status;
}

cg_status cg_dataset_read(cg_dataset *dataset, const char *folder, cg_dataset_part part)
{
    CG_NEED(dataset);
    CG_NEED((size_t)part < CG_COUNT(parts));
    cg_idx images = {0}, labels = {0};
    cg_status status = CG_OK;
    *dataset = (cg_dataset){0};
    folder = folder ? folder : cg_dataset_default();
    CG_TRY(read_images(&images, folder, part));
    CG_TRY(read_labels(&labels, folder, part, images.dims[0]));
    *dataset = (cg_dataset){images.dims[0], images.data, labels.data, ""};
    memcpy(dataset->sha256, images.sha256, sizeof dataset->sha256);
    images.data = labels.data = NULL;
done:
    cg_idx_deinit(&images);
    cg_idx_deinit(&labels);
    return status;
}

const char *cg_dataset_default(void)
{
    static _Thread_local cg_place place;
    return cg_place_find(&place, "mnist");
}

void cg_dataset_deinit(cg_dataset *dataset)
{
    if (!dataset)
        return;
    free(dataset->images);
    free(dataset->labels);
    *dataset = (cg_dataset){0};
}
