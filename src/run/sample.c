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

/* *file = the checkpoint that draws. It is read once: one of a run that is trained meanwhile may be
 * gone the next moment. */
static cg_status read_checkpoint(cg_safetensors **file, cg_recipe *recipe,
                                 const cg_sample_options *o)
{
    uint64_t step;
    if (!o->checkpoint == !o->run)
        return cg_fail(CG_ERR_ARGUMENT, "sample needs one of --checkpoint and --run, not %d",
                       o->run ? 2 : 0);
    return o->run ? cg_checkpoint_read_best(file, recipe, &step, o->run)
                  : cg_checkpoint_read(file, recipe, &step, o->checkpoint);
}

cg_status cg_sample(const cg_sample_options *options)
{
    CG_NEED(options);
    CG_NEED(options->out);
    cg_status status = CG_OK;
    cg_sample_options o = *options;
    cg_generator *generator = NULL;
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    unsigned char *pixels = NULL;

    if (!cg_path_ends_in(o.out, ".png") && !cg_path_ends_in(o.out, ".idx") &&
        !cg_path_ends_in(o.out, ".idx.gz"))
        return cg_fail(CG_ERR_ARGUMENT, "--out %s: the name must end in .png, .idx or .idx.gz",
                       o.out);
    complete(&o);
    size_t tiles = o.rows * o.columns > o.count ? o.rows * o.columns : o.count;
    CG_TRY(read_checkpoint(&file, &recipe, &o));
    CG_TRY(cg_file_probe(o.out));
    CG_TRY(cg_generator_open_on(&generator, file, &recipe, o.device, o.no_selftest));
    cg_safetensors_release(file);
    file = NULL;
    CG_TRY(cg_memory_create(&pixels, tiles, CG_PIXELS));
    CG_TRY(cg_generator_draw(generator, pixels, o.seed, 0, o.count));
    CG_TRY(write_file(&o, pixels));
done:
    cg_safetensors_release(file);
    free(pixels);
    cg_generator_close(generator);
    return status;
}
