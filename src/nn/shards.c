/* The shards' memory. */
#include "nn/shards.h"

#include "base/try.h"
#include "nn/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* slots->buffer = room for all shards. */
static cg_status create_slots(cg_tree_slots *slots, const cg_shards *s, size_t pitch, size_t count)
{
    cg_status status = CG_OK;
    slots->pitch = pitch;
    slots->count = count;
    CG_TRY(
        cg_buffer_create(&slots->buffer, cg_shards_head(s)->rt, s->count * pitch * sizeof(float)));
    CG_TRY(cg_buffer_fill(slots->buffer, 0));
done:
    return status;
}

/* Floats of an array whose view may begin anywhere among such ones. */
static size_t aligned_floats(const cg_runtime *rt, size_t floats)
{
    return cg_round_up(floats * sizeof(float), cg_round_up(64, rt->info.alignment_bytes)) /
           sizeof(float);
}

static cg_status create_view(cg_buffer **view, const cg_tree_slots *slots, size_t leaf,
                             size_t first, size_t floats)
{
    return cg_buffer_create_view(view, slots->buffer, (leaf * slots->pitch + first) * sizeof(float),
                                 floats * sizeof(float));
}

static cg_status create_norm(cg_shards *s, size_t i)
{
    cg_status status = CG_OK;
    cg_shard_norm *norm = &s->norms[i];
    const cg_network *head = cg_shards_head(s);
    const size_t features = cg_batchnorm_features(&head->bn[i]);
    const size_t floats = head->bn[i].gamma->bytes / sizeof(float);
    norm->moments.moments = true;
    CG_TRY(create_slots(&norm->moments, s, CG_MOMENTS * features, features));
    CG_TRY(create_slots(&norm->sums, s, 2 * floats, 2 * floats));
    for (size_t half = 0; half < 2; half++) {
        CG_TRY(create_view(&norm->root[half], &norm->sums, 0, half * floats, floats));
        for (size_t k = 0; k < s->local; k++)
            CG_TRY(create_view(&norm->part[k][half], &norm->sums, s->owned[s->owner] + k,
                               half * floats, floats));
    }
done:
    return status;
}

static cg_status create_losses(cg_shards *s)
{
    cg_status status = CG_OK;
    const size_t floats = aligned_floats(cg_shards_head(s)->rt, CG_LOSS_SUMS);
    CG_TRY(create_slots(&s->losses, s, floats, floats));
    CG_TRY(create_view(&s->loss_root, &s->losses, 0, 0, floats));
    for (size_t k = 0; k < s->local; k++)
        CG_TRY(create_view(&s->loss_part[k], &s->losses, s->owned[s->owner] + k, 0, floats));
done:
    return status;
}

/* The head's gradients move to the first part of the shards' memory. */
static cg_status create_gradients(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_arena *grads = &cg_shards_head(s)->arenas[CG_ARENA_GRADS];
    const size_t floats = cg_arena_floats(grads);
    s->gradients = (cg_tree_slots){.leaf = s->owned[s->owner], .pitch = floats, .count = floats};
    cg_arena_release(grads);
    *grads = (cg_arena){0};
    CG_TRY(cg_buffer_create(&s->memory, cg_shards_head(s)->rt, s->local * floats * sizeof(float)));
    s->gradients.buffer = s->memory;
    CG_TRY(cg_arena_create_within(grads, s->memory, 0, cg_model_params, CG_PARAM_COUNT));
done:
    return status;
}

static cg_status create_nets(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_network *head = cg_shards_head(s);
    const size_t most_fakes = cg_shard_most(s->most_fakes, s->count);
    const size_t most_reals = cg_shard_most(s->most_reals, s->count);
    head->shard = s->owned[s->owner];
    for (size_t k = 1; k < s->local; k++) {
        CG_TRY(cg_network_create_shard(&s->nets[k], head, most_fakes, most_reals, s->memory,
                                       k * s->gradients.pitch * sizeof(float)));
        CG_TRY(cg_network_apply(s->nets[k], &head->choice));
        s->nets[k]->shard = head->shard + k;
        s->nets[k]->smoothing = head->smoothing;
    }
    cg_shards_set_batch(s, s->most_fakes, s->most_reals);
done:
    return status;
}

