/* Conditions that deserve a warning. The normal values are those of the tutorial's run in
 * TensorFlow:
 *
 *     epoch                      1     5    10    20    30    40    50    real images
 *     variety                0.061  0.31  0.37  0.27  0.29  0.34  0.35           0.35
 *     classes covered            2     7     9     6     9    10    10             10
 *
 * A run begins with grey blobs of two or three classes, and a class may come and go until all are
 * there; so the young network is left alone, and classes are missed only after all were seen.
 *
 * The normal depends on the data: images of one class have one, and copies of one image have no
 * variety. So samples are compared with what the real images have, by the same classifier. */
#include "train/warnings.h"

#include "base/model.h"

#include <math.h>
#include <stdio.h>

/* The thresholds. */
static const struct {
    uint64_t young;
    size_t covered, lost, expected, few_classes;
    double variety;
    double known_recall, recall;
    double known_coverage, coverage;
    double d_fake, d_real, loss_g;
} limit = {
    .young = 940,        /* steps, four epochs of the tutorial: samples are drawn with moving
                        statistics, which begin far off and forget 1 % a step; the first
                        epochs' blobs are all similar                                         */
    .covered = 10,       /* 1 / 10 of an equal share: a class that the real images have           */
    .lost = 20,          /* 1 / 20 of the class's share of the real images: half of what covers a
                        class, so that one at that border is not lost by chance               */
    .expected = 5,       /* samples of a class by its share of the real images: of fewer it is
                        chance whether one is drawn                                           */
    .few_classes = 5,    /* 1 / 5 of the real images' classes; of MNIST's as many as the first
                        epoch has: later it is a collapse                                     */
    .variety = 0.15,     /* of real images': the first epoch has 0.17, a later one 0.77 at least  */
    .known_recall = 0.2, /* recall wavers while it is small; from here on ...                 */
    .recall = 0.1,       /* ... less than this part of the best is a fall                     */
    .known_coverage = 0.05, /* the same for coverage, smaller and steadier                    */
    .coverage = 0.2,
    .d_fake = 0.02, /* D is wrong by 2 % and less on both, over a whole epoch: the tutorial's D */
    .d_real = 0.98, /* stays between 0.3 and 0.7                                              */
    .loss_g = 4,    /* -ln 0.02, rounded up                                                   */
};

/* ---- conditions ------------------------------------------------------------------------------ */

static bool is_lost(const cg_observation *now, size_t class)
{
    const cg_scores *s = now->scores, *real = now->real;
    const size_t expected = real->histogram[class] * s->samples; /* in units of 1 / real->samples */
    return real->histogram[class] * limit.covered * real->classes >= real->samples &&
           expected >= limit.expected * real->samples &&
           s->histogram[class] * limit.lost * real->samples < expected;
}

static bool classes_vanish(const cg_observation *now, const cg_past *past)
{
    bool lost = false;
    for (size_t c = 0; c < now->real->classes; c++)
        lost |= is_lost(now, c);
    return past->classes >= now->real->classes_covered && lost;
}

static bool are_alike(const cg_observation *now, const cg_past *past)
{
    const cg_scores *s = now->scores;
    if (now->step < limit.young)
        return false;
    return s->classes_covered * limit.few_classes <= now->real->classes_covered ||
           now->variety < limit.variety * now->real_variety ||
           (past->recall >= limit.known_recall && s->recall < limit.recall * past->recall) ||
           (past->coverage >= limit.known_coverage &&
            s->coverage < limit.coverage * past->coverage);
}

static bool d_wins(const cg_observation *now, const cg_past *past)
{
    (void)past;
    return now->d_fake < limit.d_fake && now->d_real > limit.d_real && now->loss_g > limit.loss_g;
}

