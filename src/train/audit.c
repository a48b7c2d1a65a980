/* The audit of a training. */
#include "train/audit.h"

#include "base/clock.h"
#include "base/philox.h"
#include "base/try.h"
#include "nn/choice.h"
#include "nn/stages.h"
#include "ocl/runtime.h"
#include "ops/checksum.h"
#include "verify/approx.h"
#include "verify/spot.h"
#include "verify/spot_array.h"
#include "verify/verify.h"

#include <assert.h>
#include <clgan/terminal.h>
#include <float.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of the data set that a log interval compares, and the images of the batch; the buffers
 * of a state. */
enum { PART = 8 << 20, IMAGES = 8, STATE = CG_ARENA_COUNT + 1 };

/* The launches of a row, each of which adds the checksum of the same few weights: with the two runs
 * of a step there are more than 1000, so that a launch that is left out each 1000th time, or more
 * often, is always among them. */
enum { ROW = 800, ROW_BYTES = 64 };

/* Logs what is wrong in a step. */
static cg_status CG_PRINTF(3, 4)
    wrong(const cg_audit *audit, uint64_t step, const char *format, ...)
{
    char words[512];
    const cg_device_info *info = &audit->net->rt->info;
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return cg_fail(CG_ERR_WRONG,
                   "%s (driver %s) computes wrong results, seen at step %" PRIu64
                   ": %s; the run ends, and nothing of it is saved any more",
                   info->name, info->driver, step, words);
}

/* ---- the state ------------------------------------------------------------------------------- */

/* The i-th buffer that a step changes and the next one reads; NULL: the network has none. */
static cg_buffer *state_of(const cg_network *net, size_t i)
{
    if (i == CG_ARENA_COUNT)
        return net->stats.whole;
    return i == CG_ARENA_GRADS ? NULL : net->arenas[i].whole;
}

cg_status cg_audit_create(cg_audit *audit, cg_network *net, cg_shards *shards)
{
    cg_status status = CG_OK;
    *audit = (cg_audit){.net = net, .shards = shards};
    for (size_t i = 0; i < STATE; i++) {
        const cg_buffer *buffer = state_of(net, i);
        if (buffer)
            CG_TRY(cg_buffer_create(&audit->saved[i], net->rt, buffer->bytes));
    }
    CG_TRY(cg_buffer_create(&audit->sums, net->rt, 2 * CG_AUDIT_MARKS * sizeof(uint32_t)));
done:
    return status;
}

void cg_audit_deinit(cg_audit *audit)
{
    for (size_t i = 0; i < STATE; i++)
        cg_buffer_release(audit->saved[i]);
    cg_buffer_release(audit->sums);
    *audit = (cg_audit){0};
}

static cg_status save_state(cg_audit *audit, uint64_t step)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(cg_buffer_copy(audit->saved[i], state_of(audit->net, i)));
    audit->kept = step;
done:
    return status;
}

static cg_status restore_state(const cg_audit *audit)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(cg_buffer_copy(state_of(audit->net, i), audit->saved[i]));
done:
    return status;
}

/* *bounded: false when a number of the buffer is larger than `most`, or none; else as it was. */
static cg_status find_bounded(bool *bounded, const cg_buffer *buffer, float most)
{
    cg_status status = CG_OK;
    float *numbers = NULL;
    CG_TRY(cg_memory_create(&numbers, buffer->bytes, 1));
    CG_TRY(cg_buffer_download(buffer, 0, numbers, buffer->bytes));
    for (size_t i = 0; i < buffer->bytes / sizeof *numbers; i++)
        *bounded = *bounded && fabsf(numbers[i]) <= most;
done:
    free(numbers);
    return status;
}

#define TAME 1000.0F

/* *tame = neither a parameter of the kept state nor the learning rate is as large as in a training
 * that diverges, where float32 overflows in the midst of operations that float64 carries out. */
static cg_status find_tame(bool *tame, const cg_audit *audit)
{
    const cg_adam *adam = &audit->net->adam;
    *tame = adam->rate <= TAME && adam->rate_d <= TAME;
    return find_bounded(tame, audit->saved[CG_ARENA_PARAMS], TAME);
}

/* ---- checksums ------------------------------------------------------------------------------- */

