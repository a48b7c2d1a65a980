/* Arrays of numbers as files hold them: IDX, or NumPy's .npy, alone or as a member of an .npz. */
#ifndef CLGAN_IO_ARRAY_H
#define CLGAN_IO_ARRAY_H

#include "io/source.h"

#include <clgan/idx.h>

enum { CG_ARRAY_RANK = sizeof((cg_idx *)0)->dims / sizeof((cg_idx *)0)->dims[0] };

/* A type of numbers, and how formats write it. */
typedef struct cg_element {
    unsigned char idx; /* IDX's code; 0: IDX has none */
    const char *numpy; /* NumPy's code, without the order of bytes */
    size_t bytes;
    bool whole, negative; /* whole numbers; some may be below 0 */
    const char *name;     /* "32-bit integers" */
} cg_element;

/* NULL where the type is not known. */
const cg_element *cg_element_of_idx(unsigned char code);
const cg_element *cg_element_of_numpy(const char *code);

typedef struct cg_array {
    cg_idx idx; /* data: size elements, as the file has them; sha256: of the array as an IDX file */
    const cg_element *element;
    bool little_endian;
} cg_array;

/* Refuses an array by its type and shape, before its elements are read: CG_ERR_INPUT, logged. */
typedef cg_status cg_array_check(const cg_array *array, const char *path);

/* CG_ERR_INPUT, logged, where the array has no dimension, or more than CG_ARRAY_RANK. */
cg_status cg_array_check_rank(const cg_array *array, const char *path);

/* Stores the header that an IDX file with such an array has: 4 + 4 * rank bytes. */
void cg_array_store_header(unsigned char *header, unsigned char type, size_t rank,
                           const size_t *dims);

/* Reads all that follows in the source as the array's elements; rank, dims and element say how many
 * there are. `check` may refuse them; NULL: none. CG_ERR_INPUT, logged, where they do not fit.
 * Closes nothing. */
cg_status cg_array_read_elements(cg_array *array, cg_source *in, cg_array_check *check);

/* bytes [size / step] = the elements, with `step` from one to the next: each has to be a whole
 * number from 0 to 255. For free(): it is the array's memory, which that has no more. CG_ERR_INPUT,
 * with the path and the place, where one is not. */
cg_status cg_array_to_bytes(unsigned char **bytes, cg_array *array, size_t step, const char *path);

/* A zeroed one is fine. */
void cg_array_deinit(cg_array *array);

#endif
