/* The DCGAN on a device: its parameters, its activations, and the stages of a training step.
 *
 * All memory is planned when the network is created. Parameters of both networks lie in one arena
 * (G, then D), so do gradients and each Adam moment: the optimizer is one launch. A step is a table
 * of stages, run in order; the bench times the same stages one by one.
 *
 * D sees fakes and reals as one batch, fakes first: images[0 .. fakes) come from G, the rest from
 * the data. Its maps have room for exactly fakes + reals images.
 */
#ifndef CLGAN_NN_NETWORK_H
#define CLGAN_NN_NETWORK_H

#include "base/model.h"
#include "base/shuffle.h"
#include "nn/arena.h"
#include "ops/adam.h"
#include "ops/batchnorm.h"
#include "ops/conv2d.h"
#include "ops/loss.h"

/* What a network holds for each parameter: indices into cg_network.arenas. */
typedef enum cg_arena_id {
    CG_ARENA_PARAMS,
    CG_ARENA_GRADS,
    CG_ARENA_MOMENT1, /* Adam's m */
    CG_ARENA_MOMENT2, /* Adam's v */
    CG_ARENA_AVERAGE, /* the moving average of G's parameters alone; only where it is kept */
    CG_ARENA_COUNT
} cg_arena_id;

enum { CG_BATCHNORMS = 3, CG_STAGES_MAX = 32 };

/* Spectra of the convolutions: of each one's input (the index is its weight's) and weights (the
 * same and CG_SPECTRUM_WEIGHTS), kept from the forward to the backward passes; of outputs and of
 * weights' gradients, one for all. */
enum {
    CG_SPECTRUM_WEIGHTS = CG_PARAM_COUNT,
    CG_SPECTRUM_OUTPUT = 2 * CG_PARAM_COUNT,
    CG_SPECTRUM_GRADIENT,
    CG_SPECTRA
};

/* What is chosen for a network: each stage's algorithm, NULL: the device's default; and the width
 * of explicit vectors in all kernels, 0: the native one. */
typedef struct cg_choice {
    const char *algorithms[CG_STAGES_MAX];
    size_t vec;
} cg_choice;

typedef struct cg_network {
    cg_runtime *rt;
    size_t max_fakes, max_reals;
    size_t fakes, reals; /* of the current batch */
    cg_choice choice;

    cg_arena arenas[CG_ARENA_COUNT];
    cg_arena stats; /* moving statistics */

    cg_buffer *noise;     /* [fakes, 100] */
    cg_map images;        /* [fakes + reals, 28, 28, 1] */
    cg_map h0, h1, h2;    /* G: before each batchnorm: 7x7x256, 7x7x128, 14x14x64 */
    cg_map dh0, dh1, dh2; /* their gradients */
    cg_batchnorm bn[CG_BATCHNORMS];
    cg_moments *moments; /* [CG_BATCHNORMS], of h0, h1, h2 */
    cg_map a1, a2;       /* D: after dropout: 14x14x64, 7x7x128 */
    cg_map da1, da2;     /* gradients before the activation, for unit gradients at the logits */
    cg_buffer *mask1, *mask2;       /* bytes, laid out like a1 and a2; gates from there on */
    cg_map dimages;                 /* [fakes, 28, 28, 1], the gradient before tanh of G's loss */
    cg_buffer *logits;              /* [fakes + reals] */
    cg_buffer *factor_d, *factor_g; /* derivatives of the losses by the logits */
    cg_buffer *metrics;             /* [metric_rows] cg_metrics */
    size_t metric_rows;
    cg_buffer *workspace;
    cg_spectrum *spectra; /* [CG_SPECTRA] */
    bool maps_only; /* set before cg_network_apply(): no stage does a part of another's work */
    bool conv2_reads_spectrum; /* whether who writes what d.conv2 reads may transform it:
                                  cg_consumer */

    cg_adam adam;
    float smoothing; /* D's target for real images is 1 - smoothing */
    uint64_t step;   /* of this update, from 1 */
    size_t row;      /* of metrics, for this step */
} cg_network;

/* A network for batches of at most max_fakes and max_reals images (max_reals 0: only to draw), with
 * room for metric_rows rows of metrics. The parameters are undefined. To be released before rt.
 * `algorithms`: as cg_choice_parse() takes them (choice.h), whose errors these are. */
cg_status cg_network_create(cg_network **net, cg_runtime *rt, size_t max_fakes, size_t max_reals,
                            size_t metric_rows, const char *algorithms);
void cg_network_release(cg_network *net);

/* Sets what stages and runtime take from now on, and makes room for it. Blocking. */
cg_status cg_network_apply(cg_network *net, const cg_choice *choice);

/* Sets the size of the batches to come. */
void cg_network_set_batch(cg_network *net, size_t fakes, size_t reals);

/* From now on a moving average of G's parameters is kept, by net->adam.average. Before
 * initialisation. */
cg_status cg_network_keep_average(cg_network *net);

