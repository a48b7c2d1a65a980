/* safetensors files of float32 tensors, guarded by a hash: what checkpoints are kept in.
 *
 *     header length (64 bit, little-endian)   header (JSON, padded with spaces)   the tensors
 *
 *     cg_safetensors *file;
 *     if (cg_safetensors_read(&file, "runs/001/checkpoints/best.safetensors") == CG_OK)
 *         printf("%zu tensors, first %s\n", cg_safetensors_count(file),
 *                cg_safetensors_at(file, 0)->name);
 *     cg_safetensors_release(file);
 *
 * Any safetensors reader can read them. The metadata entry "hash" is "xxh3-128:" and 32 lower-case
 * digits, over every byte of the file with those digits taken as '0'; a file in which a single bit
 * has changed is refused. Source: github.com/huggingface/safetensors, "Format".
 */
#ifndef CLGAN_SAFETENSORS_H
#define CLGAN_SAFETENSORS_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A named array in host memory, row-major. Borrows its name and data. */
typedef struct cg_host_tensor {
    const char *name;
    size_t rank;    /* 0..4; rank 0 is one number */
    size_t dims[4]; /* those beyond the rank are not used */
    float *data;
} cg_host_tensor;

typedef struct cg_metadata {
    const char *key;
    const char *value;
} cg_metadata;

/* Writes the tensors in the order given, whole or not at all; the same input gives the same bytes.
 * Names and keys must be unique; the key "hash" and the name "__metadata__" are taken.
 * CG_ERR_ARGUMENT on such names, a rank above 4, or more than 1 GiB; CG_ERR_WRITE. */
cg_status cg_safetensors_write(const char *path, const cg_host_tensor *tensors, size_t count,
                               const cg_metadata *metadata, size_t metadata_count);

/* A file that was read and checked. */
typedef struct cg_safetensors cg_safetensors;

/* Reads a file of at most 1 GiB that cg_safetensors_write() wrote, for cg_safetensors_release().
 * Everything is checked before anything is returned: hash, header, shapes, offsets, names.
 * CG_ERR_INPUT, logged with the file's name; *file is then NULL. */
cg_status cg_safetensors_read(cg_safetensors **file, const char *path);

/* True when such a file is there and has the length that its header promises: what a full disk or a
 * broken copy leaves is not. Reads the header alone, and logs nothing. */
bool cg_safetensors_is_whole(const char *path);

/* NULL is fine. */
void cg_safetensors_release(cg_safetensors *file);

/* The tensor of that name, NULL when there is none. Lives as long as the file. */
const cg_host_tensor *cg_safetensors_get(const cg_safetensors *file, const char *name);

/* The number of tensors, and the i-th of them in the file's order. */
size_t cg_safetensors_count(const cg_safetensors *file);
const cg_host_tensor *cg_safetensors_at(const cg_safetensors *file, size_t i);

/* The metadata's value for that key, NULL when there is none. Lives as long as the file. */
const char *cg_safetensors_metadata(const cg_safetensors *file, const char *key);

#ifdef __cplusplus
}
#endif
#endif
