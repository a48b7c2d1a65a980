/* A step that is done twice. */
#include "train/audit_step.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/try.h"
#include "nn/stages.h"
#include "ocl/runtime.h"
#include "train/audit_due.h"
#include "train/audit_shards.h"
#include "train/audit_unchanged.h"
#include "verify/kept.h"
#include "verify/spot.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The launches of a row, each of which adds the checksum of the same few weights: with the two runs
 * of a step there are more than 1000, so that a launch that is left out each 1000th time, or more
 * often, is always among them. The last checksum of either run is the row's. */
enum { ROW = 800, ROW_BYTES = 64, ROW_SUM = CG_AUDIT_SUMS - 1 };

/* Stages that an audit checks in their turn. */
enum { TURNS = 3 };

/* An array after a stage, in the order in which a step writes them; or before it. */
typedef struct mark {
    const char *stage, *pass, *array;
    bool before;
} mark;

/* A step under audit. */
typedef struct audited_step {
    cg_audit *audit;
    const cg_step_source *source;
    const cg_step_place *place;
    size_t run; /* 0; or 1: over NaN, and with spot checks */
    bool all;   /* stages go through their spot checks; else those that always do */
    const cg_stage *turns[TURNS]; /* and these */
    cg_verify_result result; /* of the first check that found something, else of the last one */
    mark marks[ROW_SUM];     /* of a run: what its checksums are of */
    size_t mark_count;
    cg_kept_watch watch;   /* of the second run */
    cg_verify_result kept; /* what it has found */
} audited_step;

/* ---- which stages ---------------------------------------------------------------------------- */

/* The i-th of those that take turns; i is taken modulo their number. */
static const cg_stage *find_turn(uint64_t i)
{
    const cg_stage *others[CG_STAGES];
    size_t count = 0;
    for (size_t s = 0; s < CG_STAGES; s++)
        if (!cg_stages[s].always_audited)
            others[count++] = &cg_stages[s];
    return others[i % count];
}

/* Audits that are certain take the stages one after the other, TURNS at a time; those between them
 * are so far ahead that all have come after eight audits where none is left out. */
static void choose_turns(audited_step *s)
{
    enum { AHEAD = 3 };
    const uint64_t seed = s->source->seed;
    uint64_t number;
    cg_audit_find_number(&number, seed, s->place->step);
    const uint64_t first = cg_audit_draw(seed, 0, 1) % CG_STAGES + number / CG_AUDIT_CERTAIN +
                           number % CG_AUDIT_CERTAIN * AHEAD;
    for (size_t i = 0; i < TURNS; i++)
        s->turns[i] = find_turn(TURNS * first + i);
}

static bool has_turn(const audited_step *s, const cg_stage *stage)
{
    bool has = s->all || stage->always_audited;
    for (size_t i = 0; i < TURNS; i++)
        has = has || s->turns[i] == stage;
    return has;
}

static cg_status tell(const cg_audit *audit, uint64_t step, const cg_verify_result *result)
{
    return cg_audit_refuse(audit, step, "%s %s", result->name, result->message);
}

/* ---- a run ----------------------------------------------------------------------------------- */

/* Notes an array before or after a stage, and enqueues its checksum. */
static cg_status add_mark(audited_step *s, mark m, const cg_spot_extent *e)
{
    size_t slot = s->mark_count++;
    assert(slot < CG_COUNT(s->marks));
    m.array = e->name;
    s->marks[slot] = m;
    return cg_audit_add_sum(s->audit, s->run * CG_AUDIT_SUMS + slot, e);
}

static cg_status mark_inputs(audited_step *s)
{
    cg_status status = CG_OK;
    const cg_network *net = s->audit->net;
    const size_t image = CG_PIXELS * sizeof(float);
    const cg_spot_extent inputs[] = {
        {"noise", net->noise, 0, net->fakes * CG_NOISE * sizeof(float), false},
        {"mask1", net->mask1, 0, cg_map_floats(&net->a1), false},
        {"mask2", net->mask2, 0, cg_map_floats(&net->a2), false},
        {"real images", net->images.buffer, net->fakes * image, net->reals * image, false},
    };
    for (size_t i = 0; i < CG_COUNT(inputs); i++)
        CG_TRY(add_mark(s, (mark){.stage = "inputs", .pass = ""}, &inputs[i]));
done:
    return status;
}

