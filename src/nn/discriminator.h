/* The discriminator's operations, for the table of stages: 28x28 -> conv1 -> 14x14x64 -> conv2 ->
 * 7x7x128 -> dense -> a logit.
 *
 * The back-pass runs once, with a unit gradient at every logit; D's weight gradients weigh each
 * image with factor_d, G's gradient its fakes with factor_g (ops/loss.h). */
#ifndef CLGAN_NN_DISCRIMINATOR_H
#define CLGAN_NN_DISCRIMINATOR_H

#include "nn/network.h"

/* Adds to a call what the convolution does beside its product. Forward: bias, LeakyReLU,
 * dropout. */
void cg_discriminator_fuse_fwd(cg_conv2d *call, const cg_network *net, cg_layer_id layer);

/* Each image weighs factor_d; the bias's gradient comes with the weight's. */
void cg_discriminator_fuse_bwd_weight(cg_conv2d *call, const cg_network *net, cg_layer_id layer);

/* d.conv2: back through d.conv1's LeakyReLU and dropout. d.conv1: back through G's tanh, each fake
 * weighing factor_g; only the fakes, which come first, need a gradient. */
void cg_discriminator_fuse_bwd_data(cg_conv2d *call, const cg_network *net, cg_layer_id layer);

cg_status cg_discriminator_dense_fwd(cg_network *net);
cg_status cg_discriminator_dense_bwd_data(cg_network *net);
cg_status cg_discriminator_dense_bwd_weight(cg_network *net);
cg_status cg_discriminator_loss(cg_network *net);

#endif
