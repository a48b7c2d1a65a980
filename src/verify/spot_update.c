/* The spot checks of the losses and of Adam. */
#include "verify/spot_models.h"

#include "base/try.h"
#include "verify/expect_loss.h"

/* ---- losses ---------------------------------------------------------------------------------- */

enum { LOGITS, FACTOR_D, FACTOR_G, DBIAS, METRICS, LOSS_ARRAYS };

static cg_status expect_array(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count,
                              size_t which)
{
    cg_expected_losses *l = spot->model;
    const double *const arrays[LOSS_ARRAYS][2] = {
        [LOGITS] = {l->z, l->z_limit},
        [FACTOR_D] = {l->factor_d, l->d_limit},
        [FACTOR_G] = {l->factor_g, l->g_limit},
        [DBIAS] = {&l->dbias, &l->dbias_limit},
        [METRICS] = {l->metrics, l->metric_limits},
    };
    for (size_t i = 0; i < count; i++)
        expected[i] = (cg_approx){arrays[which][0][index[i]], arrays[which][1][index[i]]};
    return CG_OK;
}

#define EXPECT(which)                                                                        \
    static cg_status expect_##which(cg_spot *spot, cg_approx *expected, const size_t *index, \
                                    size_t count)                                            \
    {                                                                                        \
        return expect_array(spot, expected, index, count, which);                            \
    }
EXPECT(LOGITS)
EXPECT(FACTOR_D)
EXPECT(FACTOR_G)
EXPECT(DBIAS)
EXPECT(METRICS)

static void add_loss_outputs(cg_spot *spot)
{
    cg_network *net = spot->net;
    size_t fakes = net->fakes, n = net->fakes + net->reals;
    const cg_spot_output outputs[LOSS_ARRAYS] = {
        {.name = "logits",
         .buffer = net->logits,
         .shape = {{1, 1, 1, n}, false},
         .in_place = true,
         .every = CG_SPOT_ALL,
         .expect = expect_LOGITS},
        {.name = "factor_d",
         .buffer = net->factor_d,
         .shape = {{1, 1, 1, n}, false},
         .every = CG_SPOT_ALL,
         .expect = expect_FACTOR_D},
        {.name = "factor_g",
         .buffer = net->factor_g,
         .shape = {{1, 1, 1, fakes}, false},
         .every = CG_SPOT_ALL,
         .expect = expect_FACTOR_G},
        {.name = "dbias",
         .buffer = net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_BIAS],
         .shape = {{1, 1, 1, 1}, false},
         .expect = expect_DBIAS},
        {.name = "metrics",
         .buffer = net->metrics,
         .offset = net->row * CG_LOSS_METRICS,
         .shape = {{1, 1, 1, CG_LOSS_METRICS}, false},
         .expect = expect_METRICS},
    };
    for (size_t i = 0; i < LOSS_ARRAYS; i++)
        cg_spot_add_output(spot, &outputs[i]);
}

cg_status cg_spot_loss(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_network *net = spot->net;
    size_t n = net->fakes + net->reals;
    const float *logits, *bias;
    double *before;
    cg_expected_losses *l;
    CG_TRY(cg_spot_create_memory(&l, spot, 1, sizeof *l));
    spot->model = l;
    l->fakes = net->fakes;
    l->reals = net->reals;
    l->smoothing = (double)net->smoothing;
    l->strict = net->choice.strict;
    double **const arrays[] = {&l->z,       &l->factor_d, &l->factor_g, &l->z_limit,
                               &l->d_limit, &l->g_limit,  &before};
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        CG_TRY(cg_spot_create_memory(arrays[i], spot, n, sizeof(double)));
    add_loss_outputs(spot);
    CG_TRY(cg_spot_fetch(&logits, spot, net->logits));
    CG_TRY(cg_spot_fetch(&bias, spot, net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_BIAS]));
    for (size_t i = 0; logits && i < n; i++)
        before[i] = (double)logits[i];
    if (logits)
        cg_expect_losses(l, before, (double)bias[0]);
