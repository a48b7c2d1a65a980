/* The step in shards: each stage on all of them, and sums added in between. */
#include "nn/shards.h"

#include "base/clock.h"
#include "base/try.h"
#include "nn/generator.h"
#include "nn/plan.h"
#include "nn/stages.h"
#include "ocl/footprint.h"
#include "ocl/runtime.h"
#include "ops/dense.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shards move where the slowest rank would take less than this share of its time. */
#define WORTH 0.85

/* ---- memory ---------------------------------------------------------------------------------- */

static cg_network *head_of(const cg_shards *s)
{
    return s->nets[0];
}

/* slots->buffer = room for all shards. */
static cg_status create_slots(cg_tree_slots *slots, const cg_shards *s, size_t pitch, size_t count)
{
    cg_status status = CG_OK;
    slots->pitch = pitch;
    slots->count = count;
    CG_TRY(cg_buffer_create(&slots->buffer, head_of(s)->rt, s->count * pitch * sizeof(float)));
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
    const cg_network *head = head_of(s);
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
    const size_t floats = aligned_floats(head_of(s)->rt, CG_LOSS_SUMS);
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
    cg_arena *grads = &head_of(s)->arenas[CG_ARENA_GRADS];
    const size_t floats = cg_arena_floats(grads);
    s->gradients = (cg_tree_slots){.leaf = s->owned[s->owner], .pitch = floats, .count = floats};
    cg_arena_release(grads);
    *grads = (cg_arena){0};
    CG_TRY(cg_buffer_create(&s->memory, head_of(s)->rt, s->local * floats * sizeof(float)));
    s->gradients.buffer = s->memory;
    CG_TRY(cg_arena_create_within(grads, s->memory, 0, cg_model_params, CG_PARAM_COUNT));
done:
    return status;
}

static cg_status create_nets(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_network *head = head_of(s);
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

/* Cuts an arena among the ranks. */
static void cut_arena(cg_shards *s)
{
    enum { GRAIN = 256 }; /* floats, of which an arena has whole ones */
    const size_t grains = cg_arena_floats(&head_of(s)->arenas[CG_ARENA_PARAMS]) / GRAIN;
    for (size_t r = 0; r <= s->tree.owners; r++)
        s->slice[r] = cg_shard_first(grains, s->tree.owners, r) * GRAIN;
}

/* Cuts the shards among the ranks: owner r has those from owned[r] on. */
static void cut_shards(cg_shards *s, const size_t owned[])
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
    const size_t floats = s->slice[s->tree.owners];
    const size_t mine = s->slice[s->owner + 1] - s->slice[s->owner];
    const size_t own = cg_tree_nodes(slots, &s->tree, s->owner);
    size_t all = 0;
    if (s->tree.owners == 1)
        return CG_OK;
    for (size_t r = 0; r < s->tree.owners; r++)
        all += cg_tree_nodes(slots, &s->tree, r);
    const size_t gathered = s->count * (s->norms[0].moments.pitch + s->norms[0].sums.pitch);
    const size_t received = floats > gathered ? floats : gathered;
    CG_TRY(create_slots(&s->slices, s, mine, mine));
    CG_TRY(cg_memory_create(&s->sent, own * floats, sizeof *s->sent));
    CG_TRY(cg_memory_create(&s->received, received > all * mine ? received : all * mine,
                            sizeof *s->received));
done:
    return status;
}

size_t cg_shards_usual(size_t ranks, size_t batch)
{
    enum { USUAL = 8 };
    const size_t wanted = ranks > USUAL ? ranks : USUAL;
    return batch < wanted ? batch : wanted;
}

/* All that depends on which shards are here. */
static cg_status create_parts(cg_shards *s)
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

