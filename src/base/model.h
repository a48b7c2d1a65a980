/* The network as data: the tutorial's DCGAN as constants, a table of its parameters and one of its
 * convolutions.
 *
 * nn/ (the device) and ref/ (float64 on the host) build the same network from this file and do not
 * depend on each other. Names, shapes and layouts are those of files and fixtures, Keras':
 * convolution [kh, kw, in, out], transposed convolution [kh, kw, out, in], dense [in, out]. Source:
 * tensorflow/docs, site/en/tutorials/generative/dcgan.ipynb, and Keras' defaults.
 */
#ifndef CLGAN_BASE_MODEL_H
#define CLGAN_BASE_MODEL_H

#include <stddef.h>

enum {
    CG_NOISE = 100, /* length of a noise vector                             */
    CG_SIDE = 28,   /* an image is 28 x 28 with one channel                 */
    CG_PIXELS = CG_SIDE * CG_SIDE,
    CG_SIDE2 = 14,        /* the middle feature maps                              */
    CG_SIDE4 = 7,         /* the small feature maps                               */
    CG_G_CHANNELS0 = 256, /* G: after the dense layer, 7 x 7                      */
    CG_G_CHANNELS1 = 128, /* G: after convt1, 7 x 7                               */
    CG_G_CHANNELS2 = 64,  /* G: after convt2, 14 x 14                             */
    CG_D_CHANNELS1 = 64,  /* D: after conv1, 14 x 14                              */
    CG_D_CHANNELS2 = 128, /* D: after conv2, 7 x 7                                */
    CG_KERNEL = 5,        /* every convolution is 5 x 5, SAME                     */
    CG_DENSE_FEATURES = CG_SIDE4 * CG_SIDE4 * CG_G_CHANNELS0, /* 12544                  */
    CG_D_FEATURES = CG_SIDE4 * CG_SIDE4 * CG_D_CHANNELS2      /* 6272                   */
};

/* A float32 also in float64 arithmetic, like TensorFlow; without the cast some machines (s390x,
 * x87) would take more of its digits. */
#define CG_LEAKY_SLOPE  ((float)0.3f)
#define CG_BN_EPSILON   1e-3
#define CG_BN_MOMENTUM  0.99
#define CG_DROPOUT_KEEP 0.7
#define CG_ADAM_RATE    1e-4
#define CG_ADAM_BETA1   0.9
#define CG_ADAM_BETA2   0.999
#define CG_ADAM_EPSILON 1e-7

/* Trained parameters, G's then D's: indices into cg_model_params. */
typedef enum cg_param_id {
    CG_G_DENSE_WEIGHT,
    CG_G_BN0_GAMMA,
    CG_G_BN0_BETA,
    CG_G_CONVT1_WEIGHT,
    CG_G_BN1_GAMMA,
    CG_G_BN1_BETA,
    CG_G_CONVT2_WEIGHT,
    CG_G_BN2_GAMMA,
    CG_G_BN2_BETA,
    CG_G_CONVT3_WEIGHT,
    CG_D_CONV1_WEIGHT,
    CG_D_CONV1_BIAS,
    CG_D_CONV2_WEIGHT,
    CG_D_CONV2_BIAS,
    CG_D_DENSE_WEIGHT,
    CG_D_DENSE_BIAS,
    CG_PARAM_COUNT,
    CG_G_PARAM_COUNT = CG_D_CONV1_WEIGHT
} cg_param_id;

/* Batchnorm's moving statistics: indices into cg_model_stats. */
typedef enum cg_stat_id {
    CG_BN0_MOVING_MEAN,
    CG_BN0_MOVING_VARIANCE,
    CG_BN1_MOVING_MEAN,
    CG_BN1_MOVING_VARIANCE,
    CG_BN2_MOVING_MEAN,
    CG_BN2_MOVING_VARIANCE,
    CG_STAT_COUNT
} cg_stat_id;

/* Convolutions: indices into cg_model_layers. */
typedef enum cg_layer_id {
    CG_G_CONVT1,
    CG_G_CONVT2,
    CG_G_CONVT3,
    CG_D_CONV1,
    CG_D_CONV2,
    CG_LAYER_COUNT
} cg_layer_id;

typedef struct cg_param_spec {
    const char *name;
    size_t rank;
    size_t dims[4];
    double constant; /* the initial value, where not glorot */
    int glorot;      /* initialised Glorot uniform, from the dims as Keras counts fans */
} cg_param_spec;

/* A square feature map: side x side pixels with this many channels. */
typedef struct cg_plane {
    size_t side, channels;
} cg_plane;

/* A convolution, or a transposed one, from the map `in` to the map `out`, with the padding that
 * TensorFlow calls SAME: the smaller side is the larger one over the stride, rounded up, and what
 * the kernel reaches beyond the larger map is padding, half of it (rounded down) above and left. */
typedef struct cg_layer_spec {
    const char *name;
    cg_plane in, out;
    size_t kernel, stride;
    int transposed; /* `out` is the larger map, else `in` is */
    size_t weight;  /* the weight's index in the parameters' table: [kernel, kernel, channels of the
                     * larger map, channels of the smaller one] */
} cg_layer_spec;

extern const cg_layer_spec cg_model_layers[CG_LAYER_COUNT];
extern const cg_param_spec cg_model_params[CG_PARAM_COUNT];
extern const cg_param_spec cg_model_stats[CG_STAT_COUNT];

/* Number of elements. */
size_t cg_param_size(const cg_param_spec *spec);

/* Glorot uniform's limit sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010); for a kernel [kh,
 * kw, a, b] the fans are kh*kw*a and kh*kw*b. */
double cg_param_glorot_limit(const cg_param_spec *spec);

#endif
