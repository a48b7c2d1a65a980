/* The pictures that lie in a run, as the files they are. */
#ifndef CLGAN_REPORT_ALBUM_H
#define CLGAN_REPORT_ALBUM_H

#include "report/chronicle.h"

enum { CG_ALBUM_PICTURES = 100 }; /* at most, evenly chosen */

typedef struct cg_picture_file {
    size_t epoch;
    void *file; /* owned */
    size_t size;
} cg_picture_file;

typedef struct cg_album {
    cg_picture_file *pictures; /* PNG, by epochs; owned */
    size_t count;
    void *gif; /* NULL where there is none; owned */
    size_t gif_size;
} cg_album;

/* Reads them. What the log says must be there and is not, or is no picture, is left out with a
 * note. CG_ERR_MEMORY. To be given to cg_album_deinit() whatever the status. */
cg_status cg_album_read(cg_album *album, cg_chronicle *chronicle);
void cg_album_deinit(cg_album *album);

#endif
