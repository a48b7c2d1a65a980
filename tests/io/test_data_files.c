/* Data sets under the names and in the formats that people have: taken, or refused in words that
 * name what was found. */
#include "io/data_name.h"

#include "base/endian.h"
#include "io/read_data.h"
#include "io/zip.h"

/* ---- names ----------------------------------------------------------------------------------- */

START_TEST(names)
{
    static const struct {
        const char *name;
        cg_data_kind kind;
        cg_dataset_part part;
        const char *set;
    } table[] = {
        {"train-images-idx3-ubyte", CG_DATA_IMAGES, CG_DATASET_TRAIN, ""},
        {"train-images-idx3-ubyte.gz", CG_DATA_IMAGES, CG_DATASET_TRAIN, ""},
        {"t10k-labels.idx1-ubyte", CG_DATA_LABELS, CG_DATASET_TEST, ""},
        {"T10K-IMAGES.IDX3-UBYTE.GZ", CG_DATA_IMAGES, CG_DATASET_TEST, ""},
        {"train_images.npy", CG_DATA_IMAGES, CG_DATASET_TRAIN, ""},
        {"emnist-letters-test-labels-idx1-ubyte.gz", CG_DATA_LABELS, CG_DATASET_TEST,
         "emnist-letters"},
        {"qmnist-train-labels-idx2-int.gz", CG_DATA_LABELS, CG_DATASET_TRAIN, "qmnist"},
        {"kmnist-train-imgs.npz", CG_DATA_IMAGES, CG_DATASET_TRAIN, "kmnist"},
        {"train-images-idx3-ubyte (1).gz", CG_DATA_IMAGES, CG_DATASET_TRAIN, "1"},
        {"mnist.npz", CG_DATA_ARCHIVE, CG_DATASET_TRAIN, "mnist"},
        {"x_test.npy", CG_DATA_IMAGES, CG_DATASET_TEST, ""},
        {"train-images-idx3-ubyte.zip", CG_DATA_NEAR, CG_DATASET_TRAIN, ""},
        {"train-images-idx3-ubyte.gz.crdownload", CG_DATA_NEAR, CG_DATASET_TRAIN, ""},
        {"fashion-mnist_train.csv", CG_DATA_NEAR, CG_DATASET_TRAIN, "fashion-mnist"},
        {"archive.zip", CG_DATA_NEAR, CG_DATASET_TRAIN, "archive"},
        {"emnist-letters-mapping.txt", CG_DATA_OTHER, CG_DATASET_TRAIN, "emnist-letters-mapping"},
        {"test_image.c", CG_DATA_NEAR, CG_DATASET_TEST, ""},
        {"README.md", CG_DATA_OTHER, CG_DATASET_TRAIN, "readme"},
        {"", CG_DATA_OTHER, CG_DATASET_TRAIN, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        cg_data_name name = cg_data_name_read(table[i].name);
        ck_assert_msg(name.kind == table[i].kind && name.part == table[i].part &&
                          strcmp(name.set, table[i].set) == 0,
                      "%s: kind %d, part %d, set %s", table[i].name, (int)name.kind, (int)name.part,
                      name.set);
    }
    char longest[1024];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_uint_lt(strlen(cg_data_name_read(longest).set), sizeof((cg_data_name *)0)->set);
}
END_TEST

/* ---- layouts --------------------------------------------------------------------------------- */

/* Places of files, and the name by which the set is found: "" is the folder. */
static const struct {
    const char *train_images, *train_labels, *test_images, *test_labels, *data;
} layouts[] = {
    {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
     "t10k-labels-idx1-ubyte", ""},
    {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
     "t10k-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz"},
    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
     "t10k-labels.idx1-ubyte", ""},
    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
     "t10k-labels.idx1-ubyte", "train-images.idx3-ubyte"},
    {"TRAIN-IMAGES-IDX3-UBYTE.gz", "TRAIN-LABELS-IDX1-UBYTE", "T10K-IMAGES-IDX3-UBYTE.gz",
     "T10K-LABELS-IDX1-UBYTE", ""},
    {"train-images-idx3-ubyte/train-images-idx3-ubyte",
     "train-labels-idx1-ubyte/train-labels-idx1-ubyte",
     "t10k-images-idx3-ubyte/t10k-images-idx3-ubyte",
     "t10k-labels-idx1-ubyte/t10k-labels-idx1-ubyte", ""},
    {"train-images-idx3-ubyte/train-images-idx3-ubyte",
     "train-labels-idx1-ubyte/train-labels-idx1-ubyte",
     "t10k-images-idx3-ubyte/t10k-images-idx3-ubyte",
     "t10k-labels-idx1-ubyte/t10k-labels-idx1-ubyte",
     "train-images-idx3-ubyte/train-images-idx3-ubyte"},
    {"MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte",
     "MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte", ""},
    {"FashionMNIST/raw/train-images-idx3-ubyte", "FashionMNIST/raw/train-labels-idx1-ubyte",
     "FashionMNIST/raw/t10k-images-idx3-ubyte", "FashionMNIST/raw/t10k-labels-idx1-ubyte",
     "FashionMNIST"},
    {"EMNIST/raw/gzip/emnist-mnist-train-images-idx3-ubyte.gz",
     "EMNIST/raw/gzip/emnist-mnist-train-labels-idx1-ubyte.gz",
     "EMNIST/raw/gzip/emnist-mnist-test-images-idx3-ubyte.gz",
     "EMNIST/raw/gzip/emnist-mnist-test-labels-idx1-ubyte.gz", ""},
    {"emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte",
     "emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte",
     "emnist-letters-train-images-idx3-ubyte"},
};

