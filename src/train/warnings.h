/* Warnings of failing training: conditions on an epoch's numbers, each with the usual remedy. They
 * are pure functions of numbers; train/monitor.c evaluates them and logs the result. */
#ifndef CLGAN_TRAIN_WARNINGS_H
#define CLGAN_TRAIN_WARNINGS_H

#include <clgan/evaluate.h>

typedef enum cg_warning {
    CG_WARNING_CLASSES,    /* a class of the real images is not drawn any more */
    CG_WARNING_ALIKE,      /* samples are nearly all alike: a collapse         */
    CG_WARNING_D_WINS,     /* D separates real images from samples too well        */
    CG_WARNING_CLASSIFIER, /* the measures are of a classifier of other images */
    CG_WARNINGS
} cg_warning;

/* The kind's name in records, "classes" for one. Static. */
const char *cg_warning_name(cg_warning kind);

/* The best of a run's evaluations before this one. */
typedef struct cg_past {
    double recall, coverage; /* the largest              */
    size_t classes;          /* covered by one, the most */
} cg_past;

/* An epoch's numbers, by which warnings are judged. */
typedef struct cg_observation {
    uint64_t step;
    double d_real, d_fake, loss_g; /* means over the epoch                           */
    const cg_scores *scores;       /* NULL when this epoch was not evaluated         */
    const cg_scores *real;        /* of the test images: their classes, as the classifier sees them;
                                      NULL with scores                               */
    double variety, real_variety; /* cg_variety() of the samples and of real images */
    bool classifier_fits;         /* it was trained on the run's images             */
} cg_observation;

/* The variety of images [n, 28, 28]: the root mean square of the pixels' differences, black 0,
 * white 1, as the mean over the pairs (i, i + n / 2). 0 when n < 2. */
double cg_variety(const unsigned char *images, size_t n);

/* True when the kind is judged by scores; else by the means alone. */
bool cg_warning_needs_scores(cg_warning kind);

/* True when the condition holds. */
bool cg_warning_holds(cg_warning kind, const cg_observation *now, const cg_past *past);

/* The warning in words: what was seen, and what usually helps. No character needs an escape in
 * JSON. */
void cg_warning_tell(char *text, size_t size, cg_warning kind, const cg_observation *now);

#endif
