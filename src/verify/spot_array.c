/* Operands, outputs and chosen elements of a spot check. */
#include "verify/spot_array.h"

#include "base/philox.h"
#include "base/try.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cg_status cg_spot_create_memory(void *memory, cg_spot *spot, size_t count, size_t size)
{
    void *m = NULL;
    assert(spot->memory_count < CG_SPOT_MEMORY);
    cg_status status = cg_memory_create(&m, count ? count : 1, size);
    if (status == CG_OK)
        spot->memory[spot->memory_count++] = m;
    memcpy(memory, &m, sizeof m);
    return status;
}

static bool is_output(const cg_spot *spot, const cg_buffer *buffer)
{
    for (size_t i = 0; i < spot->output_count; i++)
        if (spot->outputs[i].buffer == buffer)
            return true;
    return false;
}

static cg_status download(const void **data, cg_spot *spot, const cg_buffer *buffer)
{
    void *m = NULL;
    cg_status status = cg_spot_create_memory(&m, spot, buffer->bytes, 1);
    if (status == CG_OK)
        status = cg_buffer_download(buffer, 0, m, buffer->bytes);
    *data = m;
    return status;
}

cg_status cg_spot_fetch(void *data, cg_spot *spot, const cg_buffer *buffer)
{
    const void *m = NULL;
    cg_status status = CG_OK;
    size_t i = 0;
    if (spot->outline)
        buffer = NULL;
    while (i < spot->operand_count && spot->operands[i].buffer != buffer)
        i++;
    if (buffer && i == spot->operand_count) {
        assert(i < CG_SPOT_MEMORY);
        bool mapped = !is_output(spot, buffer);
        CG_TRY(mapped ? cg_buffer_map(&m, buffer) : download(&m, spot, buffer));
        spot->operands[i].buffer = buffer;
        spot->operands[i].mapped = mapped;
        spot->operands[spot->operand_count++].data = m;
    } else if (buffer) {
        m = spot->operands[i].data;
    }
done:
    memcpy(data, &m, sizeof m);
    return status;
}

void cg_spot_unmap(cg_spot *spot)
{
    for (size_t i = 0; i < spot->operand_count; i++)
        if (spot->operands[i].mapped)
            cg_buffer_unmap(spot->operands[i].buffer, spot->operands[i].data);
    for (size_t i = 0; i < spot->output_count; i++)
        cg_buffer_unmap(spot->outputs[i].buffer, spot->outputs[i].found);
}

void cg_spot_add_output(cg_spot *spot, const cg_spot_output *output)
{
    assert(spot->output_count < CG_SPOT_OUTPUTS && !spot->operand_count);
    spot->outputs[spot->output_count++] = *output;
}

