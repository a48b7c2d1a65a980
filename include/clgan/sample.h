/* Pictures from a checkpoint, as a file. clgan/generator.h draws into memory.
 *
 *     cg_sample_options options = cg_sample_defaults();
 *     options.checkpoint = "runs/001/checkpoints/best.safetensors";
 *     options.out = "digits.png";
 *     cg_status status = cg_sample(&options);
 *
 * Threads: any thread may call these functions, several at once. */
#ifndef CLGAN_SAMPLE_H
#define CLGAN_SAMPLE_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_sample_options {
    /* One of these two draws. */
    const char *checkpoint; /* a run's checkpoints/step_....safetensors                       */
    const char *run;        /* a run's directory: its best checkpoint, else its newest        */
    const char *device;     /* cg_device_select; NULL: the best */
    const char *out;        /* FILE.png: a grid; FILE.idx or FILE.idx.gz: count x 28 x 28 bytes */
    size_t rows, columns;   /* of the grid; 0: as square as `count` lets it be, else 4 x 4 */
    size_t count;           /* of images; in a grid the rest stays black; 0: the whole grid */
    uint64_t seed;          /* the same seed gives the same pictures, however many */
    bool no_selftest;       /* trust a device that has not proved that it draws right
                               (clgan/selftest.h) */
} cg_sample_options;

/* A grid of 4 x 4, seed 1. */
CG_API cg_sample_options cg_sample_defaults(void);

/* Draws as the checkpoint's run does (clgan/generator.h), pixels round(127.5 x + 127.5), and
 * writes the file atomically. Before anything is drawn: CG_ERR_INPUT for an unusable checkpoint or
 * a run without a sound one, CG_ERR_ARGUMENT for an unknown kind of file or when not one thing
 * draws, CG_ERR_WRITE, CG_ERR_DEVICE, CG_ERR_CL, CG_ERR_WRONG for a device that fails the
 * self-test. Blocking. */
CG_API cg_status cg_sample(const cg_sample_options *options);

#ifdef __cplusplus
}
#endif
#endif
