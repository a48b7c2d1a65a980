/* The division of shards among ranks. */
#include "nn/shards_balance.h"

#include "base/try.h"
#include "nn/plan.h"
#include "nn/shards_exchange.h"
#include "ocl/footprint.h"
#include "ocl/runtime.h"

#include <math.h>

/* Shards move where the slowest rank would take less than this share of its time. */
#define WORTH 0.85

void cg_shards_divide(size_t owned[], size_t count, size_t owners, const double seconds[])
{
    size_t shares[CG_TREE_MOST];
    for (size_t r = 0; r < owners; r++)
        shares[r] = 1;
    for (size_t left = count - owners; left > 0; left--) {
        size_t best = 0;
        for (size_t r = 1; r < owners; r++)
            if ((double)(shares[r] + 1) * seconds[r] < (double)(shares[best] + 1) * seconds[best])
                best = r;
        shares[best]++;
    }
    owned[0] = 0;
    for (size_t r = 0; r < owners; r++)
        owned[r + 1] = owned[r] + shares[r];
}

/* Returns how long the slowest rank computes. */
static double longest(const size_t owned[], size_t owners, const double seconds[])
{
    double most = 0;
    for (size_t r = 0; r < owners; r++)
        most = fmax(most, (double)(owned[r + 1] - owned[r]) * seconds[r]);
    return most;
}

void cg_shards_measure(cg_shards *s)
{
    s->computing = 0;
}

/* values [owners] = each rank's `own`. */
static cg_status gather_numbers(const cg_shards *s, double values[], double own)
{
    size_t bytes[CG_TREE_MOST];
    for (size_t r = 0; r < s->tree.owners; r++)
        bytes[r] = sizeof own;
    values[s->owner] = own;
    return cg_ranks_gather(s->ranks, values, bytes);
}

cg_status cg_shards_move(cg_shards *s, const size_t owned[])
{
    cg_status status = CG_OK;
    CG_TRY(cg_runtime_finish(cg_shards_head(s)->rt));
    cg_shards_release_parts(s);
    cg_shards_cut(s, owned);
    CG_TRY(cg_shards_create_parts(s));
    cg_log(CG_LOG_DEBUG, "has %zu of %zu shards now", s->local, s->count);
done:
    return status;
}

/* Creates the buffers of `more` shards, for the plan of their memory. */
static cg_status plan_more(void *user, size_t more)
{
    cg_status status = CG_OK;
    const cg_shards *s = user;
    const size_t bytes = s->gradients.pitch * sizeof(float);
    cg_network *nets[CG_TREE_MOST] = {0};
    cg_buffer *memory = NULL;
    CG_TRY(cg_buffer_create(&memory, cg_shards_head(s)->rt, more * bytes));
    for (size_t i = 0; i < more; i++) {
        CG_TRY(cg_network_create_shard(&nets[i], cg_shards_head(s),
                                       cg_shard_most(s->most_fakes, s->count),
                                       cg_shard_most(s->most_reals, s->count), memory, i * bytes));
        CG_TRY(cg_network_apply(nets[i], &cg_shards_head(s)->choice));
    }
done:
    for (size_t i = 0; i < more; i++)
        cg_network_release(nets[i]);
    cg_buffer_release(memory);
    return status;
}

/* *fits = every rank has the memory for its shards. */
static cg_status find_room(bool *fits, cg_shards *s, const size_t owned[])
{
    cg_status status = CG_OK;
    double have[CG_TREE_MOST];
    const size_t wanted = owned[s->owner + 1] - owned[s->owner];
    size_t more = 0;
    if (wanted > s->local)
        CG_TRY(cg_footprint_fit(&more, cg_shards_head(s)->rt, wanted - s->local, plan_more, s));
    CG_TRY(gather_numbers(s, have, s->local + more >= wanted));
    *fits = true;
    for (size_t r = 0; r < s->tree.owners; r++)
        *fits = *fits && have[r] > 0;
done:
    return status;
}

cg_status cg_shards_balance(cg_shards *s)
{
    cg_status status = CG_OK;
    double seconds[CG_TREE_MOST]; /* of a shard, for each rank */
    size_t owned[CG_TREE_MOST + 1];
    bool fits;
    if (cg_shards_are_idle(s))
        return CG_OK;
    CG_TRY(gather_numbers(s, seconds, s->computing / (double)s->local));
    s->computing = 0;
    cg_shards_divide(owned, s->count, s->tree.owners, seconds);
    if (longest(owned, s->tree.owners, seconds) >
        WORTH * longest(s->owned, s->tree.owners, seconds))
        goto done;
    CG_TRY(find_room(&fits, s, owned));
    if (fits)
        CG_TRY(cg_shards_move(s, owned));
done:
    return status;
}
