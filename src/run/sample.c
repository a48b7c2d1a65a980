/* Pictures from a checkpoint, as a file. */
#include <clgan/sample.h>

#include <clgan/idx.h>
#include <clgan/image.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/model.h"
#include "base/try.h"
#include "run/checkpoint.h"
#include "run/generator.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 4 /* of the grid, in digits, where nothing is said */ };

cg_sample_options cg_sample_defaults(void)
{
    return (cg_sample_options){.rows = SIDE, .columns = SIDE, .count = SIDE * SIDE, .seed = 1};
}

/* A number that is 0 follows from the rest: the count from the grid, the grid from the count. */
static void complete(cg_sample_options *o)
{
    const cg_sample_options defaults = cg_sample_defaults();
    if (!o->rows && !o->columns && !o->count) {
        o->rows = defaults.rows;
        o->columns = defaults.columns;
    }
    if (!o->columns && o->rows)
        o->columns = cg_ceil_div(o->count ? o->count : o->rows, o->rows);
    while (!o->rows && o->columns * o->columns < o->count) /* as square as it can be */
        o->columns++;
    if (!o->rows)
        o->rows = o->count ? cg_ceil_div(o->count, o->columns) : 1;
    if (!o->count)
        o->count = o->rows * o->columns;
}

static cg_status write_file(const cg_sample_options *o, const unsigned char *pixels)
{
    if (!cg_path_ends_in(o->out, ".png"))
        return cg_idx_write(o->out, 3, (const size_t[]){o->count, CG_SIDE, CG_SIDE}, pixels);
    cg_image grid = {0};
    cg_status status = cg_image_grid(&grid, pixels, o->rows, o->columns, CG_SIDE, CG_SIDE);
    if (status == CG_OK)
        status = cg_png_write(o->out, &grid);
    cg_image_deinit(&grid);
    return status;
}

/* *path = the file that draws, for free(). */
static cg_status find_checkpoint(char **path, const cg_sample_options *o)
{
    if (!o->checkpoint == !o->run)
        return cg_fail(CG_ERR_ARGUMENT, "sample needs one of --checkpoint and --run, not %d",
                       o->run ? 2 : 0);
    return o->run ? cg_checkpoint_find_best(path, o->run)
                  : cg_memory_copy_text(path, o->checkpoint);
}

cg_status cg_sample(const cg_sample_options *options)
{
    CG_NEED(options);
    CG_NEED(options->out);
    cg_status status = CG_OK;
    cg_sample_options o = *options;
    cg_generator *generator = NULL;
    char *checkpoint = NULL;
    unsigned char *pixels = NULL;

    if (!cg_path_ends_in(o.out, ".png") && !cg_path_ends_in(o.out, ".idx") &&
        !cg_path_ends_in(o.out, ".idx.gz"))
        return cg_fail(CG_ERR_ARGUMENT, "--out %s: the name must end in .png, .idx or .idx.gz",
                       o.out);
    complete(&o);
    size_t tiles = o.rows * o.columns > o.count ? o.rows * o.columns : o.count;
    CG_TRY(find_checkpoint(&checkpoint, &o));
    CG_TRY(cg_file_probe(o.out));
    CG_TRY(cg_generator_open_on(&generator, checkpoint, o.device, o.no_selftest));
    CG_TRY(cg_memory_create(&pixels, tiles, CG_PIXELS));
    CG_TRY(cg_generator_draw(generator, pixels, o.seed, 0, o.count));
    CG_TRY(write_file(&o, pixels));
done:
    free(checkpoint);
    free(pixels);
    cg_generator_close(generator);
    return status;
}
