/* Sums of shards between ranks, and the state. */
#include "nn/shards_exchange.h"

#include "base/clock.h"
#include "base/try.h"
#include "ocl/runtime.h"

/* True while kernels are only counted: nothing is in the buffers. */
bool cg_shards_are_idle(const cg_shards *s)
{
    const cg_runtime *rt = cg_shards_head(s)->rt;
    return s->tree.owners == 1 || rt->rehearsing || rt->planning;
}

/* Copies come next. */
static cg_status start_lap(cg_shards *s)
{
    cg_status status = s->measured ? cg_runtime_finish(cg_shards_head(s)->rt) : CG_OK;
    s->lap = cg_clock_seconds();
    return status;
}

/* The time since the last lap was for that. */
static void count_lap(cg_shards *s, double *seconds)
{
    const double start = s->lap;
    s->lap = cg_clock_seconds();
    *seconds += s->lap - start;
}

/* The last lap was an exchange: from and to each rank this many bytes, those of this rank for
 * itself among them. `to` NULL: this rank's `from` to each. */
static void count_exchange(cg_shards *s, const size_t from[], const size_t to[])
{
    cg_shard_costs *costs = &s->costs;
    double seconds = 0;
    count_lap(s, &seconds);
    s->exchanging += seconds;
    if (costs->exchanges < CG_SHARD_EXCHANGES)
        costs->exchanging[costs->exchanges++] = seconds;
    for (size_t r = 0; r < s->tree.owners; r++) {
        costs->received += r == s->owner ? 0 : (double)from[r];
        costs->sent += r == s->owner ? 0 : (double)(to ? to[r] : from[s->owner]);
    }
}

/* The nodes of rank r: between the device and `floats`, one after the other. */
static cg_status move_nodes(const cg_shards *s, const cg_tree_slots *slots, size_t r, float *floats)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const size_t count = cg_tree_nodes(nodes, &s->tree, r), bytes = slots->pitch * sizeof *floats;
    for (size_t i = 0; i < count; i++) {
        float *node = floats + i * slots->pitch;
        CG_TRY(r == s->owner ? cg_buffer_download(slots->buffer, nodes[i] * bytes, node, bytes)
                             : cg_buffer_upload(slots->buffer, nodes[i] * bytes, node, bytes));
    }
done:
    return status;
}

/* All ranks get the nodes of all, in their slots. */
static cg_status gather_nodes(cg_shards *s, const cg_tree_slots *slots)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES], bytes[CG_TREE_MOST], first[CG_TREE_MOST + 1] = {0};
    for (size_t r = 0; r < s->tree.owners; r++) {
        first[r + 1] = first[r] + cg_tree_nodes(nodes, &s->tree, r) * slots->pitch;
        bytes[r] = (first[r + 1] - first[r]) * sizeof *s->received;
    }
    CG_TRY(start_lap(s));
    CG_TRY(move_nodes(s, slots, s->owner, s->received + first[s->owner]));
    count_lap(s, &s->costs.copying);
    CG_TRY(cg_ranks_gather(s->ranks, s->received, bytes));
    count_exchange(s, bytes, NULL);
    for (size_t r = 0; r < s->tree.owners; r++)
        if (r != s->owner)
            CG_TRY(move_nodes(s, slots, r, s->received + first[r]));
    count_lap(s, &s->costs.copying);
done:
    return status;
}

/* The sums of all shards become the root, in slot 0. */
cg_status cg_shards_merge(cg_shards *s, const cg_tree_slots *slots)
{
    cg_status status = CG_OK;
    CG_TRY(cg_tree_merge(cg_shards_head(s)->rt, slots, &s->tree, s->owner));
    CG_TRY(cg_shards_are_idle(s) ? CG_OK : gather_nodes(s, slots));
    CG_TRY(cg_tree_finish(cg_shards_head(s)->rt, slots, &s->tree, NULL, 0));
done:
    return status;
}

/* Floats of rank r's slice. */
static size_t slice_floats(const cg_shards *s, size_t r)
{
    return s->slice[r + 1] - s->slice[r];
}

/* Bytes of the gradients' memory before rank r's slice of a node of this rank. */
static size_t slice_offset(const cg_shards *s, size_t node, size_t r)
{
    return ((node - s->gradients.leaf) * s->gradients.pitch + s->slice[r]) * sizeof(float);
}

/* s->sent = the slices of this rank's nodes, in the order of the other ranks, which get them. */
static cg_status download_slices(cg_shards *s)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const size_t count = cg_tree_nodes(nodes, &s->tree, s->owner);
    float *sent = s->sent;
    for (size_t r = 0; r < s->tree.owners; r++)
        for (size_t i = 0; i < count && r != s->owner; i++, sent += slice_floats(s, r))
            CG_TRY(cg_buffer_download(s->memory, slice_offset(s, nodes[i], r), sent,
                                      slice_floats(s, r) * sizeof *sent));
done:
    return status;
}