/* Spans, in the order in which a step completes them: from that parameter on, up to the span
 * before, or the arena's end. Gradients among them that belong to the whole batch (of batchnorms,
 * of d.dense's bias) travel for nothing: they are written at the end. */
static const struct {
    const char *stage;
    cg_param_id first;
} spans[CG_SHARD_SPANS] = {
    {"d.conv1", CG_D_CONV1_WEIGHT},
    {"g.convt2", CG_G_CONVT2_WEIGHT},
    {"g.convt1", CG_G_CONVT1_WEIGHT},
    {"g.dense", CG_G_DENSE_WEIGHT},
};

/* One rank has nothing to send: all is one span, which the last stage completes. */
void cg_shards_cut_spans(cg_shards *s)
{
    enum { GRAIN = 16 }; /* floats, of which arrays in an arena have whole ones */
    const cg_network *head = cg_shards_head(s);
    const size_t owners = s->tree.owners;
    size_t end = cg_arena_floats(&head->arenas[CG_ARENA_PARAMS]);
    for (size_t i = owners == 1 ? CG_SHARD_SPANS - 1 : 0; i < CG_SHARD_SPANS; i++) {
        cg_shard_span *span = &s->spans[s->span_count++];
        const size_t first = cg_arena_size(head->rt, cg_model_params, spans[i].first);
        span->last = cg_stage_find(spans[i].stage, CG_BWD_WEIGHT);
        for (size_t r = 0; r <= owners; r++)
            span->slice[r] = first + cg_shard_first((end - first) / GRAIN, owners, r) * GRAIN;
        end = first;
    }
}

size_t cg_shards_span_at(const cg_shards *s, size_t count, size_t r)
{
    size_t floats = 0;
    for (size_t i = 0; i < count; i++)
        floats += s->spans[i].slice[r + 1] - s->spans[i].slice[r];
    return floats;
}

/* Cuts the shards among the ranks: owner r has those from owned[r] on. */
void cg_shards_cut(cg_shards *s, const size_t owned[])
{
    for (size_t r = 0; r <= s->tree.owners; r++)
        s->owned[r] = owned[r];
    s->local = owned[s->owner + 1] - owned[s->owner];
}

/* Several ranks need room for what is on the way, which gradients are the most of. */
static cg_status create_exchange(cg_shards *s)
{
    cg_status status = CG_OK;
    size_t slots[CG_TREE_NODES];
    const size_t floats = cg_arena_floats(&cg_shards_head(s)->arenas[CG_ARENA_PARAMS]);
    const size_t mine = cg_shards_span_at(s, s->span_count, s->owner);
    const size_t own = cg_tree_nodes(slots, &s->tree, s->owner);
    const cg_shard_norm *largest = &s->norms[0];
    size_t all = 0;
    if (s->tree.owners == 1)
        return CG_OK;
    for (size_t r = 0; r < s->tree.owners; r++)
        all += cg_tree_nodes(slots, &s->tree, r);
    CG_TRY(create_slots(&s->slices, s, mine, mine));
    CG_TRY(cg_memory_create(&s->sent, own * floats, sizeof *s->sent));
    CG_TRY(cg_memory_create(&s->received, floats > all * mine ? floats : all * mine,
                            sizeof *s->received));
    CG_TRY(cg_memory_create(&s->gathered, s->count * (largest->moments.pitch + largest->sums.pitch),
                            sizeof *s->gathered));
done:
    return status;
}

size_t cg_shards_usual(size_t ranks, size_t batch)
{
    enum { USUAL = 8 };
    const size_t wanted = ranks > USUAL ? ranks : USUAL;
    const size_t most = batch < CG_TREE_MOST ? batch : CG_TREE_MOST;
    return wanted < most ? wanted : most;
}

