/* A resume takes nothing back here: its own file says at which step it starts, and TensorBoard
 * forgets what earlier files hold of that step and later ones. */
#include "train/tensorboard.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <cjson/cJSON.h>
#include <clgan/image.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 32, TAG = 64, PICTURE_LIMIT = 64 << 20 };

cg_status cg_tensorboard_open(cg_trainer *t)
{
    return t->options->tensorboard ? cg_events_create(&t->events, t->run.path, t->step + 1) : CG_OK;
}

void cg_tensorboard_close(cg_trainer *t)
{
    cg_events_release(t->events);
    t->events = NULL;
}

/* The numbers of a record; where it is in the run is no number of its own. */
static size_t list_numbers(cg_scalar *scalars, char (*tags)[TAG], const cJSON *record,
                           const char *type)
{
    size_t count = 0;
    const cJSON *value;
    cJSON_ArrayForEach (value, record) {
        bool place = strcmp(value->string, "step") == 0 || strcmp(value->string, "epoch") == 0;
        if (!cJSON_IsNumber(value) || place || count == MOST_NUMBERS)
            continue;
        snprintf(tags[count], TAG, "%s/%s", type, value->string);
        scalars[count] = (cg_scalar){tags[count], (float)value->valuedouble};
        count++;
    }
    return count;
}

static cg_status add_picture(cg_trainer *t, uint64_t step, size_t epoch)
{
    cg_status status = CG_OK;
    char *path = NULL;
    void *png = NULL;
    size_t size;
    cg_image image = {0};
    CG_TRY(cg_run_picture_path(&path, &t->run, epoch));
    CG_TRY(cg_png_read(&image, path));
    CG_TRY(cg_file_read(&png, &size, path, PICTURE_LIMIT));
    const cg_event_picture picture = {"pictures", png, size, image.width, image.height};
    CG_TRY(cg_events_add_picture(t->events, step, &picture));
done:
    cg_image_deinit(&image);
    free(png);
    free(path);
    return status;
}

cg_status cg_tensorboard_record(cg_trainer *t, const char *line)
{
    cg_status status = CG_OK;
    cg_scalar scalars[MOST_NUMBERS];
    char tags[MOST_NUMBERS][TAG];
    if (!t->events)
        return CG_OK;
    cJSON *record = cJSON_Parse(line);
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
    double step = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(record, "step"));
    double epoch = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(record, "epoch"));
    if (!type) {
        status = cg_fail(CG_ERR_ARGUMENT, "a record without a type: %s", line);
        goto done;
    }
    size_t count = list_numbers(scalars, tags, record, type);
    if (count)
        CG_TRY(cg_events_add_scalars(t->events, (uint64_t)step, scalars, count));
    if (strcmp(type, "epoch") == 0)
        CG_TRY(add_picture(t, (uint64_t)step, (size_t)epoch));
done:
    cJSON_Delete(record);
    return status;
}
