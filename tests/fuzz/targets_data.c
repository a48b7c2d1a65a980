/* Arrays of numbers, data sets' names, pictures. */
#include "fuzz/fuzz.h"

#include "io/array_file.h"
#include "io/file_kind.h"

#include <clgan/dataset.h>
#include <clgan/idx.h>
#include <clgan/image.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Reads all that the promise of an array is about. */
static void use_bytes(const unsigned char *data, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += data[i];
    fuzz_need(!size || sum <= 255 * size, "bytes are bytes");
}

/* Reads an array as labels, and as whatever it is. */
static void read_array(const char *path, cg_dataset_part part)
{
    cg_array array = {0};
    unsigned char *bytes = NULL;
    if (cg_array_file_read(&array, path, part, CG_DATA_LABELS, NULL) == CG_OK) {
        use_bytes(array.idx.data, array.idx.size * array.element->bytes);
        if (cg_array_to_bytes(&bytes, &array, 1, path) == CG_OK)
            use_bytes(bytes, array.idx.size);
    }
    free(bytes);
    cg_array_deinit(&array);
}

void fuzz_idx(const unsigned char *data, size_t size)
{
    const char *path = fuzz_put("train-labels-idx1-ubyte", data, size);
    cg_idx idx;
    if (cg_idx_read(&idx, path) == CG_OK)
        use_bytes(idx.data, idx.size);
    cg_idx_deinit(&idx);
    read_array(path, CG_DATASET_TRAIN);
    cg_file_kind_read(path);
}

void fuzz_gzip(const unsigned char *data, size_t size)
{
    fuzz_idx(data, size);
}

void fuzz_npy(const unsigned char *data, size_t size)
{
    read_array(fuzz_put("y_train.npy", data, size), CG_DATASET_TRAIN);
}

void fuzz_npz(const unsigned char *data, size_t size)
{
    bool has;
    const char *path = fuzz_put("mnist.npz", data, size);
    read_array(path, CG_DATASET_TRAIN);
    read_array(path, CG_DATASET_TEST);
    cg_array_file_has(&has, path, CG_DATASET_TRAIN, CG_DATA_IMAGES);
}

/* A data set: the name of a file, which may lack images and labels, and its bytes. */
void fuzz_data(const unsigned char *data, size_t size)
{
    fuzz_part rest = {data, size}, name = fuzz_next(&rest);
    cg_dataset set;
    char *text = fuzz_text(name.data, name.size);
    cg_data_name read = cg_data_name_read(text);
    fuzz_need(memchr(read.set, '\0', sizeof read.set) != NULL, "a set's name ends");
    cg_file_kind_find(name.data, name.size);
    free(text);
    if (rest.size == 0)
        return;
    const char *path = fuzz_put("train-images-idx3-ubyte", rest.data, rest.size);
    if (cg_dataset_read(&set, path, CG_DATASET_TRAIN) == CG_OK)
        use_bytes(set.images, set.count * 28 * 28);
    cg_dataset_deinit(&set);
}

/* A picture that is read is written, and read again, the same. */
void fuzz_png(const unsigned char *data, size_t size)
{
    cg_image image, again;
    unsigned char *file = NULL;
    size_t length = 0;
    if (cg_png_read(&image, fuzz_put("image.png", data, size)) == CG_OK &&
        image.width * image.height < 1 << 16) {
        fuzz_need(cg_png_encode(&file, &length, &image) == CG_OK, "a picture can be written");
        fuzz_need(cg_png_read(&again, fuzz_put("again.png", file, length)) == CG_OK &&
                      again.width == image.width && again.height == image.height &&
                      memcmp(again.pixels, image.pixels, image.width * image.height) == 0,
                  "a picture that was written is read");
        cg_image_deinit(&again);
    }
    free(file);
    cg_image_deinit(&image);
}
