/* The discriminator's stages: 28x28 -> conv1 -> 14x14x64 -> conv2 -> 7x7x128 -> dense -> a logit.
 *
 * Bias, LeakyReLU and dropout are epilogues. The back-pass runs once, with a unit gradient at every
 * logit; D's weight gradients weigh each image with factor_d, G's gradient its fakes with factor_g
 * (ops/loss.h). */
#include "nn/network.h"

#include "ops/dense.h"

static size_t batch(const cg_network *net)
{
    return net->fakes + net->reals;
}

/* What is written for conv2 to read. */
static cg_consumer conv2_reads_spectrum(const cg_network *net, cg_conv2d_operand operand)
{
    cg_conv2d conv2 = cg_network_conv(net, CG_D_CONV2_WEIGHT, CG_CONV2D_WEIGHT, batch(net));
    return (cg_consumer){.shape = conv2.shape,
                         .operand = operand,
                         .spectrum = net->conv2_reads_spectrum ? conv2.spectrum[operand] : NULL};
}

/* ---- forward --------------------------------------------------------------------------------- */

static cg_conv2d forward(const cg_network *net, cg_param_id weight, cg_map large, cg_map small,
                         cg_buffer *mask)
{
    cg_conv2d call = cg_network_conv(net, weight, CG_CONV2D_DOWN, batch(net));
    call.large = large;
    call.small = small;
    call.epilogue = (cg_epilogue){
        .bias = net->arenas[CG_ARENA_PARAMS].view[weight + 1],
        .activation = CG_ACT_LEAKY,
        .slope = CG_LEAKY_SLOPE,
        .mask = mask,
        .mask_scale = (float)(1 / CG_DROPOUT_KEEP),
    };
    return call;
}

cg_conv2d cg_discriminator_conv1_fwd(const cg_network *net)
{
    cg_conv2d call = forward(net, CG_D_CONV1_WEIGHT, net->images, net->a1, net->mask1);
    call.consumer = conv2_reads_spectrum(net, CG_CONV2D_LARGE);
    return call;
}

cg_conv2d cg_discriminator_conv2_fwd(const cg_network *net)
{
    cg_conv2d conv1 = cg_stage_conv(cg_stage_named("d.conv1"), net);
    cg_conv2d call = forward(net, CG_D_CONV2_WEIGHT, net->a1, net->a2, net->mask2);
    call.unchanged[CG_CONV2D_LARGE] = cg_conv2d_transforms(net->rt, &conv1);
    return call;
}

cg_status cg_discriminator_dense_fwd(cg_network *net)
{
    return cg_dense_column_fwd(net->rt, net->logits, &net->a2,
                               net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT], batch(net));
}

cg_status cg_discriminator_loss(cg_network *net)
{
    const cg_loss_batch losses = {net->fakes, net->reals, net->smoothing};
    return cg_loss_logits(net->rt, net->logits, net->factor_d, net->factor_g,
                          net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_BIAS], net->metrics,
                          net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_BIAS], &losses, net->row);
}

/* ---- backward -------------------------------------------------------------------------------- */

cg_status cg_discriminator_dense_bwd_data(cg_network *net)
{
    const cg_consumer consumer = conv2_reads_spectrum(net, CG_CONV2D_SMALL);
    return cg_dense_column_bwd(net->rt, &net->da2,
                               net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT], net->mask2,
                               (float)(1 / CG_DROPOUT_KEEP), CG_LEAKY_SLOPE, batch(net), &consumer);
}

cg_status cg_discriminator_dense_bwd_weight(cg_network *net)
{
    return cg_dense_column_bwd_weight(net->rt, net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_WEIGHT],
                                      &net->a2, net->factor_d, batch(net), net->workspace);
}

static cg_conv2d backward_weight(const cg_network *net, cg_param_id weight, cg_map large,
                                 cg_map dsmall)
{
    cg_conv2d call = cg_network_conv(net, weight, CG_CONV2D_WEIGHT, batch(net));
    call.large = large;
    call.small = dsmall;
    call.small_prologue.image = net->factor_d;
    call.db = net->arenas[CG_ARENA_GRADS].view[weight + 1];
    return call;
}

cg_conv2d cg_discriminator_conv2_bwd_weight(const cg_network *net)
{
    cg_conv2d call = backward_weight(net, CG_D_CONV2_WEIGHT, net->a1, net->da2);
    call.unchanged[CG_CONV2D_SMALL] = net->conv2_reads_spectrum;
    return call;
}

cg_conv2d cg_discriminator_conv1_bwd_weight(const cg_network *net)
{
    return backward_weight(net, CG_D_CONV1_WEIGHT, net->images, net->da1);
}

cg_conv2d cg_discriminator_conv2_bwd_data(const cg_network *net)
{
    cg_conv2d call = cg_network_conv(net, CG_D_CONV2_WEIGHT, CG_CONV2D_UP, batch(net));
    call.large = net->da1;
    call.small = net->da2;
    call.epilogue = (cg_epilogue){
        .activation = CG_ACT_LEAKY_GRAD,
        .slope = CG_LEAKY_SLOPE,
        .mask = net->mask1,
        .mask_scale = (float)(1 / CG_DROPOUT_KEEP),
    };
    return call;
}

/* Only the fakes, which come first, have a gradient that anybody wants: G's. */
cg_conv2d cg_discriminator_conv1_bwd_data(const cg_network *net)
{
    cg_conv2d call = cg_network_conv(net, CG_D_CONV1_WEIGHT, CG_CONV2D_UP, net->fakes);
    call.large = net->dimages;
    call.small = net->da1;
    call.epilogue = (cg_epilogue){
        .activation = CG_ACT_TANH_GRAD,
        .saved = net->images.buffer,
        .image = net->factor_g,
    };
    return call;
}