START_TEST(layout)
{
    put_images(layouts[_i].train_images, TRAIN, 7);
    put_labels(layouts[_i].train_labels, TRAIN);
    put_images(layouts[_i].test_images, TEST, 9);
    put_labels(layouts[_i].test_labels, TEST);
    check_read(layouts[_i].data, CG_DATASET_TRAIN, TRAIN, 7);
    ck_assert_int_eq(strstr(said, "EMNIST's") != NULL,
                     strstr(layouts[_i].train_images, "emnist") != NULL);
    check_read(layouts[_i].data, CG_DATASET_TEST, TEST, 9);
    ck_assert_str_eq(said, "");
    ck_assert(cg_dataset_has(scratch_path(layouts[_i].data), CG_DATASET_TEST));
}
END_TEST

/* MNIST's own names win over others, what is plain over gzip, a file over a folder of its name. */
START_TEST(preferences)
{
    put_labels("train-labels-idx1-ubyte", TRAIN);
    put_images("train-images-idx3-ubyte (1).gz", TRAIN, 1);
    put_images("emnist-digits-train-images-idx3-ubyte", TRAIN, 2);
    put_images("train-images.idx3-ubyte/train-images-idx3-ubyte", TRAIN, 3);
    check_read("", CG_DATASET_TRAIN, TRAIN, 3);
    put_images("train-images-idx3-ubyte.gz", TRAIN, 4);
    check_read("", CG_DATASET_TRAIN, TRAIN, 4);
    put_images("train-images.idx3_ubyte", TRAIN, 5);
    check_read("", CG_DATASET_TRAIN, TRAIN, 5);
    put_images("train-images-idx3-ubyte", TRAIN, 6);
    check_read("", CG_DATASET_TRAIN, TRAIN, 6);
    put_images("deep/train-images-idx3-ubyte", TRAIN, 7);
    check_read("", CG_DATASET_TRAIN, TRAIN, 6);
}
END_TEST

START_TEST(several_sets)
{
    put_images("emnist-letters-train-images-idx3-ubyte.gz", TRAIN, 1);
    put_labels("emnist-letters-train-labels-idx1-ubyte.gz", TRAIN);
    put_images("emnist-letters-test-images-idx3-ubyte.gz", TEST, 2);
    put_labels("emnist-letters-test-labels-idx1-ubyte.gz", TEST);
    put_images("emnist-balanced-train-images-idx3-ubyte.gz", 1, 3);
    put_images("emnist-balanced-test-images-idx3-ubyte.gz", 1, 4);
    check_refused("", CG_DATASET_TRAIN, "holds 2 data sets: name one by the file of its images: ");
    ck_assert_ptr_nonnull(strstr(said, "/emnist-balanced-train-images-idx3-ubyte.gz, "));
    ck_assert_ptr_nonnull(strstr(said, "/emnist-letters-train-images-idx3-ubyte.gz"));
    check_refused("", CG_DATASET_TEST, "holds 2 data sets");
    check_read("emnist-letters-train-images-idx3-ubyte.gz", CG_DATASET_TRAIN, TRAIN, 1);
    check_read("emnist-letters-train-images-idx3-ubyte.gz", CG_DATASET_TEST, TEST, 2);
    check_refused("emnist-letters-train-labels-idx1-ubyte.gz", CG_DATASET_TRAIN, "holds labels");
}
END_TEST

START_TEST(several_folders)
{
    put_images("MNIST/raw/train-images-idx3-ubyte", TRAIN, 1);
    put_labels("MNIST/raw/train-labels-idx1-ubyte", TRAIN);
    put_images("FashionMNIST/raw/train-images-idx3-ubyte", TRAIN, 2);
    check_refused("", CG_DATASET_TRAIN, "holds 2 data sets");
    ck_assert_ptr_nonnull(strstr(said, "/FashionMNIST/raw/train-images-idx3-ubyte"));
    check_read("MNIST", CG_DATASET_TRAIN, TRAIN, 1);
    ck_assert_ptr_nonnull(strstr(said, "the images are those of "));
}
END_TEST

