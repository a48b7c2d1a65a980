/* The records of a run under way: each goes to its log, to the event file where there is one, and
 * to the caller of cg_train() who asks to be told. */
#ifndef CLGAN_TRAIN_RECORDS_H
#define CLGAN_TRAIN_RECORDS_H

#include "io/events.h"
#include "run/record.h"
#include "run/run.h"
#include "train/step.h"

#include <clgan/runlog.h>
#include <clgan/train.h>

/* A zeroed one is closed. The options and the run are borrowed. */
typedef struct cg_records {
    const cg_train_options *options;
    const cg_run *run;
    cg_runlog *log;
    cg_events *events; /* NULL: none are written */
} cg_records;

/* Opens the run's log, and an event file for what comes after `step` where the options want one. To
 * be given to cg_records_close() whatever the status. CG_ERR_WRITE. */
cg_status cg_records_open(cg_records *records, const cg_run *run, const cg_train_options *options,
                          uint64_t step);
void cg_records_close(cg_records *records);

/* A record of that kind, of the step. */
cg_record cg_records_make(cg_record_kind kind, const cg_step_place *place);

/* Writes the records, which it rounds as the log has them: all or none of them to the log.
 * CG_ERR_WRITE, CG_ERR_MEMORY. */
cg_status cg_records_write(const cg_records *records, cg_record *list, size_t count);

/* When this returns, what was written to the log is on the disk. CG_ERR_WRITE. */
cg_status cg_records_sync(const cg_records *records);

#endif
