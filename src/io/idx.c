/* IDX files: a header, then as many numbers as it promises, then nothing. */
#include "io/idx_array.h"

#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

enum { UNSIGNED_BYTE = 8 /* the type in the magic */ };

static const char wanted[] = "an IDX file (00 00 08 ...)";

/* Fills in rank and element. */
static cg_status check_magic(cg_array *a, const cg_source *in, const unsigned char magic[4],
                             size_t got)
{
    if (got == 0)
        return cg_fail(CG_ERR_INPUT, "%s is empty once unpacked", in->path);
    if (got < 4 || magic[0] != 0 || magic[1] != 0)
        return cg_source_refuse(in, wanted);
    a->element = cg_element_of_idx(magic[2]);
    if (!a->element)
        return cg_fail(CG_ERR_INPUT, "%s is damaged: IDX has no type 0x%02x", in->path, magic[2]);
    a->idx.rank = magic[3];
    return cg_array_check_rank(a, in->path);
}

cg_status cg_idx_read_array(cg_array *a, cg_source *in, cg_array_check *check)
{
    unsigned char raw[4 * CG_ARRAY_RANK] = {0};
    size_t got = 0;
    cg_status status = CG_OK;
    *a = (cg_array){0};
    CG_TRY(cg_source_read(in, raw, 4, &got));
    CG_TRY(check_magic(a, in, raw, got));
    CG_TRY(cg_source_read(in, raw, 4 * a->idx.rank, &got));
    if (got < 4 * a->idx.rank)
        return cg_fail(CG_ERR_INPUT, "%s is cut short: it ends within its header", in->path);
    for (size_t i = 0; i < a->idx.rank; i++)
        a->idx.dims[i] = cg_endian_load_be32(raw + 4 * i);
    CG_TRY(cg_array_read_elements(a, in, check));
done:
    return status;
}

static cg_status check_bytes(const cg_array *a, const char *path)
{
    return a->element->idx == UNSIGNED_BYTE
               ? CG_OK
               : cg_fail(CG_ERR_INPUT,
                         "%s holds IDX type 0x%02x (%s); only unsigned bytes (0x08) can be read",
                         path, a->element->idx, a->element->name);
}

cg_status cg_idx_read(cg_idx *idx, const char *path)
{
    CG_NEED(idx);
    CG_NEED(path);
    cg_source in = {0};
    cg_array array = {0};
    cg_status status = CG_OK;
    *idx = (cg_idx){0};
    CG_TRY(cg_source_open(&in, path));
    CG_TRY(cg_idx_read_array(&array, &in, check_bytes));
    *idx = array.idx;
    array.idx = (cg_idx){0};
done:
    cg_array_deinit(&array);
    cg_source_close(&in);
    return status;
}

/* *file = header and data. */
static cg_status build_file(unsigned char **file, size_t *length, size_t rank, const size_t *dims,
                            const unsigned char *data)
{
    size_t size = 0;
    size_t header = 4 + 4 * rank;
    cg_status status = CG_OK;
    if (rank < 1 || rank > CG_ARRAY_RANK)
        return cg_fail(CG_ERR_ARGUMENT, "an IDX file has 1 to %d dimensions, not %zu",
                       CG_ARRAY_RANK, rank);
    if (cg_size_product(&size, dims, rank) != CG_OK || size < 1 || size > CG_SOURCE_MOST - header)
        return cg_fail(CG_ERR_ARGUMENT, "an IDX file is written with 1 to %zu bytes",
                       CG_SOURCE_MOST - header);
    CG_TRY(cg_memory_create(file, header + size, 1));
    cg_array_store_header(*file, UNSIGNED_BYTE, rank, dims);
    memcpy(*file + header, data, size);
    *length = header + size;
done:
    return status;
}

/* *packed = the file as gzip; zlib leaves the header's time and name empty. */
static cg_status gzip_file(unsigned char **packed, size_t *packed_size, unsigned char *file,
                           size_t size)
{
    z_stream z = {0};
    cg_status status = CG_OK;
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return cg_fail(CG_ERR_MEMORY, "out of memory for packing %zu bytes", size);
    size_t bound = deflateBound(&z, (uLong)size);
    CG_TRY(cg_memory_create(packed, bound, 1));
    z.next_in = file;
    z.avail_in = (uInt)size;
    z.next_out = *packed;
    z.avail_out = (uInt)bound;
    deflate(&z, Z_FINISH); /* into deflateBound() bytes: this cannot fail */
    *packed_size = bound - z.avail_out;
done:
    deflateEnd(&z);
    return status;
}

cg_status cg_idx_write(const char *path, size_t rank, const size_t *dims, const unsigned char *data)
{
    CG_NEED(path);
    CG_NEED(dims);
    CG_NEED(data);
    unsigned char *file = NULL, *packed = NULL;
    size_t size = 0, packed_size = 0;
    bool gzip = cg_path_ends_in(path, ".gz");
    cg_status status = CG_OK;
    CG_TRY(build_file(&file, &size, rank, dims, data));
    if (gzip)
        CG_TRY(gzip_file(&packed, &packed_size, file, size));
    CG_TRY(gzip ? cg_file_write(path, packed, packed_size) : cg_file_write(path, file, size));
done:
    free(packed);
    free(file);
    return status;
}

void cg_idx_deinit(cg_idx *idx)
{
    if (!idx)
        return;
    free(idx->data);
    *idx = (cg_idx){0};
}
