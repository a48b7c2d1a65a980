/* Pixels, grids, PNG and GIF; the GIF is read back by giflib. */
#include <clgan/image.h>

#include "support.h"

#include <gif_lib.h>
#include <math.h>

enum { WIDTH = 37, HEIGHT = 23 };

/* A picture of greys in which every row differs. */
static cg_image make_image(unsigned seed)
{
    cg_image image = {WIDTH, HEIGHT, malloc(WIDTH * HEIGHT)};
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
        image.pixels[i] = (unsigned char)(i * (seed + 3) + i * i / 7 + seed);
    return image;
}

static void check_same_files(const char *a, const char *b)
{
    size_t size_a, size_b;
    unsigned char *data_a = get_file(a, &size_a), *data_b = get_file(b, &size_b);
    ck_assert_uint_eq(size_a, size_b);
    ck_assert_mem_eq(data_a, data_b, size_a);
    free(data_a);
    free(data_b);
}

START_TEST(rounds_pixels)
{
    const float x[] = {-1, 1, 0, -1.5f, 2, NAN, INFINITY, -INFINITY, 1e30f, -0.996f, -0.997f};
    const unsigned char expected[] = {0, 255, 128, 0, 255, 0, 255, 0, 255, 1, 0};
    unsigned char out[sizeof expected];
    cg_pixels_from_floats(out, x, sizeof expected);
    ck_assert_mem_eq(out, expected, sizeof expected);
    for (int i = 0; i < 256; i++) {
        float y = ((float)i - 127.5f) / 127.5f;
        cg_pixels_from_floats(out, &y, 1);
        ck_assert_int_eq(out[0], i);
    }
}
END_TEST

START_TEST(lays_out_grids)
{
    static const unsigned char tiles[2 * 3 * 1 * 2] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const unsigned char expected[8 * 14] = {
        [2 * 14 + 2] = 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, [5 * 14 + 2] = 7, 8, 0, 0, 9, 10, 0, 0, 11, 12,
    };
    cg_image grid;
    ck_assert_int_eq(cg_image_grid(&grid, tiles, 2, 3, 1, 2), CG_OK);
    ck_assert_uint_eq(grid.width, 14);
    ck_assert_uint_eq(grid.height, 8);
    ck_assert_mem_eq(grid.pixels, expected, sizeof expected);
    cg_image_deinit(&grid);
    ck_assert_ptr_null(grid.pixels);
    cg_image_deinit(NULL);
    ck_assert_int_eq(cg_image_grid(&grid, tiles, 0, 3, 1, 2), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_image_grid(&grid, tiles, SIZE_MAX, 3, 1, 2), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_image_grid(&grid, tiles, 1, 1, SIZE_MAX, 2), CG_ERR_SHAPE);
    ck_assert_ptr_null(grid.pixels);
}
END_TEST

START_TEST(png_round_trips)
{
    cg_image image = make_image(1), read;
    ck_assert_int_eq(cg_png_write(scratch_path("a.png"), &image), CG_OK);
    ck_assert_int_eq(cg_png_write(scratch_path("b.png"), &image), CG_OK);
    check_same_files(scratch_path("a.png"), scratch_path("b.png"));
    ck_assert_int_eq(cg_png_read(&read, scratch_path("a.png")), CG_OK);
    ck_assert_uint_eq(read.width, WIDTH);
    ck_assert_uint_eq(read.height, HEIGHT);
    ck_assert_mem_eq(read.pixels, image.pixels, WIDTH * HEIGHT);
    cg_image_deinit(&read);
    cg_image_deinit(&image);
}
END_TEST

static void check_png_refused(const void *data, size_t size)
{
    cg_image image;
    put_file(scratch_path("bad.png"), data, size);
    ck_assert_int_eq(cg_png_read(&image, scratch_path("bad.png")), CG_ERR_INPUT);
    ck_assert_ptr_null(image.pixels);
}

START_TEST(png_refuses)
{
    /* 1 x 1 pixel of RGB */
    static const unsigned char colour[] = {
        0x89, 'P',  'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,    0,    0,    13,   'I',  'H',
        'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    2,    0,    0,
        0,    0x90, 0x77, 0x53, 0xde, 0,    0,    0,    12,   'I',  'D',  'A',  'T',  0x08,
        0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0,    0,    0x03, 0x01, 0x01, 0,    0x18, 0xdd, 0x8d,
        0xb0, 0,    0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82};
    cg_image image = make_image(1), read;
    size_t size;
    ck_assert_int_eq(cg_png_read(&read, scratch_path("missing.png")), CG_ERR_INPUT);
    check_png_refused("", 0);
    check_png_refused("this is no picture at all", 25);
    check_png_refused(colour, sizeof colour);
    ck_assert_int_eq(cg_png_write(scratch_path("a.png"), &image), CG_OK);
    unsigned char *data = get_file(scratch_path("a.png"), &size);
    for (size_t length = 0; length < size; length++)
        check_png_refused(data, length);
    data[size / 2] ^= 4;
    check_png_refused(data, size);
    free(data);
    image.width = 0;
    ck_assert_int_eq(cg_png_write(scratch_path("a.png"), &image), CG_ERR_SHAPE);
    cg_image_deinit(&image);
}
END_TEST

