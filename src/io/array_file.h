/* Files with an array, whatever their format: by content, not by name. */
#ifndef CLGAN_IO_ARRAY_FILE_H
#define CLGAN_IO_ARRAY_FILE_H

#include "io/array.h"
#include "io/data_name.h"

/* Reads the images or labels of a part from an IDX file, an .npy file, or the member of an .npz
 * whose name says so; the only member, where the file's own name does. CG_ERR_INPUT, logged, also
 * by `check` (NULL: none). To be given to cg_array_deinit() whatever the status. */
cg_status cg_array_file_read(cg_array *array, const char *path, cg_dataset_part part,
                             cg_data_kind kind, cg_array_check *check);

/* *has = the archive has such a member. CG_ERR_INPUT, logged, when it cannot be read. */
cg_status cg_array_file_has(bool *has, const char *path, cg_dataset_part part, cg_data_kind kind);

#endif
