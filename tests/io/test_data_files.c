/* Data sets under the names and in the formats that people have: taken, or refused in words that
 * name what was found. */
#include "io/data_name.h"

#include "base/endian.h"
#include "io/npy.h"
#include "support.h"

#include <clgan/idx.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { PIXELS = 28 * 28, TRAIN = 3, TEST = 2 };

/* ---- files ----------------------------------------------------------------------------------- */

static unsigned char numbers[16 * PIXELS];

/* Creates the folders above a file. */
static const char *make_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch_folder, name);
    for (char *p = path + strlen(scratch_folder) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        mkdir(path, 0777);
    }
    return path;
}

static void put_images(const char *name, size_t count, unsigned char level)
{
    const size_t dims[] = {count, 28, 28};
    memset(numbers, level, sizeof numbers);
    ck_assert_int_eq(cg_idx_write(make_path(name), 3, dims, numbers), CG_OK);
}

/* Labels 0, 1, ... */
static void put_labels(const char *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] = (unsigned char)i;
    ck_assert_int_eq(cg_idx_write(make_path(name), 1, &count, numbers), CG_OK);
}

static void put_text(const char *name, const char *text)
{
    put_file(make_path(name), text, strlen(text));
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The last call's messages. */
static char said[4096];

static cg_status read_part(cg_dataset *dataset, const char *data, cg_dataset_part part)
{
    char log[512];
    size_t got;
    snprintf(log, sizeof log, "%s.log", scratch_folder);
    int saved = dup(2), file = open(log, O_CREAT | O_TRUNC | O_WRONLY, 0666);
    ck_assert_int_ge(file, 0);
    dup2(file, 2);
    cg_status status = cg_dataset_read(dataset, *data == '/' ? data : scratch_path(data), part);
    dup2(saved, 2);
    close(saved);
    close(file);
    char *text = (char *)get_file(log, &got);
    snprintf(said, sizeof said, "%s", text);
    free(text);
    unlink(log);
    return status;
}

static void check_read(const char *data, cg_dataset_part part, size_t count, int level)
{
    cg_dataset dataset;
    ck_assert_msg(read_part(&dataset, data, part) == CG_OK, "%s: %s", data, said);
    ck_assert_uint_eq(dataset.count, count);
    ck_assert_uint_eq(dataset.images[count * PIXELS - 1], (unsigned)level);
    ck_assert_msg(dataset.labels != NULL, "%s: no labels", data);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(dataset.labels[i], i);
    cg_dataset_deinit(&dataset);
}

static void check_refused(const char *data, cg_dataset_part part, const char *words)
{
    cg_dataset dataset;
    ck_assert_int_eq(read_part(&dataset, data, part), CG_ERR_INPUT);
    ck_assert_ptr_null(dataset.images);
    ck_assert_ptr_null(dataset.labels);
    ck_assert_msg(strstr(said, words) != NULL, "\"%s\" is not in: %s", words, said);
}

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
    ck_assert_ptr_nonnull(strstr(said, "/emnist-letters-train-images-idx3-ubyte.gz\n"));
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

/* ---- NumPy ----------------------------------------------------------------------------------- */

/* out = an array file: header of that version, then the data. Returns its length. */
static size_t build_npy(unsigned char *out, int version, const char *dictionary, const void *data,
                        size_t size)
{
    size_t length = strlen(dictionary) + 1, start = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (unsigned char)version;
    out[7] = 0;
    cg_endian_store_le32(out + 8, (uint32_t)length);
    memcpy(out + start, dictionary, length - 1);
    out[start + length - 1] = '\n';
    memcpy(out + start + length, data, size);
    return start + length + size;
}

/* An archive that is being built. */
typedef struct zip {
    unsigned char bytes[64 << 10], list[1 << 10];
    size_t size, listed, count;
} zip;

static void store16(unsigned char *p, size_t value)
{
    p[0] = (unsigned char)value;
    p[1] = (unsigned char)(value >> 8);
}

static size_t deflate_bytes(unsigned char *out, size_t room, unsigned char *data, size_t size)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = data;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

/* NumPy's own archives have an extra field in the member's header and not in the list. */
static void zip_add(zip *z, const char *name, unsigned char *data, size_t size, bool packed)
{
    unsigned char *local = z->bytes + z->size, *entry = z->list + z->listed;
    const size_t length = strlen(name), extra = 20, head = 30 + length + extra;
    size_t stored = size;
    if (packed)
        stored = deflate_bytes(local + head, sizeof z->bytes - z->size - head, data, size);
    else
        memcpy(local + head, data, size);
    memset(local, 0, head);
    memcpy(local, "PK\3\4", 4);
    store16(local + 26, length);
    store16(local + 28, extra);
    memcpy(local + 30, name, length);
    memset(entry, 0, 46);
    memcpy(entry, "PK\1\2", 4);
    store16(entry + 10, packed ? 8 : 0);
    cg_endian_store_le32(entry + 16, (uint32_t)crc32(0, data, (uInt)size));
    cg_endian_store_le32(entry + 20, (uint32_t)stored);
    cg_endian_store_le32(entry + 24, (uint32_t)size);
    store16(entry + 28, length);
    cg_endian_store_le32(entry + 42, (uint32_t)z->size);
    memcpy(entry + 46, name, length);
    z->listed += 46 + length;
    z->size += head + stored;
    z->count++;
}

static void zip_end(zip *z)
{
    unsigned char *end = z->bytes + z->size + z->listed;
    memcpy(z->bytes + z->size, z->list, z->listed);
    memset(end, 0, 22);
    memcpy(end, "PK\5\6", 4);
    store16(end + 10, z->count);
    cg_endian_store_le32(end + 12, (uint32_t)z->listed);
    cg_endian_store_le32(end + 16, (uint32_t)z->size);
    z->size += z->listed + 22;
}

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
    struct rlimit limit = {1u << 28, 1u << 28};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
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
    tcase_add_loop_test(tests, keras_archive, 0, 6);
    tcase_add_test(tests, damaged_archives);
    tcase_add_test(tests, checksums_of_members);
    tcase_add_test(tests, arrays_alone);
    tcase_add_test(tests, arrays_that_are_refused);
    tcase_add_test(tests, other_files_are_called_what_they_are);
    tcase_add_test(tests, cut_short);
    tcase_add_test(tests, near_misses);
    tcase_set_timeout(tests, 60);
    return run_case(tests, "io/data_files");
}
