/* Conditions that are worth a warning: what a normal run shows does not fulfil them, what goes
 * wrong does, each at its own threshold. */
#include "train/warnings.h"

#include "base/model.h"
#include "support.h"

#include <math.h>

/* An evaluation of a run that goes well. */
static const cg_scores good = {
    .samples = 2000,
    .precision = 0.6,
    .recall = 0.5,
    .coverage = 0.12,
    .classes = 10,
    .histogram = {200, 200, 200, 200, 200, 200, 200, 200, 200, 200},
    .classes_covered = 10,
};

/* A test set like MNIST's. */
static const cg_scores digits = {
    .samples = 10000,
    .classes = 10,
    .histogram = {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
    .classes_covered = 10,
};
static const cg_past long_past = {.recall = 0.5, .coverage = 0.12, .classes = 10};

static cg_observation observe(const cg_scores *scores)
{
    return (cg_observation){.step = 5000,
                            .d_real = 0.6,
                            .d_fake = 0.4,
                            .loss_g = 1,
                            .scores = scores,
                            .real = &digits,
                            .variety = 0.3,
                            .real_variety = 0.35,
                            .classifier_fits = true};
}

static bool holds(cg_warning kind, cg_observation now, cg_past past)
{
    return cg_warning_holds(kind, &now, &past);
}

static void check_quiet(const cg_observation *now, const cg_past *past)
{
    for (cg_warning kind = 0; kind < CG_WARNINGS; kind++)
        ck_assert_msg(!cg_warning_holds(kind, now, past), "%s", cg_warning_name(kind));
}

START_TEST(good_runs_are_left_alone)
{
    cg_observation now = observe(&good);
    check_quiet(&now, &long_past);
    check_quiet(&now, &(cg_past){0});
}
END_TEST

/* The tutorial's run in TensorFlow, as evaluation sees it: epoch 1 to 40, each after the ones
 * before it. */
START_TEST(the_tutorials_run_is_left_alone)
{
    static const struct {
        uint64_t epoch;
        double recall, coverage, variety;
        size_t histogram[10], classes;
    } epochs[] = {
        {1, 0, 0.002, 0.061, {0, 0, 519, 3, 0, 1475, 0, 0, 3, 0}, 2},
        {5, 0.028, 0.055, 0.306, {9, 288, 381, 314, 15, 725, 14, 168, 21, 65}, 7},
        {10, 0.052, 0.053, 0.365, {35, 220, 557, 322, 43, 287, 43, 358, 3, 132}, 9},
        {20, 0.009, 0.040, 0.271, {15, 25, 229, 531, 98, 700, 3, 391, 1, 7}, 6},
        {30, 0.080, 0.079, 0.294, {102, 371, 361, 271, 137, 284, 86, 242, 11, 135}, 9},
        {40, 0.569, 0.121, 0.345, {176, 255, 229, 212, 123, 195, 196, 244, 24, 346}, 10},
    };
    cg_past past = {0};
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        cg_scores s = {.samples = 2000,
                       .recall = epochs[i].recall,
                       .coverage = epochs[i].coverage,
                       .classes = 10,
                       .classes_covered = epochs[i].classes};
        memcpy(s.histogram, epochs[i].histogram, sizeof epochs[i].histogram);
        cg_observation now = observe(&s);
        now.step = 235 * epochs[i].epoch;
        now.variety = epochs[i].variety;
        check_quiet(&now, &past);
        past.recall = s.recall > past.recall ? s.recall : past.recall;
        past.coverage = s.coverage > past.coverage ? s.coverage : past.coverage;
        past.classes = s.classes_covered > past.classes ? s.classes_covered : past.classes;
    }
}
END_TEST

