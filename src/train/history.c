/* A run's evaluations, from its log. */
#include "train/history.h"

#include "base/memory.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The step as a number that is counted by: a line of the log may say anything. */
static uint64_t step_of(const cg_record *record)
{
    const double most = 1e15;
    return (uint64_t)fmin(record->step, most);
}

static cg_status add_best(cg_history *h, uint64_t step)
{
    cg_status status = cg_memory_grow(&h->bests, h->best_count, sizeof *h->bests);
    if (status == CG_OK)
        h->bests[h->best_count++] = step;
    return status;
}

/* The best so far is not comparable with scores by another classifier or number of samples. */
static void set_measure(cg_history *h, const cg_record *record)
{
    char measure[sizeof h->measure];
    snprintf(measure, sizeof measure, "%.80s %.0f", record->classifier, record->samples);
    if (strcmp(h->measure, measure) == 0)
        return;
    memcpy(h->measure, measure, sizeof measure);
    h->best_fid = INFINITY;
    h->past = (cg_past){0};
}

static void raise_to(double *most, double value)
{
    *most = value > *most ? value : *most;
}

static void raise_count(size_t *most, double value)
{
    if (value > (double)*most)
        *most = (size_t)fmin(value, CG_EVALUATE_CLASSES);
}

static cg_status add_evaluation(cg_history *h, const cg_record *record)
{
    set_measure(h, record);
    h->before = h->past;
    h->evaluated = step_of(record);
    raise_to(&h->past.recall, record->recall);
    raise_to(&h->past.coverage, record->coverage);
    raise_count(&h->past.classes, record->classes_covered);
    if (!(record->fid < h->best_fid))
        return CG_OK;
    h->best_fid = record->fid;
    return add_best(h, step_of(record));
}

static void set_warned(cg_history *h, const char *name, bool warned)
{
    for (cg_warning kind = 0; kind < CG_WARNINGS; kind++)
        if (strcmp(name, cg_warning_name(kind)) == 0)
            h->warned[kind] = warned;
}

cg_status cg_history_add(cg_history *h, const cg_record *record)
{
    if (record->kind == CG_RECORD_EPOCH)
        h->ended = step_of(record);
    if (record->kind == CG_RECORD_EVALUATION)
        return add_evaluation(h, record);
    if (record->kind == CG_RECORD_WARNING || record->kind == CG_RECORD_CLEARED)
        set_warned(h, record->warning, record->kind == CG_RECORD_WARNING);
    return CG_OK;
}

static cg_status add_record(void *user, const cg_record *record)
{
    return cg_history_add(user, record);
}

cg_status cg_history_read(cg_history *h, const char *path)
{
    *h = (cg_history){0};
    return cg_record_visit(path, add_record, h);
}

void cg_history_deinit(cg_history *h)
{
    free(h->bests);
    *h = (cg_history){0};
}

uint64_t cg_history_best(const cg_history *h)
{
    return h->best_count ? h->bests[h->best_count - 1] : 0;
}