static bool classifier_is_foreign(const cg_observation *now, const cg_past *past)
{
    (void)past;
    return !now->classifier_fits;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Names as many classes as there is room for; the rest it counts. */
static void tell_classes(char *text, size_t size, const cg_observation *now)
{
    enum { NAMED_MOST = 12 };
    size_t lost = 0;
    size_t used = (size_t)snprintf(text, size,
                                   "classes vanish: of %zu samples less than %zu %% of what real "
                                   "images have are",
                                   now->scores->samples, 100 / limit.lost);
    for (size_t c = 0; c < now->real->classes && used < size; c++)
        if (is_lost(now, c) && ++lost <= NAMED_MOST)
            used += (size_t)snprintf(text + used, size - used, "%s %zu", lost > 1 ? " or" : "", c);
    if (lost > NAMED_MOST && used < size)
        snprintf(text + used, size - used, " or %zu others", lost - NAMED_MOST);
}

static void tell_alike(char *text, size_t size, const cg_observation *now)
{
    const cg_scores *s = now->scores;
    snprintf(
        text, size,
        "samples are alike: %zu classes (real images %zu), recall %.3f, coverage %.3f, variety "
        "%.3f (real images %.3f)",
        s->classes_covered, now->real->classes_covered, s->recall, s->coverage, now->variety,
        now->real_variety);
}

static void tell_d_wins(char *text, size_t size, const cg_observation *now)
{
    snprintf(text, size, "D wins outright: mean D(x) %.3f, D(G(z)) %.3f, G's loss %.2f",
             now->d_real, now->d_fake, now->loss_g);
}

static void tell_classifier(char *text, size_t size, const cg_observation *now)
{
    (void)now;
    snprintf(text, size, "the classifier was trained on other images than this run's");
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool needs_scores;
    bool (*holds)(const cg_observation *now, const cg_past *past);
    void (*tell)(char *text, size_t size, const cg_observation *now);
    const char *helps;
} kinds[CG_WARNINGS] = {
    [CG_WARNING_CLASSES] =
        {"classes", true, classes_vanish, tell_classes,
         "--recipe fast if it is not that, another --seed, or an earlier checkpoint may help"},
    [CG_WARNING_ALIKE] =
        {"alike", true, are_alike, tell_alike,
         "--recipe fast if it is not that, a smaller --learning-rate, Adam's beta1 0.5, another "
         "--seed, or an earlier checkpoint may help"},
    [CG_WARNING_D_WINS] = {"d_wins", false, d_wins, tell_d_wins,
                           "a smaller learning rate of D, one-sided label smoothing, Adam's beta1 "
                           "0.5, or a larger --batch may help"},
    [CG_WARNING_CLASSIFIER] = {"classifier", true, classifier_is_foreign, tell_classifier,
                               "make one for them with clgan train-classifier and name it by "
                               "--classifier"},
};

const char *cg_warning_name(cg_warning kind)
{
    return kinds[kind].name;
}

bool cg_warning_needs_scores(cg_warning kind)
{
    return kinds[kind].needs_scores;
}

bool cg_warning_holds(cg_warning kind, const cg_observation *now, const cg_past *past)
{
    return kinds[kind].holds(now, past);
}

void cg_warning_tell(char *text, size_t size, cg_warning kind, const cg_observation *now)
{
    char seen[256];
    kinds[kind].tell(seen, sizeof seen, now);
    snprintf(text, size, "%s (%s)", seen, kinds[kind].helps);
}

double cg_variety(const unsigned char *images, size_t n)
{
    size_t pairs = n / 2;
    double sum = 0;
    for (size_t i = 0; i < pairs; i++) {
        const unsigned char *a = images + i * CG_PIXELS, *b = images + (i + pairs) * CG_PIXELS;
        long squares = 0;
        for (size_t k = 0; k < CG_PIXELS; k++)
            squares += (long)(a[k] - b[k]) * (a[k] - b[k]);
        sum += sqrt((double)squares / CG_PIXELS) / 255;
    }
    return pairs ? sum / (double)pairs : 0;
}