done:
    return status;
}

/* ---- Adam ------------------------------------------------------------------------------------ */

typedef struct update {
    size_t first; /* floats of the first network */
    const float *arrays[CG_ADAM_ARRAYS];
} update;

static cg_status expect_update(cg_spot *spot, cg_approx *expected, const size_t *index,
                               size_t count, size_t which)
{
    const update *u = spot->model;
    const cg_adam *adam = &spot->net->adam;
    for (size_t i = 0; i < count; i++) {
        bool first = index[i] < u->first, averaged = first && u->arrays[CG_ADAM_AVERAGE];
        const cg_ref_adam ref = {first ? adam->rate : adam->rate_d, adam->beta1, adam->beta2,
                                 adam->epsilon, spot->net->step};
        double value[CG_ADAM_ARRAYS] = {0}, limit[CG_ADAM_OUTPUTS];
        for (size_t a = 0; a < CG_ADAM_ARRAYS; a++)
            if (a != CG_ADAM_AVERAGE || averaged)
                value[a] = (double)u->arrays[a][index[i]];
        cg_expect_adam(value, limit, &ref, averaged ? 1 - cg_adam_decay(adam, spot->net->step) : 0);
        expected[i] = (cg_approx){value[which], limit[which]};
    }
    return CG_OK;
}

#undef EXPECT
#define EXPECT(which)                                                                        \
    static cg_status expect_##which(cg_spot *spot, cg_approx *expected, const size_t *index, \
                                    size_t count)                                            \
    {                                                                                        \
        return expect_update(spot, expected, index, count, which);                           \
    }
EXPECT(CG_ADAM_P)
EXPECT(CG_ADAM_M)
EXPECT(CG_ADAM_V)
EXPECT(CG_ADAM_AVERAGE)

cg_status cg_spot_adam(cg_spot *spot)
{
    cg_status status = CG_OK;
    const cg_arena *arenas = spot->net->arenas;
    cg_buffer *const buffers[CG_ADAM_ARRAYS] = {
        [CG_ADAM_P] = arenas[CG_ARENA_PARAMS].whole,
        [CG_ADAM_M] = arenas[CG_ARENA_MOMENT1].whole,
        [CG_ADAM_V] = arenas[CG_ARENA_MOMENT2].whole,
        [CG_ADAM_AVERAGE] = arenas[CG_ARENA_AVERAGE].whole,
        [CG_ADAM_G] = arenas[CG_ARENA_GRADS].whole,
    };
    const cg_spot_output outputs[CG_ADAM_OUTPUTS] = {
        [CG_ADAM_P] = {.name = "parameters", .expect = expect_CG_ADAM_P},
        [CG_ADAM_M] = {.name = "moment1", .expect = expect_CG_ADAM_M},
        [CG_ADAM_V] = {.name = "moment2", .expect = expect_CG_ADAM_V},
        [CG_ADAM_AVERAGE] = {.name = "average", .expect = expect_CG_ADAM_AVERAGE},
    };
    update *u;
    CG_TRY(cg_spot_create_memory(&u, spot, 1, sizeof *u));
    spot->model = u;
    u->first = cg_arena_size(spot->net->rt, cg_model_params, CG_G_PARAM_COUNT);
    for (size_t a = 0; a < CG_ADAM_OUTPUTS; a++) {
        if (!buffers[a])
            continue;
        cg_spot_output output = outputs[a];
        output.buffer = buffers[a];
        output.shape = (cg_spot_shape){{1, 1, 1, buffers[a]->bytes / sizeof(float)}, false};
        output.in_place = true;
        output.changes = a == CG_ADAM_M; /* others may not, at a tiny learning rate */
        output.every = CG_SPOT_GROUP;
        cg_spot_add_output(spot, &output);
    }
    for (size_t a = 0; a < CG_ADAM_ARRAYS; a++)
        CG_TRY(cg_spot_fetch(&u->arrays[a], spot, buffers[a]));
done:
    return status;
}