static void release_parts(cg_shards *s)
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
    free(s->sent);
    free(s->received);
    s->loss_root = s->memory = NULL;
    s->losses = s->slices = s->gradients = (cg_tree_slots){0};
    s->sent = s->received = NULL;
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
    cut_shards(s, owned);
    cut_arena(s);
    CG_TRY(create_parts(s));
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
    release_parts(shards);
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
        net->update_begin = s->slice[s->owner];
        net->update_end = s->slice[s->owner + 1];
    }
}

void cg_shards_part_head(cg_shards *s)
{
    cg_network *head = head_of(s);
    head->all_fakes = head->all_reals = head->update_begin = head->update_end = 0;
    head->loss_sums = NULL;
}

/* ---- exchanging ------------------------------------------------------------------------------ */

/* True while kernels are only counted: nothing is in the buffers. */
static bool is_idle(const cg_shards *s)
{
    const cg_runtime *rt = head_of(s)->rt;
    return s->tree.owners == 1 || rt->rehearsing || rt->planning;
}

/* Copies come next. */
static cg_status start_lap(cg_shards *s)
{
    cg_status status = s->measured ? cg_runtime_finish(head_of(s)->rt) : CG_OK;
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

/* The last lap was an exchange: from and to each rank so many bytes, those of this rank for itself
 * among them. `to` NULL: this rank's `from` to each. */
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
static cg_status merge(cg_shards *s, const cg_tree_slots *slots)
{
    cg_status status = CG_OK;
    CG_TRY(cg_tree_merge(head_of(s)->rt, slots, &s->tree, s->owner));
    CG_TRY(is_idle(s) ? CG_OK : gather_nodes(s, slots));
    CG_TRY(cg_tree_finish(head_of(s)->rt, slots, &s->tree, NULL, 0));
done:
    return status;
}

/* s->sent = the slices of this rank's nodes, in the order of the ranks that get them. */
static cg_status download_slices(cg_shards *s, size_t to[])
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const size_t count = cg_tree_nodes(nodes, &s->tree, s->owner);
    float *sent = s->sent;
    for (size_t r = 0; r < s->tree.owners; r++) {
        const size_t floats = s->slice[r + 1] - s->slice[r];
        to[r] = count * floats * sizeof *sent;
        for (size_t i = 0; i < count; i++, sent += floats) {
            size_t at = (nodes[i] - s->gradients.leaf) * s->gradients.pitch + s->slice[r];
            CG_TRY(cg_buffer_download(s->memory, at * sizeof *sent, sent, floats * sizeof *sent));
        }
    }
done:
    return status;
}

/* The slots of the slice = the nodes that have been received, of all ranks. */
static cg_status upload_slices(cg_shards *s)
{
    cg_status status = CG_OK;
    size_t nodes[CG_TREE_NODES];
    const float *received = s->received;
    const size_t bytes = s->slices.pitch * sizeof *received;
    for (size_t r = 0; r < s->tree.owners; r++) {
        const size_t count = cg_tree_nodes(nodes, &s->tree, r);
        for (size_t i = 0; i < count; i++, received += s->slices.pitch)
            CG_TRY(cg_buffer_upload(s->slices.buffer, nodes[i] * bytes, received, bytes));
    }
done:
    return status;
}

/* The head's gradients = those of the whole batch; of several ranks, in its slice. */
static cg_status merge_gradients(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_runtime *rt = head_of(s)->rt;
    size_t nodes[CG_TREE_NODES], from[CG_TREE_MOST], to[CG_TREE_MOST];
    CG_TRY(cg_tree_merge(rt, &s->gradients, &s->tree, s->owner));
    if (s->tree.owners == 1)
        goto done;
    if (!is_idle(s)) {
        for (size_t r = 0; r < s->tree.owners; r++)
            from[r] = cg_tree_nodes(nodes, &s->tree, r) * s->slices.pitch * sizeof *s->received;
        CG_TRY(start_lap(s));
        CG_TRY(download_slices(s, to));
        count_lap(s, &s->costs.copying);
        CG_TRY(cg_ranks_exchange(s->ranks, s->received, from, s->sent, to));
        count_exchange(s, from, to);
        CG_TRY(upload_slices(s));
        count_lap(s, &s->costs.copying);
    }
    CG_TRY(cg_tree_finish(rt, &s->slices, &s->tree, head_of(s)->arenas[CG_ARENA_GRADS].whole,
                          s->slice[s->owner]));
done:
    return status;
}

