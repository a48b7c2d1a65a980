/* IDX, the format of the MNIST files: arrays of unsigned bytes, plain or gzip.
 *
 *     00 00 08 RANK   then RANK sizes (32 bit, big-endian)   then the bytes, row-major
 *
 *     cg_idx idx;
 *     if (cg_idx_read(&idx, "data/mnist/train-images-idx3-ubyte.gz") == CG_OK)
 *         printf("%zu images of %zu x %zu pixels\n", idx.dims[0], idx.dims[1], idx.dims[2]);
 *     cg_idx_deinit(&idx);
 *
 * Source: yann.lecun.com/exdb/mnist, "the IDX file format".
 *
 * Threads: any thread may call these functions, several at once, each into an array of its own.
 */
#ifndef CLGAN_IDX_H
#define CLGAN_IDX_H

#include <clgan/status.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_idx {
    size_t rank;         /* 1..4                                             */
    size_t dims[4];      /* each >= 1; those beyond the rank are 0           */
    size_t size;         /* the product of the dims: bytes in data           */
    unsigned char *data; /* owned, for free()                                */
    char sha256[65];     /* of the whole file as unpacked, header included   */
} cg_idx;

/* Reads a file of at most 2 GiB, gzip or plain by its content, whatever its name.
 * CG_ERR_INPUT, logged with the file's name, when it is missing, unreadable, no IDX file of
 * unsigned bytes, shorter or longer than its header says, or damaged gzip. *idx is then zeroed.
 * Memory grows with the bytes that arrive, never with what a header promises. */
CG_API cg_status cg_idx_read(cg_idx *idx, const char *path);

/* Writes the dims' product bytes of data; gzip when the path ends in ".gz". The same data give the
 * same bytes. The file appears whole or not at all.
 * CG_ERR_ARGUMENT when rank or dims do not fit the format or 2 GiB; CG_ERR_WRITE. */
CG_API cg_status cg_idx_write(const char *path, size_t rank, const size_t *dims,
                              const unsigned char *data);

/* Frees the data and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_idx_deinit(cg_idx *idx);

#ifdef __cplusplus
}
#endif
#endif
