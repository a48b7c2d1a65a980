/* Data sets as NumPy's arrays, alone and in archives: taken, or refused in words that name what was
 * found. */
#include "io/read_data.h"
#include "io/zip.h"

static void zip_add_array(zip *z, const char *name, int version, const char *dictionary,
                          const void *data, size_t size, bool packed)
{
    static unsigned char npy[32 << 10];
    zip_add(z, name, npy, build_npy(npy, version, dictionary, data, size), packed);
}

#define IMAGES(count) "{'descr': '|u1', 'fortran_order': False, 'shape': (" count ", 28, 28), }"
#define LABELS(count) "{'descr': '|u1', 'fortran_order': False, 'shape': (" count ",), }"

static zip keras;

static void build_keras(int version, bool packed)
{
    static const unsigned char labels[] = {0, 1, 2};
    keras = (zip){0};
    memset(numbers, 9, sizeof numbers);
    zip_add_array(&keras, "x_test.npy", version, IMAGES("2"), numbers, TEST * PIXELS, packed);
    memset(numbers, 7, sizeof numbers);
    zip_add_array(&keras, "x_train.npy", version, IMAGES("3"), numbers, TRAIN * PIXELS, packed);
    zip_add_array(&keras, "y_train.npy", version, LABELS("3"), labels, TRAIN, packed);
    zip_add_array(&keras, "y_test.npy", version, LABELS("2"), labels, TEST, packed);
    zip_end(&keras);
}

START_TEST(keras_archive)
{
    cg_dataset idx, npz;
    build_keras(1 + _i % 3, _i >= 3);
    put_file(make_path("mnist.npz"), keras.bytes, keras.size);
    check_read("", CG_DATASET_TRAIN, TRAIN, 7);
    check_read("", CG_DATASET_TEST, TEST, 9);
    check_read("mnist.npz", CG_DATASET_TRAIN, TRAIN, 7);
    check_read("mnist.npz", CG_DATASET_TEST, TEST, 9);
    put_images("idx/train-images-idx3-ubyte", TRAIN, 7); /* the same data by their hash */
    ck_assert_int_eq(read_part(&idx, "idx", CG_DATASET_TRAIN), CG_OK);
    ck_assert_int_eq(read_part(&npz, "mnist.npz", CG_DATASET_TRAIN), CG_OK);
    ck_assert_str_eq(idx.sha256, npz.sha256);
    cg_dataset_deinit(&idx);
    cg_dataset_deinit(&npz);
}
END_TEST

/* Cut off anywhere, or with a byte changed that counts. */
START_TEST(damaged_archives)
{
    cg_dataset dataset;
    build_keras(1, true);
    for (size_t length = 0; length < keras.size; length += 7) {
        put_file(make_path("mnist.npz"), keras.bytes, length);
        ck_assert_int_eq(read_part(&dataset, "mnist.npz", CG_DATASET_TRAIN), CG_ERR_INPUT);
    }
    for (size_t i = 0; i < keras.size; i += 5) {
        keras.bytes[i] ^= 0x55;
        put_file(make_path("mnist.npz"), keras.bytes, keras.size);
        if (read_part(&dataset, "mnist.npz", CG_DATASET_TRAIN) == CG_OK) {
            ck_assert_uint_eq(dataset.count, TRAIN);
            ck_assert_uint_eq(dataset.images[TRAIN * PIXELS - 1], 7);
            cg_dataset_deinit(&dataset);
        }
        keras.bytes[i] ^= 0x55;
    }
}
END_TEST

/* A stored pixel that changed is told by the checksum alone. */
START_TEST(checksums_of_members)
{
    build_keras(1, false);
    size_t at = 0;
    while (keras.bytes[at] != 7 || keras.bytes[at + 99] != 7)
        at++;
    keras.bytes[at + 50] = 8;
    put_file(make_path("mnist.npz"), keras.bytes, keras.size);
    check_refused("", CG_DATASET_TRAIN, "the checksum of x_train.npy is another one");
}
END_TEST

/* Arrays that are alone in their file, as KMNIST's, and labels of other types. */
START_TEST(arrays_alone)
{
    static const unsigned char wide[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
                                         0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
    static unsigned char npy[8 << 10];
    zip images = {0}, labels = {0};
    memset(numbers, 7, sizeof numbers);
    zip_add_array(&images, "arr_0.npy", 1, IMAGES("3"), numbers, TRAIN * PIXELS, true);
    zip_end(&images);
    zip_add_array(&labels, "arr_0.npy", 2,
                  "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 1), }", wide, sizeof wide,
                  false);
    zip_end(&labels);
    put_file(make_path("kmnist-train-imgs.npz"), images.bytes, images.size);
    put_file(make_path("kmnist-train-labels.npz"), labels.bytes, labels.size);
    check_read("", CG_DATASET_TRAIN, TRAIN, 7);
    check_read("kmnist-train-imgs.npz", CG_DATASET_TRAIN, TRAIN, 7);

    size_t size = build_npy(npy, 1, IMAGES("3"), numbers, TRAIN * PIXELS);
    put_file(make_path("npy/x_train.npy"), npy, size);
    put_labels("npy/y_train.npy", TRAIN); /* which is IDX, whatever its name */
    check_read("npy", CG_DATASET_TRAIN, TRAIN, 7);
    put_file(make_path("npy/x_train.npy"), npy, size - 1);
    check_refused("npy", CG_DATASET_TRAIN, "promises 2352 bytes, it has 2351");
}
END_TEST

START_TEST(arrays_that_are_refused)
{
    static const struct {
        const char *dictionary, *words;
    } table[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 28, 28)}", "32-bit floats"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (1, 28, 28)}", "Fortran"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (784,)}", "784 numbers, N x 28 x 28"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4, 14, 14)}", "14 x 14 pixels"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 32, 32, 3)}", "1 x 32 x 32 x 3"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1, 28, 28)}", "no plain array"},
        {"{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1, 28, 28)}", "no plain"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28", "no plain array"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2, 2, 2)}", "no plain array"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': ()}", "0 dimensions"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000, 28, 28)}", "too large"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2000000, 28, 28)}", "has 784"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 28, 28)}", "holds nothing"},
        {"", "no plain array"},
    };
    static unsigned char npy[2 << 10];
#ifndef __SANITIZE_ADDRESS__
    ck_assert_int_eq(limit_memory(1u << 28), POSIX_FILES);
#endif
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        put_file(make_path("x_train.npy"), npy,
                 build_npy(npy, 1, table[i].dictionary, numbers, PIXELS));
        check_refused("", CG_DATASET_TRAIN, table[i].words);
    }
    zip only = {0};
    zip_add_array(&only, "arr_0.npy", 1, IMAGES("1"), numbers, PIXELS, true);
    zip_end(&only);
    put_file(make_path("z/some.npz"), only.bytes, only.size);
    check_refused("z/some.npz", CG_DATASET_TRAIN, "expected the array x_train.npy in it");
    ck_assert(!cg_dataset_has(scratch_path("z"), CG_DATASET_TEST));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("numpy_files");
    tcase_add_loop_test(tests, keras_archive, 0, 6);
    tcase_add_test(tests, damaged_archives);
    tcase_add_test(tests, checksums_of_members);
    tcase_add_test(tests, arrays_alone);
    tcase_add_test(tests, arrays_that_are_refused);
    tcase_set_timeout(tests, 60);
    return run_case(tests, "io/numpy_files");
}
