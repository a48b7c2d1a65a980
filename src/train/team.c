/* Leading. */
#include "train/team.h"

#include "base/try.h"

static cg_status give_order(const cg_trainer *t, cg_order_kind kind, uint64_t step)
{
    cg_order order = {.version = CLGAN_VERSION, .kind = kind, .step = step};
    return cg_ranks_share(t->ranks, &order, sizeof order);
}

static bool is_alone(const cg_trainer *t)
{
    return cg_ranks_count(t->ranks) == 1;
}

cg_status cg_team_begin(const cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_assignment a = {t->config.recipe, t->step, t->config.epochs, t->config.no_selftest};
    if (is_alone(t))
        return CG_OK;
    CG_TRY(give_order(t, CG_ORDER_BEGIN, t->step));
    CG_TRY(cg_ranks_share(t->ranks, &a, sizeof a));
done:
    return status;
}

cg_status cg_team_share(const cg_trainer *t)
{
    return is_alone(t) ? CG_OK : cg_shards_share(t->shards);
}

cg_status cg_team_order_step(const cg_trainer *t, uint64_t step, bool audited)
{
    return is_alone(t) ? CG_OK
                       : give_order(t, audited ? CG_ORDER_AUDITED_STEP : CG_ORDER_STEP, step);
}

cg_status cg_team_collect(const cg_trainer *t)
{
    cg_status status = CG_OK;
    if (is_alone(t))
        return CG_OK;
    CG_TRY(give_order(t, CG_ORDER_COLLECT, t->step));
    CG_TRY(cg_shards_collect(t->shards));
done:
    return status;
}

cg_status cg_team_end(const cg_trainer *t)
{
    return is_alone(t) ? CG_OK : give_order(t, CG_ORDER_END, t->step);
}
