/* Leading. */
#include "train/team.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "nn/shards_balance.h"
#include "nn/shards_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_alone(const cg_trainer *t)
{
    return cg_ranks_count(t->ranks) == 1;
}

/* ---- devices --------------------------------------------------------------------------------- */

/* True when ranks before this one have the same device. */
static bool is_shared(const cg_trainer *t, size_t rank)
{
    for (size_t r = 0; r < rank; r++)
        if (memcmp(&t->team[r], &t->team[rank], sizeof t->team[r]) == 0)
            return true;
    return false;
}

static void warn_of_shared(const cg_trainer *t, size_t count)
{
    size_t rank = 1;
    while (rank < count && !is_shared(t, rank))
        rank++;
    if (rank < count && cg_ranks_mine(t->ranks) == 0)
        cg_log(CG_LOG_WARNING,
               "several ranks share %s %s on %s, each with a part of its speed; --device "
               "'rank:0=A,1=B' gives each its own",
               t->team[rank].id, t->team[rank].device, t->team[rank].host);
}

cg_status cg_team_compare_devices(cg_trainer *t)
{
    cg_status status = CG_OK;
    const size_t count = cg_ranks_count(t->ranks), mine = cg_ranks_mine(t->ranks);
    const cg_device_info *device = cg_runtime_device(t->rt);
    size_t bytes[CG_TREE_MOST];
    if (is_alone(t))
        return CG_OK;
    CG_TRY(cg_memory_create(&t->team, count, sizeof *t->team));
    cg_config_rank *own = &t->team[mine];
    snprintf(own->id, sizeof own->id, "%s", device->id);
    snprintf(own->device, sizeof own->device, "%s", device->name);
    snprintf(own->platform, sizeof own->platform, "%s", device->platform);
    snprintf(own->driver, sizeof own->driver, "%s", device->driver);
    cg_platform_host_name(own->host, sizeof own->host);
    for (size_t r = 0; r < count; r++)
        bytes[r] = sizeof *t->team;
    CG_TRY(cg_ranks_gather(t->ranks, t->team, bytes));
    t->config.ranks = t->team;
    t->config.rank_count = count;
    warn_of_shared(t, count);
done:
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

/* The first steps compile kernels, and are no measure. */
enum { UNMEASURED = 2, FIRST = 8, EACH = 100 };

cg_status cg_team_balance(const cg_trainer *t, uint64_t done)
{
    cg_status status = CG_OK;
    if (is_alone(t) || (done != UNMEASURED && done != FIRST && done % EACH != 0))
        return CG_OK;
    CG_TRY(give_order(t, done == UNMEASURED ? CG_ORDER_MEASURE : CG_ORDER_BALANCE, t->step));
    if (done == UNMEASURED)
        cg_shards_measure(t->shards);
    else
        CG_TRY(cg_shards_balance(t->shards));
done:
    return status;
}

cg_status cg_team_end(const cg_trainer *t)
{
    return is_alone(t) ? CG_OK : give_order(t, CG_ORDER_END, t->step);
}