void cg_spot_add_scratch(cg_spot *spot, cg_buffer *buffer, size_t bytes)
{
    assert(spot->scratch_count < CG_SPOT_SCRATCH);
    if (!buffer || !bytes)
        return;
    spot->scratch[spot->scratch_count].buffer = buffer;
    spot->scratch[spot->scratch_count++].bytes = bytes < buffer->bytes ? bytes : buffer->bytes;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

cg_spot_shape cg_spot_map_shape(const cg_map *map, size_t n)
{
    assert(map->c % cg_map_lanes(map->c) == 0); /* no map of the network has padding lanes */
    return (cg_spot_shape){{n, map->h, map->w, map->c}, true};
}

size_t cg_spot_count(const cg_spot_shape *shape)
{
    return shape->dims[0] * shape->dims[1] * shape->dims[2] * shape->dims[3];
}

void cg_spot_locate(size_t at[4], const cg_spot_shape *shape, size_t index)
{
    const size_t *d = shape->dims;
    size_t lanes = shape->blocked ? cg_map_lanes(d[3]) : d[3];
    size_t rows = d[0] * d[1] * d[2], row = index / lanes % rows;
    at[0] = row / d[2] / d[1];
    at[1] = row / d[2] % d[1];
    at[2] = row % d[2];
    at[3] = index / lanes / rows * lanes + index % lanes;
}

static size_t element_size(const cg_spot_output *o)
{
    return o->bytes ? 1 : sizeof(float);
}

void cg_spot_extents(cg_spot_extent extents[CG_SPOT_OUTPUTS], size_t *count, const cg_spot *spot)
{
    for (*count = 0; *count < spot->output_count; ++*count) {
        const cg_spot_output *o = &spot->outputs[*count];
        size_t size = element_size(o);
        extents[*count] = (cg_spot_extent){o->name, o->buffer, o->offset * size,
                                           cg_spot_count(&o->shape) * size, o->changes};
    }
}

/* ---- before and after the stage -------------------------------------------------------------- */

static cg_status poison(cg_spot *spot, cg_spot_output *o)
{
    cg_status status = CG_OK;
    size_t bytes = cg_spot_count(&o->shape) * element_size(o);
    uint32_t *words;
    void *before;
    if (bytes != o->buffer->bytes)
        CG_TRY(cg_spot_fetch(&before, spot, o->buffer)); /* the rest has to stay */
    if (o->in_place)
        return CG_OK;
    if (bytes == o->buffer->bytes)
        return cg_buffer_fill(o->buffer, CG_SPOT_UNWRITTEN);
    CG_TRY(cg_spot_create_memory(&words, spot, bytes, 1));
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = CG_SPOT_UNWRITTEN;
    CG_TRY(cg_buffer_upload(o->buffer, o->offset * element_size(o), words, bytes));
done:
    return status;
}

cg_status cg_spot_poison(cg_spot *spot)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < spot->output_count; i++)
        CG_TRY(poison(spot, &spot->outputs[i]));
    for (size_t i = 0; i < spot->scratch_count; i++)
        CG_TRY(cg_buffer_fill_part(spot->scratch[i].buffer, 0, spot->scratch[i].bytes,
                                   CG_SPOT_UNWRITTEN));
done:
    return status;
}

cg_status cg_spot_collect(cg_spot *spot)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < spot->output_count; i++) {
        const void *found;
        CG_TRY(cg_buffer_map(&found, spot->outputs[i].buffer));
        spot->outputs[i].found = found;
    }
done:
    return status;
}

const float *cg_spot_found(const cg_spot *spot, const cg_buffer *buffer)
{
    for (size_t i = 0; i < spot->output_count; i++)
        if (spot->outputs[i].buffer == buffer)
            return (const float *)(const void *)spot->outputs[i].found;
    return NULL;
}

/* ---- which elements -------------------------------------------------------------------------- */

enum { DRAWS_OF_SIGNS = CG_SPOT_POINTS + 1, DRAWS_OF_CHANNELS = 1 << 16 };

/* One of `range` numbers, by the number of the draw: those of DRAWS_* come behind an array's. */
static size_t draw(const cg_spot *spot, uint32_t number, size_t range)
{
    const uint32_t counter[4] = {number, (uint32_t)(spot->stage - cg_stages), 0, 0x5907};
    const uint32_t key[2] = {(uint32_t)spot->seed, (uint32_t)(spot->seed >> 32)};
    uint32_t words[4];
    cg_philox4x32(words, counter, key);
    return (size_t)(((uint64_t)words[0] << 32 | words[1]) % range);
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

size_t cg_spot_channel(const cg_spot *spot, size_t group)
{
    return group * CG_SPOT_CHANNELS +
           draw(spot, (uint32_t)(DRAWS_OF_CHANNELS + group), CG_SPOT_CHANNELS);
}

double cg_spot_sign(const cg_spot *spot, size_t i)
{
    return draw(spot, (uint32_t)(DRAWS_OF_SIGNS + i), 2) ? 1 : -1;
}

/* Another element of a kernel [k, k, large_c, small_c], whose large channel is compared. */
static size_t choose_channel(const cg_spot *spot, const cg_spot_shape *shape, size_t i)
{
    enum { STEP = CG_SPOT_CHANNELS };
    const size_t *d = shape->dims, row = i / d[3];
    if (shape->blocked || d[0] == 1 || d[0] != d[1] || d[2] % STEP)
        return i;
    return (row / d[2] * d[2] + cg_spot_channel(spot, row % d[2] / STEP)) * d[3] + i % d[3];
}

/* The k-th of the parts of an array has an element in lane k, where it is that long. */
static size_t choose_in_part(const cg_spot *spot, const cg_spot_shape *shape, size_t parts,
                             size_t k)
{
    size_t count = cg_spot_count(shape);
    size_t begin = count * k / parts, end = count * (k + 1) / parts;
    size_t i = begin + draw(spot, (uint32_t)k, end - begin);
    size_t of_channel = choose_channel(spot, shape, i);
    i = of_channel >= begin && of_channel < end ? of_channel : i;
    size_t in_lane = i / CG_BLOCK * CG_BLOCK + k % CG_BLOCK;
    return in_lane >= begin && in_lane < end ? in_lane : i;
}

/* Corners and the middles of edges, of the first image and of the last. */
static size_t choose_edge(const cg_spot *spot, const cg_spot_shape *shape, size_t k)
{
    static const unsigned char places[8][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 0},
                                               {1, 2}, {2, 0}, {2, 1}, {2, 2}};
    const size_t *d = shape->dims;
    size_t n = k / 8 ? d[0] - 1 : 0, y = places[k % 8][0] * (d[1] - 1) / 2;
    size_t x = places[k % 8][1] * (d[2] - 1) / 2;
    return cg_blocked_index(d[3], d[0] * d[1] * d[2], (n * d[1] + y) * d[2] + x,
                            draw(spot, (uint32_t)(CG_SPOT_PARTS + k), d[3]));
}

