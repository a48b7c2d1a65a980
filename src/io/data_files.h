/* The files of a data set: found in a folder as people have them, or beside a file that is given.
 */
#ifndef CLGAN_IO_DATA_FILES_H
#define CLGAN_IO_DATA_FILES_H

#include "io/data_name.h"

/* The files of one part. Both paths are the same one where an .npz holds all. */
typedef struct cg_data_files {
    char *images, *labels; /* owned; NULL: not there */
    char set[64];          /* the set's name among others, "" for MNIST's own names */
    bool deep;             /* they lie in a folder below the one that was named     */
} cg_data_files;

/* Looks for the part's files: in the folder `data`, else in the folders up to three levels below
 * it that the user may read, the nearest level first; for a file `data`, which is then the training
 * images whatever its name, beside it. MNIST's own names win where a folder has several sets.
 * CG_ERR_INPUT, logged, where there are several others, or the file given is no images' one. A part
 * that is not there is none. To be given to deinit whatever the status. */
cg_status cg_data_files_find(cg_data_files *files, const char *data, cg_dataset_part part);

/* *has = the part's images are there: find() finds them. CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_data_files_have(bool *has, const char *data, cg_dataset_part part);

/* Logs that the part's images are missing, what was wanted, and what is there instead.
 * CG_ERR_INPUT. */
cg_status cg_data_files_tell_missing(const char *data, cg_dataset_part part);

/* Reads the training images that have this digest ("": any), from the folder (NULL: none), or from
 * the default one where it is gone or holds others: runs are moved, and their data too.
 * *where = the folder that has them, borrowed, as cg_dataset_default() is; NULL: neither has, and
 * *dataset is zeroed. As cg_dataset_read() for images that are there and cannot be read. */
cg_status cg_data_files_search(cg_dataset *dataset, const char **where, const char *folder,
                               const char *sha256);

/* A zeroed one is fine. */
void cg_data_files_deinit(cg_data_files *files);

#endif
