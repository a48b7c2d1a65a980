/* The test harness of a check. */
#include "verify/harness.h"

#include "base/philox.h"
#include "base/try.h"
#include "verify/approx.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE = 1024 }; /* bytes before and behind an output, at least */

#define SENTINEL 0x7FC5A5A5u /* the zones: a NaN too, so that what reads it shows */

/* ---- ownership ------------------------------------------------------------------------------- */

cg_status cg_harness_array(void *array, cg_harness *harness, size_t n, size_t size)
{
    void *memory = NULL;
    if (harness->array_count == CG_HARNESS_MAX)
        return cg_fail(CG_ERR_MEMORY, "%s: too many arrays", harness->result->name);
    cg_status status = cg_memory_create(&memory, n ? n : 1, size);
    if (status == CG_OK)
        harness->arrays[harness->array_count++] = memory;
    memcpy(array, &memory, sizeof memory);
    return status;
}

static cg_status keep_buffer(cg_harness *harness, cg_buffer *buffer)
{
    if (harness->buffer_count == CG_HARNESS_MAX) {
        cg_buffer_release(buffer);
        return cg_fail(CG_ERR_MEMORY, "%s: too many buffers", harness->result->name);
    }
    harness->buffers[harness->buffer_count++] = buffer;
    return CG_OK;
}

