/* The names that data sets' files have: which part they are of, and whether they hold images. */
#ifndef CLGAN_IO_DATA_NAME_H
#define CLGAN_IO_DATA_NAME_H

#include <clgan/dataset.h>

typedef enum cg_data_kind {
    CG_DATA_OTHER,   /* nothing to do with a data set                            */
    CG_DATA_NEAR,    /* not to be taken, but perhaps what somebody meant          */
    CG_DATA_IMAGES,  /* of one part: "train-images-idx3-ubyte"                   */
    CG_DATA_LABELS,  /* of one part                                              */
    CG_DATA_ARCHIVE, /* .npz with the arrays of both parts: "mnist.npz"          */
} cg_data_kind;

typedef struct cg_data_name {
    cg_data_kind kind;
    cg_dataset_part part; /* of images and labels                                     */
    char set[64];         /* the other words: "emnist-letters"; "" for MNIST's own names */
    bool packed;          /* it ends in .gz */
} cg_data_name;

/* Returns what the name of a file says; the name is without its folder. Capital and small letters
 * are alike; anything but a letter or digit is between words. */
cg_data_name cg_data_name_read(const char *name);

#endif
