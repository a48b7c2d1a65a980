/* Steps that are done again. */
#include "train/retry.h"

#include "base/phase.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "train/audit_step.h"
#include "train/team.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

cg_status cg_retry_take_back(const cg_trainer *t)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, t->audit.kept + 1);
    bool tame;
    CG_TRY(cg_audit_find_tame(&tame, &t->audit));
    if (tame)
        CG_TRY(cg_audit_search(&t->audit, &t->source, &place));
    CG_TRY(cg_audit_restore_state(&t->audit));
done:
    return status;
}

/* Does the steps from `first` to `last`, unless a stop is asked for before. */
static cg_status do_steps(cg_trainer *t, uint64_t first, uint64_t last, cg_phase *phase)
{
    cg_status status = CG_OK;
    for (uint64_t s = first; s <= last && !cg_trainer_is_stopped(t); s++) {
        const cg_step_place place = cg_step_locate(&t->source, s);
        CG_TRY(cg_team_order_step(t, s, false));
        CG_TRY(cg_step_run(t->net, t->shards, &t->source, &place));
        CG_TRY(cg_runtime_mark(t->rt));
        cg_phase_advance(phase, phase->done + 1);
    }
done:
    return status;
}

/* *finite = the losses of the step, which was done last, and the whole state are. */
static cg_status find_finite(bool *finite, const cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    const size_t row = cg_step_locate(&t->source, step).row;
    cg_metrics m;
    CG_TRY(cg_buffer_download(t->net->metrics, row * sizeof m, &m, sizeof m));
    *finite = isfinite((double)m.loss_d_real + (double)m.loss_d_fake + (double)m.loss_g);
    if (*finite)
        CG_TRY(cg_audit_find_finite(finite, &t->audit));
done:
    return status;
}

/* Ranks found nothing wrong each for itself, and do not know whose numbers were. */
static cg_status refuse(const cg_trainer *t, uint64_t step, uint64_t first, const char *why)
{
    const size_t ranks = cg_ranks_count(t->ranks);
    if (ranks > 1)
        return cg_fail(CG_ERR_WRONG,
                       "the device of one of the %zu ranks computes wrong results, seen at step "
                       "%" PRIu64 ": %s the steps from %" PRIu64
                       " are done again; the run ends, and nothing of it is saved any more",
                       ranks, step, why, first);
    return cg_audit_refuse(&t->audit, step, "%s the steps from %" PRIu64 " are done again", why,
                           first);
}

/* Does the steps once more, and looks for what is wrong with the last one before it: numbers that a
 * device errs at may be those of that step alone. *sum: the state's after all. */
static cg_status repeat(cg_trainer *t, uint64_t step, uint32_t *sum, cg_phase *phase)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, step);
    bool tame = step > t->audit.kept + 1;
    CG_TRY(cg_team_take_back(t));
    CG_TRY(cg_audit_restore_state(&t->audit));
    CG_TRY(do_steps(t, t->audit.kept + 1, step - 1, phase));
    if (tame && !t->stopped) {
        CG_TRY(cg_audit_save_state(&t->audit, step - 1));
        CG_TRY(cg_audit_find_tame(&tame, &t->audit));
        if (tame)
            CG_TRY(cg_audit_search(&t->audit, &t->source, &place));
        CG_TRY(cg_audit_restore_state(&t->audit));
    }
    CG_TRY(do_steps(t, step, step, phase));
    CG_TRY(t->stopped ? CG_OK : cg_team_collect(t));
    CG_TRY(cg_audit_sum_state(sum, &t->audit));
done:
    return status;
}

cg_status cg_retry(cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    const uint64_t first = t->audit.kept + 1;
    bool finite;
    uint32_t sums[2];
    cg_phase phase = {.words = "doing steps again", .total = 2 * (size_t)(step + 1 - first)};
    assert(step >= first); /* losses are looked at before the state is kept */
    cg_log(CG_LOG_INFO,
           "the results of step %" PRIu64 " are not finite: the steps from %" PRIu64
           " are done again, to find out whether the device is wrong",
           step, first);
    cg_phase_begin(&phase);
    CG_TRY(cg_team_take_back(t));
    CG_TRY(cg_retry_take_back(t));
    CG_TRY(do_steps(t, first, step, &phase));
    if (t->stopped)
        goto done;
    CG_TRY(cg_team_collect(t));
    CG_TRY(find_finite(&finite, t, step));
    if (finite) {
        status = refuse(t, step, first, "its results were not finite, and are finite when");
        goto done;
    }
    CG_TRY(cg_audit_sum_state(&sums[0], &t->audit));
    CG_TRY(repeat(t, step, &sums[1], &phase));
    if (!t->stopped && sums[0] != sums[1])
        status = refuse(t, step, first, "its results are others each time that");
done:
    cg_phase_end(&phase);
    return status;
}
