/* Images with labels: MNIST's files, which hold a training and a test set, as people have them.
 *
 *     cg_dataset digits;
 *     if (cg_dataset_read(&digits, cg_dataset_default(), CG_DATASET_TRAIN) == CG_OK)
 *         printf("%zu digits\n", digits.count);
 *     cg_dataset_deinit(&digits);
 */
#ifndef CLGAN_DATASET_H
#define CLGAN_DATASET_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cg_dataset_part {
    CG_DATASET_TRAIN, /* train-images-idx3-ubyte, train-labels-idx1-ubyte */
    CG_DATASET_TEST   /* t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte   */
} cg_dataset_part;

typedef struct cg_dataset {
    size_t count;          /* >= 1                                               */
    unsigned char *images; /* [count, 28, 28], 0 black .. 255 white; owned       */
    unsigned char *labels; /* [count], any byte; NULL where the folder has none; owned */
    char sha256[65];       /* of the images as an unpacked IDX file: what data this is */
} cg_dataset;

/* Reads the part's images, and its labels, which may be missing; where they are, there must be one
 * per image. `data` is a folder with the files, under the names that docs/file-formats.md lists, or
 * with folders in which they are; or the file of the training images, or an .npz with all. Logs
 * what the files make worth knowing. May be called by any thread.
 * CG_ERR_INPUT, logged, when there is no such folder or file, several data sets are there, a file
 * is damaged or of another kind, or the images are not 28 x 28. *dataset is then zeroed. */
cg_status cg_dataset_read(cg_dataset *dataset, const char *data, cg_dataset_part part);

/* True when the part's images are there: something by their name. */
bool cg_dataset_has(const char *data, cg_dataset_part part);

/* The folder that is read where none is given: data/mnist here, else the source tree's. Static. */
const char *cg_dataset_default(void);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
void cg_dataset_deinit(cg_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
