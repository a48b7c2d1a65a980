/* The training images: a folder with MNIST's files. */
#ifndef CLGAN_DATASET_H
#define CLGAN_DATASET_H

#include <clgan/status.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_dataset {
    size_t count;          /* >= 1                                               */
    unsigned char *images; /* [count, 28, 28], 0 black .. 255 white; owned       */
    char sha256[65];       /* of the images' file as unpacked: what data this is */
} cg_dataset;

/* Reads folder/train-images-idx3-ubyte, or the same with .gz (the plain one wins). The labels,
 * train-labels-idx1-ubyte[.gz], may be missing; where they are, there must be one per image.
 * CG_ERR_INPUT, logged, when there is no such folder or file, it is damaged, or the images are not
 * 28 x 28. *dataset is then zeroed. */
cg_status cg_dataset_read(cg_dataset *dataset, const char *folder);

/* Frees the images and zeroes the struct. A zeroed struct and NULL are fine. */
void cg_dataset_deinit(cg_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
