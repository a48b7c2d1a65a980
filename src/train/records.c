/* Records, on their ways. */
#include "train/records.h"

#include "base/text.h"
#include "base/try.h"
#include "train/tensorboard.h"

#include <stdlib.h>
#include <string.h>

cg_status cg_records_open(cg_records *records, const cg_run *run, const cg_train_options *options,
                          uint64_t step)
{
    cg_status status = CG_OK;
    char *path = NULL;
    *records = (cg_records){.options = options, .run = run};
    CG_TRY(cg_run_path(&path, run, CG_RUN_LOG));
    CG_TRY(cg_runlog_open(&records->log, path));
    if (options->tensorboard)
        CG_TRY(cg_events_create(&records->events, run->path, step + 1));
done:
    free(path);
    return status;
}

void cg_records_close(cg_records *records)
{
    cg_runlog_release(records->log);
    cg_events_release(records->events);
    *records = (cg_records){0};
}

cg_record cg_records_make(cg_record_kind kind, const cg_step_place *place)
{
    cg_record record = cg_record_make(kind);
    record.step = (double)place->step;
    record.epoch = (double)place->epoch;
    return record;
}

/* Tells the caller of each record by itself. Line ends become 0. */
static void tell_caller(const cg_train_options *options, char *lines)
{
    for (char *line = lines, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        options->log(options->user, line);
    }
}

cg_status cg_records_write(const cg_records *records, cg_record *list, size_t count)
{
    cg_status status = CG_OK;
    cg_text lines = {0};
    if (!count)
        return CG_OK;
    for (size_t i = 0; i < count; i++) {
        cg_record_round(&list[i]);
        if (i)
            cg_text_add(&lines, "\n", 1);
        cg_record_print(&lines, &list[i]);
    }
    CG_TRY(lines.status);
    CG_TRY(cg_runlog_append(records->log, lines.data));
    for (size_t i = 0; records->events && i < count; i++)
        CG_TRY(cg_tensorboard_add(records->events, records->run, &list[i]));
    if (records->options->log)
        tell_caller(records->options, lines.data);
done:
    cg_text_deinit(&lines);
    return status;
}

cg_status cg_records_sync(const cg_records *records)
{
    return cg_runlog_sync(records->log);
}
