/* The measures of a set of images, put together. Distances and neighbours are of features; only the
 * nearest training image is looked for by pixels, where a copy has distance 0. */
#include "eval/evaluator.h"

#include "base/shuffle.h"
#include "base/try.h"
#include "eval/features.h"
#include "eval/frechet.h"
#include "eval/kernel_distance.h"
#include "eval/kernels.h"
#include "eval/neighbours.h"
#include "eval/trace_root.h"
#include "eval/verify_measures.h"
#include "ocl/rehearsal.h"
#include "verify/selftest_once.h"

#include <clgan/dataset.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP = 256 /* images through the classifier at a time */ };

/* Images and what they were measured by. A set of less than CG_EVALUATE_LEAST images has features
 * alone. */
typedef struct image_set {
    const unsigned char *images; /* [features.n, 28, 28] */
    cg_features features;
    cg_frechet_fit *fit;
} image_set;

struct cg_evaluator {
    cg_runtime *rt;
    cg_classifier *net;
    cg_classifier_id id;
    cg_dataset train_data, test_data;
    image_set train, test;
    cg_balls test_balls;
    cg_scores real;      /* the test set's classes */
    float *train_pixels; /* [train.features.n, 28, 28], 0 to 1 */
    uint64_t seed;
    bool brief;
};

/* ---- sets ------------------------------------------------------------------------------------ */

static bool is_measurable(const image_set *set)
{
    return set->features.n >= CG_EVALUATE_LEAST;
}

static cg_status measure_set(image_set *set, cg_evaluator *e, const unsigned char *images, size_t n,
                             const char *words)
{
    cg_status status = CG_OK;
    set->images = images;
    CG_TRY(cg_features_measure(&set->features, e->net, images, n, words));
    if (!cg_memory_is_finite(set->features.points, n * CG_FEATURES))
        return cg_fail(CG_ERR_INPUT, "the classifier %s gives features that are not finite",
                       e->id.name);
    if (is_measurable(set))
        CG_TRY(cg_frechet_fit_create(&set->fit, set->features.points, n, CG_FEATURES, e->seed));
done:
    return status;
}

static void release_set(image_set *set)
{
    cg_features_deinit(&set->features);
    cg_frechet_fit_release(set->fit);
}

/* Pixels from 0 to 1, for free(). */
static cg_status scale_pixels(float **pixels, const unsigned char *images, size_t n)
{
    cg_status status = cg_memory_create(pixels, n * CG_PIXELS, sizeof **pixels);
    for (size_t i = 0; status == CG_OK && i < n * CG_PIXELS; i++)
        (*pixels)[i] = (float)images[i] / 255;
    return status;
}

/* ---- scores ---------------------------------------------------------------------------------- */

static cg_status score_distances(cg_evaluator *e, cg_interval *fid, cg_interval *kid,
                                 const image_set *set, const image_set *real)
{
    cg_status status = CG_OK;
    *fid = *kid = (cg_interval){NAN, NAN, NAN};
    if (!is_measurable(set) || !is_measurable(real))
        return CG_OK;
    CG_TRY(cg_frechet_compare(fid, real->fit, set->fit, e->seed));
    CG_TRY(cg_kernel_distance_measure(kid, e->rt, real->features.points, real->features.n,
                                      set->features.points, set->features.n, CG_FEATURES, e->seed));
done:
    return status;
}

static cg_status score_neighbours(cg_evaluator *e, cg_scores *s, const image_set *set)
{
    cg_status status = CG_OK;
    cg_balls balls = {0};
    cg_manifold manifold;
    s->precision = s->recall = s->density = s->coverage = NAN;
    if (!is_measurable(set) || !is_measurable(&e->test))
        return CG_OK;
    CG_TRY(cg_balls_init(&balls, e->rt, set->features.points, set->features.n, CG_FEATURES,
                         CG_NEIGHBOURS));
    CG_TRY(cg_neighbours_compare(e->rt, &manifold, &e->test_balls, &balls));
    s->precision = manifold.precision;
    s->recall = manifold.recall;
    s->density = manifold.density;
    s->coverage = manifold.coverage;
done:
    cg_balls_deinit(&balls);
    return status;
}

static void score_classes(cg_scores *s, const cg_features *f, size_t classes)
{
    double n = (double)f->n;
    s->samples = f->n;
    s->classes = classes;
    for (size_t i = 0; i < f->n; i++) {
        s->histogram[f->classes[i]]++;
        s->confidence += (double)f->confidence[i] / n;
    }
    for (size_t c = 0; c < classes; c++) {
        double share = (double)s->histogram[c] / n;
        s->classes_covered += share >= 0.1 / (double)classes;
        s->kl_uniform += share > 0 ? share * log(share * (double)classes) : 0;
    }
}

/* The mean of what lies between an image's darkest and its brightest pixel. */
static double measure_contrast(const unsigned char *images, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *image = images + i * CG_PIXELS;
        int low = image[0], high = image[0];
        for (size_t k = 1; k < CG_PIXELS; k++) {
            low = image[k] < low ? image[k] : low;
            high = image[k] > high ? image[k] : high;
        }
        sum += high - low;
    }
    return sum / 255 / (double)n;
}

