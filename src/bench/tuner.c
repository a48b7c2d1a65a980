/* Candidates: compared with the reference, built and probed at a small batch, then timed in turn
 * with the best so far. */
#include "bench/tuner.h"

#include "base/clock.h"
#include "base/phase.h"
#include "base/try.h"
#include "bench/device_check.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "ocl/runtime.h"

#include <stdio.h>
#include <string.h>

enum { PROBE_BATCH = 8, LAYERS = 8, CANDIDATES = 128 };

static const double too_slow = 2;     /* times the best: not worth a run at the full batch ... */
static const double bearable = .1;    /* ... unless that takes no more seconds */
static const double least_rounds = 3; /* for which there must be time */

/* The seconds since `start` were measuring. */
static void count_measuring(cg_tuner *t, double start)
{
    double took = cg_clock_seconds() - start;
    t->measured += took;
    t->left -= took;
}

cg_status cg_tuner_build(cg_tuner *tuner, const cg_choice *choice, cg_measured *enqueue, void *user)
{
    cg_status status = CG_OK;
    CG_TRY(cg_network_apply(tuner->workload.net, choice));
    CG_TRY(enqueue(user));
    CG_TRY(cg_runtime_finish(tuner->rt));
done:
    return status;
}

cg_status cg_tuner_compare(bool *won, cg_times times[2], cg_tuner *tuner, const cg_choice *other,
                           cg_measured *enqueue, void *user, double seconds)
{
    const cg_choice *const choices[2] = {&tuner->best, other};
    double start = cg_clock_seconds();
    cg_status status = CG_OK;
    *won = true;
    for (int match = 0; match < 2 && *won && status == CG_OK; match++) {
        status = cg_ab_test(times, tuner->workload.net, choices, enqueue, user, seconds / 2);
        *won = status == CG_OK && cg_ab_test_is_won(times);
    }
    count_measuring(tuner, start);
    if (*won)
        tuner->best = *other;
    return status;
}

/* ---- the width ------------------------------------------------------------------------------- */

static cg_status try_width(cg_tuner *t, size_t width, double seconds)
{
    cg_status status = CG_OK;
    cg_bench_check check;
    cg_choice other = t->best;
    cg_times times[2];
    char text[32];
    bool won;

    other.vec = width;
    snprintf(text, sizeof text, "vec=%zu", width);
    cg_log(CG_LOG_INFO, "%s: vectors of %zu floats, %.0f s left", t->rt->info.id, width, t->left);
    t->candidates++;
    CG_TRY(cg_device_check_run(&check, t->rt, text));
    if (!check.ok) {
        t->wrong++;
        cg_log(CG_LOG_WARNING, "%s computes wrong results with %s, which is not chosen: %s",
               t->rt->info.name, text, check.message);
        goto done;
    }
    CG_TRY(cg_tuner_build(t, &other, cg_workload_enqueue, &t->workload));
    CG_TRY(cg_tuner_compare(&won, times, t, &other, cg_workload_enqueue, &t->workload, seconds));
    cg_log(CG_LOG_INFO, "%s: a step takes %.3f ms with %s, %.3f ms with %zu%s", t->rt->info.id,
           1e3 * times[1].median, text, 1e3 * times[0].median, won ? t->shipped.vec : t->best.vec,
           won ? ": taken" : "");
done:
    return status;
}

cg_status cg_tuner_tune_width(cg_tuner *tuner, double seconds)
{
    cg_status status = CG_OK;
    const size_t *widths = cg_runtime_widths(tuner->rt);
    size_t others = 0;
    while (widths[1 + others])
        others++;
    for (size_t i = 1; i <= others; i++)
        CG_TRY(try_width(tuner, widths[i], seconds / (double)others));
    CG_TRY(cg_network_apply(tuner->workload.net, &tuner->best));
done:
    return status;
}

/* ---- one candidate --------------------------------------------------------------------------- */

/* The stages of a name that have a choice, run one after the other. */
typedef struct layer {
    cg_network *net;
    const char *name;
    double seconds, probed; /* with the best choice, at the full and at a small batch */
    size_t late;            /* candidates for which there was no time */
} layer;

typedef struct candidate {
    const cg_stage *only; /* NULL: all stages of the layer */
    size_t name;          /* its index: cg_choice_name_at() */
} candidate;

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

static bool is_stage_of(const candidate *c, const cg_stage *stage, const layer *l)
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
                                 const candidate *c)
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
    double start;
    cg_network_set_batch(net, small, small);
    CG_TRY(cg_tuner_build(t, choice, enqueue_layer, l));
    start = cg_clock_seconds();
    CG_TRY(cg_measure(&times, t->rt, enqueue_layer, l, 0));
    count_measuring(t, start);
    *seconds = times.min;
done:
    cg_network_set_batch(net, batch, batch);
    return status;
}

/* True when a choice that needs so long at a small batch is not worth a run at the full one: far
 * behind the best, and the run would be long. */
static bool is_too_slow(const layer *l, double probed)
{
    double images = (double)l->net->max_reals / PROBE_BATCH;
    return probed > too_slow * l->probed && probed * images > bearable;
}

