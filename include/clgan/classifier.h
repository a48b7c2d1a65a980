/* The classifier: a small network that tells the classes of images, whose penultimate features
 * evaluation measures images by (clgan/evaluate.h). One is in the source tree, data/classifier/;
 * for another data set this makes another one.
 *
 *     cg_classifier_options options = cg_classifier_defaults();
 *     cg_classifier_result result;
 *     options.out = "fashion-1.safetensors";
 *     options.data = "data/fashion";
 *     cg_status status = cg_train_classifier(&result, &options);
 *
 * Threads: any thread may call these functions, several at once.
 */
#ifndef CLGAN_CLASSIFIER_H
#define CLGAN_CLASSIFIER_H

#include <clgan/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_classifier_options {
    const char *data;       /* both parts with their labels, as cg_dataset_read() takes them; NULL:
                               cg_dataset_default() */
    const char *device;     /* cg_device_select; NULL: the best */
    const char *out;        /* FILE.safetensors, written atomically (docs/file-formats.md) */
    uint64_t epochs, batch; /* 0: the default */
    uint64_t seed;
    double learning_rate;              /* of the first step; it goes down to 0 in a line; 0: the
                                          default */
    const volatile sig_atomic_t *stop; /* not NULL: when it turns non-zero, give up */
    bool no_selftest; /* trust a device that has not proved that it computes right */
} cg_classifier_options;

/* The options that the weights in the source tree were made with. */
CG_API cg_classifier_options cg_classifier_defaults(void);

typedef struct cg_classifier_result {
    double test_accuracy; /* share of the test set's images that it tells right, 0 to 1 */
    double seconds;
    char sha256[65]; /* of the file */
} cg_classifier_result;

/* Trains a classifier and writes it; blocking, progress is logged. The same options give the same
 * bytes on the same device and driver. There is one class more than the largest label, and 2 at
 * least. CG_ERR_INPUT when the data cannot be read or have no labels, CG_ERR_MEMORY,
 * CG_ERR_WRITE, CG_ERR_DIVERGED, CG_ERR_STOPPED: nothing is then written. */
CG_API cg_status cg_train_classifier(cg_classifier_result *result,
                                     const cg_classifier_options *options);

#ifdef __cplusplus
}
#endif
#endif
