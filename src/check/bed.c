/* The test bed of a check. */
#include "check/bed.h"

#include "base/philox.h"
#include "base/try.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE = 1024 }; /* bytes before and behind an output, at least */

#define SENTINEL 0x7FC5A5A5u /* the zones: a NaN too, so that what reads it shows */

/* ---- ownership ------------------------------------------------------------------------------- */

cg_status cg_bed_array(void *array, cg_bed *bed, size_t n, size_t size)
{
    void *memory = NULL;
    if (bed->array_count == CG_BED_MAX)
        return cg_fail(CG_ERR_MEMORY, "%s: too many arrays", bed->result->name);
    cg_status status = cg_memory_create(&memory, n ? n : 1, size);
    if (status == CG_OK)
        bed->arrays[bed->array_count++] = memory;
    memcpy(array, &memory, sizeof memory);
    return status;
}

static cg_status own(cg_bed *bed, cg_buffer *buffer)
{
    if (bed->buffer_count == CG_BED_MAX) {
        cg_buffer_release(buffer);
        return cg_fail(CG_ERR_MEMORY, "%s: too many buffers", bed->result->name);
    }
    bed->buffers[bed->buffer_count++] = buffer;
    return CG_OK;
}

void cg_bed_deinit(cg_bed *bed)
{
    while (bed->buffer_count) /* views before what they are views of */
        cg_buffer_release(bed->buffers[--bed->buffer_count]);
    while (bed->array_count)
        free(bed->arrays[--bed->array_count]);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

cg_status cg_bed_draw(double **values, cg_bed *bed, size_t n, double low, double high)
{
    const uint32_t key[2] = {0xC1ECu, 0x6A9u};
    uint32_t words[4] = {0};
    cg_status status = cg_bed_array(values, bed, n, sizeof **values);
    if (status != CG_OK)
        return status;
    bed->draws++;
    for (size_t i = 0; i < n; i++) {
        const uint32_t counter[4] = {(uint32_t)(i / 4), bed->draws, 0, 0};
        if (i % 4 == 0)
            cg_philox4x32(words, counter, key);
        double u = (double)words[i % 4] * 0x1p-32;
        (*values)[i] = bed->integers ? floor(low + u * (high - low + 1))
                                     : (double)(float)(low + u * (high - low));
    }
    return CG_OK;
}

cg_status cg_bed_input_bytes(cg_buffer **buffer, cg_bed *bed, const void *data, size_t bytes)
{
    cg_status status = CG_OK;
    CG_TRY(cg_buffer_create(buffer, bed->rt, bytes));
    CG_TRY(own(bed, *buffer));
    CG_TRY(cg_buffer_upload(*buffer, 0, data, bytes));
done:
    return status;
}

static cg_status draw_floats(float **floats, cg_bed *bed, const double *values, size_t n,
                             size_t room)
{
    cg_status status = cg_bed_array(floats, bed, room, sizeof **floats);
    for (size_t i = 0; status == CG_OK && i < room; i++)
        (*floats)[i] = i < n ? (float)values[i] : NAN;
    return status;
}

cg_status cg_bed_input(cg_buffer **buffer, cg_bed *bed, const double *values, size_t n)
{
    float *floats;
    cg_status status = draw_floats(&floats, bed, values, n, n);
    return status == CG_OK ? cg_bed_input_bytes(buffer, bed, floats, n * sizeof *floats) : status;
}

/* *blocked = the values in a map's layout, with `extra` images of NaN. */
static cg_status block(float **blocked, size_t *size, cg_bed *bed, const double *values, size_t n,
                       size_t extra, size_t h, size_t w, size_t c)
{
    cg_status status = CG_OK;
    float *nhwc;
    const cg_map map = {.n = n + extra, .h = h, .w = w, .c = c};
    *size = cg_map_floats(&map);
    CG_TRY(draw_floats(&nhwc, bed, values, n * h * w * c, map.n * h * w * c));
    CG_TRY(cg_bed_array(blocked, bed, *size, sizeof **blocked));
    cg_map_block(*blocked, nhwc, map.n, h, w, c);
done:
    return status;
}

cg_status cg_bed_input_map(cg_map *map, cg_bed *bed, const double *values, size_t n, size_t extra,
                           size_t h, size_t w, size_t c)
{
    float *blocked;
    size_t size;
    cg_status status = block(&blocked, &size, bed, values, n, extra, h, w, c);
    *map = (cg_map){.n = n + extra, .h = h, .w = w, .c = c};
    return status == CG_OK ? cg_bed_input_bytes(&map->buffer, bed, blocked, size * sizeof *blocked)
                           : status;
}

/* Where element i of [n, h, w, c] lies in the map. */
static size_t element_index(const cg_map *map, size_t i)
{
    size_t c = i % map->c, lanes = cg_map_lanes(map->c);
    return (c / lanes * map->n * map->h * map->w + i / map->c) * lanes + c % lanes;
}

/* Padding lanes are kept, lest dropout hides what is there. */
cg_status cg_bed_draw_mask(cg_buffer **buffer, double **values, cg_bed *bed, const cg_map *map,
                           size_t extra, int highest)
{
    cg_status status = CG_OK;
    unsigned char *bytes;
    size_t size = cg_map_floats(map), count = (map->n - extra) * map->h * map->w * map->c;

    CG_TRY(cg_bed_draw(values, bed, count, 0, highest));
    CG_TRY(cg_bed_array(&bytes, bed, size, 1));
    memset(bytes, CG_MASK_KEPT, size);
    for (size_t i = 0; i < count; i++) {
        double value = (*values)[i];
        bytes[element_index(map, i)] = value < 0.3 ? CG_MASK_DROPPED
                                       : value > 1 ? CG_GATE_OPEN
                                                   : CG_MASK_KEPT;
        (*values)[i] = bytes[element_index(map, i)];
    }
    CG_TRY(cg_bed_input_bytes(buffer, bed, bytes, size));
done:
    return status;
}

size_t cg_bed_feature_index(size_t groups, size_t channels, size_t g, size_t c)
{
    size_t lanes = cg_map_lanes(channels);
    return (c / lanes * groups + g) * lanes + c % lanes;
}

cg_status cg_bed_dense_panels(double **panels, cg_bed *bed, const double *w, size_t in,
                              size_t positions, size_t c)
{
    size_t out = positions * c;
    cg_status status = cg_bed_array(panels, bed, in * out, sizeof **panels);
    for (size_t i = 0; status == CG_OK && i < in * out; i++) {
        size_t position = i % out / c, channel = i % c;
        size_t row = channel / CG_BLOCK * in + i / out;
        (*panels)[(row * positions + position) * CG_BLOCK + channel % CG_BLOCK] = w[i];
    }
    return status;
}

cg_status cg_bed_input_features(cg_buffer **buffer, cg_bed *bed, const double *values,
                                size_t groups, size_t c)
{
    double *padded = NULL;
    size_t size = groups * cg_padded_channels(c);
    cg_status status = cg_bed_array(&padded, bed, size, sizeof *padded);
    if (status != CG_OK)
        return status;
    for (size_t i = 0; i < groups * c; i++)
        padded[cg_bed_feature_index(groups, c, i / c, i % c)] = values[i];
    return cg_bed_input(buffer, bed, padded, size);
}

/* ---- outputs --------------------------------------------------------------------------------- */

cg_status cg_bed_output(cg_buffer **buffer, cg_bed *bed, size_t bytes)
{
    cg_status status = CG_OK;
    cg_buffer *whole;
    size_t zone = cg_round_up(ZONE, bed->rt->info.alignment_bytes);
    size_t room = cg_round_up(bytes, 4); /* zones are compared in words */

    CG_TRY(cg_buffer_create(&whole, bed->rt, zone + room + ZONE));
    CG_TRY(own(bed, whole));
    CG_TRY(cg_buffer_fill(whole, SENTINEL));
    CG_TRY(cg_buffer_create_view(buffer, whole, zone, bytes));
    CG_TRY(own(bed, *buffer));
    CG_TRY(cg_buffer_fill(*buffer, CG_BED_UNWRITTEN));
    bed->zones[bed->zone_count].whole = whole;
    bed->zones[bed->zone_count].from = zone;
    bed->zones[bed->zone_count++].to = zone + room;
done:
    return status;
}

cg_status cg_bed_output_map(cg_map *map, cg_bed *bed, size_t n, size_t h, size_t w, size_t c)
{
    *map = (cg_map){.n = n, .h = h, .w = w, .c = c};
    return cg_bed_output(&map->buffer, bed, cg_map_floats(map) * sizeof(float));
}

/* ---- comparison ------------------------------------------------------------------------------ */

void cg_bed_fail(cg_bed *bed, const char *format, ...)
{
    va_list args;
    if (!bed->result->ok)
        return;
    bed->result->ok = false;
    va_start(args, format);
    vsnprintf(bed->result->message, sizeof bed->result->message, format, args);
    va_end(args);
}

/* How much of its limit an error uses up; more than 1 is too much. */
static double share(double error, double limit)
{
    if (isnan(error))
        return INFINITY;
    return error == 0 ? 0 : error / limit;
}

void cg_bed_compare_one(cg_bed *bed, const char *what, size_t index, double got, double expected,
                        double limit)
{
    cg_check_result *r = bed->result;
    double error = fabs(got - expected);
    r->squared_errors += error * error;
    if (limit > 0)
        limit += FLT_MIN; /* devices may flush what is smaller to 0 */
    if (share(error, limit) > share(r->max_error, r->bound)) {
        r->max_error = error;
        r->bound = limit;
    }
    if (!(error <= limit))
        cg_bed_fail(bed, "%s[%zu] is %.9g, not %.9g +- %.3g", what, index, got, expected, limit);
}

static cg_status download(void *array, cg_bed *bed, const cg_buffer *buffer, size_t bytes)
{
    void *memory = NULL;
    cg_status status = cg_bed_array(&memory, bed, bytes, 1);
    if (status == CG_OK)
        status = cg_buffer_download(buffer, 0, memory, bytes);
    memcpy(array, &memory, sizeof memory);
    return status;
}

cg_status cg_bed_compare(cg_bed *bed, const char *what, const cg_buffer *buffer,
                         const double *expected, const double *limit, size_t n)
{
    float *got;
    cg_status status = download(&got, bed, buffer, n * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < n; i++)
        cg_bed_compare_one(bed, what, i, (double)got[i], expected[i], limit ? limit[i] : 0);
    return status;
}

static bool is_unwritten(float value)
{
    uint32_t word;
    memcpy(&word, &value, sizeof word);
    return word == CG_BED_UNWRITTEN;
}

cg_status cg_bed_compare_map(cg_bed *bed, const char *what, const cg_map *map, size_t n,
                             const double *expected, const double *limit)
{
    float *got;
    size_t lanes = cg_map_lanes(map->c), pixels = map->h * map->w, size = cg_map_floats(map);
    cg_status status = download(&got, bed, map->buffer, size * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < size; i++) {
        size_t pixel = i / lanes % (map->n * pixels); /* of all images */
        size_t c = i / lanes / (map->n * pixels) * lanes + i % lanes;
        size_t at = pixel * map->c + c;
        if (pixel >= n * pixels) {
            if (!is_unwritten(got[i]))
                cg_bed_fail(bed, "%s: image %zu was written", what, pixel / pixels);
        } else if (c >= map->c) {
            if (got[i] != 0.0f)
                cg_bed_fail(bed, "%s: padding lane %zu is %g", what, c, (double)got[i]);
        } else {
            cg_bed_compare_one(bed, what, at, (double)got[i], expected[at], limit ? limit[at] : 0);
        }
    }
    return status;
}

cg_status cg_bed_compare_mask(cg_bed *bed, const char *what, const cg_buffer *mask,
                              const cg_map *map, size_t n, const double *expected,
                              const double *limit)
{
    unsigned char *got;
    cg_status status = download(&got, bed, mask, cg_map_floats(map));
    for (size_t i = 0; status == CG_OK && i < n * map->h * map->w * map->c; i++)
        cg_bed_compare_one(bed, what, i, (double)got[element_index(map, i)], expected[i], limit[i]);
    return status;
}

cg_status cg_bed_compare_features(cg_bed *bed, const char *what, const cg_buffer *buffer,
                                  const double *expected, const double *limit, size_t groups,
                                  size_t c, bool free_lanes)
{
    float *got;
    size_t padded = cg_padded_channels(c);
    cg_status status = download(&got, bed, buffer, groups * padded * sizeof *got);
    for (size_t i = 0; status == CG_OK && i < groups * padded; i++) {
        size_t g = i / padded, ch = i % padded, at = g * c + ch;
        double value = (double)got[cg_bed_feature_index(groups, c, g, ch)];
        if (ch < c)
            cg_bed_compare_one(bed, what, at, value, expected[at], limit ? limit[at] : 0);
        else if (!free_lanes && value != 0)
            cg_bed_fail(bed, "%s: padding lane %zu is %g", what, ch, value);
    }
    return status;
}

cg_status cg_bed_compare_zones(cg_bed *bed)
{
    cg_status status = CG_OK;
    for (size_t z = 0; z < bed->zone_count; z++) {
        uint32_t *words;
        size_t bytes = bed->zones[z].whole->bytes;
        CG_TRY(download(&words, bed, bed->zones[z].whole, bytes));
        for (size_t i = 0; i < bytes / sizeof *words; i++) {
            size_t at = i * sizeof *words;
            if ((at < bed->zones[z].from || at >= bed->zones[z].to) && words[i] != SENTINEL)
                cg_bed_fail(bed, "output %zu of the check: written %zu bytes %s it", z,
                            at < bed->zones[z].from ? bed->zones[z].from - at
                                                    : at - bed->zones[z].to,
                            at < bed->zones[z].from ? "before" : "behind");
        }
    }
done:
    return status;
}
