/* Digits from a checkpoint into memory: for a program that shows them and needs no files.
 *
 *     cg_generator *generator;
 *     unsigned char digits[16 * CG_GENERATOR_PIXELS];
 *     status = cg_generator_open(&generator, "runs/001/checkpoints/best.safetensors", NULL);
 *     if (status == CG_OK)
 *         status = cg_generator_draw(generator, digits, 1, 0, 16);
 *     cg_generator_close(generator);
 *
 * Threads: any thread may call these functions, one at a time for each generator. Several
 * generators may draw at once, on one device, too. Drawing blocks. */
#ifndef CLGAN_GENERATOR_H
#define CLGAN_GENERATOR_H

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CG_GENERATOR_SIDE = 28, /* pixels, of a digit's width and of its height */
    CG_GENERATOR_PIXELS = CG_GENERATOR_SIDE * CG_GENERATOR_SIDE
};

/* A device, with the network that draws as the checkpoint's run does: from the mean of its weights
 * where its recipe keeps one, by moving or recomputed statistics. */
typedef struct cg_generator cg_generator;

/* *generator = that of a run's checkpoint, for cg_generator_close(); the file may be gone
 * afterwards. `device` is a selector (cg_device_select); NULL: the best device. CG_ERR_INPUT for an
 * unusable checkpoint, CG_ERR_DEVICE, CG_ERR_MEMORY, CG_ERR_CL, CG_ERR_WRONG for a device that
 * fails the self-test; *generator is then NULL. */
CG_API cg_status cg_generator_open(cg_generator **generator, const char *checkpoint,
                                   const char *device);

/* Draws the digits first .. first + count - 1 of the seed's sequence, those that cg_sample() draws:
 * a digit depends on seed and place, never on how many are drawn at once.
 *   pixels [count, 28, 28], the caller's, 0 black .. 255 white: round(127.5 x + 127.5)
 * CG_ERR_ARGUMENT when first + count is beyond 2^38, CG_ERR_CL. */
CG_API cg_status cg_generator_draw(cg_generator *generator, unsigned char *pixels, uint64_t seed,
                                   uint64_t first, size_t count);

/* The same digits as the network gives them.
 *   x [count, 28, 28], the caller's, -1 black .. 1 white */
CG_API cg_status cg_generator_draw_floats(cg_generator *generator, float *x, uint64_t seed,
                                          uint64_t first, size_t count);

/* NULL is fine. */
CG_API void cg_generator_close(cg_generator *generator);

#ifdef __cplusplus
}
#endif
#endif
