/* The candidates of layers: each is compared with the reference, built and probed at a small batch,
 * then timed in turn with the best so far. Between these the time is looked at: a candidate for
 * which it is over has not been tried. */
#include "bench/tune_layers.h"

#include "base/memory.h"
#include "base/try.h"
#include "bench/candidates.h"
#include "bench/device_check.h"
#include "nn/choice.h"
#include "nn/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_BATCH = 8, LAYERS = 8 };

static const double too_slow = 2;     /* times the best: not worth a run at the full batch ... */
static const double bearable = .1;    /* ... unless that takes no more seconds */
static const double least_rounds = 3; /* for which there must be time */

/* ---- one candidate --------------------------------------------------------------------------- */

/* The stages of a name that have a choice, run one after the other. */
typedef struct layer {
    cg_network *net;
    const char *name;
    double seconds, probed; /* with the best choice, at the full and at a small batch; 0: not yet */
} layer;

static bool is_stage_in(const cg_stage *stage, const layer *l)
{
    return cg_stage_has_choice(stage) && strcmp(stage->name, l->name) == 0;
}

static cg_status enqueue_layer(void *user)
{
    const layer *l = user;
    cg_status status = CG_OK;
    for (size_t i = 0; i < CG_STAGES && status == CG_OK; i++)
        if (is_stage_in(&cg_stages[i], l))
            status = cg_stage_run(&cg_stages[i], l->net);
    return status;
}

static bool is_stage_of(const cg_candidate *c, const cg_stage *stage, const layer *l)
{
    return is_stage_in(stage, l) && (!c->only || c->only == stage);
}

/* Compares a stage's results by the choice, which is the stage's name-th algorithm, with the
 * reference, once. */
static cg_status check_stage(bool *right, cg_tuner *t, const cg_choice *choice, size_t stage,
                             size_t name)
{
    const cg_stage *s = &cg_stages[stage];
    cg_bench_check check = {.ok = true};
    cg_status status = CG_OK;
    if (t->verdicts[stage][name] == CG_UNKNOWN) {
        t->candidates++;
        status = cg_device_check_stage(&check, t->rt, s, choice);
        t->verdicts[stage][name] = check.ok ? CG_RIGHT : CG_WRONG;
    }
    if (!check.ok) {
        t->wrong++;
        cg_log(CG_LOG_WARNING, "%s computes wrong results with %s/%s=%s, which is not chosen: %s",
               t->rt->info.name, s->name, cg_pass_names[s->pass], cg_stage_algorithm(s, choice),
               check.message);
    }
    *right = t->verdicts[stage][name] == CG_RIGHT;
    return status == CG_ERR_MEMORY ? status : CG_OK; /* what cannot be run is wrong, too */
}

/* other = the best choice with the candidate in it. *wanted = that is another one, and right. */
static cg_status place_candidate(bool *wanted, cg_choice *other, cg_tuner *t, const layer *l,
                                 const cg_candidate *c)
{
    cg_status status = CG_OK;
    bool right = true, differs = false;
    *other = t->best;
    for (size_t i = 0; i < CG_STAGES && right; i++) {
        if (!is_stage_of(c, &cg_stages[i], l))
            continue;
        other->algorithms[i] = cg_choice_name_at(&cg_stages[i], c->name);
        if (strcmp(other->algorithms[i], t->best.algorithms[i]) == 0)
            continue;
        differs = true;
        if (cg_budget_is_over(&t->budget))
            break; /* the candidate is not tried */
        CG_TRY(check_stage(&right, t, other, i, c->name));
    }
    *wanted = right && differs;
done:
    return status;
}

/* *seconds = of the layer at a small batch with that choice, which the network keeps; builds its
 * kernels. */
static cg_status measure_small_batch(double *seconds, cg_tuner *t, layer *l,
                                     const cg_choice *choice)
{
    cg_status status = CG_OK;
    cg_network *net = l->net;
    size_t batch = net->max_reals, small = batch < PROBE_BATCH ? batch : PROBE_BATCH;
    cg_times times;
    cg_network_set_batch(net, small, small);
    CG_TRY(cg_tuner_build_choice(t, choice, enqueue_layer, l));
    CG_TRY(cg_tuner_measure(&times, t, enqueue_layer, l));
    *seconds = times.min;
done:
    cg_network_set_batch(net, batch, batch);
    return status;
}

/* True when a choice that needs `probed` seconds at a small batch is not worth a run at the full
 * one: it is far behind the best, and the run would be long. */
static bool is_too_slow(const layer *l, double probed)
{
    double images = fmax((double)l->net->max_reals / PROBE_BATCH, 1);
    return probed > too_slow * l->probed && probed * images > bearable;
}

/* The name of a candidate's operation: "g.convt1", "g.convt1/fwd". */
static void name_operation(char name[CG_TUNE_NAME], const layer *l, const cg_candidate *c)
{
    snprintf(name, CG_TUNE_NAME, "%s%s%s", l->name, c->only ? "/" : "",
             c->only ? cg_pass_names[c->only->pass] : "");
}

