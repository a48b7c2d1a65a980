/* The whole training step of base/model.h in float64: what every device's step is compared with.
 *
 *     cg_ref_net *net = NULL;
 *     cg_ref_step *step = NULL;
 *     CG_TRY(cg_ref_net_create(&net));             // then fill net->param[] with Glorot values
 *     CG_TRY(cg_ref_step_create(&step, 256, 256)); // then fill step->images, z, masks
 *     cg_ref_step_fwd(step, net);                  // losses, and the moving statistics move
 *     cg_ref_step_bwd(step, net);                  // step->grad[]
 *     cg_ref_step_update(net, step);               // Adam
 *
 * All arrays are row-major in Keras' layouts and belong to the struct they are in.
 */
#ifndef CLGAN_REF_STEP_H
#define CLGAN_REF_STEP_H

#include "base/model.h"

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CG_REF_G_LAYERS =
        3, /* dense, convt1, convt2: linear, batchnorm, LeakyReLU; convt3 ends in tanh */
    CG_REF_D_LAYERS =
        2 /* conv1, conv2: linear with bias, LeakyReLU, dropout; then the dense layer */
};

/* The state of training: parameters, moving statistics, Adam's moments. */
typedef struct cg_ref_net {
    double *param[CG_PARAM_COUNT];
    double *stat[CG_STAT_COUNT];
    double *adam_m[CG_PARAM_COUNT];
    double *adam_v[CG_PARAM_COUNT];
    size_t updates; /* Adam's updates so far */
    double *block;  /* owns all of the above */
} cg_ref_net;

/* Saved activations of one layer of G; x, y, h [fake, pixels, channels], the others [channels]. */
typedef struct cg_ref_g_maps {
    double *x, *y, *h; /* after the linear part, after batchnorm, after LeakyReLU */
    double *mean, *variance;
} cg_ref_g_maps;

/* Saved activations of one layer of D, all [real + fake, pixels, channels]. */
typedef struct cg_ref_d_maps {
    double *x, *h; /* after the linear part and bias, after LeakyReLU and dropout */
    uint8_t *mask; /* input: 1 keeps */
} cg_ref_d_maps;

/* One training step on `real` real and `fake` generated images. D sees both as one batch, the real
 * ones first. */
typedef struct cg_ref_step {
    size_t real, fake;
    double *z;         /* input: [fake, 100]                                          */
    double *images;    /* [real + fake, 28, 28, 1]; input the real ones               */
    double *generated; /* G's output: the last `fake` of images                       */
    cg_ref_g_maps g[CG_REF_G_LAYERS]; /* 12544; 7, 7, 128; 14, 14, 64 */
    cg_ref_d_maps d[CG_REF_D_LAYERS]; /* 14, 14, 64; 7, 7, 128 */
    double *logits;  /* [real + fake, 1]                                            */
    double *dlogits; /* [real + fake, 1], by the loss that bwd went through last    */
    double *dimages; /* [fake, 28, 28, 1], of loss_g                                */
    double loss_d_real, loss_d_fake; /* BCE(1, D(real)), BCE(0, D(fake)), means */
    double loss_d, loss_g;        /* their sum; BCE(1, D(fake))                                  */
    double *grad[CG_PARAM_COUNT]; /* G's of loss_g, D's of loss_d                                */
    double *scratch[2];           /* gradients of maps, [real + fake, 12544] each                */
    double *block;                /* owns all doubles                                            */
    uint8_t *masks;               /* owns the masks                                              */
} cg_ref_step;

/* A net in *net with the constants of base/model.h (gamma 1, moving variance 1) and zeros
 * elsewhere, the Glorot parameters too: those are the caller's to fill. CG_ERR_MEMORY; *net is then
 * NULL. */
cg_status cg_ref_net_create(cg_ref_net **net);
void cg_ref_net_release(cg_ref_net *net); /* NULL is fine */

/* Memory for steps of these sizes in *step, all zero: about 0.5 MB a real and 1.3 MB a fake image.
 * CG_ERR_SHAPE when one of them is 0 or above 65536; CG_ERR_MEMORY; *step is then NULL. */
cg_status cg_ref_step_create(cg_ref_step **step, size_t real, size_t fake);
void cg_ref_step_release(cg_ref_step *step); /* NULL is fine */

/* G with batch statistics, D on real and fake, the losses. Moves net's moving statistics. */
void cg_ref_step_fwd(cg_ref_step *step, cg_ref_net *net);

/* step->grad (writes), from what fwd saved and the same parameters. */
void cg_ref_step_bwd(cg_ref_step *step, const cg_ref_net *net);

/* One Adam update of both nets with step->grad. */
void cg_ref_step_update(cg_ref_net *net, const cg_ref_step *step);

/* images = G(z) with the moving statistics.   images [n, 28, 28, 1]   z [n, 100]
 * CG_ERR_SHAPE when n is 0 or above 65536; CG_ERR_MEMORY. */
cg_status cg_ref_generate(double *images, const double *z, size_t n, const cg_ref_net *net);

#endif
