/* Leading and following. */
#include "train/team.h"

#include "base/try.h"
#include "ranks/ranks.h"
#include "train/start.h"

#include <stdio.h>
#include <string.h>

/* ---- orders ---------------------------------------------------------------------------------- */

typedef enum order_kind { BEGIN, STEP, AUDITED_STEP, COLLECT, END } order_kind;

/* An order; all ranks are of the same program, so it travels as it is. */
typedef struct order {
    char version[32]; /* of the program that gives it */
    uint64_t kind, step;
} order;

static cg_status give_order(const cg_trainer *t, order_kind kind, uint64_t step)
{
    order o = {.version = CLGAN_VERSION, .kind = kind, .step = step};
    return cg_ranks_share(t->ranks, &o, sizeof o);
}

static bool is_alone(const cg_trainer *t)
{
    return cg_ranks_count(t->ranks) == 1;
}

/* ---- rank 0 ---------------------------------------------------------------------------------- */

/* What a follower has to know of a run. */
typedef struct assignment {
    cg_recipe recipe;
    uint64_t step, epochs;
    uint64_t no_selftest;
} assignment;

cg_status cg_team_begin(const cg_trainer *t)
{
    cg_status status = CG_OK;
    assignment a = {t->config.recipe, t->step, t->config.epochs, t->config.no_selftest};
    if (is_alone(t))
        return CG_OK;
    CG_TRY(give_order(t, BEGIN, t->step));
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
    return is_alone(t) ? CG_OK : give_order(t, audited ? AUDITED_STEP : STEP, step);
}

cg_status cg_team_collect(const cg_trainer *t)
{
    cg_status status = CG_OK;
    if (is_alone(t))
        return CG_OK;
    CG_TRY(give_order(t, COLLECT, t->step));
    CG_TRY(cg_shards_collect(t->shards));
done:
    return status;
}

cg_status cg_team_end(const cg_trainer *t)
{
    return is_alone(t) ? CG_OK : give_order(t, END, t->step);
}

/* ---- the others ------------------------------------------------------------------------------ */

static cg_status take_order(const cg_trainer *t, order *o)
{
    cg_status status = CG_OK;
    CG_TRY(cg_ranks_share(t->ranks, o, sizeof *o));
    if (memcmp(o->version, CLGAN_VERSION, sizeof CLGAN_VERSION) != 0)
        return cg_fail(CG_ERR_ARGUMENT, "rank 0 runs another version of clgan than %s",
                       CLGAN_VERSION);
done:
    return status;
}

/* The state as rank 0 has it. */
static cg_status join(cg_trainer *t)
{
    cg_status status = CG_OK;
    assignment a;
    CG_TRY(cg_ranks_share(t->ranks, &a, sizeof a));
    t->config.recipe = a.recipe;
    t->config.no_selftest = a.no_selftest || t->options->no_selftest;
    t->config.epochs = a.epochs;
    t->step = a.step;
    CG_TRY(cg_start_following(t));
    CG_TRY(cg_shards_share(t->shards));
    CG_TRY(cg_audit_begin(&t->audit, t->images, &t->dataset, t->step));
done:
    return status;
}

static cg_status obey(cg_trainer *t, const order *o)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, o->step);
    if (o->kind == COLLECT)
        return cg_shards_collect(t->shards);
    CG_TRY(o->kind == AUDITED_STEP ? cg_audit_step(&t->audit, &t->source, &place)
                                   : cg_step_run(t->net, t->shards, &t->source, &place));
    t->step = o->step;
    if (o->kind == AUDITED_STEP) {
        CG_TRY(cg_audit_data(&t->audit, place.step));
        CG_TRY(cg_audit_batch(&t->audit, &t->source, &place));
    }
done:
    return status;
}

cg_status cg_team_follow(cg_trainer *t)
{
    cg_status status = CG_OK;
    order o;
    CG_TRY(take_order(t, &o)); /* BEGIN: rank 0 gives no other one first */
    CG_TRY(join(t));
    CG_TRY(take_order(t, &o));
    while (o.kind != END) {
        CG_TRY(obey(t, &o));
        CG_TRY(take_order(t, &o));
    }
done:
    return status;
}
