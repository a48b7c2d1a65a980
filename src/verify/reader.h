/* The check of a transform that stands for a map: a convolution by `fourier` reads it. */
#ifndef CLGAN_VERIFY_READER_H
#define CLGAN_VERIFY_READER_H

#include "verify/harness.h"

/* A convolution that reads a transform, with room for it. */
typedef struct cg_verify_reader {
    cg_consumer consumer;
    cg_spectrum spectrum;
} cg_verify_reader;

/* Makes a reader for an operation that writes to reader->consumer, whose spectrum stays NULL if the
 * device has no such convolution. The reader must not be moved afterwards. */
cg_status cg_verify_reader_init(cg_verify_reader *reader, cg_harness *harness,
                                const cg_conv2d_shape *shape, cg_conv2d_operand operand);

/* A map whose transform was written instead: its buffer holds NaN. */
typedef struct cg_verify_input {
    const cg_map *map;
    double *value;       /* [n, h, w, c], what the map would hold */
    const double *limit; /* how far from that the device may be */
} cg_verify_input;

/* Lets the convolution read the transform, and compares its result with the one for such a map. */
cg_status cg_verify_reader_run(cg_verify_reader *reader, cg_harness *harness,
                               const cg_verify_input *input);

/* Makes room for the spectra of a call for which it has none yet; spectra[] becomes a part of the
 * call. */
cg_status cg_verify_create_spectra(cg_conv2d *call, cg_spectrum spectra[CG_CONV2D_OPERANDS],
                                   cg_harness *harness);

#endif
