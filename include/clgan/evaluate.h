/* The quality of pictures: distances, precision, recall, diversity and memorisation, by the
 * features of a classifier (clgan/classifier.h), beside the same numbers of real images.
 *
 *     cg_evaluate_options options = cg_evaluate_defaults();
 *     cg_evaluation evaluation;
 *     options.checkpoint = "runs/001/checkpoints/step_00011750.safetensors";
 *     if (cg_evaluate(&evaluation, &options) == CG_OK)
 *         printf("FID %.1f, real images %.1f\n", evaluation.entries[0].scores.fid.value,
 *                evaluation.floor.fid.value);
 *     cg_evaluation_deinit(&evaluation);
 *
 * Threads: any thread may call these functions, several at once, each on an evaluation of its own.
 */
#ifndef CLGAN_EVALUATE_H
#define CLGAN_EVALUATE_H

#include <clgan/device.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CG_EVALUATE_CLASSES = 256, /* that a classifier may have, at most                     */
    CG_EVALUATE_NAME = 256,
    CG_EVALUATE_LEAST = 10,    /* images that make a set: fewer have no distances         */
    CG_EVALUATE_MOST = 100000, /* samples to be drawn: the time for neighbours is squared */
};

typedef struct cg_interval {
    double value, low, high; /* a 95 % confidence interval; NAN where there is none, null in JSON */
} cg_interval;

/* The scores of a set of images. Distances are between the sets' features: 0 is alike.
 * docs/evaluation.md explains each, with its source. */
typedef struct cg_scores {
    size_t samples;
    /* Frechet and kernel distances, to the test set and to the training set. In a build without
     * LAPACK the Frechet distances are NAN, and null in JSON. So are all distances, and the four
     * shares below, where one of the sets has less than CG_EVALUATE_LEAST images. A kernel distance
     * has an interval where both sets have more than 1000. */
    cg_interval fid, kid;
    cg_interval fid_train, kid_train;
    double precision; /* share of the samples that lie where test images do, 0 to 1   */
    double recall;    /* share of the test images that lie where samples do, 0 to 1   */
    double density;   /* as precision, counting each test image around; 1: like the test set */
    double coverage;  /* share of the test images with a sample close by, 0 to 1      */
    size_t classes;   /* that the classifier has */
    size_t histogram[CG_EVALUATE_CLASSES]; /* [classes]: samples that it takes for each class */
    size_t classes_covered; /* classes with at least a tenth of an equal share: 1 % of ten */
    double kl_uniform;      /* of the histogram to equal shares, in nats              */
    double confidence;      /* mean probability of the class that is taken            */
    /* Distance to the nearest training image, as the root mean square of the pixels' differences,
     * black 0, white 1: the mean over up to CG_EVALUATE_NEAREST samples, and what 1 in 20 of them
     * stays below. Samples that are closer than test images are copies. */
    double nearest_train, nearest_train_low;
    double contrast; /* from an image's darkest to its brightest pixel, 0 to 1: the mean */
} cg_scores;

/* Returns a remark for numbers that would read as praise otherwise: "blank pictures", "few
 * classes", "little variety", "" for none. real: contrast and classes of real images, the floor's.
 * Static. */
CG_API const char *cg_scores_remark(const cg_scores *scores, const cg_scores *real);

enum { CG_EVALUATE_NEAREST = 1000 };

typedef struct cg_evaluate_options {
    /* The images to be judged: one of these three. */
    const char *checkpoint; /* draws from it what `clgan sample` draws with this seed        */
    const char *run;        /* a run's directory: all its checkpoints that can be read       */
    const char *images;     /* IDX file, [n, 28, 28]                                         */
    const char *data;       /* the real images, as cg_dataset_read() takes them; NULL: those that
                               the checkpoints were trained on, where their run says or in
                               cg_dataset_default(); of `images` this                        */
    bool other_data;        /* false: real images that the checkpoints were not trained on are
                               refused                                                       */
    const char *device;     /* cg_device_select; NULL: the best                              */
    const char *classifier; /* its file; NULL: the run's own, else
                               classifier/mnist-1.safetensors, looked for as the data are     */
    size_t samples;         /* CG_EVALUATE_LEAST or more; of a file at most what there is; 0:
                               10,000                                                        */
    uint64_t seed;          /* of samples, subsets and intervals                             */
    bool no_selftest;       /* trust a device that has not proved that it computes right
                               (clgan/selftest.h)                                            */
} cg_evaluate_options;

/* 10,000 samples, seed 1. */
CG_API cg_evaluate_options cg_evaluate_defaults(void);

typedef struct cg_evaluation_entry {
    char name[CG_EVALUATE_NAME]; /* the file                          */
    uint64_t step, epoch;        /* of a checkpoint; 0 for images     */
    cg_scores scores;
} cg_evaluation_entry;

typedef struct cg_evaluation {
    char classifier[64];
    char classifier_sha256[65];
    bool classifier_fits; /* it was trained on the training images that are used here */
    char data_sha256[65]; /* of the training images                                   */
    cg_device_info device;
    size_t samples; /* the floor has as many, where there are that many real images */
    uint64_t seed;
    /* The same numbers of real images: of training images against the test set, and where training
     * images are compared with, of test images. */
    cg_scores floor;
    cg_evaluation_entry *entries; /* in the order of steps; owned */
    size_t count;
    double seconds;
} cg_evaluation;

/* Blocking; progress is logged. To be given to cg_evaluation_deinit() whatever the status.
 * Before any work: CG_ERR_INPUT when a file cannot be used, or checkpoints were trained on other
 * images than the real ones; CG_ERR_ARGUMENT when not one thing is judged; CG_ERR_WRONG for a
 * device that fails the self-test. */
CG_API cg_status cg_evaluate(cg_evaluation *evaluation, const cg_evaluate_options *options);

/* *text = the result as JSON, for free(). CG_ERR_MEMORY. */
CG_API cg_status cg_evaluation_json(char **text, const cg_evaluation *evaluation);

/* The same as a file, which appears whole or not at all. CG_ERR_WRITE. */
CG_API cg_status cg_evaluation_write(const char *path, const cg_evaluation *evaluation);

/* Tells whether that file can be written, to be asked before the work: CG_OK, or CG_ERR_WRITE.
 * Nothing is changed. */
CG_API cg_status cg_evaluation_probe(const char *path);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_evaluation_deinit(cg_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
