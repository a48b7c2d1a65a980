/* Following. */
#include "train/follow.h"

#include "base/try.h"
#include "nn/shards_balance.h"
#include "nn/shards_exchange.h"
#include "train/start.h"
#include "train/team.h"

#include <stdio.h>
#include <string.h>

static cg_status take_order(const cg_trainer *t, cg_order *order)
{
    cg_status status = CG_OK;
    CG_TRY(cg_ranks_share(t->ranks, order, sizeof *order));
    if (memcmp(order->version, CLGAN_VERSION, sizeof CLGAN_VERSION) != 0)
        return cg_fail(CG_ERR_ARGUMENT, "rank 0 runs another version of clgan than %s",
                       CLGAN_VERSION);
done:
    return status;
}

/* Takes rank 0's recipe and state. */
static cg_status join(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_assignment a;
    CG_TRY(cg_ranks_share(t->ranks, &a, sizeof a));
    t->config.recipe = a.recipe;
    t->config.epochs = a.epochs;
    t->config.no_selftest = a.no_selftest || t->options->no_selftest;
    t->step = a.step;
    snprintf(t->config.data, sizeof t->config.data, "%s", a.data);
    CG_TRY(cg_start_following(t));
    CG_TRY(cg_shards_share(t->shards));
    CG_TRY(cg_audit_begin(&t->audit, t->images, &t->dataset, t->step));
done:
    return status;
}

static cg_status take_step(cg_trainer *t, const cg_order *order)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, order->step);
    const bool audited = order->kind == CG_ORDER_AUDITED_STEP;
    CG_TRY(audited ? cg_audit_step(&t->audit, &t->source, &place)
                   : cg_step_run(t->net, t->shards, &t->source, &place));
    t->step = order->step;
    if (audited) {
        CG_TRY(cg_audit_data(&t->audit, place.step));
        CG_TRY(cg_audit_batch(&t->audit, &t->source, &place));
    }
done:
    return status;
}

static cg_status obey(cg_trainer *t, const cg_order *order)
{
    switch ((cg_order_kind)order->kind) {
    case CG_ORDER_COLLECT:
        return cg_shards_collect(t->shards);
    case CG_ORDER_TAKE_BACK:
        return cg_audit_take_back(&t->audit, &t->source);
    case CG_ORDER_MEASURE:
        cg_shards_measure(t->shards);
        return CG_OK;
    case CG_ORDER_BALANCE:
        return cg_shards_balance(t->shards);
    default:
        return take_step(t, order);
    }
}

cg_status cg_follow(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_order order;
    CG_TRY(take_order(t, &order)); /* to begin: rank 0 gives no other one first */
    CG_TRY(join(t));
    CG_TRY(take_order(t, &order));
    while (order.kind != CG_ORDER_END) {
        CG_TRY(obey(t, &order));
        CG_TRY(take_order(t, &order));
    }
done:
    return status;
}
