/* A training step as a table: what each stage does, which arrays of what shape it reads and writes,
 * and so what it costs. The whole step is this table in its order; the bench times its lines one by
 * one, and a choice of algorithms (choice.h) names an algorithm for each line that has one. */
#ifndef CLGAN_NN_STAGES_H
#define CLGAN_NN_STAGES_H

#include "nn/network.h"

enum {
    CG_DIMS = 4,
    CG_STAGE_ARRAYS = 4,
    CG_GENERATOR_STAGES = 7 /* the first ones, which are all that drawing needs */
};

/* Dimensions that stand for a number which is known later. */
enum {
    CG_DIM_FAKES = -1,
    CG_DIM_IMAGES = -2, /* fakes and reals */
    CG_DIM_ARENA = -3   /* floats that all parameters take in an arena, its padding included */
};

/* An array that a stage reads or writes, or a part of it. */
typedef struct cg_stage_array {
    const char *name;
    int dims[CG_DIMS]; /* up to a 0 */
    bool bytes;        /* its elements are bytes, else floats */
} cg_stage_array;

/* A line of the table. It enqueues a convolution, a dense layer's product, or an operation that has
 * no choice of algorithms. */
typedef struct cg_stage {
    const char *name; /* "g.convt1" */
    cg_pass pass;

    const cg_layer_spec *layer; /* of cg_model_layers: a pass of this convolution; NULL: none */
    void (*fuse)(cg_conv2d *call, const cg_network *net, cg_layer_id layer); /* NULL: nothing */
    cg_status (*dense)(cg_network *net, const char *algorithm);
    cg_status (*enqueue)(cg_network *net);

    /* Each audit checks the stage, not in turn: it costs little, or, Adam, has its results for
     * operands, so that what is wrong the same way each time shows nowhere else. */
    bool always_audited;

    int multiply_adds[CG_DIMS]; /* factors of their number; a convolution's follow from its layer */
    cg_stage_array reads[CG_STAGE_ARRAYS], writes[CG_STAGE_ARRAYS]; /* up to one without a name */
} cg_stage;

/* [CG_STAGES]: the stages of a step from given noise, real images and masks to updated parameters,
 * in order. */
extern const cg_stage cg_stages[];

/* ---- what a line is -------------------------------------------------------------------------- */

/* True when there are several algorithms for the stage. */
bool cg_stage_has_choice(const cg_stage *stage);

/* The first stage of that name that has a choice of algorithms, NULL when there is none. */
const cg_stage *cg_stage_named(const char *name);

/* The stage of that name and pass; there has to be one. */
const cg_stage *cg_stage_find(const char *name, cg_pass pass);

/* The stage that is this pass of this convolution, NULL when there is none. */
const cg_stage *cg_stage_of_layer(cg_layer_id layer, cg_pass pass);

/* The algorithm that a choice names for a stage of the table, NULL: the default. */
const char *cg_stage_algorithm(const cg_stage *stage, const cg_choice *choice);

/* The call of a convolution's stage, with all that is fused and the network's choice. */
cg_conv2d cg_stage_conv(const cg_stage *stage, const cg_network *net);

/* Floating-point operations, a multiply-add counted as two, by the three ways of counting
 * (ops/conv2d.h); and the bytes that the stage must move at least, in and out, once. */
typedef struct cg_stage_cost {
    double flop_nominal, flop_real, flop_done;
    double bytes;
} cg_stage_cost;

/* The cost for the network's current batch: a convolution's follows from its call, another stage's
 * from its line of the table. */
cg_stage_cost cg_stage_find_cost(const cg_stage *stage, const cg_network *net);

/* ---- running; asynchronous ------------------------------------------------------------------- */

cg_status cg_stage_run(const cg_stage *stage, cg_network *net);

/* All stages: the update net->step, whose metrics go to row net->row. */
cg_status cg_network_run_step(cg_network *net);

/* images[0 .. fakes) = G(noise) with the moving statistics. */
cg_status cg_network_generate(cg_network *net);

/* The moving statistics become the mean of those of `batches` batches of `n` noise vectors, from
 * the seed: as the weights are, and not as they were on the way. */
cg_status cg_network_recompute(cg_network *net, size_t n, size_t batches, uint64_t seed);

#endif
