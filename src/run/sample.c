/* Pictures from a checkpoint. */
#include <clgan/sample.h>

#include <clgan/idx.h>
#include <clgan/image.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "run/sampler.h"
#include "run/pictures.h"

#include <stdlib.h>
#include <string.h>

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

cg_status cg_sample(const cg_sample_options *o)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    char *checkpoint = NULL;
    cg_recipe recipe;
    uint64_t step;
    cg_runtime *rt = NULL;
    cg_network *net = NULL;
    unsigned char *pixels = NULL;
    size_t tiles = o->rows * o->columns > o->count ? o->rows * o->columns : o->count;

    if (!cg_path_ends_in(o->out, ".png") && !cg_path_ends_in(o->out, ".idx") &&
        !cg_path_ends_in(o->out, ".idx.gz"))
        return cg_fail(CG_ERR_ARGUMENT, "--out %s: the name must end in .png, .idx or .idx.gz",
                       o->out);
    CG_TRY(find_checkpoint(&checkpoint, o));
    CG_TRY(cg_checkpoint_read(&file, &recipe, &step, checkpoint));
    CG_TRY(cg_file_probe(o->out));
    CG_TRY(cg_runtime_create_selected(&rt, o->device));
    CG_TRY(cg_sampler_open(&net, rt, file, &recipe));
    CG_TRY(cg_memory_create(&pixels, tiles, CG_PIXELS));
    CG_TRY(cg_pictures_generate(pixels, net, o->seed, CG_STREAM_SAMPLE, o->count));
    CG_TRY(write_file(o, pixels));
done:
    free(checkpoint);
    free(pixels);
    cg_network_release(net);
    cg_runtime_release(rt);
    cg_safetensors_release(file);
    return status;
}
