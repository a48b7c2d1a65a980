/* An evaluator of sets of images: it holds the classifier and the real images' measures, which are
 * taken once for many sets. */
#ifndef CLGAN_EVAL_EVALUATOR_H
#define CLGAN_EVAL_EVALUATOR_H

#include "eval/classifier_file.h"

#include <clgan/dataset.h>
#include <clgan/evaluate.h>

typedef struct cg_evaluator cg_evaluator;

typedef struct cg_evaluator_options {
    const char *data; /* folder with both parts; brief: the test set's alone */
    /* Its parts where they have been read already, which the evaluator then owns; NULL: it reads
     * them. */
    cg_dataset *train, *test;
    const char *classifier; /* file; NULL: cg_classifier_default()   */
    uint64_t seed;
    /* Scores by the test set alone, without intervals, kernel distances, training images and floor,
     * in a tenth of the time. */
    bool brief;
} cg_evaluator_options;

/* True where this build measures Frechet distances (eval/frechet.h); elsewhere they are NAN. */
bool cg_evaluator_has_fid(void);

/* Sees to it that the device measures right, which cg_evaluator_create() does first: for work that
 * takes long and is evaluated in the end. Blocking. CG_ERR_WRONG when the device fails the
 * self-test, unless the runtime is trusted. */
cg_status cg_evaluator_test_device(cg_runtime *rt, bool brief);

/* Reads and measures the real images; blocking. The runtime must live longer. CG_ERR_INPUT;
 * CG_ERR_WRONG when the device fails the self-test, unless the runtime is trusted. */
cg_status cg_evaluator_create(cg_evaluator **evaluator, cg_runtime *rt,
                              const cg_evaluator_options *options);
void cg_evaluator_release(cg_evaluator *evaluator);

/* *scores = the measures of images [n, 28, 28], n >= 1. A score that a brief evaluator does not
 * measure is 0; one that needs more images than a set has (CG_EVALUATE_LEAST) is NAN. Blocking. */
cg_status cg_evaluator_score(cg_evaluator *evaluator, cg_scores *scores,
                             const unsigned char *images, size_t n);

/* *scores = of n real images, fewer where there are not that many: what the best set could have.
 * Not for a brief one. Blocking. */
cg_status cg_evaluator_floor(cg_evaluator *evaluator, cg_scores *scores, size_t n);

/* Borrowed: the test images' contrast, and their classes as the classifier sees them; no other
 * scores. */
const cg_scores *cg_evaluator_real(const cg_evaluator *evaluator);

/* Borrowed. The digest is the training images', "" for a brief one. */
const cg_classifier_id *cg_evaluator_classifier(const cg_evaluator *evaluator);
const char *cg_evaluator_data_sha256(const cg_evaluator *evaluator);

#endif