void cg_harness_deinit(cg_harness *harness)
{
    while (harness->buffer_count) /* views before what they are views of */
        cg_buffer_release(harness->buffers[--harness->buffer_count]);
    while (harness->array_count)
        free(harness->arrays[--harness->array_count]);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

cg_status cg_harness_draw(double **values, cg_harness *harness, size_t n, double low, double high)
{
    const uint32_t key[2] = {0xC1ECu, 0x6A9u};
    uint32_t words[4] = {0};
    cg_status status = cg_harness_array(values, harness, n, sizeof **values);
    if (status != CG_OK || harness->rt->rehearsing)
        return status;
    harness->draws++;
    for (size_t i = 0; i < n; i++) {
        const uint32_t counter[4] = {(uint32_t)(i / 4), harness->draws, 0, 0};
        if (i % 4 == 0)
            cg_philox4x32(words, counter, key);
        double u = (double)words[i % 4] * 0x1p-32;
        (*values)[i] = harness->integers ? floor(low + u * (high - low + 1))
                                         : (double)(float)(low + u * (high - low));
    }
    return CG_OK;
}

cg_status cg_harness_input_bytes(cg_buffer **buffer, cg_harness *harness, const void *data,
                                 size_t bytes)
{
    cg_status status = CG_OK;
    CG_TRY(cg_buffer_create(buffer, harness->rt, bytes));
    CG_TRY(keep_buffer(harness, *buffer));
    CG_TRY(cg_buffer_upload(*buffer, 0, data, bytes));
done:
    return status;
}

static cg_status draw_floats(float **floats, cg_harness *harness, const double *values, size_t n,
                             size_t room)
{
    cg_status status = cg_harness_array(floats, harness, room, sizeof **floats);
    for (size_t i = 0; status == CG_OK && i < room; i++)
        (*floats)[i] = i < n ? (float)values[i] : NAN;
    return status;
}

cg_status cg_harness_input(cg_buffer **buffer, cg_harness *harness, const double *values, size_t n)
{
    float *floats;
    cg_status status = draw_floats(&floats, harness, values, n, n);
    return status == CG_OK ? cg_harness_input_bytes(buffer, harness, floats, n * sizeof *floats)
                           : status;
}

/* *blocked [*size] = the values laid out as a map of that shape, with `extra` images of NaN. */
static cg_status make_blocked(float **blocked, size_t *size, cg_harness *harness,
                              const double *values, const cg_map *shape, size_t extra)
{
    cg_status status = CG_OK;
    float *nhwc;
    cg_map map = *shape;
    size_t image = map.h * map.w * map.c;
    map.n += extra;
    *size = cg_map_floats(&map);
    CG_TRY(draw_floats(&nhwc, harness, values, shape->n * image, map.n * image));
    CG_TRY(cg_harness_array(blocked, harness, *size, sizeof **blocked));
    cg_map_block(*blocked, nhwc, map.n, map.h, map.w, map.c);
done:
    return status;
}

cg_status cg_harness_input_map(cg_map *map, cg_harness *harness, const double *values, cg_map shape,
                               size_t extra)
{
    float *blocked;
    size_t size;
    cg_status status = make_blocked(&blocked, &size, harness, values, &shape, extra);
    *map = (cg_map){.n = shape.n + extra, .h = shape.h, .w = shape.w, .c = shape.c};
    return status == CG_OK
               ? cg_harness_input_bytes(&map->buffer, harness, blocked, size * sizeof *blocked)
               : status;
}

/* Returns the index in the map of element i of [n, h, w, c]. */
static size_t element_index(const cg_map *map, size_t i)
{
    return cg_blocked_index(map->c, map->n * map->h * map->w, i / map->c, i % map->c);
}

/* Padding lanes are kept by the mask, because dropout would hide what is written there. */
cg_status cg_harness_draw_mask(cg_buffer **buffer, double **values, cg_harness *harness,
                               const cg_map *map, size_t extra, int highest)
{
    cg_status status = CG_OK;
    unsigned char *bytes;
    size_t size = cg_map_floats(map), count = (map->n - extra) * map->h * map->w * map->c;

    CG_TRY(cg_harness_draw(values, harness, count, 0, highest));
    CG_TRY(cg_harness_array(&bytes, harness, size, 1));
    memset(bytes, CG_MASK_KEPT, size);
    for (size_t i = 0; i < count; i++) {
        double value = (*values)[i];
        bytes[element_index(map, i)] = value < 0.3 ? CG_MASK_DROPPED
                                       : value > 1 ? CG_GATE_OPEN
                                                   : CG_MASK_KEPT;
        (*values)[i] = bytes[element_index(map, i)];
    }
    CG_TRY(cg_harness_input_bytes(buffer, harness, bytes, size));
done:
    return status;
}

cg_status cg_harness_dense_panels(double **panels, cg_harness *harness, const double *w, size_t in,
                                  size_t positions, size_t c)
{
    size_t out = positions * c;
    cg_status status = cg_harness_array(panels, harness, in * out, sizeof **panels);
    for (size_t k = 0; status == CG_OK && k < in; k++)
        for (size_t i = 0; i < out; i++, w++)
            (*panels)[cg_blocked_index(c, in * positions, k * positions + i / c, i % c)] = *w;
    return status;
}

cg_status cg_harness_input_features(cg_buffer **buffer, cg_harness *harness, const double *values,
                                    size_t groups, size_t c)
{
    double *padded = NULL;
    size_t size = groups * cg_padded_channels(c);
    cg_status status = cg_harness_array(&padded, harness, size, sizeof *padded);
    if (status != CG_OK)
        return status;
    for (size_t i = 0; i < groups * c; i++)
        padded[cg_blocked_index(c, groups, i / c, i % c)] = values[i];
    return cg_harness_input(buffer, harness, padded, size);
}

/* ---- outputs --------------------------------------------------------------------------------- */

cg_status cg_harness_output(cg_buffer **buffer, cg_harness *harness, size_t bytes)
{
    cg_status status = CG_OK;
    cg_buffer *whole;
    size_t zone = cg_round_up(ZONE, harness->rt->info.alignment_bytes);
    size_t room = cg_round_up(bytes, 4); /* zones are compared in words */

    CG_TRY(cg_buffer_create(&whole, harness->rt, zone + room + ZONE));
    CG_TRY(keep_buffer(harness, whole));
    CG_TRY(cg_buffer_fill_part(whole, 0, zone, SENTINEL));
    CG_TRY(cg_buffer_fill_part(whole, zone + room, ZONE, SENTINEL));
    if (room > bytes)
        CG_TRY(cg_buffer_fill_part(whole, zone + room - 4, 4, SENTINEL));
    CG_TRY(cg_buffer_create_view(buffer, whole, zone, bytes));
    CG_TRY(keep_buffer(harness, *buffer));
    CG_TRY(cg_buffer_fill(*buffer, CG_HARNESS_UNWRITTEN));
    harness->zones[harness->zone_count].whole = whole;
    harness->zones[harness->zone_count].from = zone;
    harness->zones[harness->zone_count++].to = zone + room;
done:
    return status;
}

cg_status cg_harness_output_map(cg_map *map, cg_harness *harness, size_t n, size_t h, size_t w,
                                size_t c)
{
    *map = (cg_map){.n = n, .h = h, .w = w, .c = c};
    return cg_harness_output(&map->buffer, harness, cg_map_floats(map) * sizeof(float));
}

/* ---- comparison ------------------------------------------------------------------------------ */

void cg_harness_fail(cg_harness *harness, const char *format, ...)
{
    va_list args;
    if (!harness->result->ok)
        return;
    harness->result->ok = false;
    va_start(args, format);
    vsnprintf(harness->result->message, sizeof harness->result->message, format, args);
    va_end(args);
}

void cg_harness_compare_one(cg_harness *harness, const char *what, size_t index, double got,
                            double expected, double limit)
{
    cg_verify_result *r = harness->result;
    double error = fabs(got - expected);
    r->squared_errors += error * error;
    limit = cg_approx_limit((cg_approx){expected, limit}, harness->rt->strict);
    cg_verify_result_note(r, error, limit);
    if (!(error <= limit))
        cg_harness_fail(harness, "%s[%zu] is %.9g, not %.9g +- %.3g", what, index, got, expected,
                        limit);
}

static cg_status download(void *array, cg_harness *harness, const cg_buffer *buffer, size_t bytes)
{
    void *memory = NULL;
    cg_status status = cg_harness_array(&memory, harness, bytes, 1);
    if (status == CG_OK)
        status = cg_buffer_download(buffer, 0, memory, bytes);
    memcpy(array, &memory, sizeof memory);
    return status;
}

cg_status cg_harness_compare(cg_harness *harness, const char *what, const cg_buffer *buffer,
                             const double *expected, const double *limit, size_t n)
{
    float *got;
    cg_status status = download(&got, harness, buffer, n * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < n; i++)
        cg_harness_compare_one(harness, what, i, (double)got[i], expected[i], limit ? limit[i] : 0);
    return status;
}

static bool is_unwritten(float value)
{
    uint32_t word;
    memcpy(&word, &value, sizeof word);
    return word == CG_HARNESS_UNWRITTEN;
}

cg_status cg_harness_compare_map(cg_harness *harness, const char *what, const cg_map *map, size_t n,
                                 const double *expected, const double *limit)
{
    float *got;
    size_t lanes = cg_map_lanes(map->c), pixels = map->h * map->w, size = cg_map_floats(map);
    cg_status status = download(&got, harness, map->buffer, size * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < size; i++) {
        size_t pixel = i / lanes % (map->n * pixels); /* of all images */
        size_t c = i / lanes / (map->n * pixels) * lanes + i % lanes;
        size_t at = pixel * map->c + c;
        if (pixel >= n * pixels) {
            if (!is_unwritten(got[i]))
                cg_harness_fail(harness, "%s: image %zu was written", what, pixel / pixels);
        } else if (c >= map->c) {
            if (got[i] != 0.0f)
                cg_harness_fail(harness, "%s: padding lane %zu is %g", what, c, (double)got[i]);
        } else {
            cg_harness_compare_one(harness, what, at, (double)got[i], expected[at],
                                   limit ? limit[at] : 0);
        }
    }
    return status;
}

cg_status cg_harness_compare_mask(cg_harness *harness, const char *what, const cg_buffer *mask,
                                  const cg_map *map, size_t n, cg_expected e)
{
    unsigned char *got;
    cg_status status = download(&got, harness, mask, cg_map_floats(map));
    for (size_t i = 0; status == CG_OK && i < n * map->h * map->w * map->c; i++) {
        double byte = (double)got[element_index(map, i)], limit = e.limit ? e.limit[i] : 0;
        bool allowed = fabs(byte - e.value[i]) <= limit;
        cg_harness_compare_one(harness, what, i, allowed ? e.value[i] : byte, e.value[i], limit);
    }
    return status;
}

cg_status cg_harness_compare_features(cg_harness *harness, const char *what,
                                      const cg_buffer *buffer, cg_expected e, cg_features features,
                                      bool free_lanes)
{
    float *got;
    size_t groups = features.groups, c = features.c, padded = cg_padded_channels(c);
    cg_status status = download(&got, harness, buffer, groups * padded * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < groups * padded; i++) {
        size_t g = i / padded, ch = i % padded, at = g * c + ch;
        double value = (double)got[cg_blocked_index(c, groups, g, ch)];
        if (ch < c)
            cg_harness_compare_one(harness, what, at, value, e.value[at],
                                   e.limit ? e.limit[at] : 0);
        else if (!free_lanes && value != 0)
            cg_harness_fail(harness, "%s: padding lane %zu is %g", what, ch, value);
    }
    return status;
}

cg_status cg_harness_compare_zones(cg_harness *harness)
{
    cg_status status = CG_OK;
    for (size_t z = 0; z < harness->zone_count; z++) {
        const cg_buffer *whole = harness->zones[z].whole;
        const size_t from = harness->zones[z].from, to = harness->zones[z].to;
        const uint32_t *words;
        const void *mapped;
        CG_TRY(cg_buffer_map(&mapped, whole));
        words = mapped;
        for (size_t at = 0; at < from; at += sizeof *words)
            if (words[at / sizeof *words] != SENTINEL)
                cg_harness_fail(harness, "output %zu of the check: written %zu bytes before it", z,
                                from - at);
        for (size_t at = to; at < whole->bytes; at += sizeof *words)
            if (words[at / sizeof *words] != SENTINEL)
                cg_harness_fail(harness, "output %zu of the check: written %zu bytes behind it", z,
                                at - to);
        cg_buffer_unmap(whole, mapped);
    }
done:
    return status;
}
