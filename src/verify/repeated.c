/* Batches in which images repeat. */
#include "verify/repeated.h"

#include "base/memory.h"
#include "base/try.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t cg_repeated_period(size_t n)
{
    return n < 6 ? 0 : (n / 2 - 1) | 1;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* An array of blocks, each of which has room for `pitch` images: the bytes of an image in a block
 * lie beside each other. */
typedef struct layout {
    size_t blocks, pitch, bytes;
} layout;

/* Has the images from `first` on, `count` of them, repeat. */
static void repeat(unsigned char *data, const layout *l, size_t first, size_t count)
{
    const size_t period = cg_repeated_period(count);
    for (size_t b = 0; b < l->blocks; b++) {
        unsigned char *images = data + (b * l->pitch + first) * l->bytes;
        for (size_t i = period; period && i < count; i++)
            memcpy(images + i * l->bytes, images + (i - period) * l->bytes, l->bytes);
    }
}

/* The same of fakes, and of the reals behind them. */
static cg_status repeat_buffer(const cg_network *net, cg_buffer *buffer, const layout *l,
                               size_t reals)
{
    cg_status status = CG_OK;
    unsigned char *data = NULL;
    const size_t bytes = l->blocks * l->pitch * l->bytes;
    CG_TRY(cg_memory_create(&data, bytes, 1));
    CG_TRY(cg_buffer_download(buffer, 0, data, bytes));
    repeat(data, l, 0, net->fakes);
    repeat(data, l, net->fakes, reals);
    CG_TRY(cg_buffer_upload(buffer, 0, data, bytes));
done:
    free(data);
    return status;
}

static layout layout_of(const cg_map *map, size_t element)
{
    const size_t lanes = cg_map_lanes(map->c);
    return (layout){cg_padded_channels(map->c) / lanes, map->n, map->h * map->w * lanes * element};
}

cg_status cg_repeated_make(cg_network *net)
{
    cg_status status = CG_OK;
    const layout noise = {1, net->fakes, CG_NOISE * sizeof(float)};
    const layout images = layout_of(&net->images, sizeof(float));
    const layout mask1 = layout_of(&net->a1, 1), mask2 = layout_of(&net->a2, 1);
    CG_TRY(repeat_buffer(net, net->noise, &noise, 0));
    CG_TRY(repeat_buffer(net, net->mask1, &mask1, net->reals));
    CG_TRY(repeat_buffer(net, net->mask2, &mask2, net->reals));
    CG_TRY(repeat_buffer(net, net->images.buffer, &images, net->reals));
done:
    return status;
}

/* ---- outputs --------------------------------------------------------------------------------- */

/* A block of an image that the stage wrote, and that of the image that is the same. */
typedef struct pair {
    const unsigned char *one, *other;
    size_t count; /* elements */
    bool bytes;
} pair;

/* Returns how many elements differ. */
static size_t count_differences(const pair *p)
{
    size_t differ = 0;
    if (p->bytes) {
        for (size_t i = 0; i < p->count; i++)
            differ += p->one[i] != p->other[i];
        return differ;
    }
    const float *one = (const float *)(const void *)p->one;
    const float *other = (const float *)(const void *)p->other;
    double squares = 0;
    for (size_t i = 0; i < p->count; i++)
        squares += (double)other[i] * (double)other[i];
    const double most = 1e-3 * sqrt(squares / (double)p->count);
    for (size_t i = 0; i < p->count; i++)
        differ += !(fabs((double)one[i] - (double)other[i]) <= most);
    return differ;
}

/* Compares `count` images of a block, whose first one is here. False where two differ, of which *i
 * is the second one then. */
static bool compare_images(size_t *i, pair p, size_t count, size_t bytes)
{
    const unsigned char *first = p.one;
    const size_t period = cg_repeated_period(count), most = 2 + p.count / 400;
    for (*i = period; period && *i < count; ++*i) {
        p.one = first + *i * bytes;
        p.other = p.one - period * bytes;
        if (memcmp(p.one, p.other, bytes) != 0 && count_differences(&p) > most)
            return false;
    }
    return true;
}

void cg_repeated_compare(const cg_spot *spot, cg_verify_result *result, const cg_spot_output *o)
{
    const size_t *d = o->shape.dims, lanes = cg_map_lanes(d[3]), fakes = spot->net->fakes;
    const size_t element = o->bytes ? 1 : sizeof(float), count = d[1] * d[2] * lanes;
    const size_t counts[2] = {fakes, d[0] - fakes};
    if (!o->shape.blocked || d[0] < fakes)
        return;
    for (size_t b = 0; b < d[3] / lanes; b++)
        for (size_t part = 0; part < 2; part++) {
            const size_t first = part * fakes, bytes = count * element;
            const pair p = {.one = o->found + o->offset * element + (b * d[0] + first) * bytes,
                            .count = count,
                            .bytes = o->bytes};
            size_t i;
            if (!compare_images(&i, p, counts[part], bytes)) {
                cg_spot_fail(spot, result,
                             "%s in image %zu, from channel %zu on, is not what it is in image "
                             "%zu, which has the same inputs",
                             o->name, first + i, b * lanes,
                             first + i - cg_repeated_period(counts[part]));
                return;
            }
        }
}
