/* Following. */
#include "train/follow.h"

#include "base/try.h"
#include "nn/shards_balance.h"
#include "nn/shards_exchange.h"
#include "ocl/runtime.h"
#include "train/audit_step.h"
#include "train/audit_unchanged.h"
#include "train/retry.h"
#include "train/setup.h"
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

/* Makes what t->config's recipe needs, with rank 0's algorithms where the device is of the same
 * kind, so that its bits are the same. */
static cg_status prepare(cg_trainer *t)
{
    cg_status status = CG_OK;
    const cg_recipe led = t->config.recipe;
    cg_choice choice;
    CG_TRY(cg_setup_load_data(t));
    if (strcmp(t->dataset.sha256, led.data_sha256) != 0) {
        status = cg_fail(CG_ERR_INPUT, "%s is not the data that rank 0 trains on (SHA-256 %s)",
                         t->config.data, led.data_sha256);
        goto done;
    }
    CG_TRY(cg_setup_open_device(t));
    CG_TRY(cg_setup_choose_network(
        &choice, t, cg_recipe_is_of(&led, cg_runtime_device(t->rt)) ? led.algorithms : NULL));
    CG_TRY(cg_setup_create_network(t, &choice));
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
    CG_TRY(prepare(t));
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
        return cg_retry_take_back(t);
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
