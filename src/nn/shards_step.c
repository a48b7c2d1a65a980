/* The step in shards: each stage on all of them, and sums added in between. */
#include "nn/shards_step.h"

#include "base/clock.h"
#include "base/try.h"
#include "nn/shards_exchange.h"
#include "nn/shards_gradients.h"
#include "nn/stages.h"
#include "ocl/runtime.h"
#include "ops/dense.h"

#include <string.h>

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
    const cg_network *head = cg_shards_head(s);
    const cg_tree_slots *slots = &s->norms[norm].moments;
    cg_moments root = {.buffer = slots->buffer, .partials = 1};
    cg_batchnorm bn = head->bn[norm];
    (void)stage;
    bn.moments = &root;
    for (size_t k = 0; k < s->local; k++)
        CG_TRY(cg_tree_take_moments(head->rt, slots, s->owned[s->owner] + k,
                                    s->nets[k]->bn[norm].moments));
    CG_TRY(cg_shards_merge(s, slots));
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
    CG_TRY(cg_shards_merge(s, &n->sums));
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
    const cg_network *head = cg_shards_head(s);
    cg_buffer *const *grads = head->arenas[CG_ARENA_GRADS].view;
    const cg_loss_batch batch = {
        .fakes = head->all_fakes, .reals = head->all_reals, .smoothing = head->smoothing};
    const cg_loss_arrays arrays = {
        .dbias = grads[CG_D_DENSE_BIAS], .metrics = head->metrics, .sums = s->loss_root};
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        for (size_t half = 0; half < 2; half++)
            CG_TRY(cg_buffer_copy(grads[CG_G_BN0_GAMMA + 3 * i + half], s->norms[i].root[half]));
    CG_TRY(cg_shards_merge(s, &s->losses));
    CG_TRY(cg_loss_of_sums(head->rt, &arrays, &batch, head->row));
done:
    return status;
}

/* Each rank updates its slices. */
static cg_status run_update(cg_shards *s, const cg_stage *stage, size_t norm)
{
    cg_status status = CG_OK;
    cg_network *head = cg_shards_head(s);
    (void)norm;
    CG_TRY(cg_shards_end_gradients(s));
    CG_TRY(take_whole(s));
    for (size_t i = 0; i < s->span_count; i++) {
        head->update_begin = s->spans[i].slice[s->owner];
        head->update_end = s->spans[i].slice[s->owner + 1];
        if (head->update_begin < head->update_end) /* it would be all */
            CG_TRY(cg_stage_run(stage, head));
    }
    CG_TRY(cg_shards_gather_slices(s, CG_ARENA_PARAMS));
done:
    head->update_begin = head->update_end = 0;
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
    cg_runtime *rt = cg_shards_head(s)->rt;
    cg_mode before = cg_choice_enter(&cg_shards_head(s)->choice, rt);
    const double start = cg_clock_seconds(), exchanging = s->exchanging;
    for (size_t i = 0; status == CG_OK && i < CG_STAGES; i++)
        if ((status = run_stage(s, &cg_stages[i])) == CG_OK)
            status = cg_shards_begin_gradients(s, &cg_stages[i]);
    s->computing += cg_clock_seconds() - start - (s->exchanging - exchanging);
    cg_runtime_set_mode(rt, before);
    return status;
}