/* Marks what the stage writes, or before it what it has to change. */
static cg_status mark_outputs(audited_step *s, const cg_stage *stage, const cg_spot *spot,
                              bool before)
{
    cg_status status = CG_OK;
    const mark m = {.stage = stage->name, .pass = cg_pass_names[stage->pass], .before = before};
    cg_spot_extent extents[CG_SPOT_OUTPUTS];
    size_t count;
    cg_spot_extents(extents, &count, spot);
    for (size_t i = 0; i < count; i++)
        if (!before || extents[i].changes)
            CG_TRY(add_mark(s, m, &extents[i]));
done:
    return status;
}

static cg_status poison_inputs(const cg_network *net)
{
    cg_status status = CG_OK;
    cg_buffer *const inputs[] = {net->noise, net->mask1, net->mask2, net->images.buffer};
    for (size_t i = 0; i < CG_COUNT(inputs); i++)
        CG_TRY(cg_buffer_fill(inputs[i], CG_SPOT_UNWRITTEN));
done:
    return status;
}

static cg_status run_stage(audited_step *s, const cg_stage *stage)
{
    cg_status status = CG_OK;
    cg_spot *spot = NULL;
    cg_network *net = s->audit->net;
    bool chosen = s->run && has_turn(s, stage) && s->result.ok;
    CG_TRY(chosen ? cg_spot_begin(&spot, net, stage, s->source->seed + s->place->step)
                  : cg_spot_outline(&spot, net, stage));
    if (s->run && !chosen)
        CG_TRY(cg_spot_poison(spot));
    if (s->run && stage->pass == CG_UPDATE)
        CG_TRY(cg_kept_watch_end(&s->kept, &s->watch));
    CG_TRY(mark_outputs(s, stage, spot, true));
    CG_TRY(cg_stage_run(stage, net));
    CG_TRY(mark_outputs(s, stage, spot, false));
    if (chosen)
        CG_TRY(cg_spot_end(spot, &s->result));
    if (s->run)
        CG_TRY(cg_kept_watch_stage(&s->watch, stage));
done:
    cg_spot_release(spot);
    return status;
}

static cg_status run_stages(audited_step *s)
{
    cg_status status = CG_OK;
    cg_network *net = s->audit->net;
    s->mark_count = 0;
    s->result = (cg_verify_result){.ok = true};
    if (s->run)
        CG_TRY(poison_inputs(net));
    CG_TRY(cg_step_prepare(net, s->source, s->place));
    if (!s->run)
        CG_TRY(cg_audit_inputs(s->audit, net, s->source, s->place));
    CG_TRY(mark_inputs(s));
    if (s->run)
        CG_TRY(cg_kept_watch_begin(&s->watch, net));
    for (size_t i = 0; i < CG_STAGES; i++)
        CG_TRY(run_stage(s, &cg_stages[i]));
done:
    return status;
}

/* Enqueues the row: the first run's last checksum is to be ROW times the second's. */
static cg_status run_row(const cg_audit *audit)
{
    cg_status status = CG_OK;
    const cg_spot_extent e = {"", audit->saved[CG_ARENA_PARAMS], 0, ROW_BYTES, false};
    CG_TRY(cg_audit_add_sum(audit, CG_AUDIT_SUMS + ROW_SUM, &e));
    for (size_t i = 0; i < ROW; i++)
        CG_TRY(cg_audit_add_sum(audit, ROW_SUM, &e));
done:
    return status;
}

/* ---- what the runs show ---------------------------------------------------------------------- */

/* Finds the sum of the same array after the stage. */
static size_t find_after(const audited_step *s, size_t before)
{
    size_t i = before + 1;
    while (s->marks[i].before || strcmp(s->marks[i].array, s->marks[before].array) != 0)
        i++;
    return i;
}

/* *first = the first array whose two checksums differ, or which the stage should have changed;
 * mark_count: none. row = what the row of launches gave, and should have. */
static cg_status compare_sums(size_t *first, uint32_t row[2], const audited_step *s)
{
    uint32_t sums[2][CG_AUDIT_SUMS] = {{0}};
    cg_status status = cg_buffer_download(s->audit->sums, 0, sums, sizeof sums);
    row[0] = sums[0][ROW_SUM];
    row[1] = ROW * sums[1][ROW_SUM];
    for (*first = 0; status == CG_OK && *first < s->mark_count; ++*first) {
        uint32_t sum = sums[0][*first];
        if (sum != sums[1][*first])
            break;
        if (s->marks[*first].before && sum && sum == sums[0][find_after(s, *first)])
            break;
    }
    return status;
}

