/* Folders with training images, made small; and the real one. */
#include <clgan/dataset.h>

#include "io/data_files.h"
#include "support.h"

#include <clgan/idx.h>
#include <stdlib.h>
#include <sys/stat.h>

#define IMAGES "train-images-idx3-ubyte"
#define LABELS "train-labels-idx1-ubyte"

static unsigned char pixels[3 * 28 * 28];

static void put_images(const char *name, size_t count, unsigned char level)
{
    const size_t dims[3] = {count, 28, 28};
    memset(pixels, level, sizeof pixels);
    ck_assert_int_eq(cg_idx_write(scratch_path(name), 3, dims, pixels), CG_OK);
}

static void put_labels(const char *name, size_t count)
{
    ck_assert_int_eq(cg_idx_write(scratch_path(name), 1, &count, pixels), CG_OK);
}

static void check_read(size_t count, unsigned char level)
{
    cg_dataset dataset;
    ck_assert_int_eq(cg_dataset_read(&dataset, scratch_folder, CG_DATASET_TRAIN), CG_OK);
    ck_assert_uint_eq(dataset.count, count);
    ck_assert_uint_eq(dataset.images[count * 28 * 28 - 1], level);
    ck_assert_uint_eq(strlen(dataset.sha256), 64);
    cg_dataset_deinit(&dataset);
}

static void check_refused(const char *folder)
{
    cg_dataset dataset;
    ck_assert_int_eq(cg_dataset_read(&dataset, folder, CG_DATASET_TRAIN), CG_ERR_INPUT);
    ck_assert_ptr_null(dataset.images);
    ck_assert_uint_eq(dataset.count, 0);
    cg_dataset_deinit(&dataset);
}

START_TEST(reads_either_name)
{
    put_images(IMAGES ".gz", 2, 7);
    check_read(2, 7);
    put_images(IMAGES, 1, 9);
    check_read(1, 9);
    cg_dataset_deinit(NULL);
}
END_TEST

START_TEST(refuses_missing)
{
    check_refused(scratch_folder);
    check_refused(scratch_path("missing"));
    put_images("other-images", 2, 7);
    check_refused(scratch_folder);
}
END_TEST

START_TEST(refuses_other_shapes)
{
    static const size_t dims[][4] = {{2, 27, 28}, {2, 28, 27}, {28, 28}, {1, 28, 28, 3}};
    static const size_t ranks[] = {3, 3, 2, 4};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(cg_idx_write(scratch_path(IMAGES), ranks[i], dims[i], pixels), CG_OK);
        check_refused(scratch_folder);
    }
}
END_TEST

START_TEST(labels_must_fit)
{
    put_images(IMAGES, 3, 1);
    put_labels(LABELS ".gz", 3);
    check_read(3, 1);
    put_labels(LABELS, 2);
    check_refused(scratch_folder);
    put_images(LABELS, 3, 1);
    check_refused(scratch_folder);
    put_file(scratch_path(LABELS), "", 0);
    check_refused(scratch_folder);
}
END_TEST

/* The labels come along, and the test set is its own pair of files. */
START_TEST(reads_labels)
{
    cg_dataset dataset;
    put_images(IMAGES, 2, 5);
    check_read(2, 5);
    ck_assert_int_eq(cg_dataset_read(&dataset, scratch_folder, CG_DATASET_TRAIN), CG_OK);
    ck_assert_ptr_null(dataset.labels);
    cg_dataset_deinit(&dataset);
    put_images("t10k-images-idx3-ubyte.gz", 3, 8);
    put_labels("t10k-labels-idx1-ubyte", 3);
    ck_assert_int_eq(cg_dataset_read(&dataset, scratch_folder, CG_DATASET_TEST), CG_OK);
    ck_assert_uint_eq(dataset.count, 3);
    ck_assert_uint_eq(dataset.images[0], 8);
    ck_assert_uint_eq(dataset.labels[2], 8); /* put_labels() writes the pixels' bytes */
    cg_dataset_deinit(&dataset);
}
END_TEST

/* Images are found by what they are: in the folder that is named, else in the default one. */
START_TEST(searches_for_images)
{
    cg_dataset dataset;
    const char *where;
    char sha256[65];
    char *other = strdup(scratch_path("other"));
    ck_assert_int_eq(mkdir(scratch_path("mnist"), 0777) | mkdir(other, 0777), 0);
    setenv("CLGAN_DATA_DIR", scratch_folder, 1);
    put_images("mnist/" IMAGES, 2, 7);
    put_images("other/" IMAGES, 2, 9);
    ck_assert_int_eq(cg_dataset_read(&dataset, NULL, CG_DATASET_TRAIN), CG_OK);
    memcpy(sha256, dataset.sha256, sizeof sha256);
    cg_dataset_deinit(&dataset);

    const char *const named[] = {NULL, other, "gone", cg_dataset_default()};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(cg_data_files_search(&dataset, &where, named[i], sha256), CG_OK);
        ck_assert_str_eq(where, cg_dataset_default());
        ck_assert_str_eq(dataset.sha256, sha256);
        cg_dataset_deinit(&dataset);
    }
    ck_assert_int_eq(cg_data_files_search(&dataset, &where, other, ""), CG_OK);
    ck_assert_str_eq(where, other);
    cg_dataset_deinit(&dataset);
    ck_assert_int_eq(cg_data_files_search(&dataset, &where, other, "none"), CG_OK);
    ck_assert_ptr_null(where);
    ck_assert_ptr_null(dataset.images);
    unsetenv("CLGAN_DATA_DIR");
    free(other);
}
END_TEST

static void check_mnist(cg_dataset_part part, size_t count, const char *sha256)
{
    cg_dataset dataset;
    size_t digits[10] = {0};
    ck_assert_int_eq(cg_dataset_read(&dataset, CLGAN_SOURCE_DIR "/data/mnist", part), CG_OK);
    ck_assert_uint_eq(dataset.count, count);
    ck_assert_str_eq(dataset.sha256, sha256);
    for (size_t i = 0; i < count; i++)
        digits[dataset.labels[i]]++;
    for (size_t i = 0; i < 10; i++)
        ck_assert_uint_gt(digits[i], count / 20);
    cg_dataset_deinit(&dataset);
}

START_TEST(reads_mnist)
{
    check_mnist(CG_DATASET_TRAIN, 60000,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");
    check_mnist(CG_DATASET_TEST, 10000,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dataset");
    tcase_add_test(tests, reads_either_name);
    tcase_add_test(tests, refuses_missing);
    tcase_add_test(tests, refuses_other_shapes);
    tcase_add_test(tests, labels_must_fit);
    tcase_add_test(tests, reads_labels);
    tcase_add_test(tests, searches_for_images);
    tcase_add_test(tests, reads_mnist);
    tcase_set_timeout(tests, 60);
    return run_case(tests, "io/dataset");
}
