/* The test harness of one check: its random inputs, its device buffers, what came out.
 *
 * A harness owns everything that its functions hand out until the check has run. Inputs lie in
 * buffers of exactly their size, so that a simulator notices reads beyond them; images that an
 * operation must not read are NaN. Outputs and workspaces start as NaN between two zones of another
 * NaN.
 */
#ifndef CLGAN_VERIFY_HARNESS_H
#define CLGAN_VERIFY_HARNESS_H

#include "verify/case.h"
#include "ops/conv2d.h"

#include <clgan/log.h>

enum { CG_HARNESS_MAX = 64 }; /* buffers, and arrays */

struct cg_harness {
    cg_runtime *rt;
    cg_verify_result *result;
    bool integers; /* what cg_harness_draw draws */
    uint32_t draws;
    cg_buffer *buffers[CG_HARNESS_MAX]; /* in the order of their making */
    size_t buffer_count;
    void *arrays[CG_HARNESS_MAX];
    size_t array_count;
    struct {
        cg_buffer *whole;
        size_t from, to; /* bytes of the output in it */
    } zones[CG_HARNESS_MAX];
    size_t zone_count;
};

/* The word that outputs hold until they are written: a quiet NaN. */
#define CG_HARNESS_UNWRITTEN 0x7FC00000u

/* ---- inputs ---------------------------------------------------------------------------------- */

/* *array = zeroed memory for n elements. */
cg_status cg_harness_array(void *array, cg_harness *harness, size_t n, size_t size);

/* *values = n float32 numbers: uniform in [low, high), or whole ones in [low, high]; zeros while
 * work is rehearsed, as nobody compares them then. */
cg_status cg_harness_draw(double **values, cg_harness *harness, size_t n, double low, double high);

/* *buffer = the n values as float32. */
cg_status cg_harness_input(cg_buffer **buffer, cg_harness *harness, const double *values, size_t n);
cg_status cg_harness_input_bytes(cg_buffer **buffer, cg_harness *harness, const void *data,
                                 size_t bytes);

/* *map = a map of the shape n, h, w, c with these values, and room for `extra` images that are
 * NaN. */
cg_status cg_harness_input_map(cg_map *map, cg_harness *harness, const double *values, cg_map shape,
                               size_t extra);

/* *buffer = bytes 0 .. highest (CG_MASK_KEPT: a mask; CG_GATE_OPEN: gates) laid out like the map of
 * n images and `extra` more, 1 in padding lanes; values [n, h, w, c] = the same as numbers. */
cg_status cg_harness_draw_mask(cg_buffer **buffer, double **values, cg_harness *harness,
                               const cg_map *map, size_t extra, int highest);

/* Feature arrays, [blocks][groups][lanes], from values [groups, c] (groups = 1: by channel). */
cg_status cg_harness_input_features(cg_buffer **buffer, cg_harness *harness, const double *values,
                                    size_t groups, size_t c);

/* *panels = Keras' weights w [in, positions * c] of a dense layer, as panels
 * [c/32][in][positions][32] (ops/dense.h); c % 32 == 0. */
cg_status cg_harness_dense_panels(double **panels, cg_harness *harness, const double *w, size_t in,
                                  size_t positions, size_t c);

/* ---- outputs --------------------------------------------------------------------------------- */

cg_status cg_harness_output(cg_buffer **buffer, cg_harness *harness, size_t bytes);
cg_status cg_harness_output_map(cg_map *map, cg_harness *harness, size_t n, size_t h, size_t w,
                                size_t c);

/* ---- comparison ------------------------------------------------------------------------------ */

/* Marks the check as failed; the first sentence stays. */
void cg_harness_fail(cg_harness *harness, const char *format, ...) CG_PRINTF(2, 3);

/* The values that an array should have, and how far it may be from them. */
typedef struct cg_expected {
    const double *value;
    const double *limit; /* NULL: 0 */
} cg_expected;

/* The shape of a feature array, [groups, c]. */
typedef struct cg_features {
    size_t groups, c;
} cg_features;

/* |got - expected| <= limit, for element `index` of `what`. */
void cg_harness_compare_one(cg_harness *harness, const char *what, size_t index, double got,
                            double expected, double limit);

/* All n floats of a buffer; the limits NULL: exact. */
cg_status cg_harness_compare(cg_harness *harness, const char *what, const cg_buffer *buffer,
                             const double *expected, const double *limit, size_t n);

/* n images [n, h, w, c] of a map; its padding lanes must be 0, its further images unwritten. */
cg_status cg_harness_compare_map(cg_harness *harness, const char *what, const cg_map *map, size_t n,
                                 const double *expected, const double *limit);

/* n images of such bytes, laid out like the map. A byte within its limit is one of those that are
 * right, and counts as no error. */
cg_status cg_harness_compare_mask(cg_harness *harness, const char *what, const cg_buffer *mask,
                                  const cg_map *map, size_t n, cg_expected expected);

/* A feature array; its padding lanes must be 0 unless `free_lanes`. */
cg_status cg_harness_compare_features(cg_harness *harness, const char *what,
                                      const cg_buffer *buffer, cg_expected expected,
                                      cg_features features, bool free_lanes);

/* The zones around all outputs are as they were. */
cg_status cg_harness_compare_zones(cg_harness *harness);

void cg_harness_deinit(cg_harness *harness);

#endif
