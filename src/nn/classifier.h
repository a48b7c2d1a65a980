/* A classifier of 28x28 images, LeNet-sized: what evaluation sees images with.
 *
 *     images    28x28x1
 *     conv1     14x14x32    5x5, stride 2
 *     conv2     7x7x64      5x5, stride 2, dropout
 *     features  128         7x7 over the whole map: a dense layer; dropout
 *     logits    classes     1x1
 *
 * Every layer is a convolution with a bias, and LeakyReLU but for the last: forward is one loop
 * over a table, backward the same loop from its end. Its vectors have the runtime's own width.
 * Source: LeCun et al. 1998, with strides for pooling.
 */
#ifndef CLGAN_NN_CLASSIFIER_H
#define CLGAN_NN_CLASSIFIER_H

#include "nn/arena.h"
#include "nn/layer.h"
#include "ops/adam.h"

enum {
    CG_CLASSES = 10,                 /* of digits: the tables' below */
    CG_CLASSES_LEAST = 2,            /* that a classifier has        */
    CG_CLASSES_MOST = UINT8_MAX + 1, /* labels are bytes          */
    CG_FEATURES = 128,
    CG_CLASSIFIER_CHANNELS1 = 32, /* after conv1 */
    CG_CLASSIFIER_CHANNELS2 = 64, /* after conv2 */
    CG_CLASSIFIER_LAYERS = 4,
    CG_CLASSIFIER_FEATURES = 3,                     /* index into maps: the features     */
    CG_CLASSIFIER_PARAMS = 2 * CG_CLASSIFIER_LAYERS /* a weight and a bias for each layer */
};

#define CG_CLASSIFIER_KEEP  0.7 /* of what dropout may drop */
#define CG_CLASSIFIER_SLOPE 0.01f

/* For digits; the last layer of another classifier has as many outputs as there are classes. */
extern const cg_layer_spec cg_classifier_layers[CG_CLASSIFIER_LAYERS];

/* Names, shapes and initial values: "conv1.weight", "conv1.bias", ...; Keras' layouts. */
extern const cg_param_spec cg_classifier_params[CG_CLASSIFIER_PARAMS];

/* The same of a classifier of this many classes. */
cg_layer_spec cg_classifier_layer(size_t l, size_t classes);
cg_param_spec cg_classifier_param(size_t i, size_t classes);

typedef struct cg_classifier {
    cg_runtime *rt;
    size_t classes, max_n;
    cg_layer_spec layers[CG_CLASSIFIER_LAYERS];
    cg_param_spec specs[CG_CLASSIFIER_PARAMS];
    bool training; /* there are masks, gradients, moments */

    cg_arena params, grads, moment1, moment2;
    cg_map maps[CG_CLASSIFIER_LAYERS + 1];      /* the images, then each layer's output */
    cg_map gradients[CG_CLASSIFIER_LAYERS + 1]; /* of the mean loss; of the images: none */
    cg_buffer *masks[CG_CLASSIFIER_LAYERS];     /* NULL: no dropout behind this layer */
    cg_buffer *loss;                            /* [max_n], of each image */
    cg_scratch scratch;
} cg_classifier;

/* A classifier of CG_CLASSES_LEAST to CG_CLASSES_MOST classes, for at most max_n images at a time;
 * all parameters are 0. Without `training` it has no backward pass and no dropout. To be released
 * before rt. */
cg_status cg_classifier_create(cg_classifier **net, cg_runtime *rt, size_t classes, size_t max_n,
                               bool training);
void cg_classifier_release(cg_classifier *net);

/* Parameters as Keras initialises them, from the seed; moments 0. Blocking. */
cg_status cg_classifier_init(cg_classifier *net, uint64_t seed);

/* Masks for a step. Asynchronous, as all below. */
cg_status cg_classifier_draw(cg_classifier *net, uint64_t seed, uint32_t step);

/* maps[1 ..] from maps[0], for its first n images; in training with dropout, which needs masks. */
cg_status cg_classifier_fwd(cg_classifier *net, size_t n, bool dropout);

/* loss and grads, after cg_classifier_fwd(): image i has the label labels[first + i]. */
cg_status cg_classifier_bwd(cg_classifier *net, const cg_buffer *labels, size_t first, size_t n);

/* One update, the t-th from 1, by Adam with this learning rate and Keras' other defaults. */
cg_status cg_classifier_update(cg_classifier *net, double rate, uint64_t t);

#endif
