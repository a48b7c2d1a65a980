/* Leading. */
#include "train/team.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_alone(const cg_trainer *t)
{
    return cg_ranks_count(t->ranks) == 1;
}

/* ---- devices --------------------------------------------------------------------------------- */

/* True when ranks before this one have the same device. */
static bool is_shared(const cg_ranks_text devices[], size_t rank)
{
    for (size_t r = 0; r < rank; r++)
        if (strcmp(devices[r].text, devices[rank].text) == 0)
            return true;
    return false;
}

cg_status cg_team_compare_devices(const cg_trainer *t)
{
    cg_status status = CG_OK;
    const size_t count = cg_ranks_count(t->ranks);
    const cg_device_info *device = cg_runtime_device(t->rt);
    cg_ranks_text *devices = NULL;
    char host[64], own[CG_RANKS_TEXT];
    size_t rank = 1;
    if (is_alone(t))
        return CG_OK;
    cg_platform_host_name(host, sizeof host);
    snprintf(own, sizeof own, "%s %.120s on %s", device->id, device->name, host);
    CG_TRY(cg_memory_create(&devices, count, sizeof *devices));
    CG_TRY(cg_ranks_gather_texts(t->ranks, devices, own));
    while (rank < count && !is_shared(devices, rank))
        rank++;
    if (rank < count && cg_ranks_mine(t->ranks) == 0)
        cg_log(CG_LOG_WARNING,
               "several ranks share %s, each with a part of its speed; --device 'rank:0=A,1=B' "
               "gives each its own",
               devices[rank].text);
done:
    free(devices);
    return status;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static cg_status give_order(const cg_trainer *t, cg_order_kind kind, uint64_t step)
{
    cg_order order = {.version = CLGAN_VERSION, .kind = kind, .step = step};
    return cg_ranks_share(t->ranks, &order, sizeof order);
}

cg_status cg_team_begin(const cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_assignment a = {.recipe = t->config.recipe,
                       .step = t->step,
                       .epochs = t->config.epochs,
                       .no_selftest = t->config.no_selftest};
    snprintf(a.data, sizeof a.data, "%s", t->config.data);
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

cg_status cg_team_take_back(const cg_trainer *t)
{
    return is_alone(t) ? CG_OK : give_order(t, CG_ORDER_TAKE_BACK, t->step);
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
