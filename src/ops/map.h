/* Feature maps on the device.
 *
 * Logically [n, h, w, c] like Keras' NHWC; in memory channel-blocked [ceil(c/32)][n][h][w][32] with
 * lanes beyond c zero, or plain [n][h][w] when c is 1. `n` is the pitch: how many images the map
 * has room for; operations may be told to process fewer.
 */
#ifndef CLGAN_OPS_MAP_H
#define CLGAN_OPS_MAP_H

#include "base/memory.h"
#include "cl/shared.h"
#include "ocl/buffer.h"

typedef struct cg_map {
    cg_buffer *buffer;
    size_t n, h, w, c;
} cg_map;

/* Lanes that lie side by side: 32, or 1 for maps with one channel. */
static inline size_t cg_map_lanes(size_t c)
{
    return c == 1 ? 1 : CG_BLOCK;
}

/* Channels with their padding. */
static inline size_t cg_padded_channels(size_t c)
{
    return cg_round_up(c, cg_map_lanes(c));
}

/* Returns the index of channel c of a row among `channels` channels, [blocks][rows][lanes]. The
 * rows of a map are the pixels of all its images, those of a feature array its groups. */
static inline size_t cg_blocked_index(size_t channels, size_t rows, size_t row, size_t c)
{
    size_t lanes = cg_map_lanes(channels);
    return (c / lanes * rows + row) * lanes + c % lanes;
}

/* Floats that the map occupies, padding lanes included. */
size_t cg_map_floats(const cg_map *map);

/* blocked = nhwc [n, h, w, c] in the map's layout, padding lanes zero; and back. Host memory; the
 * blocked side has ceil(c/lanes) * n * h * w * lanes floats. */
void cg_map_block(float *blocked, const float *nhwc, size_t n, size_t h, size_t w, size_t c);
void cg_map_unblock(float *nhwc, const float *blocked, size_t n, size_t h, size_t w, size_t c);

/* Copies the whole map from or to host memory in NHWC; blocking. */
cg_status cg_map_upload(const cg_map *map, const float *nhwc);
cg_status cg_map_download(const cg_map *map, float *nhwc);

#endif