/* sums[slot] += that of a part of a buffer, by the network's kernels. */
static cg_status add_sum(const cg_audit *audit, size_t slot, const cg_spot_extent *e)
{
    cg_runtime *rt = audit->net->rt;
    cg_mode before = cg_choice_enter(&audit->net->choice, rt);
    cg_status status = cg_checksum_add(rt, audit->sums, slot, e->buffer, e->offset, e->bytes);
    cg_runtime_set_mode(rt, before);
    return status;
}

/* Notes an array before or after a stage in run 0 or 1 of the step. */
static cg_status mark(cg_audit *audit, size_t run, const char *stage, const char *pass,
                      const cg_spot_extent *e)
{
    size_t slot = audit->mark_count++;
    assert(slot < CG_AUDIT_MARKS - 1); /* the last one is the row's */
    audit->marks[slot] = (cg_audit_mark){stage, pass, e->name};
    return add_sum(audit, run * CG_AUDIT_MARKS + slot, e);
}

static cg_status mark_inputs(cg_audit *audit, size_t run)
{
    cg_status status = CG_OK;
    const cg_network *net = audit->net;
    const size_t image = CG_PIXELS * sizeof(float);
    const cg_spot_extent inputs[] = {
        {"noise", net->noise, 0, net->fakes * CG_NOISE * sizeof(float), false},
        {"mask1", net->mask1, 0, cg_map_floats(&net->a1), false},
        {"mask2", net->mask2, 0, cg_map_floats(&net->a2), false},
        {"real images", net->images.buffer, net->fakes * image, net->reals * image, false},
    };
    for (size_t i = 0; i < CG_COUNT(inputs); i++)
        CG_TRY(mark(audit, run, "inputs", "", &inputs[i]));
done:
    return status;
}

/* Marks what the stage writes, or before it what it has to change. */
static cg_status mark_outputs(cg_audit *audit, size_t run, const cg_stage *stage,
                              const cg_spot *spot, bool before)
{
    cg_status status = CG_OK;
    cg_spot_extent extents[CG_SPOT_OUTPUTS];
    size_t count;
    cg_spot_extents(extents, &count, spot);
    for (size_t i = 0; i < count; i++) {
        if (before && !extents[i].changes)
            continue;
        CG_TRY(mark(audit, run, stage->name, cg_pass_names[stage->pass], &extents[i]));
        audit->marks[audit->mark_count - 1].before = before;
    }
done:
    return status;
}

/* ---- a step, twice --------------------------------------------------------------------------- */

/* A run of the step under audit. */
typedef struct pass {
    cg_audit *audit;
    const cg_step_source *source;
    const cg_step_place *place;
    size_t run;              /* 0; or 1: over NaN, and with spot checks */
    const cg_stage *turn;    /* goes through its spot check, beside those that always do */
    cg_verify_result result; /* of the first check that found something, else of the last one */
} pass;

/* The stages that are checked each time: they cost little, or, Adam, have their results for
 * operands, so that what is wrong there the same way each time shows nowhere else. */
static bool is_always_checked(const cg_stage *stage)
{
    return stage->pass == CG_UPDATE || strcmp(stage->name, "loss") == 0 ||
           (stage->pass == CG_FWD && strncmp(stage->name, "g.bn", 4) == 0);
}

