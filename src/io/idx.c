/* IDX files.
 *
 * The file is read as it is (bounded by its own size) and unpacked piece by piece: first the
 * header, then as many bytes as it promises, in a buffer that grows with what arrives, then one
 * more read, which must find the end. gzip is unpacked by inflate() and not by gzread(), which
 * ignores whatever follows the compressed data.
 */
#include <clgan/idx.h>

#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    MAX_RANK = 4,
    UNSIGNED_BYTE = 8, /* the type in the magic */
    MAX_HEADER = 4 + 4 * MAX_RANK,
    FIRST_GROWTH = 1 << 20
};

static const size_t max_file = (size_t)1 << 31;

/* The bytes of a file, unpacked on the way when they are gzip. */
typedef struct source {
    const char *path;
    unsigned char *bytes; /* the file as it is; owned */
    size_t size;
    size_t position; /* plain: the bytes given out so far */
    bool packed;
    bool finished; /* packed: the last member's end was reached and its CRC is right */
    z_stream stream;
} source;

static void source_deinit(source *in)
{
    if (in->packed)
        inflateEnd(&in->stream);
    free(in->bytes);
}

static bool is_gzip(const unsigned char *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static cg_status source_init(source *in, const char *path)
{
    void *bytes = NULL;
    cg_status status = CG_OK;
    *in = (source){.path = path};
    CG_TRY(cg_file_read(&bytes, &in->size, path, max_file));
    in->bytes = bytes;
    if (in->size == 0)
        return cg_fail(CG_ERR_INPUT, "%s is empty", path);
    if (!is_gzip(in->bytes, in->size))
        return CG_OK;
    in->stream.next_in = in->bytes;
    in->stream.avail_in = (uInt)in->size;
    if (inflateInit2(&in->stream, 16 + MAX_WBITS) != Z_OK)
        return cg_fail(CG_ERR_MEMORY, "out of memory for unpacking %s", path);
    in->packed = true;
done:
    return status;
}

/* At the end of a member: another one may follow, and nothing else. */
static cg_status next_member(source *in)
{
    z_stream *z = &in->stream;
    if (z->avail_in == 0) {
        in->finished = true;
        return CG_OK;
    }
    if (!is_gzip(z->next_in, z->avail_in))
        return cg_fail(CG_ERR_INPUT, "%s is damaged: %u stray bytes follow its gzip data", in->path,
                       z->avail_in);
    inflateReset(z);
    return CG_OK;
}

static cg_status inflate_bytes(source *in, unsigned char *out, size_t size, size_t *got)
{
    z_stream *z = &in->stream;
    cg_status status = CG_OK;
    z->next_out = out;
    z->avail_out = (uInt)size;
    while (z->avail_out > 0 && !in->finished) {
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            CG_TRY(next_member(in));
        else if (result == Z_MEM_ERROR)
            return cg_fail(CG_ERR_MEMORY, "out of memory for unpacking %s", in->path);
        else if (result == Z_BUF_ERROR)
            return cg_fail(CG_ERR_INPUT, "%s is cut short: its gzip data has no end", in->path);
        else if (result != Z_OK)
            return cg_fail(CG_ERR_INPUT, "%s is damaged gzip data: %s", in->path,
                           z->msg ? z->msg : zError(result));
    }
done:
    *got = size - z->avail_out;
    return status;
}

/* *got = the bytes written to out, fewer than size only at the end. size < 4 GiB. */
static cg_status source_read(source *in, unsigned char *out, size_t size, size_t *got)
{
    if (in->packed)
        return inflate_bytes(in, out, size, got);
    size_t left = in->size - in->position;
    *got = size < left ? size : left;
    memcpy(out, in->bytes + in->position, *got);
    in->position += *got;
    return CG_OK;
}

static cg_status check_magic(const char *path, const unsigned char magic[4], size_t got)
{
    if (got == 0)
        return cg_fail(CG_ERR_INPUT, "%s is empty once unpacked", path);
    if (got < 4)
        return cg_fail(CG_ERR_INPUT, "%s is not an IDX file: it has %zu bytes", path, got);
    if (magic[0] != 0 || magic[1] != 0)
        return cg_fail(CG_ERR_INPUT,
                       "%s is not an IDX file: it starts with %02x %02x %02x %02x, not 00 00 08",
                       path, magic[0], magic[1], magic[2], magic[3]);
    if (magic[2] != UNSIGNED_BYTE)
        return cg_fail(CG_ERR_INPUT,
                       "%s holds IDX type 0x%02x; only unsigned bytes (0x08) can be "
                       "read",
                       path, magic[2]);
    if (magic[3] < 1 || magic[3] > MAX_RANK)
        return cg_fail(CG_ERR_INPUT, "%s has %d dimensions; 1 to %d can be read", path, magic[3],
                       MAX_RANK);
    return CG_OK;
}

/* Reads the header into raw (its length in *length) and fills in rank, dims and size. */
static cg_status read_header(source *in, cg_idx *idx, unsigned char raw[MAX_HEADER], size_t *length)
{
    size_t got = 0;
    cg_status status = CG_OK;
    CG_TRY(source_read(in, raw, 4, &got));
    CG_TRY(check_magic(in->path, raw, got));
    idx->rank = raw[3];
    *length = 4 + 4 * idx->rank;
    CG_TRY(source_read(in, raw + 4, 4 * idx->rank, &got));
    if (got < 4 * idx->rank)
        return cg_fail(CG_ERR_INPUT, "%s is cut short: it ends within its header", in->path);
    for (size_t i = 0; i < idx->rank; i++) {
        idx->dims[i] = cg_endian_load_be32(raw + 4 + 4 * i);
        if (idx->dims[i] == 0)
            return cg_fail(CG_ERR_INPUT, "%s holds nothing: its dimension %zu is 0", in->path, i);
    }
    if (cg_size_product(&idx->size, idx->dims, idx->rank) != CG_OK || idx->size > max_file)
        return cg_fail(CG_ERR_INPUT,
                       "%s is damaged or too large: its header promises more than %zu "
                       "bytes",
                       in->path, max_file);
done:
    return status;
}

/* Reads what the header promises behind the header. Doubles the buffer each time it is full, so a
 * false promise costs no more memory than twice the bytes there are. size >= 1. */
static cg_status read_data(source *in, unsigned char **file, size_t header, size_t size)
{
    size_t filled = 0, capacity = 0, got = 0;
    cg_status status = CG_OK;
    do {
        capacity = capacity ? 2 * capacity : FIRST_GROWTH;
        capacity = capacity < size ? capacity : size;
        unsigned char *grown = realloc(*file, header + capacity);
        if (!grown)
            return cg_fail(CG_ERR_MEMORY, "out of memory (%zu bytes) for %s", capacity, in->path);
        *file = grown;
        CG_TRY(source_read(in, grown + header + filled, capacity - filled, &got));
        filled += got;
        if (filled < capacity)
            return cg_fail(CG_ERR_INPUT,
                           "%s is cut short: its header promises %zu bytes, it has "
                           "%zu",
                           in->path, size, filled);
    } while (filled < size);
done:
    return status;
}

static cg_status check_end(source *in)
{
    unsigned char extra;
    size_t got = 0;
    cg_status status = CG_OK;
    CG_TRY(source_read(in, &extra, 1, &got));
    if (got > 0)
        status = cg_fail(CG_ERR_INPUT, "%s is damaged: more bytes follow its data", in->path);
done:
    return status;
}

cg_status cg_idx_read(cg_idx *idx, const char *path)
{
    CG_NEED(idx);
    CG_NEED(path);
    source in = {0};
    unsigned char raw[MAX_HEADER] = {0};
    unsigned char *file = NULL;
    size_t header = 0;
    cg_status status = CG_OK;
    *idx = (cg_idx){0};
    CG_TRY(source_init(&in, path));
    CG_TRY(read_header(&in, idx, raw, &header));
    CG_TRY(read_data(&in, &file, header, idx->size));
    CG_TRY(check_end(&in));
    memcpy(file, raw, header);
    cg_sha256_hex(idx->sha256, file, header + idx->size);
    memmove(file, file + header, idx->size);
    idx->data = file;
    file = NULL;
done:
    free(file);
    source_deinit(&in);
    if (status != CG_OK)
        *idx = (cg_idx){0};
    return status;
}

/* *file = header and data. */
static cg_status build_file(unsigned char **file, size_t *length, size_t rank, const size_t *dims,
                            const unsigned char *data)
{
    size_t size = 0;
    size_t header = 4 + 4 * rank;
    cg_status status = CG_OK;
    if (rank < 1 || rank > MAX_RANK)
        return cg_fail(CG_ERR_ARGUMENT, "an IDX file has 1 to %d dimensions, not %zu", MAX_RANK,
                       rank);
    if (cg_size_product(&size, dims, rank) != CG_OK || size < 1 || size > max_file - header)
        return cg_fail(CG_ERR_ARGUMENT, "an IDX file is written with 1 to %zu bytes",
                       max_file - header);
    CG_TRY(cg_memory_create(file, header + size, 1));
    (*file)[2] = UNSIGNED_BYTE;
    (*file)[3] = (unsigned char)rank;
    for (size_t i = 0; i < rank; i++)
        cg_endian_store_be32(*file + 4 + 4 * i, (uint32_t)dims[i]);
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
    size_t size = 0, packed_size = 0, length = strlen(path);
    bool gzip = length >= 3 && strcmp(path + length - 3, ".gz") == 0;
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
