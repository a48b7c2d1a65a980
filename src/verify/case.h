/* A case of a check, and its result. */
#ifndef CLGAN_VERIFY_CASE_H
#define CLGAN_VERIFY_CASE_H

#include "ops/conv2d.h"

#include <math.h>

typedef struct cg_verify_case cg_verify_case;
typedef struct cg_harness cg_harness; /* harness.h */

enum { CG_VERIFY_MESSAGE = 240 };

typedef struct cg_verify_result {
    const char *name;
    bool ok;
    bool skipped;            /* the device has no such algorithm for the shape; ok is true */
    double max_error, bound; /* of the element that came closest to its bound, or went beyond */
    double squared_errors;   /* their sum over all elements */
    char message[CG_VERIFY_MESSAGE]; /* what was wrong first; "" when ok */
} cg_verify_result;

/* The error as a share of its bound, infinite for one that is no number. */
static inline double cg_verify_share(double error, double bound)
{
    return isnan(error) ? INFINITY : error == 0 ? 0 : error / bound;
}

/* Keeps the error that comes closest to its bound, or goes furthest beyond. */
static inline void cg_verify_result_note(cg_verify_result *result, double error, double bound)
{
    if (cg_verify_share(error, bound) <= cg_verify_share(result->max_error, result->bound))
        return;
    result->max_error = error;
    result->bound = bound;
}

/* ---- what is checked ------------------------------------------------------------------------- */

typedef enum cg_verify_load {
    CG_LOAD_NONE,
    CG_LOAD_CHANNEL,  /* scale and shift of each channel, LeakyReLU */
    CG_LOAD_POSITION, /* of each channel at each position           */
    CG_LOAD_IMAGE     /* a factor for each image                    */
} cg_verify_load;

typedef enum cg_verify_store {
    CG_STORE_NONE,
    CG_STORE_LEAKY,      /* bias, LeakyReLU, dropout            */
    CG_STORE_LEAKY_GRAD, /* LeakyReLU's gradient at its result  */
    CG_STORE_GATES,      /* the same by its gates, dropout      */
    CG_STORE_TANH,       /* tanh                                */
    CG_STORE_TANH_GRAD   /* tanh's gradient, a factor per image */
} cg_verify_store;

typedef struct cg_verify_conv2d {
    cg_conv2d_pass pass;
    size_t n, h, w, large_c, small_c, kernel, stride; /* h, w: of the large map */
    const char *algorithm;                            /* NULL: the default      */
    cg_verify_load large, small;                      /* of the maps that are read */
    cg_verify_store store;
    size_t extra; /* images that the maps have room for beyond n; 0: moments are checked, too */
    size_t consumer_c; /* channels of a convolution of the same kernel and stride that reads the
                        * small map, by its transform alone; 0: there is none */
    bool integers;     /* inputs; the result must then be exact (but for tanh) */
} cg_verify_conv2d;

typedef struct cg_verify_map {
    size_t n, h, w, c;
    size_t in;             /* dense: length of the vectors; batchnorm: groups       */
    size_t consumer_c;     /* column bwd: large channels of a 5x5 convolution with stride 2 that
                            * reads the gradient, by its transform alone; 0: there is none */
    size_t extra;          /* as above, where the operation has a pitch             */
    bool integers;         /* as above, for dense layers and the bias */
    const char *algorithm; /* of a dense layer's products, NULL: the default */
    size_t vector;         /* batchnorm by position: length of the vectors that the dense layer
                            * before it maps, which does what it can of the work; 0: none */
} cg_verify_map;

typedef struct cg_verify_array {
    size_t count;
    size_t other;  /* loss: real images; adam: the update's number */
    uint64_t seed; /* loss: smoothing in percent, and 100 for logits next to 0; adam: 1 keeps an
                    * average, too */
} cg_verify_array;

typedef struct cg_verify_gather {
    size_t count, h, w; /* of the data set */
    size_t first, n, to;
} cg_verify_gather;

struct cg_verify_case {
    const char *name;
    cg_status (*run)(cg_harness *harness, const cg_verify_case *check); /* one of those below */
    union {
        cg_verify_conv2d conv2d;
        cg_verify_map map;
        cg_verify_array array;
        cg_verify_gather gather;
    };
};

cg_status cg_verify_conv2d_run(cg_harness *harness, const cg_verify_case *check); /* .conv2d */
cg_status cg_verify_batchnorm_fwd(cg_harness *harness,
                                  const cg_verify_case *check); /* .map from here */
cg_status cg_verify_batchnorm_inference(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_batchnorm_bwd(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_bias_bwd(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_dense_fwd(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_dense_bwd_weight(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_dense_column_fwd(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_dense_column_bwd_weight(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_dense_column_bwd(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_softmax(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_loss(cg_harness *harness, const cg_verify_case *check); /* .array from here */
cg_status cg_verify_adam(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_random_words(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_random_normal(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_random_mask(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_portable_math(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_tree(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_partials(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_gather_images(cg_harness *harness, const cg_verify_case *check); /* .gather */

/* The classifier's forward pass on .array.count images. */
cg_status cg_verify_classifier_fwd(cg_harness *harness, const cg_verify_case *check);

/* Commands, whatever they compute (commands.c): launches one after another with fills, transfers
 * and changed arguments between them, .array.count rounds of them; ids and local memory of a launch
 * of many groups; parts of a buffer; a transfer of .array.count bytes. */
cg_status cg_verify_commands(cg_harness *harness, const cg_verify_case *check); /* .array */
cg_status cg_verify_groups(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_views(cg_harness *harness, const cg_verify_case *check);
cg_status cg_verify_transfer(cg_harness *harness, const cg_verify_case *check); /* .array */

#endif
