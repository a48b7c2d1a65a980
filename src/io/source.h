/* The bytes of a file, or of a part of it, unpacked on the way where they are packed.
 *
 *     cg_source in = {0};
 *     CG_TRY(cg_source_open(&in, path));
 *     CG_TRY(cg_source_read(&in, header, sizeof header, &got));
 *     CG_TRY(cg_source_finish(&in, &data, 0, promised));
 *     cg_source_close(&in);
 *
 * Files are read as they are, which is bounded by their own size. Memory for unpacked bytes grows
 * with what arrives, never with what a header promises.
 */
#ifndef CLGAN_IO_SOURCE_H
#define CLGAN_IO_SOURCE_H

#include "io/file_kind.h"

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define CG_SOURCE_MOST ((size_t)1 << 31) /* bytes of a file, and of what is unpacked from it */

/* A packed file may hold this many bytes, and a large one this many times its own: MNIST's images
 * are packed 5 times, and no data set fills a machine's memory from a file of a megabyte. */
#define CG_SOURCE_UNPACKED ((size_t)48 << 20)
enum { CG_SOURCE_RATIO = 16 };

typedef enum cg_packing {
    CG_PACKING_NONE,
    CG_PACKING_GZIP,   /* members behind each other, and zero bytes behind the last */
    CG_PACKING_DEFLATE /* as members of ZIP archives are                            */
} cg_packing;

/* Not to be copied: zlib keeps its address. */
typedef struct cg_source {
    const char *path;           /* borrowed; for messages                                     */
    unsigned char *file;        /* the file as it is; owned; NULL for a part of another source */
    const unsigned char *bytes; /* [size], as they are packed                                 */
    size_t size, position;      /* position: the plain bytes given out so far                 */
    cg_packing packing;
    bool finished; /* packed: the data's end was reached, and its checksum is right */
    bool cut;      /* packed: the bytes end before the data do                      */
    unsigned char head[CG_FILE_KIND_BYTES]; /* packed: the first bytes, unpacked already */
    size_t head_size, head_used;
    z_stream stream;
} cg_source;

/* Opens a file of at most CG_SOURCE_MOST bytes, plain or gzip by its content. CG_ERR_INPUT, logged,
 * where it is missing, unreadable, empty or damaged from the start. To be closed whatever the
 * status. */
cg_status cg_source_open(cg_source *in, const char *path);

/* Opens `size` bytes of a plain source, which is to stay open. */
cg_status cg_source_open_part(cg_source *in, const cg_source *whole, size_t offset, size_t size,
                              cg_packing packing);

/* Opens plain bytes, and closes the source that they are a part of, which gives its memory: whoever
 * reads all of them needs no second copy. */
void cg_source_move_part(cg_source *in, cg_source *whole, size_t offset, size_t size);

/* Accepts {0}. */
void cg_source_close(cg_source *in);

/* The first unpacked bytes, *size of them: up to CG_FILE_KIND_BYTES. */
const unsigned char *cg_source_peek(const cg_source *in, size_t *size);

/* *got = the bytes written to out, fewer than size only at the end. size < 4 GiB. CG_ERR_INPUT. */
cg_status cg_source_read(cg_source *in, unsigned char *out, size_t size, size_t *got);

/* *data = room for `prefix` bytes, then all bytes that are left, for free(). They have to be `size`
 * bytes, 1 to CG_SOURCE_MOST: CG_ERR_INPUT, logged, where there are fewer or more, or far more than
 * the packed file's size. The source may give its memory away, and is then at its end. */
cg_status cg_source_finish(cg_source *in, unsigned char **data, size_t prefix, size_t size);

/* Logs that the file is something else than `wanted` ("an IDX file"), and what it is, where that is
 * known. CG_ERR_INPUT. */
cg_status cg_source_refuse(const cg_source *in, const char *wanted);

#endif
