/* The classifier's view of images: penultimate features, classes, confidence. */
#ifndef CLGAN_EVAL_FEATURES_H
#define CLGAN_EVAL_FEATURES_H

#include "nn/classifier.h"

/* The features of n images. The struct owns all arrays. */
typedef struct cg_features {
    size_t n;
    float *points;          /* [n, CG_FEATURES], after LeakyReLU */
    unsigned char *classes; /* [n], the likeliest                */
    float *confidence;      /* [n], its softmax probability      */
} cg_features;

/* Runs images [n, 28, 28] of bytes through the classifier, as many at a time as it has room for;
 * `words` say what that is (base/phase.h). Blocking. To be given to cg_features_deinit()
 * whatever the status. */
cg_status cg_features_measure(cg_features *features, cg_classifier *net,
                              const unsigned char *images, size_t n, const char *words);

/* A zeroed struct is fine. */
void cg_features_deinit(cg_features *features);

#endif
