/* Pixels and grids of tiles. */
#include <clgan/image.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/try.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAP = 2,
    MAX_SIDE = 65535 /* what a GIF can hold */
};

void cg_pixels_from_floats(unsigned char *out, const float *x, size_t count)
{
    for (size_t i = 0; out && x && i < count; i++) {
        double level = round(127.5 * (double)x[i] + 127.5);
        out[i] = level >= 255 ? 255 : level > 0 ? (unsigned char)level : 0; /* NaN ends here too */
    }
}

cg_status cg_image_grid(cg_image *grid, const unsigned char *tiles, size_t rows, size_t columns,
                        size_t tile_height, size_t tile_width)
{
    CG_NEED(grid);
    CG_NEED(tiles);
    cg_status status = CG_OK;
    *grid = (cg_image){0};
    if (rows < 1 || columns < 1 || tile_height < 1 || tile_width < 1 || tile_height > MAX_SIDE ||
        tile_width > MAX_SIDE || rows > (MAX_SIDE - GAP) / (tile_height + GAP) ||
        columns > (MAX_SIDE - GAP) / (tile_width + GAP))
        return cg_fail(CG_ERR_SHAPE, "cannot make a picture of %zu x %zu tiles of %zu x %zu pixels",
                       rows, columns, tile_height, tile_width);
    size_t height = rows * (tile_height + GAP) + GAP;
    size_t width = columns * (tile_width + GAP) + GAP;
    CG_TRY(cg_memory_create(&grid->pixels, height, width));
    grid->width = width;
    grid->height = height;
    for (size_t row = 0; row < rows; row++)
        for (size_t y = 0; y < tile_height; y++)
            for (size_t column = 0; column < columns; column++) {
                size_t tile = row * columns + column;
                size_t top = GAP + row * (tile_height + GAP) + y;
                size_t left = GAP + column * (tile_width + GAP);
                memcpy(grid->pixels + top * width + left,
                       tiles + (tile * tile_height + y) * tile_width, tile_width);
            }
done:
    return status;
}

void cg_image_deinit(cg_image *image)
{
    if (!image)
        return;
    free(image->pixels);
    *image = (cg_image){0};
}