static void check_frame(const SavedImage *saved, const cg_image *frame, int delay)
{
    GraphicsControlBlock control = {0};
    for (int i = 0; i < saved->ExtensionBlockCount; i++)
        if (saved->ExtensionBlocks[i].Function == GRAPHICS_EXT_FUNC_CODE)
            DGifExtensionToGCB(4, saved->ExtensionBlocks[i].Bytes, &control);
    ck_assert_int_eq(control.DelayTime, delay);
    ck_assert_int_eq(saved->ImageDesc.Width, WIDTH);
    ck_assert_int_eq(saved->ImageDesc.Height, HEIGHT);
    ck_assert_mem_eq(saved->RasterBits, frame->pixels, WIDTH * HEIGHT);
}

START_TEST(gif_reads_back)
{
    cg_image frames[3] = {make_image(1), make_image(2), make_image(3)};
    int error = 0;
    ck_assert_int_eq(cg_gif_write(scratch_path("a.gif"), frames, 3, 20), CG_OK);
    ck_assert_int_eq(cg_gif_write(scratch_path("b.gif"), frames, 3, 20), CG_OK);
    check_same_files(scratch_path("a.gif"), scratch_path("b.gif"));
    GifFileType *gif = DGifOpenFileName(scratch_path("a.gif"), &error);
    ck_assert_ptr_nonnull(gif);
    ck_assert_int_eq(DGifSlurp(gif), GIF_OK);
    ck_assert_int_eq(gif->ImageCount, 3);
    ck_assert_int_eq(gif->SWidth, WIDTH);
    ck_assert_int_eq(gif->SColorMap->ColorCount, 256);
    for (int i = 0; i < 256; i++)
        ck_assert_int_eq(gif->SColorMap->Colors[i].Green, i);
    const ExtensionBlock *loop = gif->SavedImages[0].ExtensionBlocks;
    ck_assert_int_eq(loop[0].Function, APPLICATION_EXT_FUNC_CODE);
    ck_assert_mem_eq(loop[0].Bytes, "NETSCAPE2.0", 11);
    ck_assert_mem_eq(loop[1].Bytes, "\1\0\0", 3);
    for (int i = 0; i < 3; i++)
        check_frame(&gif->SavedImages[i], &frames[i], i < 2 ? 20 : 200);
    DGifCloseFile(gif, &error);
    for (int i = 0; i < 3; i++)
        cg_image_deinit(&frames[i]);
}
END_TEST

START_TEST(gif_refuses)
{
    cg_image frames[2] = {make_image(1), make_image(2)};
    const char *path = scratch_path("a.gif");
    ck_assert_int_eq(cg_gif_write(path, frames, 0, 20), CG_ERR_SHAPE);
    frames[1].height--;
    ck_assert_int_eq(cg_gif_write(path, frames, 2, 20), CG_ERR_SHAPE);
    frames[1].height = 65536;
    ck_assert_int_eq(cg_gif_write(path, frames + 1, 1, 20), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_gif_write(scratch_path("none/a.gif"), frames, 1, 20), CG_ERR_WRITE);
    ck_assert_int_eq(scratch_count(), 0);
    cg_image_deinit(&frames[0]);
    cg_image_deinit(&frames[1]);
}
END_TEST

START_TEST(gif_on_a_full_disk)
{
    cg_image frames[64];
    for (unsigned i = 0; i < 64; i++)
        frames[i] = make_image(i);
    if (!POSIX_FILES)
        return;
    limit_file_size(10000);
    cg_status status = cg_gif_write(scratch_path("a.gif"), frames, 64, 20);
    limit_file_size(0);
    ck_assert_int_eq(status, CG_ERR_WRITE);
    ck_assert_int_eq(scratch_count(), 0);
    for (unsigned i = 0; i < 64; i++)
        cg_image_deinit(&frames[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("image");
    tcase_add_test(tests, rounds_pixels);
    tcase_add_test(tests, lays_out_grids);
    tcase_add_test(tests, png_round_trips);
    tcase_add_test(tests, png_refuses);
    tcase_add_test(tests, gif_reads_back);
    tcase_add_test(tests, gif_refuses);
    tcase_add_test(tests, gif_on_a_full_disk);
    return run_case(tests, "io/image");
}
