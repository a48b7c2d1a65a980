/* The discriminator. Bias, LeakyReLU and dropout are epilogues. The input of d.conv2 is written as
 * its transform instead of a map if the plan says so. */
#include "nn/discriminator.h"

#include "ops/dense.h"

static const float mask_scale = (float)(1 / CG_DROPOUT_KEEP);

static size_t batch_of(const cg_network *net)
{
    return net->fakes + net->reals;
}

/* Describes conv2 as the consumer of what is written for it. */
static cg_consumer conv2_as_consumer(const cg_network *net, cg_conv2d_operand operand)
{
    cg_conv2d conv2 = cg_network_conv(net, CG_D_CONV2, CG_BWD_WEIGHT);
    return (cg_consumer){.shape = conv2.shape,
                         .operand = operand,
                         .spectrum = net->conv2_reads_spectrum ? conv2.spectrum[operand] : NULL};
}

/* ---- forward --------------------------------------------------------------------------------- */

void cg_discriminator_fuse_fwd(cg_conv2d *call, const cg_network *net, cg_layer_id layer)
{
    call->epilogue = (cg_epilogue){
        .bias = net->arenas[CG_ARENA_PARAMS].view[cg_model_layers[layer].weight + 1],
        .activation = CG_ACT_LEAKY,
        .slope = CG_LEAKY_SLOPE,
        .mask = layer == CG_D_CONV1 ? net->mask1 : net->mask2,
        .mask_scale = mask_scale,
    };
    if (layer == CG_D_CONV1)
        call->consumer = conv2_as_consumer(net, CG_CONV2D_LARGE);
    else
        call->unchanged[CG_CONV2D_LARGE] = net->conv1_writes_spectrum;
}

cg_status cg_discriminator_dense_fwd(cg_network *net)
{
    return cg_dense_column_fwd(net->rt, net->logits, &net->a2,
                               net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT], batch_of(net));
}

cg_status cg_discriminator_loss(cg_network *net)
{
    const cg_loss_batch losses = {.fakes = net->fakes,
                                  .reals = net->reals,
                                  .all_fakes = net->all_fakes,
                                  .all_reals = net->all_reals,
                                  .smoothing = net->smoothing};
    const cg_loss_arrays arrays = {.logits = net->logits,
                                   .factor_d = net->factor_d,
                                   .factor_g = net->factor_g,
                                   .dbias = net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_BIAS],
                                   .metrics = net->metrics,
                                   .sums = net->loss_sums,
                                   .bias = net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_BIAS]};
    return cg_loss_logits(net->rt, &arrays, &losses, net->row);
}

/* ---- backward -------------------------------------------------------------------------------- */

cg_status cg_discriminator_dense_bwd_data(cg_network *net)
{
    const cg_consumer consumer = conv2_as_consumer(net, CG_CONV2D_SMALL);
    const cg_gates gates = {net->mask2, mask_scale, CG_LEAKY_SLOPE};
    return cg_dense_column_bwd(net->rt, &net->da2,
                               net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT], &gates,
                               batch_of(net), &consumer);
}

cg_status cg_discriminator_dense_bwd_weight(cg_network *net)
{
    return cg_dense_column_bwd_weight(net->rt, net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_WEIGHT],
                                      &net->a2, net->factor_d, batch_of(net),
                                      net->scratch->workspace);
}

void cg_discriminator_fuse_bwd_weight(cg_conv2d *call, const cg_network *net, cg_layer_id layer)
{
    call->small_prologue.image = net->factor_d;
    call->db = net->arenas[CG_ARENA_GRADS].view[cg_model_layers[layer].weight + 1];
    if (layer == CG_D_CONV2) /* whose output gradient d.dense may have written as its transform */
        call->unchanged[CG_CONV2D_SMALL] = net->conv2_reads_spectrum;
}

void cg_discriminator_fuse_bwd_data(cg_conv2d *call, const cg_network *net, cg_layer_id layer)
{
    if (layer == CG_D_CONV2)
        call->epilogue = (cg_epilogue){
            .activation = CG_ACT_LEAKY_GRAD,
            .slope = CG_LEAKY_SLOPE,
            .mask = net->mask1,
            .mask_scale = mask_scale,
        };
    else
        call->epilogue = (cg_epilogue){
            .activation = CG_ACT_TANH_GRAD,
            .saved = net->images.buffer,
            .image = net->factor_g,
        };
}
