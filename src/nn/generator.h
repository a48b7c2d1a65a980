/* The generator's operations, for the table of stages: noise -> dense -> 7x7x256 -> convt1 ->
 * 7x7x128 -> convt2 -> 14x14x64 -> convt3 -> tanh -> 28x28. */
#ifndef CLGAN_NN_GENERATOR_H
#define CLGAN_NN_GENERATOR_H

#include "nn/network.h"

/* Adds to a call what the transposed convolution does beside its product, forward and for its
 * weight's gradient: on load batchnorm and LeakyReLU of the layer before it; forward also the
 * moments of its result, or tanh of the last one's. */
void cg_generator_fuse_fwd(cg_conv2d *call, const cg_network *net, cg_layer_id layer);
void cg_generator_fuse_bwd_weight(cg_conv2d *call, const cg_network *net, cg_layer_id layer);

cg_status cg_generator_dense_fwd(cg_network *net, const char *algorithm);

/* Reads dh0 at LeakyReLU's result; the gradients of bn0 are made on the way. */
cg_status cg_generator_dense_bwd_weight(cg_network *net, const char *algorithm);

cg_status cg_generator_bn0_fwd(cg_network *net);
cg_status cg_generator_bn1_fwd(cg_network *net);
cg_status cg_generator_bn2_fwd(cg_network *net);
cg_status cg_generator_bn1_bwd(cg_network *net);
cg_status cg_generator_bn2_bwd(cg_network *net);

#endif
