/* What images are judged by: the classifier and the real images, measured once for many sets. */
#ifndef CLGAN_EVAL_EVALUATOR_H
#define CLGAN_EVAL_EVALUATOR_H

#include "eval/classifier_file.h"

#include <clgan/evaluate.h>

typedef struct cg_evaluator cg_evaluator;

typedef struct cg_evaluator_options {
    const char *data;       /* folder with both parts                */
    const char *classifier; /* file; NULL: cg_classifier_default()   */
    size_t samples;         /* of the sets to come, for the floor    */
    uint64_t seed;
} cg_evaluator_options;

/* Reads and measures the real images; blocking. The runtime must live longer. CG_ERR_INPUT. */
cg_status cg_evaluator_create(cg_evaluator **evaluator, cg_runtime *rt,
                              const cg_evaluator_options *options);
void cg_evaluator_release(cg_evaluator *evaluator);

/* *scores = of images [n, 28, 28]; n > CG_NEIGHBOURS. Blocking. */
cg_status cg_evaluator_score(cg_evaluator *evaluator, cg_scores *scores,
                             const unsigned char *images, size_t n);

/* *scores = of real images: what the best set could have. Blocking. */
cg_status cg_evaluator_floor(cg_evaluator *evaluator, cg_scores *scores);

/* Borrowed. */
const cg_classifier_id *cg_evaluator_classifier(const cg_evaluator *evaluator);
const char *cg_evaluator_data_sha256(const cg_evaluator *evaluator);

#endif
