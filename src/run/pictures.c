/* A run's pictures. The GIF is made from the PNG files, so that it only depends on what is there.
 */
#include "run/pictures.h"

#include "base/file.h"
#include "base/phase.h"
#include "base/try.h"
#include "nn/stages.h"
#include "ocl/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAME_CENTISECONDS = 20 };

cg_status cg_pictures_sample_noise(cg_network *net, uint64_t seed, cg_stream stream, uint32_t group,
                                   size_t n)
{
    cg_random random = {seed, stream, 0, group};
    return cg_network_draw_noise(net, n, &random);
}

/* Returns how many images are drawn where n are wanted: as many as the self-test draws, if there is
 * room for them. */
static size_t choose_size(const cg_network *net, size_t n)
{
    const size_t size = n <= CG_PICTURE_COUNT ? CG_PICTURE_COUNT : CG_PICTURE_GROUP;
    return size <= net->max_fakes ? size : n;
}

cg_status cg_pictures_draw_group(float *images, cg_network *net, uint64_t seed, cg_stream stream,
                                 uint32_t group, size_t n)
{
    cg_status status = CG_OK;
    const size_t drawn = choose_size(net, n);
    cg_network_set_batch(net, drawn, 0);
    CG_TRY(cg_pictures_sample_noise(net, seed, stream, group, drawn));
    CG_TRY(cg_network_generate(net));
    CG_TRY(cg_buffer_download(net->images.buffer, 0, images, n * CG_PIXELS * sizeof *images));
done:
    return status;
}

cg_status cg_pictures_generate(unsigned char *pixels, cg_network *net, uint64_t seed,
                               cg_stream stream, size_t n)
{
    cg_status status = CG_OK;
    float *images = NULL;
    cg_phase phase = {.words = "drawing pictures", .total = cg_ceil_div(n, CG_PICTURE_GROUP)};
    cg_phase_begin(&phase);
    CG_TRY(cg_memory_create(&images, CG_PICTURE_GROUP * CG_PIXELS, sizeof *images));
    for (size_t first = 0; first < n; first += CG_PICTURE_GROUP) {
        size_t count = n - first < CG_PICTURE_GROUP ? n - first : CG_PICTURE_GROUP;
        CG_TRY(cg_pictures_draw_group(images, net, seed, stream,
                                      (uint32_t)(first / CG_PICTURE_GROUP), count));
        cg_pixels_from_floats(pixels + first * CG_PIXELS, images, count * CG_PIXELS);
        cg_phase_advance(&phase, first / CG_PICTURE_GROUP + 1);
    }
done:
    cg_phase_end(&phase);
    free(images);
    return status;
}

cg_status cg_pictures_write_grid(const char *path, const unsigned char *pixels)
{
    cg_image grid = {0};
    cg_status status =
        cg_image_grid(&grid, pixels, CG_PICTURE_ROWS, CG_PICTURE_ROWS, CG_SIDE, CG_SIDE);
    if (status == CG_OK)
        status = cg_png_write(path, &grid);
    cg_image_deinit(&grid);
    return status;
}

cg_status cg_pictures_write_real(const cg_run *run, const cg_dataset *data)
{
    cg_status status = CG_OK;
    unsigned char pixels[CG_PICTURE_COUNT * CG_PIXELS] = {0};
    size_t count = data->count < CG_PICTURE_COUNT ? data->count : CG_PICTURE_COUNT;
    char *path = NULL;
    memcpy(pixels, data->images, count * CG_PIXELS);
    CG_TRY(cg_run_path(&path, run, CG_RUN_REAL));
    CG_TRY(cg_pictures_write_grid(path, pixels));
done:
    free(path);
    return status;
}

/* Reads the epoch's picture into *frame; *there = it exists and is sound. */
static cg_status read_frame(cg_image *frame, bool *there, const cg_run *run, size_t epoch)
{
    char *path = NULL;
    cg_status status = cg_run_picture_path(&path, run, epoch);
    *there = false;
    if (status == CG_OK)
        status = cg_file_find(there, path);
    if (status == CG_OK && *there) {
        status = cg_png_read(frame, path);
        *there = status == CG_OK;
    }
    if (status == CG_ERR_INPUT)
        status = CG_OK;
    if (status == CG_OK && !*there)
        cg_log(CG_LOG_WARNING, "%s: the GIF goes without it", path);
    free(path);
    return status;
}

cg_status cg_pictures_write_gif(const cg_run *run, size_t epochs)
{
    cg_status status = CG_OK;
    cg_image *frames = NULL;
    char *path = NULL;
    size_t count = 0;

    CG_TRY(cg_memory_create(&frames, epochs, sizeof *frames));
    for (size_t epoch = 1; epoch <= epochs; epoch++) {
        bool there;
        CG_TRY(read_frame(&frames[count], &there, run, epoch));
        count += there;
    }
    CG_TRY(cg_run_path(&path, run, CG_RUN_GIF));
    if (count)
        CG_TRY(cg_gif_write(path, frames, count, FRAME_CENTISECONDS));
    else if (!epochs)
        unlink(path); /* the run was taken back to its first epoch */
done:
    for (size_t i = 0; i < count; i++)
        cg_image_deinit(&frames[i]);
    free(frames);
    free(path);
    return status;
}
