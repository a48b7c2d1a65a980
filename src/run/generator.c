/* Digits into memory, group by group. */
#include "run/generator.h"

#include <clgan/image.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/types.h"
#include "run/pictures.h"
#include "run/sampler.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct cg_generator {
    cg_runtime *rt;
    cg_network *net;
    float images[CG_PICTURE_GROUP * CG_PIXELS]; /* of one group */
};

static_assert((int)CG_GENERATOR_SIDE == (int)CG_SIDE, "a digit's side");

/* A group's number has 32 bits (cg_pictures_draw_group). */
static const uint64_t most = (uint64_t)CG_PICTURE_GROUP << 32;

cg_status cg_generator_open(cg_generator **generator, const char *checkpoint, const char *device)
{
    CG_NEED(generator);
    *generator = NULL;
    CG_NEED(checkpoint);
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t step;
    CG_TRY(cg_checkpoint_read(&file, &recipe, &step, checkpoint));
    CG_TRY(cg_generator_open_on(generator, file, &recipe, device, false));
done:
    cg_safetensors_release(file);
    return status;
}

cg_status cg_generator_open_on(cg_generator **generator, const cg_safetensors *file,
                               const cg_recipe *recipe, const char *device, bool trusted)
{
    cg_status status = CG_OK;
    cg_generator *opened = NULL;
    *generator = NULL;
    CG_TRY(cg_memory_create(&opened, 1, sizeof *opened));
    CG_TRY(cg_runtime_create_selected(&opened->rt, device));
    opened->rt->trusted = trusted;
    CG_TRY(cg_sampler_open(&opened->net, opened->rt, file, recipe));
    *generator = opened;
    opened = NULL;
done:
    cg_generator_close(opened);
    return status;
}

/* Puts n images where they belong: as bytes or as floats. */
typedef void put_images(void *out, size_t at, const float *images, size_t n);

static void put_bytes(void *out, size_t at, const float *images, size_t n)
{
    cg_pixels_from_floats((unsigned char *)out + at * CG_PIXELS, images, n * CG_PIXELS);
}

static void put_floats(void *out, size_t at, const float *images, size_t n)
{
    memcpy((float *)out + at * CG_PIXELS, images, n * CG_PIXELS * sizeof *images);
}

static cg_status draw(cg_generator *g, put_images *put, void *out, uint64_t seed, uint64_t first,
                      size_t count)
{
    cg_status status = CG_OK;
    if (count > most || first > most - count)
        return cg_fail(CG_ERR_ARGUMENT, "%zu digits from the %" PRIu64 "th on: a seed has %" PRIu64,
                       count, first, most);
    for (size_t drawn = 0; drawn < count;) {
        uint64_t at = first + drawn;
        size_t skipped = (size_t)(at % CG_PICTURE_GROUP), room = CG_PICTURE_GROUP - skipped;
        size_t n = count - drawn < room ? count - drawn : room;
        CG_TRY(cg_pictures_draw_group(g->images, g->net, seed, CG_STREAM_SAMPLE,
                                      (uint32_t)(at / CG_PICTURE_GROUP), skipped + n));
        put(out, drawn, g->images + skipped * CG_PIXELS, n);
        drawn += n;
    }
done:
    return status;
}

cg_status cg_generator_draw(cg_generator *generator, unsigned char *pixels, uint64_t seed,
                            uint64_t first, size_t count)
{
    CG_NEED(generator);
    CG_NEED(pixels || !count);
    return draw(generator, put_bytes, pixels, seed, first, count);
}

cg_status cg_generator_draw_floats(cg_generator *generator, float *x, uint64_t seed, uint64_t first,
                                   size_t count)
{
    CG_NEED(generator);
    CG_NEED(x || !count);
    return draw(generator, put_floats, x, seed, first, count);
}

void cg_generator_close(cg_generator *generator)
{
    if (!generator)
        return;
    cg_network_release(generator->net);
    cg_runtime_release(generator->rt);
    free(generator);
}
