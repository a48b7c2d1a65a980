/* Sums of shards between ranks, and the state. */
#include "nn/shards_exchange.h"

#include "base/clock.h"
#include "base/try.h"
#include "ocl/runtime.h"

bool cg_shards_are_idle(const cg_shards *s)
{
    const cg_runtime *rt = cg_shards_head(s)->rt;
    return s->tree.owners == 1 || rt->rehearsing || rt->planning;
}

/* Copies come next. */
cg_status cg_shards_start_lap(cg_shards *s)
{
    cg_status status = s->measured ? cg_runtime_finish(cg_shards_head(s)->rt) : CG_OK;
    s->lap = cg_clock_seconds();
    return status;
}

void cg_shards_count_lap(cg_shards *s, double *seconds)
{
    const double start = s->lap;
    s->lap = cg_clock_seconds();
    *seconds += s->lap - start;
}

void cg_shards_count_bytes(cg_shards *s, const size_t from[], const size_t to[])
{
    for (size_t r = 0; r < s->tree.owners; r++) {
        s->costs.received += r == s->owner ? 0 : (double)from[r];
        s->costs.sent += r == s->owner ? 0 : (double)(to ? to[r] : from[s->owner]);
    }
}

void cg_shards_count_exchange(cg_shards *s, double seconds)
{
    cg_shard_costs *costs = &s->costs;
    s->exchanging += seconds;
    if (costs->exchanges < CG_SHARD_EXCHANGES)
        costs->exchanging[costs->exchanges++] = seconds;
}

/* Moves what rank r gives of `what` between the device and `floats`, where it lies one piece behind
 * the other: this rank's from the device, others' to it. */
typedef cg_status mover(const cg_shards *s, const void *what, size_t r, float *floats);

/* All ranks get what each gives: rank r's floats are first[r] .. first[r + 1] - 1 of `all`. */
static cg_status gather(cg_shards *s, mover *move, const void *what, float *all,
                        const size_t first[])
{
    cg_status status = CG_OK;
    size_t bytes[CG_TREE_MOST];
    double seconds = 0;
    for (size_t r = 0; r < s->tree.owners; r++)
        bytes[r] = (first[r + 1] - first[r]) * sizeof *all;
    CG_TRY(cg_shards_start_lap(s));
    CG_TRY(move(s, what, s->owner, all + first[s->owner]));
    cg_shards_count_lap(s, &s->costs.copying);
    CG_TRY(cg_ranks_gather(s->ranks, all, bytes));
    cg_shards_count_lap(s, &seconds);
    cg_shards_count_bytes(s, bytes, NULL);
    cg_shards_count_exchange(s, seconds);
    for (size_t r = 0; r < s->tree.owners; r++)
        if (r != s->owner)
            CG_TRY(move(s, what, r, all + first[r]));
    cg_shards_count_lap(s, &s->costs.copying);
done:
    return status;
}

/* Moves rank r's nodes of cg_tree_slots. */
static cg_status move_nodes(const cg_shards *s, const void *what, size_t r, float *floats)
{
    cg_status status = CG_OK;
    const cg_tree_slots *slots = what;
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
    size_t nodes[CG_TREE_NODES], first[CG_TREE_MOST + 1] = {0};
    for (size_t r = 0; r < s->tree.owners; r++)
        first[r + 1] = first[r] + cg_tree_nodes(nodes, &s->tree, r) * slots->pitch;
    return gather(s, move_nodes, slots, s->gathered, first);
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

/* The floats of the span's slice of rank r that an arena has, the first at *first. The arena of the
 * average ends before others do. */
static size_t find_slice(size_t *first, const cg_shard_span *span, size_t r, const cg_buffer *arena)
{
    const size_t floats = arena->bytes / sizeof(float), end = span->slice[r + 1];
    *first = span->slice[r];
    return *first < floats ? (end < floats ? end : floats) - *first : 0;
}

/* Moves rank r's slices of an arena's buffer. */
static cg_status move_slices(const cg_shards *s, const void *what, size_t r, float *floats)
{
    cg_status status = CG_OK;
    cg_buffer *arena = *(cg_buffer *const *)what;
    for (size_t i = 0; i < s->span_count; i++) {
        size_t first;
        const size_t count = find_slice(&first, &s->spans[i], r, arena);
        const size_t at = first * sizeof *floats, bytes = count * sizeof *floats;
        if (count)
            CG_TRY(r == s->owner ? cg_buffer_download(arena, at, floats, bytes)
                                 : cg_buffer_upload(arena, at, floats, bytes));
        floats += count;
    }
done:
    return status;
}

cg_status cg_shards_gather_slices(cg_shards *s, cg_arena_id id)
{
    cg_buffer *arena = cg_shards_head(s)->arenas[id].whole;
    size_t first[CG_TREE_MOST + 1] = {0}, at;
    if (!arena || cg_shards_are_idle(s))
        return CG_OK;
    for (size_t r = 0; r < s->tree.owners; r++) {
        first[r + 1] = first[r];
        for (size_t i = 0; i < s->span_count; i++)
            first[r + 1] += find_slice(&at, &s->spans[i], r, arena);
    }
    return gather(s, move_slices, &arena, s->received, first);
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