/* The i-th of the others, which take turns; i is taken modulo their number. */
static const cg_stage *find_turn(uint64_t i)
{
    const cg_stage *others[CG_STAGES];
    size_t count = 0;
    for (size_t s = 0; s < CG_STAGES; s++)
        if (!is_always_checked(&cg_stages[s]))
            others[count++] = &cg_stages[s];
    return others[i % count];
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

static cg_status run_stage(pass *p, const cg_stage *stage)
{
    cg_status status = CG_OK;
    cg_spot *spot = NULL;
    cg_network *net = p->audit->net;
    bool chosen = p->run && (stage == p->turn || is_always_checked(stage)) && p->result.ok;
    CG_TRY(chosen ? cg_spot_begin(&spot, net, stage, p->source->seed + p->place->step)
                  : cg_spot_outline(&spot, net, stage));
    if (p->run && !chosen)
        CG_TRY(cg_spot_poison(spot));
    CG_TRY(mark_outputs(p->audit, p->run, stage, spot, true));
    CG_TRY(cg_stage_run(stage, net));
    CG_TRY(mark_outputs(p->audit, p->run, stage, spot, false));
    if (chosen)
        CG_TRY(cg_spot_end(spot, &p->result));
done:
    cg_spot_release(spot);
    return status;
}

static cg_status run_pass(pass *p)
{
    cg_status status = CG_OK;
    cg_audit *audit = p->audit;
    audit->mark_count = 0;
    p->result = (cg_verify_result){.ok = true};
    if (p->run)
        CG_TRY(poison_inputs(audit->net));
    CG_TRY(cg_step_prepare(audit->net, p->source, p->place));
    CG_TRY(mark_inputs(audit, p->run));
    for (size_t i = 0; i < CG_STAGES; i++)
        CG_TRY(run_stage(p, &cg_stages[i]));
done:
    return status;
}

/* Finds the sum of the same array after the stage. */
static size_t find_after(const cg_audit *audit, size_t before)
{
    size_t i = before + 1;
    while (audit->marks[i].before || strcmp(audit->marks[i].array, audit->marks[before].array) != 0)
        i++;
    return i;
}

/* *first = the first array whose two checksums differ, or which the stage should have changed;
 * mark_count: none. row = what the row of launches gave, and should have. */
static cg_status compare_sums(size_t *first, uint32_t row[2], const cg_audit *audit)
{
    uint32_t sums[2][CG_AUDIT_MARKS] = {{0}};
    cg_status status = cg_buffer_download(audit->sums, 0, sums, sizeof sums);
    row[0] = sums[0][CG_AUDIT_MARKS - 1];
    row[1] = ROW * sums[1][CG_AUDIT_MARKS - 1];
    for (*first = 0; status == CG_OK && *first < audit->mark_count; ++*first) {
        uint32_t sum = sums[0][*first];
        if (sum != sums[1][*first])
            break;
        if (audit->marks[*first].before && sum && sum == sums[0][find_after(audit, *first)])
            break;
    }
    return status;
}

static cg_status tell(const cg_audit *audit, uint64_t step, const cg_verify_result *result)
{
    return wrong(audit, step, "%s %s", result->name, result->message);
}

/* Looks for the kernel: all stages of the step go through their spot checks, from the kept state.
 * CG_OK when nothing is found. */
static cg_status search(const pass *p)
{
    cg_status status = CG_OK;
    cg_audit *audit = p->audit;
    CG_TRY(restore_state(audit));
    CG_TRY(cg_step_prepare(audit->net, p->source, p->place));
    for (size_t i = 0; i < CG_STAGES; i++) {
        cg_verify_result result;
        CG_TRY(cg_spot_run(&result, audit->net, &cg_stages[i], p->source->seed));
        if (!result.ok)
            return tell(audit, p->place->step, &result);
    }
done:
    return status;
}

/* A number of the audit at that step. */
static uint32_t draw(uint64_t seed, uint64_t step, uint32_t which)
{
    const uint32_t counter[4] = {(uint32_t)step, which, (uint32_t)(step >> 32), CG_STREAM_AUDIT};
    uint32_t key[2], words[4];
    cg_seed_key(key, seed);
    cg_philox4x32(words, counter, key);
    return words[0];
}

/* CG_OK unless the two runs, the stage's check or the row of launches show something wrong: then
 * the kernel is looked for, because what is wrong shows in later stages, too. */
static cg_status judge_passes(pass *p)
{
    cg_status status = CG_OK;
    cg_audit *audit = p->audit;
    const uint64_t step = p->place->step;
    size_t first;
    uint32_t row[2];
    bool tame = true;
    CG_TRY(compare_sums(&first, row, audit));
    CG_TRY(p->result.ok ? CG_OK : find_tame(&tame, audit));
    p->result.ok = p->result.ok || !tame;
    if (first == audit->mark_count && p->result.ok && row[0] == row[1])
        return CG_OK;
    CG_TRY(search(p));
    const cg_audit_mark *m = &audit->marks[first];
    if (first < audit->mark_count)
        return wrong(audit, step, "%s%s%s: %s %s", m->stage, *m->pass ? " " : "", m->pass, m->array,
                     m->before ? "is not changed"
                               : "is not the same when the step is done twice from the same state");
    if (!p->result.ok)
        return tell(audit, step, &p->result);
    return wrong(audit, step,
                 "%d launches in a row, which add up, give %" PRIu32 ", not %" PRIu32
                 ": some are left out, or done twice",
                 ROW, row[0], row[1]);
done:
    return status;
}

static cg_status run_row(const cg_audit *audit)
{
    cg_status status = CG_OK;
    const cg_spot_extent e = {"", audit->saved[CG_ARENA_PARAMS], 0, ROW_BYTES, false};
    CG_TRY(add_sum(audit, 2 * CG_AUDIT_MARKS - 1, &e));
    for (size_t i = 0; i < ROW; i++)
        CG_TRY(add_sum(audit, CG_AUDIT_MARKS - 1, &e));
done:
    return status;
}

/* ---- when, and what -------------------------------------------------------------------------- */

/* The first step that is audited, from 1. */
static uint64_t first_due(uint64_t seed)
{
    return 1 + draw(seed, 0, 0) % CG_AUDIT_FIRST;
}

uint64_t cg_audit_find_passed(uint64_t seed, uint64_t step)
{
    const uint64_t first = first_due(seed), distance = CG_AUDIT_EVERY * CG_AUDIT_CERTAIN;
    return step < first ? 0 : first + (step - first) / distance * distance;
}

bool cg_audit_is_due(const cg_audit *audit, uint64_t seed, uint64_t step)
{
    const uint64_t first = first_due(seed);
    if (step < first || (step - first) % CG_AUDIT_EVERY != 0)
        return false;
    return cg_audit_find_passed(seed, step) == step ||
           100 * audit->spent <= cg_clock_seconds() - audit->begun;
}

/* Audits that are certain take the stages one after the other; those between them are as many
 * stages ahead that all come soon where none is left out. */
static const cg_stage *choose_turn(uint64_t seed, uint64_t step)
{
    enum { AHEAD = 5 };
    const uint64_t number = (step - first_due(seed)) / CG_AUDIT_EVERY;
    return find_turn(draw(seed, 0, 1) % CG_STAGES + number / CG_AUDIT_CERTAIN +
                     number % CG_AUDIT_CERTAIN * AHEAD);
}

/* Audits the step of the network's own batch. */
static cg_status audit_step(cg_audit *audit, const cg_step_source *source,
                            const cg_step_place *place)
{
    cg_status status = CG_OK;
    pass p = {.audit = audit, .source = source, .place = place};
    CG_TRY(cg_runtime_finish(audit->net->rt)); /* the time is that of the audit alone */
    const double start = cg_clock_seconds();
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    CG_TRY(save_state(audit, place->step - 1));
    CG_TRY(run_pass(&p));
    CG_TRY(restore_state(audit));
    p.run = 1;
    p.turn = choose_turn(source->seed, place->step);
    CG_TRY(run_pass(&p));
    CG_TRY(run_row(audit));
    CG_TRY(judge_passes(&p));
    audit->spent += cg_clock_seconds() - start;
done:
    return status;
}

/* The part of a batch that is audited: the head's, where it is in shards. */
static void find_part(const cg_audit *audit, cg_step_source *source, cg_step_place *place)
{
    if (!audit->shards)
        return;
    *place = cg_step_head_place(audit->shards, place);
    *source = cg_step_head_source(audit->shards, source);
    if (place->reals)
        cg_shards_part_head(audit->shards);
}

cg_status cg_audit_step(cg_audit *audit, const cg_step_source *source, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_step_source own = *source;
    cg_step_place part = *place;
    find_part(audit, &own, &part);
    /* The losses of a head without a real image are no numbers. */
    CG_TRY(part.reals ? audit_step(audit, &own, &part) : save_state(audit, place->step - 1));
    if (audit->shards) {
        CG_TRY(restore_state(audit));
        CG_TRY(cg_step_run(audit->net, audit->shards, source, place));
    }
    audit->passed = place->step; /* of all ranks, which have exchanged sums since */
done:
    return status;
}

/* ---- results that are not finite ------------------------------------------------------------- */

cg_status cg_audit_take_back(cg_audit *audit, const cg_step_source *source)
{
    cg_status status = CG_OK;
    cg_step_source own = *source;
    cg_step_place place = cg_step_locate(source, audit->kept + 1);
    const pass p = {.audit = audit, .source = &own, .place = &place};
    bool tame;
    find_part(audit, &own, &place);
    CG_TRY(find_tame(&tame, audit));
    CG_TRY(tame && place.reals ? search(&p) : CG_OK);
    CG_TRY(restore_state(audit));
done:
    return status;
}

/* Ranks found nothing wrong each for itself, and do not know whose numbers were. */
static cg_status refuse_ranks(const cg_audit *audit, const cg_step_place *place)
{
    return cg_fail(CG_ERR_WRONG,
                   "the device of one of the %zu ranks computes wrong results, seen at step "
                   "%" PRIu64 ": they were not finite, and are finite when the steps from %" PRIu64
                   " are done again; the run ends, and nothing of it is saved any more",
                   audit->shards->tree.owners, place->step, audit->kept + 1);
}

cg_status cg_audit_judge_retry(const cg_audit *audit, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_metrics m;
    CG_TRY(cg_buffer_download(audit->net->metrics, place->row * sizeof m, &m, sizeof m));
    const double sum = (double)m.loss_d_real + (double)m.loss_d_fake + (double)m.loss_g;
    bool finite = isfinite(sum);
    for (size_t i = 0; finite && i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(find_bounded(&finite, state_of(audit->net, i), FLT_MAX));
    if (finite && audit->shards && audit->shards->tree.owners > 1)
        return refuse_ranks(audit, place);
    if (finite)
        return wrong(audit, place->step,
                     "its results were not finite, and are finite when the steps from %" PRIu64
                     " are done again",
                     audit->kept + 1);
done:
    return status;
}

/* ---- what must not change -------------------------------------------------------------------- */

/* Bytes of the data set that part `part` has. */
static size_t part_bytes(const cg_audit *audit, size_t part)
{
    size_t rest = audit->data->count * CG_PIXELS - part * PART;
    return rest < PART ? rest : PART;
}

static size_t count_parts(const cg_audit *audit)
{
    return cg_ceil_div(audit->data->count * CG_PIXELS, PART);
}

cg_status cg_audit_data(cg_audit *audit, uint64_t step)
{
    cg_status status = CG_OK;
    const size_t offset = audit->part * PART, bytes = part_bytes(audit, audit->part);
    const cg_spot_extent e = {"images", audit->images, offset, bytes, false};
    uint32_t sum;
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    CG_TRY(add_sum(audit, 0, &e));
    CG_TRY(cg_buffer_download(audit->sums, 0, &sum, sizeof sum));
    if (sum != cg_checksum_of(audit->data->images + offset, bytes))
        return wrong(
            audit, step,
            "images %zu to %zu of the data set are not on the device as they were put there",
            offset / CG_PIXELS, (offset + bytes - 1) / CG_PIXELS);
    audit->part = (audit->part + 1) % count_parts(audit);
done:
    return status;
}

/* One image of the batch, the i-th real one: a difference and a quotient, of 2.5 ulp. */
static cg_status compare_image(const cg_audit *audit, const cg_step_place *place, size_t i,
                               const unsigned char *expected)
{
    cg_status status = CG_OK;
    const cg_network *net = audit->net;
    float got[CG_PIXELS];
    CG_TRY(cg_buffer_download(net->images.buffer, (net->fakes + i) * sizeof got, got, sizeof got));
    for (size_t p = 0; p < CG_PIXELS; p++) {
        double value = ((double)expected[p] - 127.5) / 127.5;
        if (!(fabs((double)got[p] - value) <= 8 * CG_ROUNDING))
            return wrong(audit, place->step,
                         "inputs: pixel %zu of real image %zu is %.9g, not %.9g", p, i,
                         (double)got[p], value);
    }
done:
    return status;
}

cg_status cg_audit_batch(const cg_audit *audit, const cg_step_source *source,
                         const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;
    const cg_step_place own = audit->shards ? cg_step_head_place(audit->shards, place) : *place;
    cg_shuffle_init(&shuffle, source->seed, (uint32_t)place->epoch, (uint32_t)source->count);
    for (size_t k = 0; own.reals && k < IMAGES; k++) {
        size_t i = k * (own.reals - 1) / (IMAGES - 1);
        size_t at = cg_shuffle_index(&shuffle, (uint32_t)(own.first + i));
        CG_TRY(compare_image(audit, place, i, audit->data->images + at * CG_PIXELS));
    }
done:
    return status;
}

cg_status cg_audit_begin(cg_audit *audit, cg_buffer *images, const cg_dataset *data, uint64_t step)
{
    cg_status status = CG_OK;
    audit->images = images;
    audit->data = data;
    audit->begun = cg_clock_seconds();
    for (size_t i = 0; i < count_parts(audit); i++)
        CG_TRY(cg_audit_data(audit, step));
    CG_TRY(save_state(audit, step));
done:
    return status;
}

static cg_status sum_state(uint32_t *sum, const cg_audit *audit)
{
    cg_status status = CG_OK;
    uint32_t sums[STATE];
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    for (size_t i = 0; i < STATE; i++) {
        cg_buffer *buffer = state_of(audit->net, i);
        if (buffer)
            CG_TRY(add_sum(audit, i, &(cg_spot_extent){"", buffer, 0, buffer->bytes, false}));
    }
    CG_TRY(cg_buffer_download(audit->sums, 0, sums, sizeof sums));
    *sum = cg_checksum_of(sums, sizeof sums);
done:
    return status;
}

cg_status cg_audit_hold(cg_audit *audit)
{
    return sum_state(&audit->state[0], audit);
}

cg_status cg_audit_compare(cg_audit *audit, uint64_t step, const char *meanwhile)
{
    cg_status status = sum_state(&audit->state[1], audit);
    if (status != CG_OK || audit->state[0] == audit->state[1])
        return status;
    return wrong(audit, step, "parameters, their moments or statistics changed while %s",
                 meanwhile);
}

/* ---- metrics --------------------------------------------------------------------------------- */

cg_status cg_audit_clear_metrics(cg_network *net)
{
    return cg_buffer_fill(net->metrics, CG_SPOT_UNWRITTEN);
}

cg_status cg_audit_metrics(const cg_audit *audit, const cg_metrics *metrics, uint64_t step)
{
    uint32_t words[sizeof *metrics / sizeof(uint32_t)];
    memcpy(words, metrics, sizeof words);
    for (size_t i = 0; i < CG_COUNT(words); i++)
        if (words[i] == CG_SPOT_UNWRITTEN)
            return wrong(audit, step, "loss fwd: the losses of the step were not written");
    return CG_OK;
}

/* ---- what to say ----------------------------------------------------------------------------- */

/* *good = the newest checkpoint that was written before an audit that passed, 0: none; *later = how
 * many there are that were written since. */
static cg_status find_good(uint64_t *good, size_t *later, const cg_audit *audit, const cg_run *run)
{
    uint64_t *steps = NULL;
    size_t count = 0;
    cg_status status = cg_run_checkpoints(&steps, &count, run);
    *good = *later = 0;
    for (size_t i = 0; status == CG_OK && i < count; i++) {
        if (steps[i] <= audit->passed)
            *good = steps[i];
        else
            ++*later;
    }
    free(steps);
    return status;
}

void cg_audit_advise(const cg_audit *audit, const cg_run *run)
{
    char line[CG_COMMAND_LINE], *path = NULL;
    const char *const words[] = {"train", "--out", run->path, "--resume", "--allow-device-change",
                                 NULL};
    const bool strict = audit->net->choice.strict; /* the plain algorithms are not */
    uint64_t good;
    size_t later;
    if (find_good(&good, &later, audit, run) != CG_OK ||
        cg_run_checkpoint_path(&path, run, good) != CG_OK)
        return;
    if (good)
        cg_log(CG_LOG_INFO,
               "the last checkpoint known to be good, as an audit has passed since, is %s", path);
    if (later)
        cg_log(CG_LOG_INFO,
               "%zu of the checkpoints %s younger than the last audit that passed, and may be "
               "wrong: move %s away",
               later, later == 1 ? "is" : "are", later == 1 ? "it" : "them");
    if (good || later)
        cg_log(CG_LOG_INFO, "go on with another driver or device%s: %s",
               strict ? "" : ", or add --algorithm plain", cg_command_line(line, words));
    else
        cg_log(CG_LOG_INFO,
               "no checkpoint has been written; begin anew with another driver or device%s",
               strict ? "" : ", or with --algorithm plain");
    free(path);
}
