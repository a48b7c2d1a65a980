/* Elements of arrays: their types, their number, their values. */
#include "io/array.h"

#include "base/endian.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const cg_element elements[] = {
    {0x08, "u1", 1, true, false, "unsigned bytes"},
    {0x09, "i1", 1, true, true, "signed bytes"},
    {0x0b, "i2", 2, true, true, "16-bit integers"},
    {0x0c, "i4", 4, true, true, "32-bit integers"},
    {0x0d, "f4", 4, false, true, "32-bit floats"},
    {0x0e, "f8", 8, false, true, "64-bit floats"},
    {0, "u2", 2, true, false, "unsigned 16-bit integers"},
    {0, "u4", 4, true, false, "unsigned 32-bit integers"},
    {0, "u8", 8, true, false, "unsigned 64-bit integers"},
    {0, "i8", 8, true, true, "64-bit integers"},
    {0, "b1", 1, true, false, "truth values"},
};

const cg_element *cg_element_of_idx(unsigned char code)
{
    for (size_t i = 0; code && i < CG_COUNT(elements); i++)
        if (elements[i].idx == code)
            return &elements[i];
    return NULL;
}

const cg_element *cg_element_of_numpy(const char *code)
{
    for (size_t i = 0; i < CG_COUNT(elements); i++)
        if (strcmp(elements[i].numpy, code) == 0)
            return &elements[i];
    return NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* a->idx.size = the number of elements, *bytes = of them all. */
static cg_status count_elements(cg_array *a, size_t *bytes, const char *path)
{
    cg_idx *idx = &a->idx;
    for (size_t i = 0; i < idx->rank; i++)
        if (idx->dims[i] == 0)
            return cg_fail(CG_ERR_INPUT, "%s holds nothing: its dimension %zu is 0", path, i);
    if (cg_size_product(&idx->size, idx->dims, idx->rank) != CG_OK ||
        idx->size > CG_SOURCE_MOST / a->element->bytes)
        return cg_fail(CG_ERR_INPUT,
                       "%s is damaged or too large: its header promises more than %zu bytes", path,
                       CG_SOURCE_MOST);
    *bytes = idx->size * a->element->bytes;
    return CG_OK;
}

cg_status cg_array_check_rank(const cg_array *a, const char *path)
{
    if (a->idx.rank >= 1 && a->idx.rank <= CG_ARRAY_RANK)
        return CG_OK;
    return cg_fail(CG_ERR_INPUT, "%s has %zu dimensions; 1 to %d can be read", path, a->idx.rank,
                   CG_ARRAY_RANK);
}

void cg_array_store_header(unsigned char *header, unsigned char type, size_t rank,
                           const size_t *dims)
{
    const unsigned char magic[4] = {0, 0, type, (unsigned char)rank};
    memcpy(header, magic, sizeof magic);
    for (size_t i = 0; i < rank; i++)
        cg_endian_store_be32(header + 4 + 4 * i, (uint32_t)dims[i]);
}

/* The hash is of the array as IDX has it, whatever the format: an .npz of MNIST is MNIST. */
static void identify(cg_array *a, unsigned char *file, size_t header, size_t bytes)
{
    cg_array_store_header(file, a->element->idx, a->idx.rank, a->idx.dims);
    cg_sha256_hex(a->idx.sha256, file, header + bytes);
    memmove(file, file + header, bytes);
}

cg_status cg_array_read_elements(cg_array *a, cg_source *in, cg_array_check *check)
{
    cg_status status = CG_OK;
    const size_t header = 4 + 4 * a->idx.rank;
    size_t bytes = 0;
    CG_TRY(cg_array_check_rank(a, in->path));
    CG_TRY(count_elements(a, &bytes, in->path));
    if (check)
        CG_TRY(check(a, in->path));
    CG_TRY(cg_source_finish(in, &a->idx.data, header, bytes));
    identify(a, a->idx.data, header, bytes);
done:
    return status;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The element's bits, those of a negative number extended to 64. */
static uint64_t load_whole(const cg_array *a, const unsigned char *at)
{
    const size_t bytes = a->element->bytes;
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[a->little_endian ? bytes - 1 - i : i];
    if (a->element->negative && bytes < 8 && value >> (8 * bytes - 1))
        value |= UINT64_MAX << (8 * bytes);
    return value;
}

cg_status cg_array_to_bytes(unsigned char **bytes, cg_array *a, size_t step, const char *path)
{
    const size_t count = a->idx.size / step;
    unsigned char *data = a->idx.data;
    *bytes = NULL;
    if (!a->element->whole)
        return cg_fail(CG_ERR_INPUT, "%s holds %s: whole numbers from 0 to 255 are wanted", path,
                       a->element->name);
    for (size_t i = 0; i < count; i++) { /* element i lies at or behind byte i */
        uint64_t value = load_whole(a, data + i * step * a->element->bytes);
        const bool below = a->element->negative && value >> 63;
        if (value > UINT8_MAX)
            return cg_fail(CG_ERR_INPUT, "%s: the number %s%" PRIu64 " at %zu is not 0 to 255",
                           path, below ? "-" : "", below ? 0 - value : value, i);
        data[i] = (unsigned char)value;
    }
    *bytes = data;
    a->idx.data = NULL;
    return CG_OK;
}

void cg_array_deinit(cg_array *array)
{
    free(array->idx.data);
    *array = (cg_array){0};
}
