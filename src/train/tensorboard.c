/* Records as scalars. A resume truncates nothing: its file has the step at which it starts, and
 * TensorBoard discards records of earlier files from that step on. */
#include "train/tensorboard.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <clgan/image.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TAG = 64, PICTURE_LIMIT = 64 << 20 };

/* Lists the record's numbers, as far as they were measured; its place in the run is no number of
 * its own. */
static size_t list_numbers(cg_scalar scalars[CG_RECORD_FIELDS], char tags[CG_RECORD_FIELDS][TAG],
                           const cg_record *record)
{
    size_t count = 0;
    const cg_record_spec *spec = &cg_record_specs[record->kind];
    for (const cg_record_field *f = spec->fields; f->key; f++) {
        double number = cg_record_number(record, f->key);
        if (f->type != CG_FIELD_NUMBER || !isfinite(number))
            continue;
        snprintf(tags[count], TAG, "%s/%s", spec->type, f->key);
        scalars[count] = (cg_scalar){tags[count], (float)number};
        count++;
    }
    return count;
}

static cg_status add_picture(cg_events *events, const cg_run *run, uint64_t step, size_t epoch)
{
    cg_status status = CG_OK;
    char *path = NULL;
    void *png = NULL;
    size_t size;
    cg_image image = {0};
    CG_TRY(cg_run_picture_path(&path, run, epoch));
    CG_TRY(cg_png_read(&image, path));
    CG_TRY(cg_file_read(&png, &size, path, PICTURE_LIMIT));
    const cg_event_picture picture = {"pictures", png, size, image.width, image.height};
    CG_TRY(cg_events_add_picture(events, step, &picture));
done:
    cg_image_deinit(&image);
    free(png);
    free(path);
    return status;
}

cg_status cg_tensorboard_add(cg_events *events, const cg_run *run, const cg_record *record)
{
    cg_status status = CG_OK;
    cg_scalar scalars[CG_RECORD_FIELDS];
    char tags[CG_RECORD_FIELDS][TAG];
    const uint64_t step = (uint64_t)record->step;
    size_t count = list_numbers(scalars, tags, record);
    if (count)
        CG_TRY(cg_events_add_scalars(events, step, scalars, count));
    if (record->kind == CG_RECORD_EPOCH)
        CG_TRY(add_picture(events, run, step, (size_t)record->epoch));
done:
    return status;
}
