/* A log's records, counted. */
#include "train/log_check.h"

#include "run/record.h"

#include <clgan/log.h>
#include <inttypes.h>
#include <math.h>

typedef struct counts {
    const cg_runlog_end *end;
    double last[2];     /* the last step of each kind that was counted */
    uint64_t number[2]; /* of records: of steps, of epochs' ends       */
} counts;

static cg_status count_record(void *user, const cg_record *record)
{
    counts *c = user;
    const double step = record->step;
    bool epoch = record->kind == CG_RECORD_EPOCH;
    bool counted = epoch || (record->kind == CG_RECORD_STEP && step > (double)c->end->first &&
                             fmod(step, (double)c->end->every) == 0);
    if (counted && step > c->last[epoch] && step <= (double)c->end->step) {
        c->last[epoch] = step;
        c->number[epoch]++;
    }
    return CG_OK;
}

cg_status cg_log_check(const char *path, const cg_runlog_end *end, uint64_t epoch_steps)
{
    counts c = {.end = end};
    uint64_t first = end->first < end->step ? end->first : end->step;
    const uint64_t wanted = end->step / end->every - first / end->every + end->step / epoch_steps;
    cg_status status = cg_record_visit(path, count_record, &c);
    uint64_t found = c.number[0] + c.number[1];
    if (status == CG_OK && found < wanted)
        cg_log(CG_LOG_WARNING,
               "%s lacks records of what was done up to step %" PRIu64
               ", where the checkpoint is (missing: %" PRIu64
               "): the file was damaged or replaced, and they are lost",
               path, end->step, wanted - found);
    return status;
}