static cg_status try_candidate(cg_tuner *t, layer *l, const candidate *c, double seconds)
{
    cg_status status = CG_OK;
    cg_choice other;
    cg_times times[2];
    double probed;
    bool wanted, won;

    CG_TRY(place_candidate(&wanted, &other, t, l, c));
    if (!wanted)
        goto done;
    if (seconds < least_rounds * 2 * l->seconds) {
        l->late++;
        goto done;
    }
    CG_TRY(measure_small_batch(&probed, t, l, &other));
    if (is_too_slow(l, probed))
        goto done;
    CG_TRY(cg_tuner_build(t, &other, enqueue_layer, l)); /* what this batch needs beyond that */
    CG_TRY(cg_tuner_compare(&won, times, t, &other, enqueue_layer, l, seconds));
    l->seconds = won ? times[1].median : times[0].median;
    cg_log(won ? CG_LOG_INFO : CG_LOG_DEBUG, "%s: %s%s%s=%s: %.3f instead of %.3f ms%s",
           t->rt->info.id, l->name, c->only ? "/" : "", c->only ? cg_pass_names[c->only->pass] : "",
           cg_choice_name_at(c->only ? c->only : cg_stage_named(l->name), c->name),
           1e3 * times[1].median, 1e3 * times[0].median, won ? ": taken" : "");
done:
    return status;
}

/* ---- all candidates of a layer --------------------------------------------------------------- */

/* True when the algorithm serves all stages of the candidate. */
static bool candidate_suits(const candidate *c, const layer *l)
{
    for (size_t i = 0; i < CG_STAGES; i++)
        if (is_stage_of(c, &cg_stages[i], l) &&
            !cg_choice_suits(l->net->rt, &l->net->choice, &cg_stages[i],
                             cg_choice_name_at(&cg_stages[i], c->name)))
            return false;
    return true;
}

static void add_candidates(candidate list[CANDIDATES], size_t *count, const layer *l,
                           const cg_stage *only)
{
    const cg_stage *stage = only ? only : cg_stage_named(l->name);
    for (size_t name = 0; name < CG_TUNER_NAMES && cg_choice_name_at(stage, name); name++) {
        candidate c = {only, name};
        if (*count < CANDIDATES && candidate_suits(&c, l))
            list[(*count)++] = c;
    }
}

static cg_status tune_layer(cg_tuner *t, layer *l, double seconds)
{
    cg_status status = CG_OK;
    candidate list[CANDIDATES];
    size_t candidates = 0;
    double end = t->left - seconds;
    char words[48];
    cg_phase phase = {.words = words};

    snprintf(words, sizeof words, "tuning %s", l->name);
    add_candidates(list, &candidates, l, NULL);
    for (size_t i = 0; i < CG_STAGES; i++)
        if (is_stage_in(&cg_stages[i], l))
            add_candidates(list, &candidates, l, &cg_stages[i]);
    CG_TRY(measure_small_batch(&l->probed, t, l, &t->best));
    cg_log(CG_LOG_INFO, "%s: %s, %zu candidates, %.0f s left", t->rt->info.id, l->name, candidates,
           t->left);
    phase.total = candidates;
    cg_phase_begin(&phase);
    for (size_t i = 0; i < candidates; i++) {
        CG_TRY(try_candidate(t, l, &list[i], t->left - end));
        cg_phase_advance(&phase, i + 1);
    }
    cg_phase_end(&phase);
    if (l->late)
        cg_log(CG_LOG_INFO, "%s: %s: no time for %zu of them", t->rt->info.id, l->name, l->late);
    CG_TRY(cg_network_apply(l->net, &t->best));
done:
    cg_phase_end(&phase);
    return status;
}

/* ---- all layers ------------------------------------------------------------------------------ */

static cg_status list_layers(layer layers[LAYERS], size_t *layer_count, cg_tuner *t)
{
    cg_status status = CG_OK;
    double start;
    *layer_count = 0;
    for (size_t i = 0; i < CG_STAGES && *layer_count < LAYERS; i++) {
        layer *l = &layers[*layer_count];
        cg_times times;
        if (!cg_stage_has_choice(&cg_stages[i]))
            continue;
        if (cg_stage_named(cg_stages[i].name) != &cg_stages[i])
            continue; /* not its first */
        *l = (layer){.net = t->workload.net, .name = cg_stages[i].name};
        CG_TRY(cg_tuner_build(t, &t->best, enqueue_layer, l));
        start = cg_clock_seconds();
        CG_TRY(cg_measure(&times, t->rt, enqueue_layer, l, 0));
        count_measuring(t, start);
        l->seconds = times.min;
        ++*layer_count;
    }
done:
    return status;
}

cg_status cg_tuner_tune_layers(cg_tuner *tuner, double seconds)
{
    cg_status status = CG_OK;
    layer layers[LAYERS];
    size_t count;
    double all = 0, end = tuner->left - seconds;
    cg_network *net = tuner->workload.net;

    net->maps_only =
        true; /* a layer's time is its own, and does not depend on the others' choice */
    CG_TRY(cg_network_apply(net, &tuner->best));
    CG_TRY(list_layers(layers, &count, tuner));
    for (size_t i = 0; i < count; i++)
        all += layers[i].seconds;
    for (size_t i = 0; i < count; i++) { /* by their weight in what is left */
        double own = layers[i].seconds;
        CG_TRY(tune_layer(tuner, &layers[i], (tuner->left - end) * own / all));
        all -= own;
    }
    net->maps_only = false;
    CG_TRY(cg_network_apply(net, &tuner->best));
done:
    return status;
}
