/* Pictures are decoded before they go into a page, as a browser shows nothing for a damaged one,
 * without a message. The animation is looked at from both ends alone: what is missing or cut is
 * seen, and a frame that is damaged is not. */
#include "report/run_pictures.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "run/numbered.h"

#include <clgan/image.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20, MOST_EPOCHS = 1000000 };

/* The picture's bytes; *file is NULL when it is none. */
static cg_status read_picture(void **file, size_t *size, const char *path)
{
    cg_image image = {0};
    cg_status status = cg_png_read(&image, path);
    cg_image_deinit(&image);
    *file = NULL;
    return status == CG_OK ? cg_file_read(file, size, path, FILE_LIMIT) : cg_file_forgive(status);
}

static cg_status has_picture(bool *there, const cg_run_data *run, size_t epoch)
{
    char *path = NULL;
    cg_status status = cg_run_picture_path(&path, &run->run, epoch);
    *there = false;
    if (status == CG_OK)
        status = cg_file_find(there, path);
    free(path);
    return status;
}

static cg_status add_picture(cg_run_pictures *pictures, cg_run_data *run, size_t epoch)
{
    cg_status status = CG_OK;
    cg_picture_file *picture = &pictures->pictures[pictures->count];
    char *path = NULL;
    picture->epoch = epoch;
    CG_TRY(cg_run_picture_path(&path, &run->run, epoch));
    CG_TRY(read_picture(&picture->file, &picture->size, path));
    if (picture->file)
        pictures->count++;
    else
        cg_run_data_note(run, "images/image_at_epoch_%04zu.png is damaged: left out", epoch);
done:
    free(path);
    return status;
}

/* *epochs [*count] = those that have a picture, for free(). Every epoch that the log has should
 * have one. */
static cg_status list_epochs(uint64_t **epochs, size_t *count, cg_run_data *run)
{
    cg_status status = CG_OK;
    size_t files, kept = 0;
    double done = cg_track_most(&run->tracks[CG_RECORD_EPOCH], CG_EPOCH_NUMBER), shown = 0;
    CG_TRY(cg_run_picture_epochs(epochs, &files, &run->run));
    for (size_t i = 0; i < files; i++) {
        const uint64_t epoch = (*epochs)[i];
        bool there, again = kept && (*epochs)[kept - 1] == epoch;
        if (again || epoch < 1 || epoch > MOST_EPOCHS)
            continue;
        CG_TRY(has_picture(&there, run, (size_t)epoch));
        if (!there)
            continue;
        (*epochs)[kept++] = epoch;
        shown += (double)epoch <= done;
    }
    *count = kept;
    if (shown < done)
        cg_run_data_note(run, "images: %.15g of %.15g epochs have no picture there", done - shown,
                         done);
done:
    return status;
}

static cg_status read_pictures(cg_run_pictures *pictures, cg_run_data *run)
{
    cg_status status = CG_OK;
    uint64_t *epochs = NULL;
    size_t count = 0, chosen;
    CG_TRY(list_epochs(&epochs, &count, run));
    chosen = count < CG_RUN_PICTURES ? count : CG_RUN_PICTURES;
    CG_TRY(cg_memory_create(&pictures->pictures, chosen, sizeof *pictures->pictures));
    for (size_t i = 0; i < chosen; i++) /* evenly, with the last one */
        CG_TRY(add_picture(pictures, run, (size_t)epochs[(i + 1) * count / chosen - 1]));
    if (chosen < count)
        cg_run_data_note(run, "images: %zu of %zu are shown", chosen, count);
done:
    free(epochs);
    return status;
}

static bool is_gif(const char *file, size_t size)
{
    return file && size >= 14 && memcmp(file, "GIF89a", 6) == 0 && file[size - 1] == ';';
}

static cg_status read_gif(cg_run_pictures *pictures, cg_run_data *run)
{
    cg_status status = CG_OK;
    char *path = NULL;
    bool there;
    CG_TRY(cg_run_path(&path, &run->run, CG_RUN_GIF));
    CG_TRY(cg_file_find(&there, path));
    if (!there) {
        cg_run_data_note(run, "dcgan.gif is not there: the animation is left out");
        goto done;
    }
    status = cg_file_read(&pictures->gif, &pictures->gif_size, path, FILE_LIMIT);
    CG_TRY(cg_file_forgive(status));
    if (!is_gif(pictures->gif, pictures->gif_size)) {
        cg_run_data_note(run, "dcgan.gif is damaged: the animation is left out");
        free(pictures->gif);
        pictures->gif = NULL;
    }
done:
    free(path);
    return status;
}

cg_status cg_run_pictures_read(cg_run_pictures *pictures, cg_run_data *run)
{
    cg_status status = CG_OK;
    *pictures = (cg_run_pictures){0};
    CG_TRY(read_pictures(pictures, run));
    CG_TRY(read_gif(pictures, run));
done:
    return status;
}

void cg_run_pictures_deinit(cg_run_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        free(pictures->pictures[i].file);
    free(pictures->pictures);
    free(pictures->gif);
    *pictures = (cg_run_pictures){0};
}
