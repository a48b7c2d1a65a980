/* The candidates of whole steps: results are compared with the reference, kernels built stage by
 * stage, then steps timed in turn with the best choice so far. */
#include "bench/tune_steps.h"

#include "base/memory.h"
#include "base/try.h"
#include "bench/device_check.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "nn/tuning.h"
#include "ocl/runtime.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 8 };

/* Choices for whole steps, and what they are called. */
typedef struct step_list {
    cg_tuner *tuner;
    cg_budget budget;
    struct {
        char text[CG_CHOICE_TEXT]; /* as cg_choice_parse() takes it */
        char name[32];
        bool stored;
    } items[STEPS];
    size_t count;
} step_list;

/* *right = the results by that choice agree with the reference. */
static cg_status check_step(bool *right, step_list *list, const char *text, const char *name)
{
    cg_tuner *t = list->tuner;
    cg_bench_check check;
    cg_status status =
        cg_device_check_run(&check, t->rt, text, false, t->workload.net->max_reals, &list->budget);
    *right = check.ok;
    if (status != CG_OK)
        return status;
    t->candidates++;
    if (!check.ok) {
        t->wrong++;
        cg_log(CG_LOG_WARNING, "%s computes wrong results with %s, which is not chosen: %s",
               t->rt->info.name, name, check.message);
    }
    return CG_OK;
}

/* other = the best choice with what the text names. */
static cg_status place_text(cg_choice *other, const cg_tuner *t, const char *text)
{
    cg_choice named;
    cg_status status = cg_choice_parse(&named, t->rt, text, false);
    *other = t->best;
    for (size_t i = 0; status == CG_OK && i < CG_STAGES; i++)
        if (named.algorithms[i])
            other->algorithms[i] = named.algorithms[i];
    if (named.vec)
        other->vec = named.vec;
    return status;
}

static cg_status try_step(void *user, size_t i)
{
    cg_status status = CG_OK;
    step_list *list = user;
    cg_tuner *t = list->tuner;
    const char *name = list->items[i].name;
    cg_choice other;
    cg_times times[2];
    char text[CG_CHOICE_TEXT];
    bool right, won;

    CG_TRY(place_text(&other, t, list->items[i].text));
    if (cg_tuner_is_same(&t->best, &other))
        goto tried;
    CG_TRY(cg_choice_describe(text, t->rt, &other));
    cg_log(CG_LOG_INFO, "%s: %s, %.0f s left", t->rt->info.id, name, cg_budget_left(&t->budget));
    CG_TRY(check_step(&right, list, text, name));
    if (!right)
        goto tried;
    CG_TRY(cg_tuner_build_step(t, &other, &list->budget));
    CG_TRY(cg_tuner_build_choice(t, &other, cg_workload_enqueue, &t->workload));
    CG_TRY(cg_budget_is_over(&list->budget) ? CG_ERR_STOPPED : CG_OK);
    CG_TRY(cg_tuner_compare(&won, times, t, &other, cg_workload_enqueue, &t->workload,
                            CG_TUNER_MOST_SHARE * cg_budget_left(&list->budget)));
    cg_log(CG_LOG_INFO, "%s: a step takes %.3f ms with %s, %.3f ms without%s", t->rt->info.id,
           1e3 * times[1].median, name, 1e3 * times[0].median, won ? ": taken" : "");
tried:
    t->stored_waits &= !list->items[i].stored;
done:
    if (status == CG_ERR_STOPPED) {
        t->untried++;
        status = CG_OK;
    }
    return status;
}

/* The choice that is stored for the device comes first: it has won here before. */
static cg_status list_steps(step_list *list)
{
    cg_tuner *t = list->tuner;
    bool found;
    cg_status status = cg_tuning_find(&found, list->items[0].text, t->rt);
    if (found) {
        snprintf(list->items[0].name, sizeof list->items[0].name, "what is stored");
        list->items[0].stored = t->stored_waits = true;
        list->count = 1;
    }
    for (const size_t *width = cg_runtime_widths(t->rt) + 1; *width && list->count < STEPS;
         width++) {
        size_t i = list->count++;
        snprintf(list->items[i].name, sizeof list->items[i].name, "vec=%zu", *width);
        snprintf(list->items[i].text, sizeof list->items[i].text, "vec=%zu", *width);
    }
    return status;
}

cg_status cg_tune_steps(cg_tuner *tuner, double share)
{
    cg_status status = CG_OK;
    size_t tried;
    step_list *list = NULL;
    CG_TRY(cg_memory_create(&list, 1, sizeof *list));
    list->tuner = tuner;
    list->budget = cg_budget_share(&tuner->budget, share);
    CG_TRY(list_steps(list));
    CG_TRY(cg_budget_spend(&tried, &list->budget, tuner->prepared, list->count, try_step, list));
    tuner->untried += list->count - tried;
    CG_TRY(cg_network_apply(tuner->workload.net, &tuner->best));
done:
    free(list);
    return status;
}