/* An arena's slices go from their ranks to all. The arena of the average ends before others do. */
static cg_status gather_slices(cg_shards *s, cg_arena_id id)
{
    cg_status status = CG_OK;
    cg_buffer *whole = head_of(s)->arenas[id].whole;
    size_t bytes[CG_TREE_MOST], first[CG_TREE_MOST + 1];
    char *all = (char *)s->received;
    if (!whole || is_idle(s))
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
    CG_TRY(gather_slices(s, CG_ARENA_MOMENT1));
    CG_TRY(gather_slices(s, CG_ARENA_MOMENT2));
    CG_TRY(gather_slices(s, CG_ARENA_AVERAGE));
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
                       head_of(s)->rt->info.name);
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
    cg_network *head = head_of(s);
    if (is_idle(s))
        return CG_OK;
    for (size_t id = 0; id < CG_ARENA_COUNT; id++)
        if (id != CG_ARENA_GRADS)
            CG_TRY(share_buffer(s, head->arenas[id].whole));
    CG_TRY(share_buffer(s, head->stats.whole));
done:
    return status;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static cg_status run_on_each(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    (void)norm;
    for (size_t k = 0; k < s->local; k++)
        CG_TRY(cg_stage_run(stage, s->nets[k]));
done:
    return status;
}

/* Batchnorm's forward pass is one for all shards. */
static cg_status run_norm_fwd(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    const cg_network *head = head_of(s);
    const cg_tree_slots *slots = &s->norms[norm].moments;
    cg_moments root = {.buffer = slots->buffer, .partials = 1};
    cg_batchnorm bn = head->bn[norm];
    (void)stage;
    bn.moments = &root;
    for (size_t k = 0; k < s->local; k++)
        CG_TRY(cg_tree_take_moments(head->rt, slots, s->owned[s->owner] + k,
                                    s->nets[k]->bn[norm].moments));
    CG_TRY(merge(s, slots));
    CG_TRY(cg_batchnorm_fwd(head->rt, &bn));
done:
    return status;
}

/* The map of gradients that goes through a batchnorm backwards. */
static cg_map gradient_of(const cg_network *net, size_t norm)
{
    const cg_map maps[CG_BATCHNORMS] = {net->dh0, net->dh1, net->dh2};
    return maps[norm];
}

static cg_status run_norm_bwd(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    const cg_shard_norm *n = &s->norms[norm];
    (void)stage;
    for (size_t k = 0; k < s->local; k++) {
        const cg_network *net = s->nets[k];
        CG_TRY(cg_batchnorm_bwd_sums(net->rt, gradient_of(net, norm), n->part[k][0], n->part[k][1],
                                     &net->bn[norm]));
    }
    CG_TRY(merge(s, &n->sums));
    for (size_t k = 0; k < s->local; k++) {
        const cg_network *net = s->nets[k];
        CG_TRY(cg_batchnorm_bwd_apply(net->rt, gradient_of(net, norm), n->root[0], n->root[1],
                                      &net->bn[norm], net->all_fakes));
    }
done:
    return status;
}

/* The product alone: its batchnorm goes before, which needs the whole batch. */
static cg_status run_dense_bwd_weight(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    CG_TRY(run_norm_bwd(s, stage, norm));
    for (size_t k = 0; k < s->local; k++) {
        const cg_network *net = s->nets[k];
        CG_TRY(cg_dense_bwd_weight(net->rt, net->arenas[CG_ARENA_GRADS].view[CG_G_DENSE_WEIGHT],
                                   net->noise, &net->dh0, CG_NOISE, NULL,
                                   cg_stage_algorithm(stage, &net->choice)));
    }
done:
    return status;
}

