/* The training images of an MNIST folder. */
#include <clgan/dataset.h>

#include "base/dcgan.h"
#include "base/file.h"
#include "base/try.h"

#include <clgan/idx.h>
#include <stdlib.h>

#define IMAGES "train-images-idx3-ubyte"
#define LABELS "train-labels-idx1-ubyte"

/* *path = folder/plain or folder/packed, whichever is there first, else NULL. */
static cg_status find_file(char **path, const char *folder, const char *plain, const char *packed)
{
    const char *const names[] = {plain, packed};
    cg_status status = CG_OK;
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

static cg_status read_images(cg_idx *images, const char *folder)
{
    char *path = NULL;
    cg_status status = CG_OK;
    CG_TRY(find_file(&path, folder, IMAGES, IMAGES ".gz"));
    if (!path) {
        status = cg_fail(CG_ERR_INPUT, "no training images in %s: expected %s or %s.gz in %s",
                         folder, IMAGES, IMAGES,
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

/* Labels are not used, but labels that do not fit mean that the folder is not what it seems. */
static cg_status check_labels(const char *folder, size_t count)
{
    char *path = NULL;
    cg_idx labels = {0};
    cg_status status = CG_OK;
    CG_TRY(find_file(&path, folder, LABELS, LABELS ".gz"));
    if (!path)
        goto done;
    CG_TRY(cg_idx_read(&labels, path));
    if (labels.rank != 1)
        status = cg_fail(CG_ERR_INPUT, "%s does not hold labels: it has %zu dimensions, not 1",
                         path, labels.rank);
    else if (labels.dims[0] != count)
        status = cg_fail(CG_ERR_INPUT, "%s holds %zu labels for %zu images", path, labels.dims[0],
                         count);
done:
    cg_idx_deinit(&labels);
    free(path);
    return status;
}

cg_status cg_dataset_read(cg_dataset *dataset, const char *folder)
{
    cg_idx images = {0};
    cg_status status = CG_OK;
    *dataset = (cg_dataset){0};
    CG_TRY(read_images(&images, folder));
    CG_TRY(check_labels(folder, images.dims[0]));
    dataset->count = images.dims[0];
    dataset->images = images.data;
    for (size_t i = 0; i < sizeof dataset->sha256; i++)
        dataset->sha256[i] = images.sha256[i];
    images.data = NULL;
done:
    cg_idx_deinit(&images);
    return status;
}

void cg_dataset_deinit(cg_dataset *dataset)
{
    if (!dataset)
        return;
    free(dataset->images);
    *dataset = (cg_dataset){0};
}