/* All that depends on which shards are here. */
cg_status cg_shards_create_parts(cg_shards *s)
{
    cg_status status = CG_OK;
    CG_TRY(create_gradients(s));
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        CG_TRY(create_norm(s, i));
    CG_TRY(create_losses(s));
    CG_TRY(create_exchange(s));
    CG_TRY(create_nets(s));
done:
    return status;
}

static void release_norm(cg_shards *s, cg_shard_norm *norm)
{
    for (size_t half = 0; half < 2; half++) {
        for (size_t k = 0; k < s->local; k++)
            cg_buffer_release(norm->part[k][half]);
        cg_buffer_release(norm->root[half]);
    }
    cg_buffer_release(norm->sums.buffer);
    cg_buffer_release(norm->moments.buffer);
    *norm = (cg_shard_norm){0};
}

void cg_shards_release_parts(cg_shards *s)
{
    for (size_t k = 1; k < s->local; k++) {
        cg_network_release(s->nets[k]);
        s->nets[k] = NULL;
    }
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        release_norm(s, &s->norms[i]);
    for (size_t k = 0; k < s->local; k++) {
        cg_buffer_release(s->loss_part[k]);
        s->loss_part[k] = NULL;
    }
    cg_buffer *const buffers[] = {s->loss_root, s->losses.buffer, s->slices.buffer, s->memory};
    for (size_t i = 0; i < CG_COUNT(buffers); i++)
        cg_buffer_release(buffers[i]);
    for (size_t i = 0; i < s->span_count; i++)
        cg_ranks_drop_exchange(s->ranks, &s->spans[i].exchange);
    free(s->sent);
    free(s->received);
    free(s->gathered);
    s->loss_root = s->memory = NULL;
    s->losses = s->slices = s->gradients = (cg_tree_slots){0};
    s->sent = s->received = s->gathered = NULL;
}

cg_status cg_shards_create(cg_shards **shards, cg_network *head, cg_ranks *ranks, size_t fakes,
                           size_t reals, size_t count)
{
    cg_status status = CG_OK;
    cg_shards *s = NULL;
    const size_t owners = cg_ranks_count(ranks);
    size_t owned[CG_TREE_MOST + 1];

    assert(count >= owners && count <= CG_TREE_MOST && count <= fakes);
    assert(cg_shard_most(fakes, count) <= head->max_fakes);
    *shards = NULL;
    CG_TRY(cg_memory_create(&s, 1, sizeof *s));
    s->nets[0] = head;
    s->ranks = ranks;
    s->count = count;
    s->most_fakes = fakes;
    s->most_reals = reals;
    s->owner = cg_ranks_mine(ranks);
    s->tree = (cg_tree){.owners = owners, .first = s->owned};
    for (size_t r = 0; r <= owners; r++)
        owned[r] = cg_shard_first(count, owners, r);
    cg_shards_cut(s, owned);
    cg_shards_cut_spans(s);
    CG_TRY(cg_shards_create_parts(s));
    *shards = s;
    s = NULL;
done:
    cg_shards_release(s);
    return status;
}

void cg_shards_release(cg_shards *shards)
{
    if (!shards)
        return;
    cg_shards_release_parts(shards);
    free(shards);
}

void cg_shards_set_batch(cg_shards *s, size_t fakes, size_t reals)
{
    for (size_t k = 0; k < s->local; k++) {
        cg_network *net = s->nets[k];
        size_t i = s->owned[s->owner] + k;
        cg_network_set_batch(
            net, cg_shard_first(fakes, s->count, i + 1) - cg_shard_first(fakes, s->count, i),
            cg_shard_first(reals, s->count, i + 1) - cg_shard_first(reals, s->count, i));
        net->all_fakes = fakes;
        net->all_reals = reals;
        net->loss_sums = s->loss_part[k];
    }
}

void cg_shards_part_head(cg_shards *s)
{
    cg_network *head = cg_shards_head(s);
    head->all_fakes = head->all_reals = 0;
    head->loss_sums = NULL;
}
