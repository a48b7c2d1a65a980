/* The kind of a file that was taken for another one, by its first bytes. */
#ifndef CLGAN_IO_FILE_KIND_H
#define CLGAN_IO_FILE_KIND_H

#include <stddef.h>

enum {
    CG_FILE_KIND_BYTES = 512
}; /* the first bytes of a file, which are enough to tell its kind */

/* A kind of file that holds no images of a data set, or not yet. */
typedef struct cg_file_kind {
    const char *what;  /* "an HTML page"                                     */
    const char *helps; /* what to do with it: ": download it again"; "" else */
} cg_file_kind;

/* The kind of a file that begins with these bytes; NULL where it is not known. Static. */
const cg_file_kind *cg_file_kind_find(const unsigned char *bytes, size_t size);

/* The kind of the file at `path`, or of what it holds packed by gzip; NULL where that cannot be
 * told or read. Logs nothing. */
const cg_file_kind *cg_file_kind_read(const char *path);

#endif