START_TEST(classes_vanish)
{
    cg_scores s = good;
    cg_past past = long_past;
    char text[512];
    s.histogram[3] = 10; /* 0.5 %: not covered any more, but there */
    ck_assert(!holds(CG_WARNING_CLASSES, observe(&s), past));
    s.histogram[3] = 9;
    s.histogram[8] = 0;
    ck_assert(holds(CG_WARNING_CLASSES, observe(&s), past));
    cg_observation now = observe(&s);
    cg_warning_tell(text, sizeof text, CG_WARNING_CLASSES, &now);
    ck_assert_ptr_nonnull(
        strstr(text, "of 2000 samples less than 5 % of what real images have are 3 or 8 ("));
    past.classes = 9; /* they were never there all at once */
    ck_assert(!holds(CG_WARNING_CLASSES, observe(&s), past));
}
END_TEST

START_TEST(samples_become_alike)
{
    cg_scores s = good;
    cg_observation now = observe(&s);
    now.variety = 0.053; /* of 0.35: 15 % are 0.0525 */
    ck_assert(!holds(CG_WARNING_ALIKE, now, long_past));
    now.variety = 0.052;
    ck_assert(holds(CG_WARNING_ALIKE, now, long_past));
    now.step = 939;
    ck_assert(!holds(CG_WARNING_ALIKE, now, long_past));
    now.step = 940;
    ck_assert(holds(CG_WARNING_ALIKE, now, long_past));

    s.classes_covered = 3;
    ck_assert(!holds(CG_WARNING_ALIKE, observe(&s), long_past));
    s.classes_covered = 2;
    ck_assert(holds(CG_WARNING_ALIKE, observe(&s), (cg_past){0}));
}
END_TEST

/* ---- other data than ten digits -------------------------------------------------------------- */

/* Images of this many classes of the classifier's, as many of each. */
static cg_scores even(size_t samples, size_t classes, size_t used)
{
    cg_scores s = good;
    memset(s.histogram, 0, sizeof s.histogram);
    s.samples = samples;
    s.classes = classes;
    s.classes_covered = used;
    for (size_t i = 0; i < samples; i++)
        s.histogram[i % used]++;
    return s;
}

/* As many classes as the real images have are no collapse, and no loss, however few. */
START_TEST(as_many_classes_as_real_images_have)
{
    static const struct {
        size_t classifier, real;
    } sets[] = {{10, 1}, {2, 1}, {10, 2}, {2, 2}, {10, 4}, {27, 26}, {62, 62}, {256, 256}};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const cg_scores real = even(10000, sets[i].classifier, sets[i].real);
        const cg_scores s = even(2000, sets[i].classifier, sets[i].real);
        cg_observation now = observe(&s);
        now.real = &real;
        check_quiet(&now, &(cg_past){.recall = 0.5, .coverage = 0.12, .classes = sets[i].real});
        check_quiet(&now, &(cg_past){0});
    }
}
END_TEST

START_TEST(few_of_the_real_classes)
{
    static const struct {
        size_t real, few, enough;
    } sets[] = {{26, 5, 6}, {10, 2, 3}, {5, 1, 2}, {62, 12, 13}};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const cg_scores real = even(10000, sets[i].real, sets[i].real);
        const cg_scores few = even(2000, sets[i].real, sets[i].few);
        const cg_scores enough = even(2000, sets[i].real, sets[i].enough);
        cg_observation now = observe(&few);
        now.real = &real;
        ck_assert(holds(CG_WARNING_ALIKE, now, (cg_past){0}));
        ck_assert(holds(CG_WARNING_CLASSES, now, (cg_past){.classes = sets[i].real}));
        now.scores = &enough;
        ck_assert(!holds(CG_WARNING_ALIKE, now, (cg_past){0}));
    }
}
END_TEST

/* Samples of one class, where there are two: no collapse by that alone, but a loss. */
START_TEST(one_of_two_classes)
{
    const cg_scores real = even(10000, 2, 2), s = even(2000, 2, 1);
    cg_observation now = observe(&s);
    now.real = &real;
    ck_assert(!holds(CG_WARNING_ALIKE, now, (cg_past){.classes = 2}));
    ck_assert(holds(CG_WARNING_CLASSES, now, (cg_past){.classes = 2}));
}
END_TEST

