/* Grey pictures: grids of tiles, PNG, and GIF animations. The same pixels give the same bytes of
 * file, and a file appears whole or not at all.
 *
 *     unsigned char tiles[2 * 28 * 28] = {0};
 *     cg_image grid;
 *     if (cg_image_grid(&grid, tiles, 1, 2, 28, 28) == CG_OK)
 *         status = cg_png_write("two.png", &grid);
 *     cg_image_deinit(&grid);
 *
 * Threads: any thread may call these functions, several at once, each into a picture of its own.
 */
#ifndef CLGAN_IMAGE_H
#define CLGAN_IMAGE_H

#include <clgan/status.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_image {
    size_t width, height;
    unsigned char *pixels; /* [height, width], 0 black .. 255 white; owned, for free() */
} cg_image;

/* out[i] = round(127.5 x[i] + 127.5), clamped to 0..255; NaN gives 0. */
CG_API void cg_pixels_from_floats(unsigned char *out, const float *x, size_t count);

/* Lays out the tiles row by row with black lines of 2 pixels between and around them.
 *   tiles [rows * columns, tile_height, tile_width]
 *   grid  [rows * (tile_height + 2) + 2, columns * (tile_width + 2) + 2]
 * CG_ERR_SHAPE when a size is 0 or the picture too large; *grid is then zeroed. */
CG_API cg_status cg_image_grid(cg_image *grid, const unsigned char *tiles, size_t rows,
                               size_t columns, size_t tile_height, size_t tile_width);

/* Frees the pixels and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_image_deinit(cg_image *image);

/* *file = the picture as the *size bytes of an 8-bit grey PNG, for free(). CG_ERR_SHAPE when there
 * is no pixel or more than 64 million; CG_ERR_MEMORY. */
CG_API cg_status cg_png_encode(unsigned char **file, size_t *size, const cg_image *image);

/* The same as a file. CG_ERR_SHAPE when there is no pixel or more than 64 million;
 * CG_ERR_WRITE. */
CG_API cg_status cg_png_write(const char *path, const cg_image *image);

/* Reads a grey PNG of up to 8 bits a pixel and 64 million pixels. CG_ERR_INPUT, logged, when it is
 * missing, damaged or of another kind; *image is then zeroed. */
CG_API cg_status cg_png_read(cg_image *image, const char *path);

/* Writes an animation that repeats for ever: 256 greys, each frame shown for
 * `delay_centiseconds`, the last one for 2 seconds (or the delay, if that is longer).
 * CG_ERR_SHAPE when there is no frame, the frames differ in size, or a side is not in 1..65535;
 * CG_ERR_WRITE. */
CG_API cg_status cg_gif_write(const char *path, const cg_image *frames, size_t count,
                              unsigned delay_centiseconds);

#ifdef __cplusplus
}
#endif
#endif
