/* The pictures that lie in a run, as the files they are. */
#ifndef CLGAN_REPORT_RUN_PICTURES_H
#define CLGAN_REPORT_RUN_PICTURES_H

#include "report/run_data.h"

enum { CG_RUN_PICTURES = 100 }; /* at most, evenly chosen */

typedef struct cg_picture_file {
    size_t epoch;
    void *file; /* owned */
    size_t size;
} cg_picture_file;

typedef struct cg_run_pictures {
    cg_picture_file *pictures; /* PNG, by epochs; owned */
    size_t count;
    void *gif; /* NULL where there is none; owned */
    size_t gif_size;
} cg_run_pictures;

/* Reads the pictures. One that the log names and that is missing or damaged is left out with a
 * note. CG_ERR_MEMORY. To be given to cg_run_pictures_deinit() whatever the status. */
cg_status cg_run_pictures_read(cg_run_pictures *pictures, cg_run_data *run);
void cg_run_pictures_deinit(cg_run_pictures *pictures);

#endif