/* Parameters as Keras initialises them, with a deviation above 0 weights normal around 0; the
 * average is these, moments 0, moving statistics 0 and 1; from the seed. */
cg_status cg_network_init(cg_network *net, uint64_t seed, double deviation);

/* Copies an array from or to host memory in Keras' layout (base/model.h); blocking. */
cg_status cg_network_upload_param(cg_network *net, cg_arena_id arena, cg_param_id id,
                                  const float *data);
cg_status cg_network_download_param(const cg_network *net, cg_arena_id arena, cg_param_id id,
                                    float *data);
cg_status cg_network_upload_stat(cg_network *net, cg_stat_id id, const float *data);
cg_status cg_network_download_stat(const cg_network *net, cg_stat_id id, float *data);

/* noise, mask1 and mask2 for a step, from the seed. Asynchronous. */
cg_status cg_network_sample_inputs(cg_network *net, uint64_t seed, uint32_t step);

/* images[0 .. fakes) = G(noise) with the moving statistics. Asynchronous. */
cg_status cg_network_generate(cg_network *net);

/* The moving statistics become the mean of those of `batches` batches of `n` noise vectors, from
 * the seed: as the weights are, and not as they were on the way. Asynchronous. */
cg_status cg_network_recompute(cg_network *net, size_t n, size_t batches, uint64_t seed);

/* A stage of a step: a convolution, a dense layer's product, or something else that `run` enqueues.
 */
typedef struct cg_stage {
    const char *name; /* "g.convt1" */
    const char *pass; /* "fwd", "bwd_data", "bwd_weight" or "bwd" */
    cg_conv2d (*conv)(const cg_network *net);
    cg_status (*dense)(cg_network *net, const char *algorithm);
    cg_status (*run)(cg_network *net);
} cg_stage;

/* The stages of a step from given noise, real images and masks to updated parameters, in order. */
const cg_stage *cg_network_stages(size_t *count);

/* The first stage of that name that has a choice of algorithms, NULL when there is none. */
const cg_stage *cg_stage_named(const char *name);

cg_status cg_stage_run(const cg_stage *stage, cg_network *net);

/* The algorithm that was chosen for a stage of the table, NULL: the default; and a convolution's
 * call with it. */
const char *cg_stage_algorithm(const cg_stage *stage, const cg_network *net);
cg_conv2d cg_stage_conv(const cg_stage *stage, const cg_network *net);

/* ---- inside nn/ ------------------------------------------------------------------------------ */

/* A call of one of the layers' convolutions without maps, prologue and epilogue: shape for `n`
 * images, weights (or their gradient, for CG_CONV2D_WEIGHT), workspace and spectra. A layer's
 * passes run in the order forward, weight gradient, input gradient; the second finds the input's
 * transform, the third the output gradient's and the weights'. */
cg_conv2d cg_network_conv(const cg_network *net, cg_param_id weight, cg_conv2d_pass pass, size_t n);

/* generator.c, discriminator.c */
cg_conv2d cg_generator_convt1_fwd(const cg_network *net);
cg_conv2d cg_generator_convt1_bwd_data(const cg_network *net);
cg_conv2d cg_generator_convt1_bwd_weight(const cg_network *net);
cg_conv2d cg_generator_convt2_fwd(const cg_network *net);
cg_conv2d cg_generator_convt2_bwd_data(const cg_network *net);
cg_conv2d cg_generator_convt2_bwd_weight(const cg_network *net);
cg_conv2d cg_generator_convt3_fwd(const cg_network *net);
cg_conv2d cg_generator_convt3_bwd_data(const cg_network *net);
cg_conv2d cg_generator_convt3_bwd_weight(const cg_network *net);
cg_status cg_generator_dense_fwd(cg_network *net, const char *algorithm);
cg_status cg_generator_dense_bwd_weight(cg_network *net, const char *algorithm);
cg_status cg_generator_bn0_fwd(cg_network *net);
cg_status cg_generator_bn1_fwd(cg_network *net);
cg_status cg_generator_bn2_fwd(cg_network *net);
cg_status cg_generator_bn1_bwd(cg_network *net);
cg_status cg_generator_bn2_bwd(cg_network *net);

cg_conv2d cg_discriminator_conv1_fwd(const cg_network *net);
cg_conv2d cg_discriminator_conv1_bwd_data(const cg_network *net);
cg_conv2d cg_discriminator_conv1_bwd_weight(const cg_network *net);
cg_conv2d cg_discriminator_conv2_fwd(const cg_network *net);
cg_conv2d cg_discriminator_conv2_bwd_data(const cg_network *net);
cg_conv2d cg_discriminator_conv2_bwd_weight(const cg_network *net);
cg_status cg_discriminator_dense_fwd(cg_network *net);
cg_status cg_discriminator_dense_bwd_data(cg_network *net);
cg_status cg_discriminator_dense_bwd_weight(cg_network *net);
cg_status cg_discriminator_loss(cg_network *net);

#endif
