/* Pictures from a checkpoint.
 *
 *     cg_sample_options options = {.rows = 4, .columns = 4, .count = 16, .seed = 1};
 *     options.checkpoint = "runs/001/checkpoints/best.safetensors";
 *     options.out = "digits.png";
 *     cg_status status = cg_sample(&options);
 */
#ifndef CLGAN_SAMPLE_H
#define CLGAN_SAMPLE_H

#include <clgan/status.h>
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
    size_t rows, columns;   /* of the grid */
    size_t count;           /* of images in an IDX file; in a grid the rest stays black */
    uint64_t seed;          /* the same seed gives the same pictures, however many */
} cg_sample_options;

/* Draws with the moving statistics, pixels round(127.5 x + 127.5), and writes the file atomically.
 * Before anything is drawn: CG_ERR_INPUT for an unusable checkpoint or a run without a sound one,
 * CG_ERR_ARGUMENT for an unknown kind of file or when not one thing draws, CG_ERR_WRITE. */
cg_status cg_sample(const cg_sample_options *options);

#ifdef __cplusplus
}
#endif
#endif
