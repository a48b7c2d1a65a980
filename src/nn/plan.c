/* The plan: the largest need of any stage, at the largest batch. */
#include "nn/plan.h"

#include "base/try.h"
#include "nn/stages.h"
#include "ocl/footprint.h"
#include "ocl/runtime.h"
#include "ops/conv2d_algorithm.h"
#include "ops/dense.h"

/* Stages that the network has arrays for: of one that only draws the generator's alone. */
static size_t count_stages(const cg_network *net)
{
    return net->max_reals ? CG_STAGES : CG_GENERATOR_STAGES;
}

/* ---- who writes what ------------------------------------------------------------------------- */

/* True when all passes of a convolution are by `fourier`. */
static bool is_by_fourier(const cg_network *net, cg_layer_id layer)
{
    for (cg_pass pass = CG_FWD; pass <= CG_BWD_DATA; pass++) {
        cg_conv2d call = cg_stage_conv(cg_stage_of_layer(layer, pass), net);
        if (cg_conv2d_choose(net->rt, &call) != &cg_conv2d_fourier)
            return false;
    }
    return true;
}

/* Nobody but d.conv2 reads a1 and da2: where it works on transforms alone, the stages that write
 * them may write the transforms. d.dense always does then; d.conv1 where its algorithm can. */
static void plan_transforms(cg_network *net)
{
    net->conv1_writes_spectrum = false;
    net->conv2_reads_spectrum = net->max_reals && !net->maps_only && is_by_fourier(net, CG_D_CONV2);
    if (!net->conv2_reads_spectrum)
        return;
    cg_conv2d conv1 = cg_stage_conv(cg_stage_of_layer(CG_D_CONV1, CG_FWD), net);
    net->conv1_writes_spectrum = cg_conv2d_transforms(net->rt, &conv1);
}

/* ---- scratch --------------------------------------------------------------------------------- */

/* Convolutions need workspace and spectra; the backward passes of batchnorms and of D's dense layer
 * workspace. */
static cg_status plan_scratch(cg_network *net)
{
    cg_scratch_size size = {0};
    for (size_t i = 0; i < count_stages(net); i++) {
        if (!cg_stages[i].layer)
            continue;
        cg_conv2d call = cg_stage_conv(&cg_stages[i], net);
        cg_scratch_size_add(&size, net->scratch, net->rt, &call);
    }
    for (size_t i = 0; net->max_reals && i < CG_BATCHNORMS; i++)
        cg_scratch_raise(&size.workspace, cg_batchnorm_workspace(&net->bn[i]));
    if (net->max_reals)
        cg_scratch_raise(&size.workspace, cg_dense_column_workspace(&net->a2, net->a2.n));
    return cg_scratch_fit(net->scratch, net->rt, &size);
}

/* Room for each map's moments, which the stage that writes it or its batchnorm computes. */
static cg_status plan_moments(cg_network *net)
{
    cg_status status = CG_OK;
    size_t partials[CG_BATCHNORMS];
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        partials[i] = cg_moments_partials(&net->bn[i].x, net->bn[i].groups);
    for (size_t i = 0; i < count_stages(net); i++) {
        if (!cg_stages[i].layer)
            continue;
        cg_conv2d call = cg_stage_conv(&cg_stages[i], net);
        if (call.moments)
            cg_scratch_raise(&partials[call.moments - net->moments],
                             cg_conv2d_moments(net->rt, &call));
    }
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        CG_TRY(cg_scratch_grow(&net->moments[i].buffer, net->rt,
                               cg_moments_bytes(&net->bn[i].x, net->bn[i].groups, partials[i])));
done:
    return status;
}

/* ---- a network with its plan ----------------------------------------------------------------- */

cg_status cg_network_apply(cg_network *net, const cg_choice *choice)
{
    cg_status status = CG_OK;
    size_t fakes = net->fakes, reals = net->reals;
    cg_mode before = cg_choice_enter(choice, net->rt);
    net->choice = *choice;
    cg_network_set_batch(net, net->max_fakes, net->max_reals);
    plan_transforms(net);
    CG_TRY(plan_scratch(net));
    CG_TRY(plan_moments(net));
done:
    cg_runtime_set_mode(net->rt, before);
    cg_network_set_batch(net, fakes, reals); /* batchnorms take the workspace */
    return status;
}

/* The network to be created, for the plan of its memory. */
typedef struct request {
    cg_runtime *rt;
    size_t max_fakes, max_reals, metric_rows;
    const cg_choice *choice;
} request;

static cg_status create(cg_network **net, const request *r)
{
    cg_status status = CG_OK;
    cg_network *n = NULL;

    *net = NULL;
    CG_TRY(cg_network_create_arrays(&n, r->rt, r->max_fakes, r->max_reals, r->metric_rows));
    CG_TRY(cg_network_apply(n, r->choice));
    *net = n;
    n = NULL;
done:
    cg_network_release(n);
    return status;
}

/* The same network for fewer images. */
static cg_status plan_create(void *user, size_t batch)
{
    request r = *(const request *)user;
    cg_network *net;
    r.max_fakes = batch < r.max_fakes ? batch : r.max_fakes;
    r.max_reals = batch < r.max_reals ? batch : r.max_reals;
    cg_status status = create(&net, &r);
    cg_network_release(net);
    return status;
}

cg_status cg_network_create(cg_network **net, cg_runtime *rt, size_t max_fakes, size_t max_reals,
                            size_t metric_rows, const cg_choice *choice)
{
    static const cg_choice defaults;
    request r = {rt, max_fakes, max_reals, metric_rows, choice ? choice : &defaults};
    *net = NULL;
    cg_status status =
        cg_footprint_check(rt, max_fakes > max_reals ? max_fakes : max_reals, plan_create, &r);
    return status == CG_OK ? create(net, &r) : status;
}
