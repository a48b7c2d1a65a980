/* A batch in shards: a training step whose sums over images do not depend on how many devices share
 * the batch.
 *
 *     cg_shards *shards;
 *     CG_TRY(cg_shards_create(&shards, head, ranks, 256, 256, 8));
 *     cg_shards_set_batch(shards, 256, 96);
 *     ... the inputs of each shards->nets[i] ...
 *     CG_TRY(cg_shards_run_step(shards)); // nn/shards_step.h
 *
 * The batch is cut into shards of consecutive images, each of which is a network of its own with
 * its own arrays, for this many images; parameters and statistics are those of the first one here,
 * the head. A stage runs on one shard after the other, by the launches that it would have with a
 * batch of that size. A stage that sums over images does so for each shard, and the shards' sums
 * are added by a tree (ops/tree.h): the moments and the backward sums of batchnorms as soon as all
 * shards have theirs, gradients and losses before the update.
 *
 * Several ranks (ranks/ranks.h) share a batch: each has consecutive shards on its own device, and
 * all make the same calls. Small sums go to all ranks, which finish the tree each for itself. A
 * rank gets its slices of the gradients, from all; it updates those slices of the parameters, and
 * the slices are gathered. The optimizer's moments and the moving average of a slice stay with its
 * rank, until cg_shards_collect(). Shards may move from a slow rank to a fast one, which changes no
 * order of sums and so no bit.
 */
#ifndef CLGAN_NN_SHARDS_H
#define CLGAN_NN_SHARDS_H

#include "nn/stages.h"
#include "ops/tree.h"
#include "ranks/ranks.h"

enum {
    CG_SHARD_EXCHANGES = 2 * CG_BATCHNORMS + 3, /* of a step: also losses, gradients, parameters */
    CG_SHARD_SPANS = 4
};

/* The costs of a step beside computing, on this rank. */
typedef struct cg_shard_costs {
    double copying;                        /* seconds of copies between the device and the host */
    double exchanging[CG_SHARD_EXCHANGES]; /* seconds of each, waiting for other ranks included */
    size_t exchanges;                      /* that were made */
    double sent, received;                 /* bytes */
} cg_shard_costs;

/* The sums of a batchnorm over the batch. */
typedef struct cg_shard_norm {
    cg_tree_slots moments;            /* [CG_MOMENTS][features] */
    cg_tree_slots sums;               /* gradients of gamma and of beta */
    cg_buffer *part[CG_TREE_MOST][2]; /* of each shard here: these two of its slot */
    cg_buffer *root[2];               /* of slot 0, where the tree ends */
} cg_shard_norm;

/* Gradients that lie side by side and that one stage completes: they travel between ranks while the
 * stages after it compute. Each rank gets a slice of each span, and updates that. */
typedef struct cg_shard_span {
    const cg_stage *last;           /* the stage */
    size_t slice[CG_TREE_MOST + 1]; /* of an arena: the first float of each rank's, and the end */
    cg_exchange *exchange;          /* under way; NULL: none */
} cg_shard_span;

typedef struct cg_shards {
    size_t count;                   /* of the whole batch */
    size_t owned[CG_TREE_MOST + 1]; /* the first shard of each owner, and the count */
    cg_tree tree;                   /* whose owners are the ranks */
    cg_ranks *ranks;                /* borrowed; NULL: one process has all shards */
    size_t owner;                   /* whose shards are here: this rank */
    size_t most_fakes, most_reals;  /* of a batch */
    double computing, exchanging;   /* seconds of steps: since shards could move last, and of all */
    size_t local;                   /* how many they are */
    cg_network *nets[CG_TREE_MOST]; /* of these; the first one, the head, is borrowed */

    cg_buffer *memory;                   /* [local] arenas of gradients */
    cg_tree_slots gradients;             /* in it */
    cg_shard_span spans[CG_SHARD_SPANS]; /* of an arena, in the order of their stages */
    size_t span_count;                   /* one rank has one span */
    cg_tree_slots slices;                /* this rank's slices of the gradients of all */
    float *sent, *received;              /* gradients, or other arenas, on their way */
    float *gathered;                     /* small sums on theirs */
    cg_shard_norm norms[CG_BATCHNORMS];
    bool measured;        /* the costs are: copies wait for what is enqueued before they begin */
    cg_shard_costs costs; /* of the steps since somebody zeroed them, one at a time */
    double lap;           /* when the last of them ended */
    double begun;         /* seconds of exchanges that have not ended */
    cg_tree_slots losses; /* [CG_LOSS_SUMS] */
    cg_buffer *loss_part[CG_TREE_MOST]; /* of each shard here */
    cg_buffer *loss_root;
} cg_shards;

/* Returns the first of n images that the i-th of `count` shards has; for i = count, n. */
static inline size_t cg_shard_first(size_t n, size_t count, size_t i)
{
    return n / count * i + n % count * i / count;
}

/* Returns the most images that a shard has. */
static inline size_t cg_shard_most(size_t n, size_t count)
{
    return cg_ceil_div(n, count);
}

/* *shards = `count` shards, 1 to CG_TREE_MOST and to `fakes`, of batches of at most this many
 * images. The head is a network for cg_shard_most() of them or more, whose gradients lie in the
 * shards' memory from now on: it has to be released after them. `ranks`, of which there are at most
 * as many as shards, stay the caller's; NULL: this process has all shards. */
cg_status cg_shards_create(cg_shards **shards, cg_network *head, cg_ranks *ranks, size_t fakes,
                           size_t reals, size_t count);

/* NULL is fine. */
void cg_shards_release(cg_shards *shards);

/* Returns the shards that a batch of this many images is cut into for several ranks where nobody
 * says how many: as many for 2 ranks as for 8, so that their number may change. They may be fewer
 * than the ranks, which then cannot share it. */
size_t cg_shards_usual(size_t ranks, size_t batch);

/* Sets the size of the batches to come: of all shards together. */
void cg_shards_set_batch(cg_shards *shards, size_t fakes, size_t reals);

/* From now on, until the next batch is set, the head is a network of a whole batch for itself. */
void cg_shards_part_head(cg_shards *shards);

/* ---- for the files shards_*.c ---------------------------------------------------------------- */

static inline cg_network *cg_shards_head(const cg_shards *shards)
{
    return shards->nets[0];
}

/* Cuts the shards among the ranks: owner r has those from owned[r] on. Before their parts are
 * created. */
void cg_shards_cut(cg_shards *shards, const size_t owned[]);

/* Cuts an arena into spans, and each into a slice for each rank. Once. */
void cg_shards_cut_spans(cg_shards *shards);

/* Returns the floats of rank r's slices of the first `count` spans. */
size_t cg_shards_span_at(const cg_shards *shards, size_t count, size_t r);

/* Creates, and releases, all that depends on which shards are here. */
cg_status cg_shards_create_parts(cg_shards *shards);
void cg_shards_release_parts(cg_shards *shards);

#endif