/* Classes that the real images lack, or hardly have, are not missed; nor are those of which chance
 * gives few samples one. */
START_TEST(rare_classes_are_not_missed)
{
    cg_scores real = even(10000, 27, 26), s = even(2000, 27, 26);
    cg_observation now = observe(&s);
    const cg_past past = {.classes = 26};
    now.real = &real;
    s.histogram[25] = 0;
    ck_assert(holds(CG_WARNING_CLASSES, now, past));
    real.histogram[25] = 37; /* 0.37 %: a tenth of an equal share */
    ck_assert(!holds(CG_WARNING_CLASSES, now, past));
    real = even(10000, 27, 26);
    s = even(129, 27, 26); /* 4.96 of each */
    s.histogram[25] = 0;
    ck_assert(!holds(CG_WARNING_CLASSES, now, past));
    s = even(131, 27, 26);
    s.histogram[25] = 0;
    ck_assert(holds(CG_WARNING_CLASSES, now, past));
}
END_TEST

/* Copies of one image: no variety, no neighbours, one class, and so have the samples. */
START_TEST(copies_of_one_image)
{
    const cg_scores real = even(10000, 10, 1);
    cg_scores s = even(2000, 10, 1);
    cg_observation now = observe(&s);
    now.real = &real;
    now.variety = now.real_variety = 0;
    s.precision = s.recall = s.coverage = 0;
    check_quiet(&now, &(cg_past){.classes = 1});
    s.recall = s.coverage = NAN; /* nothing to measure by */
    check_quiet(&now, &(cg_past){.classes = 1});
}
END_TEST

