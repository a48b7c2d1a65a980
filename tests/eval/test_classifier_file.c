/* The classifier in the repository: it is the one that its README names, and as good as it says;
 * and what is refused. */
#include "device.h"

#include "eval/classifier_file.h"
#include "eval/features.h"

#include <clgan/dataset.h>
#include <string.h>
#include <unistd.h>

#define FOLDER CLGAN_SOURCE_DIR "/data/classifier"

enum { GROUP = 250 };

/* The README's table names each file with its digest. */
static void check_readme(const cg_classifier_id *id)
{
    char line[1024], wanted[160];
    bool found = false;
    FILE *file = fopen(FOLDER "/README.md", "r");
    ck_assert_ptr_nonnull(file);
    snprintf(wanted, sizeof wanted, "`%s`", id->sha256);
    while (fgets(line, sizeof line, file))
        found = found || (strstr(line, id->name) && strstr(line, wanted));
    fclose(file);
    ck_assert_msg(found, "the README does not have %s with %s", id->name, id->sha256);
}

START_TEST(tells_mnist)
{
    cg_classifier *net;
    cg_classifier_id id;
    cg_dataset test;
    cg_features features;
    size_t right = 0;
    ck_assert_int_eq(cg_dataset_read(&test, CLGAN_SOURCE_DIR "/data/mnist", CG_DATASET_TEST),
                     CG_OK);
    ck_assert_int_eq(cg_classifier_read(&net, &id, device, GROUP, FOLDER "/mnist-1.safetensors"),
                     CG_OK);
    ck_assert_int_eq(cg_features_measure(&features, net, test.images, test.count, "test"), CG_OK);
    for (size_t i = 0; i < test.count; i++)
        right += features.classes[i] == test.labels[i];
    printf("%zu of %zu right\n", right, test.count);
    ck_assert_uint_ge(right, test.count * 992 / 1000);
    ck_assert_str_eq(id.name, "mnist-1");
    check_readme(&id);
    cg_features_deinit(&features);
    cg_dataset_deinit(&test);
    cg_classifier_release(net);
}
END_TEST

/* Features do not depend on the images that go through with them. */
START_TEST(images_stand_alone)
{
    cg_classifier *net;
    cg_classifier_id id;
    cg_dataset test;
    cg_features all, few;
    ck_assert_int_eq(cg_dataset_read(&test, CLGAN_SOURCE_DIR "/data/mnist", CG_DATASET_TEST),
                     CG_OK);
    ck_assert_int_eq(cg_classifier_read(&net, &id, device, 64, FOLDER "/mnist-1.safetensors"),
                     CG_OK);
    ck_assert_int_eq(cg_features_measure(&all, net, test.images, 200, "test"), CG_OK);
    ck_assert_int_eq(cg_features_measure(&few, net, test.images + 130 * CG_PIXELS, 1, "test"),
                     CG_OK);
    for (size_t i = 0; i < CG_FEATURES; i++)
        ck_assert_float_eq(few.points[i], all.points[130 * CG_FEATURES + i]);
    ck_assert_float_gt(all.confidence[0], 0.5f);
    ck_assert_float_le(all.confidence[0], 1);
    cg_features_deinit(&all);
    cg_features_deinit(&few);
    cg_dataset_deinit(&test);
    cg_classifier_release(net);
}
END_TEST

START_TEST(refuses_others)
{
    cg_classifier *net;
    cg_classifier_id id;
    float number = 1;
    char path[] = "/tmp/clgan_classifier_XXXXXX";
    const cg_host_tensor tensor = {.name = "conv1.weight", .rank = 1, .dims = {1}, .data = &number};
    const cg_metadata formats[] = {
        {"clgan.classifier", "2"}, {"clgan.classifier", "1"}, {"clgan.format", "1"}};
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    for (size_t i = 0; i < CG_COUNT(formats); i++) {
        ck_assert_int_eq(cg_safetensors_write(path, &tensor, 1, &formats[i], 1), CG_OK);
        ck_assert_int_eq(cg_classifier_read(&net, &id, device, 1, path), CG_ERR_INPUT);
        ck_assert_ptr_null(net);
    }
    remove(path);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("classifier_file");
    tcase_add_test(tests, tells_mnist);
    tcase_add_test(tests, images_stand_alone);
    tcase_add_test(tests, refuses_others);
    tcase_set_timeout(tests, 120);
    return device_run_case(tests, "eval/classifier_file");
}
