/* A classifier's weights in a file: safetensors, docs/file-formats.md. */
#ifndef CLGAN_EVAL_CLASSIFIER_FILE_H
#define CLGAN_EVAL_CLASSIFIER_FILE_H

#include "nn/classifier.h"

#include <clgan/safetensors.h>

enum { CG_CLASSIFIER_FORMAT = 1 };

/* Identifies the classifier by which scores were measured. */
typedef struct cg_classifier_id {
    char name[64];        /* the file's, without folder and ending */
    char sha256[65];      /* of the file                           */
    char data_sha256[65]; /* of the images that it was trained on  */
} cg_classifier_id;

/* Writes net's parameters with the metadata `recipe`, to which the format's number is added; *id
 * identifies the new file. Blocking, atomic. CG_ERR_WRITE; CG_ERR_DIVERGED, and nothing is written,
 * when a number is not finite. */
cg_status cg_classifier_write(const char *path, const cg_classifier *net, const cg_metadata *recipe,
                              size_t count, cg_classifier_id *id);

/* *net = the classifier of the file, without a backward pass, for max_n images at a time.
 * CG_ERR_INPUT, logged, when it is no such file or damaged. */
cg_status cg_classifier_read(cg_classifier **net, cg_classifier_id *id, cg_runtime *rt,
                             size_t max_n, const char *path);

/* The file that is read where none is given: classifier/mnist-1.safetensors in the places of
 * base/place.h. Lives until the thread's next call. */
const char *cg_classifier_default(void);

#endif