/* A file of any name is the training images; nothing is beside it. */
START_TEST(a_file_of_any_name)
{
    cg_dataset dataset;
    put_images("drawn.idx.gz", TRAIN, 1);
    put_labels("train-labels-idx1-ubyte", TRAIN);
    put_images("t10k-images-idx3-ubyte", TEST, 2);
    ck_assert_int_eq(read_part(&dataset, "drawn.idx.gz", CG_DATASET_TRAIN), CG_OK);
    ck_assert_ptr_null(dataset.labels);
    cg_dataset_deinit(&dataset);
    ck_assert(!cg_dataset_has(scratch_path("drawn.idx.gz"), CG_DATASET_TEST));
    check_refused("drawn.idx.gz", CG_DATASET_TEST, "ubyte.gz beside it");
    ck_assert(!cg_dataset_has(scratch_path("missing.idx"), CG_DATASET_TRAIN));
}
END_TEST

/* ---- labels ---------------------------------------------------------------------------------- */

/* An IDX file of 32-bit integers [count, columns]: first, then numbers that are none of a class. */
static void put_integers(const char *name, size_t count, size_t columns, const int32_t *first)
{
    unsigned char file[12 + 4 * 64] = {0, 0, 0x0c, 2};
    cg_endian_store_be32(file + 4, (uint32_t)count);
    cg_endian_store_be32(file + 8, (uint32_t)columns);
    for (size_t i = 0; i < count * columns; i++)
        cg_endian_store_be32(file + 12 + 4 * i,
                             i % columns ? 0xfffffff7u : (uint32_t)first[i / columns]);
    put_file(make_path(name), file, 12 + 4 * count * columns);
}

START_TEST(labels_of_qmnist)
{
    static const int32_t sound[] = {0, 1, 2}, large[] = {0, 1, 256}, negative[] = {0, -1, 2};
    put_images("qmnist-train-images-idx3-ubyte.gz", TRAIN, 1);
    put_integers("qmnist-train-labels-idx2-int", TRAIN, 8, sound);
    check_read("", CG_DATASET_TRAIN, TRAIN, 1);
    put_integers("qmnist-train-labels-idx2-int", TRAIN, 1, sound);
    check_read("", CG_DATASET_TRAIN, TRAIN, 1);
    put_integers("qmnist-train-labels-idx2-int", TRAIN, 8, large);
    check_refused("", CG_DATASET_TRAIN, "the number 256 at 2 is not 0 to 255");
    put_integers("qmnist-train-labels-idx2-int", TRAIN, 8, negative);
    check_refused("", CG_DATASET_TRAIN, "the number -1 at 1 is not 0 to 255");
    put_integers("qmnist-train-labels-idx2-int", TRAIN, 10, sound);
    check_refused("", CG_DATASET_TRAIN, "does not hold labels");
    put_integers("qmnist-train-labels-idx2-int", TEST, 8, sound);
    check_refused("", CG_DATASET_TRAIN, "holds 2 labels for 3 images");
}
END_TEST

/* ---- what is no data ------------------------------------------------------------------------- */

/* Files that come under the right name. */
START_TEST(other_files_are_called_what_they_are)
{
    static const struct {
        const char *bytes, *words;
    } table[] = {
        {"<!DOCTYPE html>\n<html><body>404", "is an HTML page, not an IDX file"},
        {"\xef\xbb\xbf\n  <HTML lang=en>", "is an HTML page"},
        {"<?xml version=\"1.0\"?><Error/>", "is an XML document"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "pointer of Git LFS"},
        {"label,1x1,1x2,1x3\n5,0,0,0\n", "a table in text (CSV)"},
        {"{\"message\": \"Not Found\"}", "is JSON"},
        {"Not Found", "is text, not"},
        {"BZh91AY&SY", "is bzip2 data"},
        {"\xfd"
         "7zXZ",
         "is not an IDX file"}, /* a signature that is cut off */
        {"\x89PNG\r\n\x1a\n", "is a PNG picture"},
        {"PK\5\6", "is an empty ZIP archive"},
        {"\x80\4\x95", "is a Python pickle"},
        {"\1\2\3\4\5", "it starts with 01 02 03 04"},
        {"\1\2", "it has 2 bytes"},
    };
    char tar[512] = "train-images";
    memcpy(tar + 257, "ustar", 5);
    put_file(make_path("train-images-idx3-ubyte.gz"), tar, sizeof tar);
    check_refused("", CG_DATASET_TRAIN, "is a tar archive");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        put_text("train-images-idx3-ubyte.gz", table[i].bytes);
        check_refused("", CG_DATASET_TRAIN, table[i].words);
        check_refused("train-images-idx3-ubyte.gz", CG_DATASET_TRAIN, table[i].words);
    }
    zip kaggle = {0};
    zip_add(&kaggle, "train-images-idx3-ubyte", numbers, 100, false);
    zip_end(&kaggle);
    put_file(make_path("archive.zip"), kaggle.bytes, kaggle.size);
    check_refused("archive.zip", CG_DATASET_TRAIN, "is a ZIP archive, not an IDX file: unpack it");
    store16(kaggle.bytes + kaggle.size - 22 + 10, 0xffff); /* ZIP64, of 70,000 pictures */
    put_file(make_path("archive.zip"), kaggle.bytes, kaggle.size);
    check_refused("archive.zip", CG_DATASET_TRAIN, "is a ZIP archive, not an IDX file: unpack it");
}
END_TEST

