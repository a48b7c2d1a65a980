/* Spans of gradients on their way between ranks. */
#include "nn/shards_gradients.h"

#include "base/clock.h"
#include "base/try.h"
#include "nn/shards_exchange.h"

static size_t slice_floats(const cg_shard_span *span, size_t r)
{
    return span->slice[r + 1] - span->slice[r];
}

/* ---- on their way ---------------------------------------------------------------------------- */

/* Bytes of the gradients' memory before rank r's slice of a node of this rank. */
static size_t slice_offset(const cg_shards *s, const cg_shard_span *span, size_t node, size_t r)
{
    return ((node - s->gradients.leaf) * s->gradients.pitch + span->slice[r]) * sizeof(float);
}

/* The nodes of all ranks. */
static size_t count_nodes(const cg_shards *s)
{
    size_t nodes[CG_TREE_NODES], count = 0;
    for (size_t r = 0; r < s->tree.owners; r++)
        count += cg_tree_nodes(nodes, &s->tree, r);
    return count;
}

/* Returns where a span's slices of other ranks' nodes arrive, in the order of ranks and nodes. */
static float *received_of(const cg_shards *s, size_t i)
{
    return s->received + count_nodes(s) * cg_shards_span_at(s, i, s->owner);
}

/* `sent` gets the slices of this rank's nodes, in the order of the other ranks. */
static cg_status download_slices(const cg_shards *s, const cg_shard_span *span, float *sent)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const size_t count = cg_tree_nodes(nodes, &s->tree, s->owner);
    for (size_t r = 0; r < s->tree.owners; r++)
        for (size_t k = 0; k < count && r != s->owner; k++, sent += slice_floats(span, r))
            CG_TRY(cg_buffer_download(s->memory, slice_offset(s, span, nodes[k], r), sent,
                                      slice_floats(span, r) * sizeof *sent));
done:
    return status;
}

/* Each rank gets its slice of the other ranks' nodes. */
static cg_status send_span(cg_shards *s, size_t i)
{
    cg_status status = CG_OK;
    cg_shard_span *span = &s->spans[i];
    size_t nodes[CG_TREE_NODES], from[CG_TREE_MOST], to[CG_TREE_MOST];
    const size_t own = cg_tree_nodes(nodes, &s->tree, s->owner);
    float *sent = s->sent + own * span->slice[0];
    for (size_t r = 0; r < s->tree.owners; r++) {
        const bool other = r != s->owner;
        from[r] =
            other * cg_tree_nodes(nodes, &s->tree, r) * slice_floats(span, s->owner) * sizeof *sent;
        to[r] = other * own * slice_floats(span, r) * sizeof *sent;
    }
    CG_TRY(cg_shards_start_lap(s));
    CG_TRY(download_slices(s, span, sent));
    cg_shards_count_lap(s, &s->costs.copying);
    CG_TRY(cg_ranks_begin_exchange(s->ranks, &span->exchange, received_of(s, i), from, sent, to));
    cg_shards_count_lap(s, &s->begun);
    cg_shards_count_bytes(s, from, to);
done:
    return status;
}

cg_status cg_shards_begin_gradients(cg_shards *s, const cg_stage *stage)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < s->span_count; i++) {
        const cg_shard_span *span = &s->spans[i];
        cg_tree_slots slots = s->gradients;
        if (span->last != stage)
            continue;
        slots.at = span->slice[0];
        slots.count = span->slice[s->tree.owners] - span->slice[0];
        CG_TRY(cg_tree_merge(cg_shards_head(s)->rt, &slots, &s->tree, s->owner));
        CG_TRY(cg_shards_are_idle(s) ? CG_OK : send_span(s, i));
    }
done:
    return status;
}

/* ---- arriving -------------------------------------------------------------------------------- */

/* The slots of a span's slice = the nodes of all ranks: what has been received, and this rank's
 * own. */
static cg_status fill_slices(cg_shards *s, size_t i)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const cg_shard_span *span = &s->spans[i];
    const float *received = received_of(s, i);
    const size_t floats = slice_floats(span, s->owner), bytes = floats * sizeof *received;
    const size_t at = cg_shards_span_at(s, i, s->owner);
    for (size_t r = 0; r < s->tree.owners; r++) {
        const size_t count = cg_tree_nodes(nodes, &s->tree, r);
        for (size_t k = 0; k < count; k++) {
            const size_t to = (nodes[k] * s->slices.pitch + at) * sizeof *received;
            CG_TRY(r == s->owner ? cg_buffer_copy_part(s->slices.buffer, to, s->memory,
                                                       slice_offset(s, span, nodes[k], r), bytes)
                                 : cg_buffer_upload(s->slices.buffer, to, received, bytes));
            received += r == s->owner ? 0 : floats;
        }
    }
done:
    return status;
}

/* Waits for all before anything is copied: the copies are no part of the exchange. */
static cg_status receive_spans(cg_shards *s)
{
    cg_status status = CG_OK;
    CG_TRY(cg_shards_start_lap(s));
    for (size_t i = 0; i < s->span_count; i++)
        CG_TRY(cg_ranks_end_exchange(s->ranks, &s->spans[i].exchange));
    cg_shards_count_lap(s, &s->begun);
    cg_shards_count_exchange(s, s->begun);
    s->begun = 0;
    for (size_t i = 0; i < s->span_count; i++)
        CG_TRY(fill_slices(s, i));
    cg_shards_count_lap(s, &s->costs.copying);
done:
    return status;
}

cg_status cg_shards_end_gradients(cg_shards *s)
{
    cg_status status = CG_OK;
    const cg_network *head = cg_shards_head(s);
    if (s->tree.owners == 1)
        return CG_OK;
    CG_TRY(cg_shards_are_idle(s) ? CG_OK : receive_spans(s));
    for (size_t i = 0; i < s->span_count; i++) {
        cg_tree_slots slots = s->slices;
        slots.at = cg_shards_span_at(s, i, s->owner);
        slots.count = slice_floats(&s->spans[i], s->owner);
        CG_TRY(cg_tree_finish(head->rt, &slots, &s->tree, head->arenas[CG_ARENA_GRADS].whole,
                              s->spans[i].slice[s->owner]));
    }
done:
    return status;
}
