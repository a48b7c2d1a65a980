/* PNG by libpng's simplified interface, which reports errors without longjmp(). */
#include <clgan/image.h>

#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

static const size_t max_file = (size_t)1 << 28;
static const size_t max_pixels = 60000000;

cg_status cg_png_encode(unsigned char **file, size_t *size, const cg_image *image)
{
    CG_NEED(file);
    CG_NEED(size);
    CG_NEED(image);
    png_image png = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)image->width,
        .height = (png_uint_32)image->height,
        .format = PNG_FORMAT_GRAY,
    };
    cg_status status = CG_OK;
    *file = NULL;
    if (!image->pixels || image->width < 1 || image->height < 1 ||
        image->height > max_pixels / image->width)
        return cg_fail(CG_ERR_SHAPE, "cannot write a PNG of %zu x %zu pixels", image->width,
                       image->height);
    png_alloc_size_t used = PNG_IMAGE_PNG_SIZE_MAX(png);
    CG_TRY(cg_memory_create(file, used, 1));
    if (!png_image_write_to_memory(&png, *file, &used, 0, image->pixels, 0, NULL)) {
        free(*file);
        *file = NULL;
        status = cg_fail(CG_ERR_MEMORY, "cannot make a PNG: %s", png.message);
    }
    *size = used;
done:
    return status;
}

cg_status cg_png_write(const char *path, const cg_image *image)
{
    CG_NEED(path);
    unsigned char *file = NULL;
    size_t size;
    cg_status status = cg_png_encode(&file, &size, image);
    if (status == CG_OK)
        status = cg_file_write(path, file, size);
    free(file);
    return status;
}

/* A message of libpng's means damage, unless it tells of memory. */
static cg_status decoding_failed(const char *path, const char *what, const char *message)
{
    cg_status status = strstr(message, "memory") ? CG_ERR_MEMORY : CG_ERR_INPUT;
    return cg_fail(status, "%s %s: %s", path, what, message);
}

/* Moves the chunks that the pixels need over all others, which libpng would unpack, each up to 8 MB
 * and all 1000 of them. False where the chunks do not fill the file, up to its IEND. */
static bool keep_pixels(unsigned char *file, size_t *size)
{
    enum { SIGNATURE = 8, TYPE = 4, AROUND = 12, ANCILLARY = 0x20 };
    size_t kept = SIGNATURE;
    bool ended = false;
    for (size_t at = SIGNATURE, length; at < *size; at += length) {
        const unsigned char *chunk = file + at;
        if (ended || *size - at < AROUND)
            return false;
        length = (size_t)cg_endian_load_be32(chunk) + AROUND;
        if (length > *size - at)
            return false;
        ended = memcmp(chunk + TYPE, "IEND", 4) == 0;
        if (chunk[TYPE] & ANCILLARY && memcmp(chunk + TYPE, "tRNS", 4) != 0)
            continue;
        memmove(file + kept, chunk, length);
        kept += length;
    }
    *size = kept;
    return ended;
}

static cg_status decode_file(cg_image *image, unsigned char *file, size_t size, const char *path)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    cg_status status = CG_OK;
    if (size == 0)
        return cg_fail(CG_ERR_INPUT, "%s is empty", path);
    if (size >= 8 && png_sig_cmp(file, 0, 8) == 0 && !keep_pixels(file, &size))
        return cg_fail(CG_ERR_INPUT, "%s is damaged: it does not end as a PNG does", path);
    if (!png_image_begin_read_from_memory(&png, file, size))
        return decoding_failed(path, "cannot be read as PNG", png.message);
    if (png.format != PNG_FORMAT_GRAY) {
        status = cg_fail(CG_ERR_INPUT, "%s is not a grey PNG of 8 bits", path);
        goto done;
    }
    if (png.height > max_pixels / png.width) {
        status =
            cg_fail(CG_ERR_INPUT, "%s is too large: %u x %u pixels", path, png.width, png.height);
        goto done;
    }
    CG_TRY(cg_memory_create(&image->pixels, png.height, png.width));
    image->width = png.width;
    image->height = png.height;
    if (!png_image_finish_read(&png, NULL, image->pixels, 0, NULL))
        status = decoding_failed(path, "is damaged", png.message);
done:
    png_image_free(&png);
    return status;
}

cg_status cg_png_read(cg_image *image, const char *path)
{
    CG_NEED(image);
    CG_NEED(path);
    void *file = NULL;
    size_t size = 0;
    cg_status status = CG_OK;
    *image = (cg_image){0};
    CG_TRY(cg_file_read(&file, &size, path, max_file));
    CG_TRY(decode_file(image, file, size, path));
done:
    if (status != CG_OK)
        cg_image_deinit(image);
    free(file);
    return status;
}
