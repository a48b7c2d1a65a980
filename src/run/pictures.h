/* A run's pictures: grids of 16 digits from fixed noise, the grid of real digits, the GIF. */
#ifndef CLGAN_RUN_PICTURES_H
#define CLGAN_RUN_PICTURES_H

#include "base/streams.h"
#include "nn/network.h"
#include "run/run.h"

#include <clgan/dataset.h>
#include <clgan/image.h>

enum { CG_PICTURE_ROWS = 4, CG_PICTURE_COUNT = CG_PICTURE_ROWS * CG_PICTURE_ROWS };

enum { CG_PICTURE_GROUP = 64 };

/* noise [n, 100] for the pictures of a run or of `clgan sample`: vectors 64 i ... 64 i + 63 are
 * drawn from (seed, stream, i), so that a vector does not depend on how many are drawn: here the
 * first n of group i, at most CG_PICTURE_GROUP. Asynchronous. */
cg_status cg_pictures_sample_noise(cg_network *net, uint64_t seed, cg_stream stream, uint32_t group,
                                   size_t n);

/* images[n, 28, 28] = the first n of a group's images, -1 to 1; n is at most CG_PICTURE_GROUP, and
 * net has room for that many fakes. Blocking. */
cg_status cg_pictures_draw_group(float *images, cg_network *net, uint64_t seed, cg_stream stream,
                                 uint32_t group, size_t n);

/* pixels[n, 28, 28] = G's images first .. first + n - 1 of (seed, stream), one grey scale for all:
 * round(127.5 x + 127.5). net has room for min(n, 64) fakes. Blocking. */
cg_status cg_pictures_generate(unsigned char *pixels, cg_network *net, uint64_t seed,
                               cg_stream stream, size_t n);

/* Writes the 4x4 grid of `pixels` as a PNG. */
cg_status cg_pictures_write_grid(const char *path, const unsigned char *pixels);

/* Writes images/real.png: the first images of the data set, in the same grid; black where there are
 * fewer. */
cg_status cg_pictures_write_real(const cg_run *run, const cg_dataset *data);

/* Writes dcgan.gif from the pictures of the epochs 1 .. epochs, as far as they can be read. For 0
 * epochs there is none. */
cg_status cg_pictures_write_gif(const cg_run *run, size_t epochs);

#endif