/* The eye sees no less contrast, unless real images have as little; one class in four of those that
 * real images cover, or fewer; pictures that all lie among a few real ones are as precise as can be
 * and recall next to nothing. */
static const double blank_contrast = 0.1, blank_share = 0.5, few_classes = 0.25,
                    praised_precision = 0.5, little_recall = 0.05;

const char *cg_scores_remark(const cg_scores *s, const cg_scores *real)
{
    if (!s || !real)
        return "";
    if (s->contrast < fmin(blank_contrast, blank_share * real->contrast))
        return "blank pictures";
    if ((double)s->classes_covered <= few_classes * (double)real->classes_covered)
        return "few classes";
    return s->precision > praised_precision && s->recall < little_recall ? "little variety" : "";
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static cg_status score_nearest(cg_evaluator *e, cg_scores *s, const image_set *set)
{
    cg_status status = CG_OK;
    size_t n = set->features.n < CG_EVALUATE_NEAREST ? set->features.n : CG_EVALUATE_NEAREST;
    float *pixels = NULL, *distances = NULL;
    CG_TRY(scale_pixels(&pixels, set->images, n));
    CG_TRY(cg_memory_create(&distances, n, sizeof *distances));
    CG_TRY(cg_neighbours_nearest(e->rt, distances, NULL, pixels, n, e->train_pixels,
                                 e->train.features.n, CG_PIXELS));
    qsort(distances, n, sizeof *distances, compare_floats);
    for (size_t i = 0; i < n; i++)
        s->nearest_train += (double)distances[i] / CG_SIDE / (double)n;
    s->nearest_train_low = (double)distances[n / 20] / CG_SIDE;
done:
    free(pixels);
    free(distances);
    return status;
}

/* All but the distances. */
static cg_status score_alone(cg_evaluator *e, cg_scores *s, const image_set *set)
{
    score_classes(s, &set->features, e->net->classes);
    s->contrast = measure_contrast(set->images, set->features.n);
    return score_neighbours(e, s, set);
}

/* A brief evaluator has the test set only, and an interval takes many redraws. */
static cg_status score_distance(cg_evaluator *e, cg_scores *s, const image_set *set)
{
    s->fid = (cg_interval){NAN, NAN, NAN};
    return is_measurable(set) && is_measurable(&e->test)
               ? cg_frechet_distance(&s->fid.value, e->test.fit, set->fit)
               : CG_OK;
}

cg_status cg_evaluator_score(cg_evaluator *e, cg_scores *scores, const unsigned char *images,
                             size_t n)
{
    cg_status status = CG_OK;
    image_set set = {0};
    *scores = (cg_scores){0};
    CG_TRY(measure_set(&set, e, images, n, "measuring samples"));
    CG_TRY(score_alone(e, scores, &set));
    if (e->brief) {
        CG_TRY(score_distance(e, scores, &set));
    } else {
        CG_TRY(score_distances(e, &scores->fid, &scores->kid, &set, &e->test));
        CG_TRY(score_distances(e, &scores->fid_train, &scores->kid_train, &set, &e->train));
        CG_TRY(score_nearest(e, scores, &set));
    }
done:
    release_set(&set);
    return status;
}

/* Training images in random order, n of them, for free(). */
static cg_status choose_images(unsigned char **images, const cg_evaluator *e, size_t n)
{
    cg_shuffle shuffle;
    cg_status status = cg_memory_create(images, n, CG_PIXELS);
    cg_shuffle_init(&shuffle, e->seed, 1, (uint32_t)e->train_data.count);
    for (uint32_t i = 0; status == CG_OK && i < n; i++)
        memcpy(*images + i * CG_PIXELS,
               e->train_data.images + cg_shuffle_index(&shuffle, i) * CG_PIXELS, CG_PIXELS);
    return status;
}

/* Training images take the samples' place; where samples are compared with training images, test
 * images do. */
cg_status cg_evaluator_floor(cg_evaluator *e, cg_scores *scores, size_t n)
{
    cg_status status = CG_OK;
    unsigned char *images = NULL;
    image_set set = {0};
    *scores = (cg_scores){0};
    n = n < e->train_data.count ? n : e->train_data.count;
    CG_TRY(choose_images(&images, e, n));
    CG_TRY(measure_set(&set, e, images, n, "measuring training images"));
    CG_TRY(score_alone(e, scores, &set));
    CG_TRY(score_distances(e, &scores->fid, &scores->kid, &set, &e->test));
    CG_TRY(score_distances(e, &scores->fid_train, &scores->kid_train, &e->test, &e->train));
    CG_TRY(score_nearest(e, scores, &e->test));
done:
    release_set(&set);
    free(images);
    return status;
}

/* ---- the real images ------------------------------------------------------------------------- */

/* *dataset = the part that was read already, or the folder's. */
static cg_status take_data(cg_dataset *dataset, cg_dataset *read, const char *folder,
                           cg_dataset_part part)
{
    if (!read)
        return cg_dataset_read(dataset, folder, part);
    *dataset = *read;
    *read = (cg_dataset){0};
    return CG_OK;
}

static void tell_few(const char *data, const char *what, size_t count)
{
    cg_log(
        CG_LOG_WARNING,
        "the %s set in %s holds %zu images: %d at least are wanted. Distances to it, and what is "
        "told by neighbours, are left out; classes, confidence and the nearest training image "
        "are measured",
        what, data, count, CG_EVALUATE_LEAST);
}

static cg_status measure_test(cg_evaluator *e, const cg_evaluator_options *options)
{
    cg_status status = CG_OK;
    CG_TRY(take_data(&e->test_data, options->test, options->data, CG_DATASET_TEST));
    CG_TRY(
        measure_set(&e->test, e, e->test_data.images, e->test_data.count, "measuring test images"));
    score_classes(&e->real, &e->test.features, e->net->classes);
    e->real.contrast = measure_contrast(e->test_data.images, e->test_data.count);
    if (is_measurable(&e->test))
        CG_TRY(cg_balls_init(&e->test_balls, e->rt, e->test.features.points, e->test.features.n,
                             CG_FEATURES, CG_NEIGHBOURS));
    else
        tell_few(options->data, "test", e->test_data.count);
done:
    return status;
}

static cg_status measure_train(cg_evaluator *e, const cg_evaluator_options *options)
{
    cg_status status = CG_OK;
    CG_TRY(take_data(&e->train_data, options->train, options->data, CG_DATASET_TRAIN));
    CG_TRY(measure_set(&e->train, e, e->train_data.images, e->train_data.count,
                       "measuring training images"));
    CG_TRY(scale_pixels(&e->train_pixels, e->train_data.images, e->train_data.count));
    if (!is_measurable(&e->train))
        tell_few(options->data, "training", e->train_data.count);
done:
    return status;
}

/* Goes through what compiles kernels, to count them: sizes and arrays do not matter. */
static cg_status rehearse(void *user)
{
    cg_status status = CG_OK;
    cg_evaluator *e = user;
    cg_runtime *rt = e->rt;
    const cg_pairs pairs = {.queries = CG_BLOCK, .points = CG_BLOCK};
    CG_TRY(cg_classifier_fwd(e->net, GROUP, false));
    CG_TRY(cg_neighbours_find(rt, NULL, NULL, CG_NEIGHBOURS + 1, &pairs, 0));
    CG_TRY(cg_neighbours_count(rt, NULL, NULL, &pairs));
    if (e->brief)
        goto done;
    CG_TRY(cg_neighbours_find(rt, NULL, NULL, 1, &pairs, 0));
    CG_TRY(cg_kernel_distance_sum(rt, NULL, NULL, CG_BLOCK, CG_BLOCK, CG_FEATURES, false));
done:
    return status;
}

cg_status cg_evaluator_test_device(cg_runtime *rt, bool brief)
{
    cg_selftest_plan plan = {.what = brief ? "evaluation while training" : "evaluation",
                             .within = brief ? "evaluation" : NULL,
                             .instead = brief ? "--evaluate-every 0 trains without it" : NULL,
                             .batch = GROUP};
    plan.cases = cg_verify_measures_list(&plan.case_count, brief);
    return cg_selftest_ensure(rt, &plan);
}

bool cg_evaluator_has_fid(void)
{
    return cg_trace_root_available();
}

cg_status cg_evaluator_create(cg_evaluator **evaluator, cg_runtime *rt,
                              const cg_evaluator_options *options)
{
    cg_status status = CG_OK;
    cg_evaluator *e = NULL;
    const char *path = options->classifier ? options->classifier : cg_classifier_default();

    *evaluator = NULL;
    CG_TRY(cg_evaluator_test_device(rt, options->brief));
    CG_TRY(cg_memory_create(&e, 1, sizeof *e));
    e->rt = rt;
    e->seed = options->seed;
    e->brief = options->brief;
    CG_TRY(cg_classifier_read(&e->net, &e->id, rt, GROUP, path));
    CG_TRY(cg_rehearse(rt, rehearse, e));
    CG_TRY(measure_test(e, options));
    if (!e->brief)
        CG_TRY(measure_train(e, options));
    *evaluator = e;
    e = NULL;
done:
    cg_evaluator_release(e);
    return status;
}

void cg_evaluator_release(cg_evaluator *e)
{
    if (!e)
        return;
    cg_balls_deinit(&e->test_balls);
    release_set(&e->train);
    release_set(&e->test);
    cg_dataset_deinit(&e->train_data);
    cg_dataset_deinit(&e->test_data);
    cg_classifier_release(e->net);
    free(e->train_pixels);
    free(e);
}

const cg_scores *cg_evaluator_real(const cg_evaluator *e)
{
    return &e->real;
}

const cg_classifier_id *cg_evaluator_classifier(const cg_evaluator *e)
{
    return &e->id;
}

const char *cg_evaluator_data_sha256(const cg_evaluator *e)
{
    return e->train_data.sha256;
}
