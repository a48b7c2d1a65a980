/* The DCGAN's arrays on a device: parameters, activations, gradients; batches, and copies from and
 * to the host.
 *
 * Parameters of both networks lie in one arena (G, then D), so do gradients and each Adam moment:
 * the optimizer is one launch. D sees fakes and reals as one batch, fakes first: images[0 .. fakes)
 * come from G, the rest from the data. Its maps have room for exactly fakes + reals images.
 *
 * The operations on the arrays are a table of stages (stages.h). A network is made by
 * cg_network_create(), which also plans the memory that stages share (plan.h).
 */
#ifndef CLGAN_NN_NETWORK_H
#define CLGAN_NN_NETWORK_H

#include "base/shuffle.h"
#include "nn/arena.h"
#include "nn/layer.h"
#include "ocl/runtime.h"
#include "ops/adam.h"
#include "ops/batchnorm.h"
#include "ops/loss.h"
#include "ops/random.h"

/* The arrays that a network holds for each parameter: indices into cg_network.arenas. */
typedef enum cg_arena_id {
    CG_ARENA_PARAMS,
    CG_ARENA_GRADS,
    CG_ARENA_MOMENT1, /* Adam's m */
    CG_ARENA_MOMENT2, /* Adam's v */
    CG_ARENA_AVERAGE, /* the moving average of G's parameters alone; only where it is kept */
    CG_ARENA_COUNT
} cg_arena_id;

enum { CG_BATCHNORMS = 3, CG_STAGES = 27 /* of a step: stages.h */ };

/* A choice for a network: each stage's algorithm, NULL: the device's default; and the width of
 * explicit vectors in all kernels, 0: the native one. choice.h has it as text. */
typedef struct cg_choice {
    const char *algorithms[CG_STAGES];
    size_t vec;
    bool strict; /* kernels and algorithms give the same bits on every device */
} cg_choice;

typedef struct cg_network {
    cg_runtime *rt;
    size_t max_fakes, max_reals;
    size_t fakes, reals; /* of the current batch */

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

    /* The plan, by cg_network_apply(). */
    cg_choice choice;
    cg_scratch *scratch;        /* the convolutions' workspace and transforms */
    bool maps_only;             /* set before: no stage does a part of another's work */
    bool conv2_reads_spectrum;  /* d.conv2 works on transforms alone, so that the stages before it
                                   may write them in place of the maps a1 and da2 (cg_consumer) */
    bool conv1_writes_spectrum; /* d.conv1 does that with a1 */

    /* A network can be a shard, a part of a batch (nn/shards.h). The first of them is the head; it
     * has what all share: parameters, statistics, what batchnorms make of the whole batch. */
    const struct cg_network *head;   /* NULL: this network has them itself */
    size_t shard;                    /* its place in the batch, from 0 */
    size_t all_fakes, all_reals;     /* of the whole batch; 0: this network's own */
    size_t update_begin, update_end; /* floats of an arena that the update changes here; 0: all */
    cg_buffer *loss_sums;            /* written in place of a whole batch's losses; NULL: not */

    cg_adam adam;
    float smoothing; /* D's target for real images is 1 - smoothing */
    uint64_t step;   /* of this update, from 1 */
    size_t row;      /* of metrics, for this step */
} cg_network;

/* *net = a network's arrays, for batches of at most max_fakes and max_reals images (max_reals 0:
 * only those that drawing needs), with room for metric_rows rows of metrics. The parameters are
 * undefined, and there is no plan yet: this is cg_network_create()'s first half. */
cg_status cg_network_create_arrays(cg_network **net, cg_runtime *rt, size_t max_fakes,
                                   size_t max_reals, size_t metric_rows);

/* The same for another shard of the batch that `head` has the first one of: parameters, moving
 * statistics and results of batchnorms are the head's, whom it must not outlive; gradients lie in a
 * part of `grads` (cg_arena_create_within()). There is no optimizer's state. */
cg_status cg_network_create_shard(cg_network **net, const cg_network *head, size_t max_fakes,
                                  size_t max_reals, cg_buffer *grads, size_t offset);

/* Before the runtime, and before its head; NULL is fine. */
void cg_network_release(cg_network *net);

/* Sets the size of the batches to come. */
void cg_network_set_batch(cg_network *net, size_t fakes, size_t reals);

/* From now on a moving average of G's parameters is kept, by net->adam.average. Before
 * initialisation. */
cg_status cg_network_keep_average(cg_network *net);

/* Parameters as Keras initialises them, with a deviation above 0 weights normal around 0; the
 * average is these, moments 0, moving statistics 0 and 1; from the seed. */
cg_status cg_network_init(cg_network *net, uint64_t seed, double deviation);

/* The moments and the moving statistics alone, as above. */
cg_status cg_network_reset(cg_network *net);

/* Copies an array from or to host memory in Keras' layout (base/model.h); blocking. */
cg_status cg_network_upload_param(cg_network *net, cg_arena_id arena, cg_param_id id,
                                  const float *data);
cg_status cg_network_download_param(const cg_network *net, cg_arena_id arena, cg_param_id id,
                                    float *data);
cg_status cg_network_upload_stat(cg_network *net, cg_stat_id id, const float *data);
cg_status cg_network_download_stat(const cg_network *net, cg_stat_id id, float *data);

/* ---- a batch's inputs; asynchronous ---------------------------------------------------------- */

/* noise[0 .. n) = normal numbers. */
cg_status cg_network_draw_noise(cg_network *net, size_t n, const cg_random *random);

/* noise, mask1 and mask2 for a step, from the seed. */
cg_status cg_network_sample_inputs(cg_network *net, uint64_t seed, uint32_t step);

/* images[fakes .. fakes + reals) = those of the shuffled order from the first-th on, out of `bytes`
 * [count, 28, 28]. */
cg_status cg_network_gather_reals(cg_network *net, const cg_buffer *bytes,
                                  const cg_shuffle *shuffle, size_t first);

/* ---- the mode of programs ----------------------------------------------------------------------
 *
 * The width of vectors, and whether arithmetic is strict, are a network's own, but operations take
 * them from the runtime. So whatever enqueues a network's work, or asks what its operations need,
 * does that between these two:
 *
 *     cg_mode before = cg_choice_enter(&net->choice, rt);
 *     ...
 *     cg_runtime_set_mode(rt, before);
 *
 * and nobody else on the runtime ever sees them. */

/* The width that a choice means on a runtime. */
size_t cg_choice_width(const cg_choice *choice, const cg_runtime *rt);

/* Gives the runtime that width, and makes it as strict as the choice is; returns what it was. */
cg_mode cg_choice_enter(const cg_choice *choice, cg_runtime *rt);

/* ---- for stages ------------------------------------------------------------------------------ */

/* A pass of one of the convolutions, for as many images as the maps that it relates both hold now,
 * without prologue and epilogue (nn/layer.h). */
cg_conv2d cg_network_conv(const cg_network *net, cg_layer_id id, cg_pass pass);

#endif