void cg_spot_choose(size_t index[CG_SPOT_POINTS], size_t *n, const cg_spot *spot,
                    const cg_spot_shape *shape, size_t most)
{
    size_t count = cg_spot_count(shape), parts = count < most ? count : most;
    size_t chosen = 0;
    for (size_t k = 0; k < parts; k++)
        index[chosen++] = choose_in_part(spot, shape, parts, k);
    index[chosen++] = 0;
    index[chosen++] = count - 1;
    for (size_t k = 0; shape->blocked && k < 16; k++)
        index[chosen++] = choose_edge(spot, shape, k);
    qsort(index, chosen, sizeof *index, compare_sizes);
    *n = 0;
    for (size_t i = 0; i < chosen; i++)
        if (!*n || index[*n - 1] != index[i])
            index[(*n)++] = index[i];
}

/* ---- comparison ------------------------------------------------------------------------------ */

void cg_spot_fail(const cg_spot *spot, cg_verify_result *result, const char *format, ...)
{
    char sentence[CG_VERIFY_MESSAGE];
    va_list args;
    if (!result->ok)
        return;
    result->ok = false;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    snprintf(result->message, sizeof result->message, "%s%s%s: %.180s",
             cg_pass_names[spot->stage->pass], *spot->algorithm ? " by " : "", spot->algorithm,
             sentence);
}

void cg_spot_compare(cg_spot *spot, cg_verify_result *result, const char *where, double found,
                     cg_approx expected)
{
    double error = fabs(found - expected.value);
    if (!isfinite(expected.value) || !isfinite(expected.error))
        return; /* it follows from operands that are not finite: training may have diverged */
    const double limit = cg_approx_limit(expected, spot->net->choice.strict);
    result->squared_errors += error * error;
    cg_verify_result_note(result, error, limit);
    if (!(error <= limit))
        cg_spot_fail(spot, result, "%s is %.9g, not %.9g +- %.3g", where, found, expected.value,
                     limit);
}

/* "h1[3, 0, 6, 127]", without the dimensions that are 1. */
static void describe(char where[96], const cg_spot_output *o, size_t index)
{
    size_t at[4];
    int length = snprintf(where, 96, "%s[", o->name);
    const char *comma = "";
    cg_spot_locate(at, &o->shape, index);
    for (size_t d = 0; d < 4; d++) {
        if (o->shape.dims[d] == 1)
            continue;
        length += snprintf(where + length, 96 - (size_t)length, "%s%zu", comma, at[d]);
        comma = ", ";
    }
    snprintf(where + length, 96 - (size_t)length, "]");
}

double cg_spot_element(const cg_spot_output *o, size_t index)
{
    float value;
    if (o->bytes)
        return o->found[o->offset + index];
    memcpy(&value, o->found + (o->offset + index) * sizeof value, sizeof value);
    return (double)value;
}

/* Tells of the elements that are still what they were filled with; floats, which begin at a word of
 * the buffer. */