static cg_status search(const cg_audit *audit, const cg_step_source *source,
                        const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(cg_audit_restore_state(audit));
    CG_TRY(cg_step_prepare(audit->net, source, place));
    for (size_t i = 0; i < CG_STAGES; i++) {
        cg_verify_result result;
        CG_TRY(cg_spot_run(&result, audit->net, &cg_stages[i], source->seed + place->step, false));
        if (!result.ok)
            return tell(audit, place->step, &result);
    }
done:
    return status;
}

/* CG_OK unless the two runs, the stage's check or the row of launches show something wrong: then
 * the kernel is looked for, because what is wrong shows in later stages, too. */
static cg_status judge_runs(audited_step *s)
{
    cg_status status = CG_OK;
    cg_audit *audit = s->audit;
    const uint64_t step = s->place->step;
    size_t first;
    uint32_t row[2];
    bool tame = true;
    if (!s->kept.ok)
        return cg_audit_refuse(audit, step, "%s", s->kept.message);
    CG_TRY(compare_sums(&first, row, s));
    const bool unchanged = first < s->mark_count && s->marks[first].before;
    CG_TRY(s->result.ok && !unchanged ? CG_OK : cg_audit_find_tame(&tame, audit));
    s->result.ok = s->result.ok || !tame;
    if (unchanged && !tame) /* a state that is no number stays that */
        first = s->mark_count;
    if (first == s->mark_count && s->result.ok && row[0] == row[1])
        return CG_OK;
    CG_TRY(search(audit, s->source, s->place));
    const mark *m = &s->marks[first];
    if (first < s->mark_count)
        return cg_audit_refuse(
            audit, step, "%s%s%s: %s %s", m->stage, *m->pass ? " " : "", m->pass, m->array,
            m->before ? "is not changed"
                      : "is not the same when the step is done twice from the same state");
    if (!s->result.ok)
        return tell(audit, step, &s->result);
    return cg_audit_refuse(audit, step,
                           "%d launches in a row, which add up, give %" PRIu32 ", not %" PRIu32
                           ": some are left out, or done twice",
                           ROW, row[0], row[1]);
done:
    return status;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Audits the step of the network's own batch. */
static cg_status audit_step(cg_audit *audit, const cg_step_source *source,
                            const cg_step_place *place)
{
    cg_status status = CG_OK;
    audited_step s = {.audit = audit, .source = source, .place = place};
    s.all = place->reals < source->batch;
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    CG_TRY(cg_audit_save_state(audit, place->step - 1));
    CG_TRY(run_stages(&s));
    CG_TRY(cg_audit_restore_state(audit));
    s.run = 1;
    choose_turns(&s);
    CG_TRY(run_stages(&s));
    CG_TRY(run_row(audit));
    CG_TRY(judge_runs(&s));
done:
    cg_kept_watch_deinit(&s.watch);
    return status;
}

/* The part of a batch that is audited: the head's, where it is in shards. */
static void find_part(const cg_audit *audit, cg_step_source *source, cg_step_place *place)
{
    if (!audit->shards)
        return;
    *place = cg_step_part_place(audit->shards, place, 0);
    *source = cg_step_part_source(audit->shards, source, 0);
    if (place->reals)
        cg_shards_part_head(audit->shards);
}

cg_status cg_audit_step(cg_audit *audit, const cg_step_source *source, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_step_source own = *source;
    cg_step_place part = *place;
    find_part(audit, &own, &part);
    CG_TRY(cg_runtime_finish(audit->net->rt)); /* the time is that of the audit alone */
    const double start = cg_clock_seconds();
    /* The losses of a head without a real image are no numbers. */
    CG_TRY(part.reals ? audit_step(audit, &own, &part)
                      : cg_audit_save_state(audit, place->step - 1));
    if (audit->shards)
        CG_TRY(cg_audit_shards(audit, source, place));
    const double spent = cg_clock_seconds() - start;
    audit->spent += spent;
    cg_log(CG_LOG_DEBUG, "step %" PRIu64 " was audited in %.3f s", place->step, spent);
    if (part.reals)
        audit->passed = place->step; /* of all ranks, which have exchanged sums since */
done:
    return status;
}

cg_status cg_audit_search(const cg_audit *audit, const cg_step_source *source,
                          const cg_step_place *place)
{
    cg_step_source own = *source;
    cg_step_place part = *place;
    find_part(audit, &own, &part);
    return part.reals ? search(audit, &own, &part) : CG_OK;
}
