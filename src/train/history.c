/* A run's evaluations, from its log. */
#include "train/history.h"

#include "base/try.h"

#include <cjson/cJSON.h>
#include <clgan/runlog.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double number_of(const cJSON *record, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(record, name));
}

static const char *text_of(const cJSON *record, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
    return text ? text : "";
}

static cg_status add_best(cg_history *h, uint64_t step)
{
    uint64_t *bests = realloc(h->bests, (h->best_count + 1) * sizeof *bests);
    if (!bests)
        return cg_fail(CG_ERR_MEMORY, "out of memory");
    h->bests = bests;
    h->bests[h->best_count++] = step;
    return CG_OK;
}

/* Another classifier or number of samples: what was the best tells nothing about what comes. */
static void take_measure(cg_history *h, const cJSON *record)
{
    char measure[sizeof h->measure];
    snprintf(measure, sizeof measure, "%.80s %.0f", text_of(record, "classifier"),
             number_of(record, "samples"));
    if (strcmp(h->measure, measure) == 0)
        return;
    memcpy(h->measure, measure, sizeof measure);
    h->best_fid = INFINITY;
    h->past = (cg_past){0};
}

static void raise(double *most, double value)
{
    *most = value > *most ? value : *most;
}

static cg_status take_evaluation(cg_history *h, const cJSON *record)
{
    double fid = number_of(record, "fid");
    take_measure(h, record);
    raise(&h->past.recall, number_of(record, "recall"));
    raise(&h->past.coverage, number_of(record, "coverage"));
    h->past.all_classes |= number_of(record, "classes_covered") >= CG_EVALUATE_CLASSES;
    if (!(fid < h->best_fid))
        return CG_OK;
    h->best_fid = fid;
    return add_best(h, (uint64_t)number_of(record, "step"));
}

static void set_warned(cg_history *h, const cJSON *record, bool warned)
{
    for (cg_warning kind = 0; kind < CG_WARNINGS; kind++)
        if (strcmp(text_of(record, "kind"), cg_warning_name(kind)) == 0)
            h->warned[kind] = warned;
}

cg_status cg_history_take(cg_history *h, const char *line)
{
    cg_status status = CG_OK;
    cJSON *record = cJSON_Parse(line);
    const char *type = text_of(record, "type");
    if (strcmp(type, "evaluation") == 0)
        status = take_evaluation(h, record);
    else if (strcmp(type, "warning") == 0)
        set_warned(h, record, true);
    else if (strcmp(type, "cleared") == 0)
        set_warned(h, record, false);
    cJSON_Delete(record);
    return status;
}

static cg_status take_line(void *user, const char *line)
{
    return cg_history_take(user, line);
}

cg_status cg_history_read(cg_history *h, const char *path)
{
    *h = (cg_history){0};
    return cg_runlog_read(path, take_line, h);
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