/* The slots of the slice = the nodes of all ranks: what has been received, and this rank's own. */
static cg_status fill_slices(cg_shards *s)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const float *received = s->received;
    const size_t bytes = s->slices.pitch * sizeof *received;
    for (size_t r = 0; r < s->tree.owners; r++) {
        const size_t count = cg_tree_nodes(nodes, &s->tree, r);
        for (size_t i = 0; i < count && r == s->owner; i++)
            CG_TRY(cg_buffer_copy_part(s->slices.buffer, nodes[i] * bytes, s->memory,
                                       slice_offset(s, nodes[i], r), bytes));
        for (size_t i = 0; i < count && r != s->owner; i++, received += s->slices.pitch)
            CG_TRY(cg_buffer_upload(s->slices.buffer, nodes[i] * bytes, received, bytes));
    }
done:
    return status;
}

/* Each rank gets its slice of the other ranks' nodes. */
static cg_status exchange_slices(cg_shards *s)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES], from[CG_TREE_MOST], to[CG_TREE_MOST];
    const size_t own = cg_tree_nodes(nodes, &s->tree, s->owner);
    for (size_t r = 0; r < s->tree.owners; r++) {
        const bool other = r != s->owner;
        from[r] =
            other * cg_tree_nodes(nodes, &s->tree, r) * slice_floats(s, s->owner) * sizeof(float);
        to[r] = other * own * slice_floats(s, r) * sizeof(float);
    }
    CG_TRY(start_lap(s));
    CG_TRY(download_slices(s));
    count_lap(s, &s->costs.copying);
    CG_TRY(cg_ranks_exchange(s->ranks, s->received, from, s->sent, to));
    count_exchange(s, from, to);
    CG_TRY(fill_slices(s));
    count_lap(s, &s->costs.copying);
done:
    return status;
}

/* The head's gradients = those of the whole batch; of several ranks, in its slice. */
cg_status cg_shards_merge_gradients(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_runtime *rt = cg_shards_head(s)->rt;
    CG_TRY(cg_tree_merge(rt, &s->gradients, &s->tree, s->owner));
    if (s->tree.owners == 1)
        goto done;
    CG_TRY(cg_shards_are_idle(s) ? CG_OK : exchange_slices(s));
    CG_TRY(cg_tree_finish(rt, &s->slices, &s->tree, cg_shards_head(s)->arenas[CG_ARENA_GRADS].whole,
                          s->slice[s->owner]));
done:
    return status;
}

/* An arena's slices go from their ranks to all. The arena of the average ends before others do. */
cg_status cg_shards_gather_slices(cg_shards *s, cg_arena_id id)
{
    cg_status status = CG_OK;
    cg_buffer *whole = cg_shards_head(s)->arenas[id].whole;
    size_t bytes[CG_TREE_MOST], first[CG_TREE_MOST + 1];
    char *all = (char *)s->received;
    if (!whole || cg_shards_are_idle(s))
        return CG_OK;
    for (size_t r = 0; r <= s->tree.owners; r++) {
        first[r] = s->slice[r] * sizeof(float);
        first[r] = first[r] < whole->bytes ? first[r] : whole->bytes;
    }
    for (size_t r = 0; r < s->tree.owners; r++)
        bytes[r] = first[r + 1] - first[r];
    CG_TRY(start_lap(s));
    CG_TRY(cg_buffer_download(whole, first[s->owner], all + first[s->owner], bytes[s->owner]));
    count_lap(s, &s->costs.copying);
    CG_TRY(cg_ranks_gather(s->ranks, all, bytes));
    count_exchange(s, bytes, NULL);
    CG_TRY(cg_buffer_upload(whole, 0, all, first[s->owner]));
    CG_TRY(cg_buffer_upload(whole, first[s->owner + 1], all + first[s->owner + 1],
                            whole->bytes - first[s->owner + 1]));
    count_lap(s, &s->costs.copying);
done:
    return status;
}

cg_status cg_shards_collect(cg_shards *s)
{
    cg_status status = CG_OK;
    CG_TRY(cg_shards_gather_slices(s, CG_ARENA_MOMENT1));
    CG_TRY(cg_shards_gather_slices(s, CG_ARENA_MOMENT2));
    CG_TRY(cg_shards_gather_slices(s, CG_ARENA_AVERAGE));
done:
    return status;
}

/* A buffer of rank 0 becomes that of all; NULL is none. */
static cg_status share_buffer(cg_shards *s, cg_buffer *buffer)
{
    cg_status status = CG_OK;
    uint64_t bytes = buffer ? buffer->bytes : 0;
    CG_TRY(cg_ranks_share(s->ranks, &bytes, sizeof bytes));
    if (bytes != (buffer ? buffer->bytes : 0))
        return cg_fail(CG_ERR_RANK, "%s lays out its arrays in another way than rank 0's device",
                       cg_shards_head(s)->rt->info.name);
    if (!buffer)
        return CG_OK;
    if (s->owner == 0)
        CG_TRY(cg_buffer_download(buffer, 0, s->received, buffer->bytes));
    CG_TRY(cg_ranks_share(s->ranks, s->received, buffer->bytes));
    if (s->owner > 0)
        CG_TRY(cg_buffer_upload(buffer, 0, s->received, buffer->bytes));
done:
    return status;
}

cg_status cg_shards_share(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_network *head = cg_shards_head(s);
    if (cg_shards_are_idle(s))
        return CG_OK;
    for (size_t id = 0; id < CG_ARENA_COUNT; id++)
        if (id != CG_ARENA_GRADS)
            CG_TRY(share_buffer(s, head->arenas[id].whole));
    CG_TRY(share_buffer(s, head->stats.whole));
done:
    return status;
}