/* The gradients that no shard has for itself, over the whole batch: those of batchnorms' gamma and
 * beta, and of D's last bias, which comes with the losses. */
static cg_status take_whole(cg_shards *s)
{
    cg_status status = CG_OK;
    const cg_network *head = head_of(s);
    cg_buffer *const *grads = head->arenas[CG_ARENA_GRADS].view;
    const cg_loss_batch batch = {
        .fakes = head->all_fakes, .reals = head->all_reals, .smoothing = head->smoothing};
    const cg_loss_arrays arrays = {
        .dbias = grads[CG_D_DENSE_BIAS], .metrics = head->metrics, .sums = s->loss_root};
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        for (size_t half = 0; half < 2; half++)
            CG_TRY(cg_buffer_copy(grads[CG_G_BN0_GAMMA + 3 * i + half], s->norms[i].root[half]));
    CG_TRY(merge(s, &s->losses));
    CG_TRY(cg_loss_of_sums(head->rt, &arrays, &batch, head->row));
done:
    return status;
}

static cg_status run_update(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    (void)norm;
    CG_TRY(merge_gradients(s));
    CG_TRY(take_whole(s));
    CG_TRY(cg_stage_run(stage, head_of(s)));
    CG_TRY(gather_slices(s, CG_ARENA_PARAMS));
done:
    return status;
}

/* The stages that need sums of the whole batch; all others run on each shard for itself. */
static const struct {
    const char *name;
    cg_pass pass;
    cg_status (*run)(cg_shards *s, const cg_stage *stage, size_t norm);
    size_t norm;
} joint[] = {
    {"g.bn0", CG_FWD, run_norm_fwd, 0}, {"g.bn1", CG_FWD, run_norm_fwd, 1},
    {"g.bn2", CG_FWD, run_norm_fwd, 2}, {"g.bn2", CG_BWD, run_norm_bwd, 2},
    {"g.bn1", CG_BWD, run_norm_bwd, 1}, {"g.dense", CG_BWD_WEIGHT, run_dense_bwd_weight, 0},
    {"adam", CG_UPDATE, run_update, 0},
};

static cg_status run_stage(cg_shards *s, const cg_stage *stage)
{
    for (size_t i = 0; i < CG_COUNT(joint); i++)
        if (joint[i].pass == stage->pass && strcmp(joint[i].name, stage->name) == 0)
            return joint[i].run(s, stage, joint[i].norm);
    return run_on_each(s, stage, 0);
}

cg_status cg_shards_run_step(cg_shards *s)
{
    cg_status status = CG_OK;
    cg_runtime *rt = head_of(s)->rt;
    cg_mode before = cg_choice_enter(&head_of(s)->choice, rt);
    const double start = cg_clock_seconds(), exchanging = s->exchanging;
    for (size_t i = 0; status == CG_OK && i < CG_STAGES; i++)
        status = run_stage(s, &cg_stages[i]);
    s->computing += cg_clock_seconds() - start - (s->exchanging - exchanging);
    cg_runtime_set_mode(rt, before);
    return status;
}

/* ---- which rank has how many ----------------------------------------------------------------- */

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
    CG_TRY(cg_runtime_finish(head_of(s)->rt));
    release_parts(s);
    cut_shards(s, owned);
    CG_TRY(create_parts(s));
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
    CG_TRY(cg_buffer_create(&memory, head_of(s)->rt, more * bytes));
    for (size_t i = 0; i < more; i++) {
        CG_TRY(cg_network_create_shard(&nets[i], head_of(s), cg_shard_most(s->most_fakes, s->count),
                                       cg_shard_most(s->most_reals, s->count), memory, i * bytes));
        CG_TRY(cg_network_apply(nets[i], &head_of(s)->choice));
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
        CG_TRY(cg_footprint_fit(&more, head_of(s)->rt, wanted - s->local, plan_more, s));
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
    if (is_idle(s))
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