/* Times a candidate that is right. *tried = there was time for it. */
static cg_status time_candidate(bool *tried, cg_tuner *t, layer *l, const cg_candidate *c,
                                const cg_choice *other)
{
    cg_status status = CG_OK;
    cg_times times[2];
    double probed, seconds;
    bool won;
    char name[CG_TUNE_NAME];

    if (!(l->probed > 0))
        CG_TRY(measure_small_batch(&l->probed, t, l, &t->best));
    CG_TRY(measure_small_batch(&probed, t, l, other));
    *tried = !cg_budget_is_over(&t->budget);
    if (!*tried || is_too_slow(l, probed))
        goto done;
    CG_TRY(
        cg_tuner_build_choice(t, other, enqueue_layer, l)); /* what this batch needs beyond that */
    seconds = CG_TUNER_MOST_SHARE * cg_budget_left(&t->budget);
    *tried = seconds >= least_rounds * 2 * l->seconds;
    if (!*tried)
        goto done;
    CG_TRY(cg_tuner_compare(&won, times, t, other, enqueue_layer, l, seconds));
    l->seconds = won ? times[1].median : times[0].median;
    name_operation(name, l, c);
    cg_log(won ? CG_LOG_INFO : CG_LOG_DEBUG, "%s: %s=%s: %.3f instead of %.3f ms%s", t->rt->info.id,
           name, cg_choice_name_at(c->only ? c->only : cg_stage_named(l->name), c->name),
           1e3 * times[1].median, 1e3 * times[0].median, won ? ": taken" : "");
done:
    return status;
}

/* The candidates of all layers. */
typedef struct layer_list {
    cg_tuner *tuner;
    layer layers[LAYERS];
    size_t layer_count;
    cg_candidate *items; /* owned */
    size_t count;
} layer_list;

static cg_status try_candidate(void *user, size_t i)
{
    layer_list *list = user;
    cg_tuner *t = list->tuner;
    const cg_candidate *c = &list->items[i];
    layer *l = &list->layers[c->layer];
    cg_choice other;
    bool wanted, tried = true;
    cg_status status = place_candidate(&wanted, &other, t, l, c);
    if (status == CG_OK && wanted) {
        tried = !cg_budget_is_over(&t->budget);
        if (tried)
            status = time_candidate(&tried, t, l, c, &other);
        t->untried += !tried;
    }
    return status;
}

/* ---- all candidates -------------------------------------------------------------------------- */

/* True when the algorithm serves all stages of the candidate. */
static bool candidate_suits(const cg_candidate *c, const layer *l)
{
    for (size_t i = 0; i < CG_STAGES; i++)
        if (is_stage_of(c, &cg_stages[i], l) &&
            !cg_choice_suits(l->net->rt, &l->net->choice, &cg_stages[i],
                             cg_choice_name_at(&cg_stages[i], c->name)))
            return false;
    return true;
}

/* Adds what suits a layer, or one of its stages. */
static cg_status add_candidates(layer_list *list, size_t index, const cg_stage *only)
{
    cg_status status = CG_OK;
    const layer *l = &list->layers[index];
    const cg_stage *stage = only ? only : cg_stage_named(l->name);
    const char *shipped = cg_stage_algorithm(stage, &list->tuner->shipped), *name;
    for (size_t i = 0; i < CG_TUNER_NAMES && (name = cg_choice_name_at(stage, i)); i++) {
        cg_candidate c = {.layer = index,
                          .weight = l->seconds,
                          .only = only,
                          .name = i,
                          .promise = cg_candidate_promise(name, shipped)};
        if (!candidate_suits(&c, l))
            continue;
        CG_TRY(cg_memory_grow(&list->items, list->count, sizeof *list->items));
        list->items[list->count++] = c;
    }
done:
    return status;
}

static cg_status list_candidates(layer_list *list)
{
    cg_status status = CG_OK;
    for (size_t index = 0; index < list->layer_count; index++) {
        size_t before = list->count;
        const layer *l = &list->layers[index];
        CG_TRY(add_candidates(list, index, NULL));
        for (size_t i = 0; i < CG_STAGES; i++)
            if (is_stage_in(&cg_stages[i], l))
                CG_TRY(add_candidates(list, index, &cg_stages[i]));
        cg_log(CG_LOG_INFO, "%s: %s, %zu candidates", list->tuner->rt->info.id, l->name,
               list->count - before);
    }
    cg_candidates_sort(list->items, list->count);
done:
    return status;
}

/* Measures each layer by the best choice, as long as there is time. */
static cg_status list_layers(layer_list *list)
{
    cg_status status = CG_OK;
    cg_tuner *t = list->tuner;
    for (size_t i = 0; i < CG_STAGES && list->layer_count < LAYERS; i++) {
        layer *l = &list->layers[list->layer_count];
        cg_times times;
        if (!cg_stage_has_choice(&cg_stages[i]))
            continue;
        if (cg_stage_named(cg_stages[i].name) != &cg_stages[i])
            continue; /* not its first */
        if (cg_budget_is_over(&t->budget))
            break;
        *l = (layer){.net = t->workload.net, .name = cg_stages[i].name};
        CG_TRY(cg_tuner_build_choice(t, &t->best, enqueue_layer, l));
        CG_TRY(cg_tuner_measure(&times, t, enqueue_layer, l));
        l->seconds = times.min;
        list->layer_count++;
    }
done:
    return status;
}

cg_status cg_tune_layers(cg_tuner *tuner)
{
    cg_status status = CG_OK;
    layer_list list = {.tuner = tuner};
    size_t tried = 0;
    cg_network *net = tuner->workload.net;

    /* A layer's time is then its own, and does not depend on the others' choice. */
    net->maps_only = true;
    CG_TRY(cg_network_apply(net, &tuner->best));
    CG_TRY(list_layers(&list));
    CG_TRY(list_candidates(&list));
    CG_TRY(cg_budget_spend(&tried, &tuner->budget, 0, list.count, try_candidate, &list));
    tuner->untried += list.count - tried;
    net->maps_only = false;
    CG_TRY(cg_network_apply(net, &tuner->best));
done:
    net->maps_only = false;
    free(list.items);
    return status;
}
