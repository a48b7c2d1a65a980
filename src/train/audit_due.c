/* The steps that follow from a seed. */
#include "train/audit_due.h"

#include "base/clock.h"

/* The first step that is audited, from 1. */
static uint64_t first_due(uint64_t seed)
{
    return 1 + cg_audit_draw(seed, 0, 0) % CG_AUDIT_FIRST;
}

/* The first step whose batch is smaller than the others, the last one of an epoch; 0: none is. */
static uint64_t first_smaller(const cg_step_source *source)
{
    return source->count % source->batch ? cg_step_locate(source, 1).epoch_steps : 0;
}

/* True when the part of a step's batch that is audited has a real image: a small batch in many
 * shards leaves some of them without. */
static bool has_part(const cg_audit *audit, const cg_step_source *source, uint64_t step)
{
    const cg_step_place place = cg_step_locate(source, step);
    return !audit->shards || cg_step_part_place(audit->shards, &place, 0).reals > 0;
}

/* The n-th step that is audited, from 0, but for that of a smaller batch. */
static uint64_t step_of(uint64_t seed, uint64_t n)
{
    enum { WHICH = 1 << 20 }; /* behind what other draws have */
    const uint64_t pairs = n ? cg_audit_draw(seed, n, WHICH) % (CG_AUDIT_SPREAD / 2 + 1) : 0;
    return first_due(seed) + n * CG_AUDIT_EVERY + 2 * pairs;
}

bool cg_audit_find_number(uint64_t *n, uint64_t seed, uint64_t step)
{
    const uint64_t first = first_due(seed);
    *n = step < first ? 0 : (step - first) / CG_AUDIT_EVERY;
    return step_of(seed, *n) == step;
}

/* True when the step is audited whatever the time that audits take. */
static bool is_certain(const cg_audit *audit, const cg_step_source *source, uint64_t step)
{
    uint64_t n;
    const bool turn = cg_audit_find_number(&n, source->seed, step) && n % CG_AUDIT_CERTAIN == 0;
    return (turn || step == first_smaller(source)) && has_part(audit, source, step);
}

uint64_t cg_audit_find_passed(const cg_audit *audit, const cg_step_source *source, uint64_t step)
{
    while (step && !is_certain(audit, source, step))
        step--;
    return step;
}

bool cg_audit_is_due(const cg_audit *audit, const cg_step_source *source, uint64_t step)
{
    uint64_t n;
    if (is_certain(audit, source, step))
        return true;
    return cg_audit_find_number(&n, source->seed, step) &&
           100 * audit->spent <= cg_clock_seconds() - audit->begun && has_part(audit, source, step);
}
