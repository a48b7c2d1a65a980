/* NumPy's files: .npy holds an array, .npz is a ZIP archive of such files. Format versions 1 to 3,
 * C order, numbers alone: nothing is ever unpickled.
 * Source: numpy.lib.format, "Format Version 1.0"; PKWARE's APPNOTE for the archive. */
#ifndef CLGAN_IO_NPY_H
#define CLGAN_IO_NPY_H

#include "io/array.h"

bool cg_npy_begins(const unsigned char *bytes, size_t size);

/* Reads the array from the source's start. CG_ERR_INPUT, logged. To be given to cg_array_deinit()
 * whatever the status. */
cg_status cg_npy_read_array(cg_array *array, cg_source *in, cg_array_check *check);

bool cg_npz_begins(const unsigned char *bytes, size_t size);

/* A member of an archive. */
typedef struct cg_npz_member {
    char name[256]; /* "x_train.npy" */
    cg_packing packing;
    size_t offset, packed, size; /* bytes: of the data in the archive, of it packed, and unpacked */
    uint32_t crc;
} cg_npz_member;

/* *members = all of them, *count, for free(). None where there are more than 1000, which no
 * data set has. CG_ERR_INPUT, logged, when the archive is damaged, of several parts, or encrypted.
 */
cg_status cg_npz_list(cg_npz_member **members, size_t *count, const cg_source *archive);

/* Reads a member as an array, and may close the archive. As cg_npy_read_array(). */
cg_status cg_npz_read_array(cg_array *array, cg_source *archive, const cg_npz_member *member,
                            cg_array_check *check);

#endif
