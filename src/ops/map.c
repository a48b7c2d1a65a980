/* The layout of feature maps, on the host's side. */
#include "ops/map.h"

#include "base/try.h"

#include <stdlib.h>
#include <string.h>

size_t cg_map_floats(const cg_map *map)
{
    return cg_padded_channels(map->c) * map->n * map->h * map->w;
}

void cg_map_block(float *blocked, const float *nhwc, size_t n, size_t h, size_t w, size_t c)
{
    size_t pixels = n * h * w;
    memset(blocked, 0, cg_padded_channels(c) * pixels * sizeof *blocked);
    for (size_t p = 0; p < pixels; p++)
        for (size_t ch = 0; ch < c; ch++)
            blocked[cg_blocked_index(c, pixels, p, ch)] = nhwc[p * c + ch];
}

void cg_map_unblock(float *nhwc, const float *blocked, size_t n, size_t h, size_t w, size_t c)
{
    size_t pixels = n * h * w;
    for (size_t p = 0; p < pixels; p++)
        for (size_t ch = 0; ch < c; ch++)
            nhwc[p * c + ch] = blocked[cg_blocked_index(c, pixels, p, ch)];
}

cg_status cg_map_upload(const cg_map *map, const float *nhwc)
{
    cg_status status = CG_OK;
    float *blocked = NULL;
    size_t floats = cg_map_floats(map);

    CG_TRY(cg_memory_create(&blocked, floats, sizeof *blocked));
    cg_map_block(blocked, nhwc, map->n, map->h, map->w, map->c);
    CG_TRY(cg_buffer_upload(map->buffer, 0, blocked, floats * sizeof *blocked));
done:
    free(blocked);
    return status;
}

cg_status cg_map_download(const cg_map *map, float *nhwc)
{
    cg_status status = CG_OK;
    float *blocked = NULL;
    size_t floats = cg_map_floats(map);

    CG_TRY(cg_memory_create(&blocked, floats, sizeof *blocked));
    CG_TRY(cg_buffer_download(map->buffer, 0, blocked, floats * sizeof *blocked));
    cg_map_unblock(nhwc, blocked, map->n, map->h, map->w, map->c);
done:
    free(blocked);
    return status;
}