/* A download that broke off tells the bytes that there should be. */
START_TEST(cut_short)
{
    size_t size;
    put_images("train-images-idx3-ubyte", TRAIN, 1);
    unsigned char *file = get_file(make_path("train-images-idx3-ubyte"), &size);
    put_file(make_path("train-images-idx3-ubyte"), file, size - 100);
    check_refused("", CG_DATASET_TRAIN, "its header promises 2352 bytes, it has 2252");
    free(file);
    remove(make_path("train-images-idx3-ubyte"));
    for (size_t i = 0; i < sizeof numbers; i++)
        numbers[i] = (unsigned char)(i * i >> 3);
    const size_t dims[] = {TRAIN, 28, 28};
    ck_assert_int_eq(cg_idx_write(make_path("train-images-idx3-ubyte.gz"), 3, dims, numbers),
                     CG_OK);
    file = get_file(make_path("train-images-idx3-ubyte.gz"), &size);
    put_file(make_path("train-images-idx3-ubyte.gz"), file, size / 2);
    check_refused("", CG_DATASET_TRAIN, "its header promises 2352 bytes, it has ");
    put_file(make_path("train-images-idx3-ubyte.gz"), file, size - 1);
    check_refused("", CG_DATASET_TRAIN, "is cut short: its packed data has no end");
    free(file);
}
END_TEST

/* The message names what lies there instead. */
START_TEST(near_misses)
{
    put_text("notes.txt", "hello");
    check_refused("", CG_DATASET_TRAIN, "no training images in ");
    ck_assert_ptr_null(strstr(said, "found"));
    mkdir(make_path("MNIST"), 0777);
    check_refused("", CG_DATASET_TRAIN, "found MNIST, which is a folder without them");
    rmdir(make_path("MNIST"));
    put_text("mnist_train.csv", "5,0,0,0\n");
    check_refused("", CG_DATASET_TRAIN, "found mnist_train.csv, which is a table in text (CSV)");
    remove(make_path("mnist_train.csv"));
    gzFile packed = gzopen(make_path("mnist.pkl.gz"), "wb");
    ck_assert_int_eq(gzwrite(packed, "\x80\4\x95 and so on", 13), 13);
    ck_assert_int_eq(gzclose(packed), Z_OK);
    check_refused("", CG_DATASET_TRAIN, "found mnist.pkl.gz, which is a Python pickle");
    remove(make_path("mnist.pkl.gz"));
    put_text("train-images-idx3-ubyte.zip", "PK\3\4 and so on");
    check_refused("", CG_DATASET_TRAIN,
                  "found train-images-idx3-ubyte.zip, which is a ZIP archive");
    remove(make_path("train-images-idx3-ubyte.zip"));
    put_labels("train-labels-idx1-ubyte", TRAIN);
    check_refused("", CG_DATASET_TRAIN, "which is a file of labels");
    put_images("train-images-idx3-ubyte", TRAIN, 1);
    check_refused("", CG_DATASET_TEST, "no test images in ");
    ck_assert_ptr_nonnull(strstr(said, "expected t10k-images-idx3-ubyte or "));
    check_refused("missing", CG_DATASET_TRAIN, "No such file or directory");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("data_files");
    tcase_add_test(tests, names);
    tcase_add_loop_test(tests, layout, 0, (int)(sizeof layouts / sizeof layouts[0]));
    tcase_add_test(tests, preferences);
    tcase_add_test(tests, several_sets);
    tcase_add_test(tests, several_folders);
    tcase_add_test(tests, a_file_of_any_name);
    tcase_add_test(tests, labels_of_qmnist);
    tcase_add_test(tests, other_files_are_called_what_they_are);
    tcase_add_test(tests, cut_short);
    tcase_add_test(tests, near_misses);
    tcase_set_timeout(tests, 60);
    return run_case(tests, "io/data_files");
}