/* Numbers that would read as praise are remarked on, unless real images have the same. */
START_TEST(remarks)
{
    static const struct {
        double contrast, real_contrast;
        size_t classes, real_classes;
        const char *remark;
    } table[] = {
        {0.05, 1, 10, 10, "blank pictures"},
        {0.11, 1, 10, 10, ""},
        {1, 1, 2, 10, "few classes"},
        {1, 1, 3, 10, ""},
        {1, 1, 1, 1, ""},
        {1, 1, 1, 2, ""},
        {1, 1, 6, 26, "few classes"},
        {1, 1, 7, 26, ""},
        {0, 0, 1, 1, ""},
        {0.04, 0.06, 1, 1, ""},
        {0.02, 0.06, 1, 1, "blank pictures"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const cg_scores s = {.contrast = table[i].contrast, .classes_covered = table[i].classes};
        const cg_scores real = {.contrast = table[i].real_contrast,
                                .classes_covered = table[i].real_classes};
        ck_assert_str_eq(cg_scores_remark(&s, &real), table[i].remark);
    }
    /* A first epoch by the tutorial has precision 1.000, recall 0.000, 6 of 10 classes. */
    cg_scores blobs = {.contrast = 1, .classes_covered = 6, .precision = 1};
    const cg_scores real = {.contrast = 1, .classes_covered = 10};
    ck_assert_str_eq(cg_scores_remark(&blobs, &real), "little variety");
    blobs.recall = 0.3;
    ck_assert_str_eq(cg_scores_remark(&blobs, &real), "");
    blobs.recall = NAN; /* there was nothing to measure by */
    ck_assert_str_eq(cg_scores_remark(&blobs, &real), "");
}
END_TEST

/* Falls count from a height only. */
START_TEST(recall_and_coverage_fall)
{
    cg_scores s = good;
    s.recall = 0.051;
    ck_assert(!holds(CG_WARNING_ALIKE, observe(&s), long_past));
    s.recall = 0.049;
    ck_assert(holds(CG_WARNING_ALIKE, observe(&s), long_past));
    ck_assert(!holds(CG_WARNING_ALIKE, observe(&s), (cg_past){.recall = 0.19}));
    s = good;
    s.coverage = 0.025;
    ck_assert(!holds(CG_WARNING_ALIKE, observe(&s), long_past));
    s.coverage = 0.023;
    ck_assert(holds(CG_WARNING_ALIKE, observe(&s), long_past));
    s.coverage = 0.001;
    ck_assert(!holds(CG_WARNING_ALIKE, observe(&s), (cg_past){.coverage = 0.049}));
}
END_TEST

START_TEST(d_wins)
{
    const cg_observation won = {.step = 10, .d_real = 0.99, .d_fake = 0.01, .loss_g = 5};
    cg_observation now = won;
    ck_assert(!cg_warning_needs_scores(CG_WARNING_D_WINS));
    ck_assert(cg_warning_needs_scores(CG_WARNING_ALIKE));
    ck_assert(holds(CG_WARNING_D_WINS, now, (cg_past){0}));
    now.d_real = 0.98;
    ck_assert(!holds(CG_WARNING_D_WINS, now, (cg_past){0}));
    now = won;
    now.d_fake = 0.02;
    ck_assert(!holds(CG_WARNING_D_WINS, now, (cg_past){0}));
    now = won;
    now.loss_g = 4;
    ck_assert(!holds(CG_WARNING_D_WINS, now, (cg_past){0}));
}
END_TEST

START_TEST(the_classifier_is_foreign)
{
    cg_observation now = observe(&good);
    now.classifier_fits = false;
    ck_assert(holds(CG_WARNING_CLASSIFIER, now, long_past));
}
END_TEST

/* Words go into a line of JSON as they are. */
START_TEST(words_need_no_escape)
{
    cg_scores s = good;
    char text[512];
    const cg_scores many = even(10000, 256, 256);
    memset(s.histogram, 0, sizeof s.histogram);
    cg_observation now = observe(&s);
    now.real = &many;
    for (cg_warning kind = 0; kind < CG_WARNINGS; kind++) {
        cg_warning_tell(text, sizeof text, kind, &now);
        ck_assert_ptr_null(strpbrk(text, "\"\\\n\t"));
        ck_assert_str_eq(text + strlen(text) - 1, ")"); /* nothing was cut off */
    }
}
END_TEST

START_TEST(variety)
{
    unsigned char images[5 * CG_PIXELS] = {0};
    ck_assert_double_eq(cg_variety(images, 5), 0);
    memset(images + 2 * CG_PIXELS, 255, CG_PIXELS); /* white against image 0, black */
    ck_assert_double_eq_tol(cg_variety(images, 4), 0.5, 1e-12);
    ck_assert_double_eq_tol(cg_variety(images + CG_PIXELS, 2), 1, 1e-12);
    memset(images + 2 * CG_PIXELS, 0, CG_PIXELS / 4 * 3);
    ck_assert_double_eq_tol(cg_variety(images + CG_PIXELS, 2), 0.5, 1e-12);
    ck_assert_double_eq(cg_variety(images + 2 * CG_PIXELS, 1), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("warnings");
    tcase_add_test(tests, good_runs_are_left_alone);
    tcase_add_test(tests, the_tutorials_run_is_left_alone);
    tcase_add_test(tests, classes_vanish);
    tcase_add_test(tests, samples_become_alike);
    tcase_add_test(tests, as_many_classes_as_real_images_have);
    tcase_add_test(tests, few_of_the_real_classes);
    tcase_add_test(tests, one_of_two_classes);
    tcase_add_test(tests, rare_classes_are_not_missed);
    tcase_add_test(tests, copies_of_one_image);
    tcase_add_test(tests, remarks);
    tcase_add_test(tests, recall_and_coverage_fall);
    tcase_add_test(tests, d_wins);
    tcase_add_test(tests, the_classifier_is_foreign);
    tcase_add_test(tests, words_need_no_escape);
    tcase_add_test(tests, variety);
    return run_case(tests, "warnings");
}