static void compare_written(const cg_spot *spot, cg_verify_result *result, const cg_spot_output *o)
{
    const uint32_t *words = (const uint32_t *)(const void *)o->found + o->offset;
    size_t count = cg_spot_count(&o->shape), missing = 0, first = 0;
    char where[96];
    for (size_t i = 0; i < count; i++)
        missing += words[i] == CG_SPOT_UNWRITTEN;
    if (!missing)
        return;
    while (words[first] != CG_SPOT_UNWRITTEN)
        first++;
    describe(where, o, first);
    cg_spot_fail(spot, result, "%zu of %zu elements of %s are not written, the first is %s",
                 missing, count, o->name, where);
}

/* The rest of the buffer is not the stage's. */
static cg_status compare_rest(cg_spot *spot, cg_verify_result *result, const cg_spot_output *o)
{
    cg_status status = CG_OK;
    size_t count = cg_spot_count(&o->shape), size = element_size(o);
    size_t begin = o->offset * size, end = begin + count * size;
    const unsigned char *before;
    if (count * size == o->buffer->bytes)
        return CG_OK;
    CG_TRY(cg_spot_fetch(&before, spot, o->buffer));
    if (memcmp(before, o->found, begin) != 0 ||
        memcmp(before + end, o->found + end, o->buffer->bytes - end) != 0)
        cg_spot_fail(spot, result, "%s is written beyond its %zu elements", o->name, count);
done:
    return status;
}

/* Compares these elements, at most CG_SPOT_POINTS, ascending. */
static cg_status compare_elements(cg_spot *spot, cg_verify_result *result, const cg_spot_output *o,
                                  const size_t *index, size_t n)
{
    cg_status status = CG_OK;
    cg_approx expected[CG_SPOT_POINTS];
    char where[96];
    CG_TRY(o->expect(spot, expected, index, n));
    for (size_t i = 0; i < n; i++) {
        double found = cg_spot_element(o, index[i]);
        if (o->bytes && fabs(found - expected[i].value) <= expected[i].error)
            found = expected[i].value; /* either byte is right */
        if (fabs(found - expected[i].value) <= expected[i].error)
            *where = '\0'; /* nobody is told */
        else
            describe(where, o, index[i]);
        cg_spot_compare(spot, result, where, found, expected[i]);
    }
done:
    return status;
}

/* Compares one element of each o->every, at places that go through all lanes. It is for arrays that
 * hold numbers before the stage, where a work-group that does not run leaves no NaN, and for small
 * ones. */
static cg_status compare_groups(cg_spot *spot, cg_verify_result *result, const cg_spot_output *o)
{
    enum { STRIDE = 37 }; /* without a factor in common with a group's elements */
    cg_status status = CG_OK;
    const size_t count = cg_spot_count(&o->shape), every = o->every;
    size_t index[CG_SPOT_POINTS], n = 0;
    for (size_t group = 0; group * every < count && result->ok; group++) {
        const size_t shift = (size_t)((spot->seed + group * STRIDE) % every);
        const size_t i = group * every + shift;
        index[n++] = i < count ? i : count - 1;
        if (n < CG_SPOT_POINTS && (group + 1) * every < count)
            continue;
        CG_TRY(compare_elements(spot, result, o, index, n));
        n = 0;
    }
done:
    return status;
}

static cg_status compare_output(cg_spot *spot, cg_verify_result *result, const cg_spot_output *o)
{
    cg_status status = CG_OK;
    size_t index[CG_SPOT_POINTS], n;
    if (!o->in_place)
        compare_written(spot, result, o);
    CG_TRY(compare_rest(spot, result, o));
    if (!o->expect)
        return CG_OK;
    if (o->every != CG_SPOT_ALL) {
        cg_spot_choose(index, &n, spot, &o->shape, o->costly ? CG_SPOT_FEW : CG_SPOT_PARTS);
        CG_TRY(compare_elements(spot, result, o, index, n));
    }
    if (o->every)
        CG_TRY(compare_groups(spot, result, o));
    if (o->compare)
        CG_TRY(o->compare(spot, result, o));
done:
    return status;
}

cg_status cg_spot_compare_outputs(cg_spot *spot, cg_verify_result *result)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < spot->output_count; i++)
        CG_TRY(compare_output(spot, result, &spot->outputs[i]));
done:
    return status;
}
