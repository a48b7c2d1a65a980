/* Files as bytes. gzip is unpacked by inflate() and not by gzread(), which ignores whatever follows
 * the compressed data. */
#include "io/source.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_GROWTH = 1 << 20 };

/* ---- unpacking ------------------------------------------------------------------------------- */

static bool is_gzip(const unsigned char *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* At the end of a gzip member: another one may follow, or zero bytes up to the end, which tapes and
 * disks pad files with. */
static cg_status next_member(cg_source *in)
{
    z_stream *z = &in->stream;
    size_t zeros = 0;
    if (in->packing == CG_PACKING_GZIP && is_gzip(z->next_in, z->avail_in)) {
        inflateReset(z);
        return CG_OK;
    }
    while (zeros < z->avail_in && z->next_in[zeros] == 0)
        zeros++;
    if (zeros < z->avail_in)
        return cg_fail(CG_ERR_INPUT, "%s is damaged: stray bytes (%u) follow its packed data",
                       in->path, z->avail_in);
    in->finished = true;
    return CG_OK;
}

static cg_status inflate_bytes(cg_source *in, unsigned char *out, size_t size, size_t *got)
{
    z_stream *z = &in->stream;
    cg_status status = CG_OK;
    z->next_out = out;
    z->avail_out = (uInt)size;
    while (z->avail_out > 0 && !in->finished && !in->cut) {
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            CG_TRY(next_member(in));
        else if (result == Z_MEM_ERROR)
            return cg_fail(CG_ERR_MEMORY, "out of memory for unpacking %s", in->path);
        else if (result == Z_BUF_ERROR)
            in->cut = true;
        else if (result != Z_OK)
            return cg_fail(CG_ERR_INPUT, "%s is damaged: its packed data has an error (%s)",
                           in->path, z->msg ? z->msg : zError(result));
    }
done:
    *got = size - z->avail_out;
    return status;
}

static cg_status start_inflating(cg_source *in, cg_packing packing)
{
    in->stream.next_in = (unsigned char *)(uintptr_t)in->bytes; /* zlib only reads there */
    in->stream.avail_in = (uInt)in->size;
    if (inflateInit2(&in->stream, packing == CG_PACKING_GZIP ? 16 + MAX_WBITS : -MAX_WBITS) != Z_OK)
        return cg_fail(CG_ERR_MEMORY, "out of memory for unpacking %s", in->path);
    in->packing = packing;
    return inflate_bytes(in, in->head, sizeof in->head, &in->head_size);
}

/* ---- life ------------------------------------------------------------------------------------ */

cg_status cg_source_open(cg_source *in, const char *path)
{
    void *bytes = NULL;
    cg_status status = CG_OK;
    *in = (cg_source){.path = path};
    CG_TRY(cg_file_read(&bytes, &in->size, path, CG_SOURCE_MOST));
    in->bytes = in->file = bytes;
    if (in->size == 0)
        return cg_fail(CG_ERR_INPUT, "%s is empty", path);
    if (is_gzip(in->bytes, in->size))
        status = start_inflating(in, CG_PACKING_GZIP);
done:
    return status;
}

cg_status cg_source_open_part(cg_source *in, const cg_source *whole, size_t offset, size_t size,
                              cg_packing packing)
{
    *in = (cg_source){.path = whole->path, .bytes = whole->bytes + offset, .size = size};
    return packing == CG_PACKING_NONE ? CG_OK : start_inflating(in, packing);
}

void cg_source_move_part(cg_source *in, cg_source *whole, size_t offset, size_t size)
{
    *in = (cg_source){
        .path = whole->path, .file = whole->file, .bytes = whole->bytes + offset, .size = size};
    whole->file = NULL;
    cg_source_close(whole);
}

void cg_source_close(cg_source *in)
{
    if (in->packing != CG_PACKING_NONE)
        inflateEnd(&in->stream);
    free(in->file);
    *in = (cg_source){0};
}

/* ---- reading --------------------------------------------------------------------------------- */

const unsigned char *cg_source_peek(const cg_source *in, size_t *size)
{
    bool packed = in->packing != CG_PACKING_NONE;
    size_t all = packed ? in->head_size : in->size;
    *size = all < CG_FILE_KIND_BYTES ? all : CG_FILE_KIND_BYTES;
    return packed ? in->head : in->bytes;
}

/* Gives out bytes that are there: of the head, or plain ones. */
static size_t copy_bytes(unsigned char *out, size_t size, const unsigned char *from, size_t left)
{
    size_t got = size < left ? size : left;
    memcpy(out, from, got);
    return got;
}

cg_status cg_source_read(cg_source *in, unsigned char *out, size_t size, size_t *got)
{
    cg_status status = CG_OK;
    size_t more = 0;
    if (in->packing == CG_PACKING_NONE) {
        *got = copy_bytes(out, size, in->bytes + in->position, in->size - in->position);
        in->position += *got;
        return CG_OK;
    }
    *got = copy_bytes(out, size, in->head + in->head_used, in->head_size - in->head_used);
    in->head_used += *got;
    if (*got < size)
        status = inflate_bytes(in, out + *got, size - *got, &more);
    *got += more;
    return status;
}

static cg_status tell_short(const cg_source *in, size_t wanted, size_t there)
{
    return cg_fail(CG_ERR_INPUT, "%s is cut short: its header promises %zu bytes, it has %zu",
                   in->path, wanted, there);
}

/* Doubles the buffer each time it is full, so a false promise costs no more memory than twice the
 * bytes there are. */
static cg_status read_growing(cg_source *in, unsigned char **data, size_t prefix, size_t size)
{
    size_t filled = 0, capacity = 0, got = 0;
    cg_status status = CG_OK;
    do {
        capacity = capacity ? 2 * capacity : FIRST_GROWTH;
        capacity = capacity < size ? capacity : size;
        unsigned char *grown = realloc(*data, prefix + capacity);
        if (!grown)
            return cg_fail(CG_ERR_MEMORY, "out of memory (%zu bytes) for %s", capacity, in->path);
        *data = grown;
        CG_TRY(cg_source_read(in, grown + prefix + filled, capacity - filled, &got));
        filled += got;
        if (filled < capacity)
            return tell_short(in, size, filled);
    } while (filled < size);
done:
    return status;
}

static cg_status check_end(cg_source *in, size_t size)
{
    unsigned char extra;
    size_t got = 0;
    cg_status status = CG_OK;
    CG_TRY(cg_source_read(in, &extra, 1, &got));
    if (got > 0)
        status = cg_fail(CG_ERR_INPUT,
                         "%s is damaged: more bytes follow its data (its header promises %zu)",
                         in->path, size);
    else if (in->cut)
        status = cg_fail(CG_ERR_INPUT, "%s is cut short: its packed data has no end", in->path);
done:
    return status;
}

cg_status cg_source_finish(cg_source *in, unsigned char **data, size_t prefix, size_t size)
{
    cg_status status = CG_OK;
    const size_t left = in->size - in->position;
    *data = NULL;
    if (in->packing == CG_PACKING_NONE && left < size)
        return tell_short(in, size, left);
    if (in->packing != CG_PACKING_NONE && size > CG_SOURCE_UNPACKED &&
        size / CG_SOURCE_RATIO > in->size)
        return cg_fail(
            CG_ERR_INPUT,
            "%s promises %zu bytes, more than %d times its size: if it is what you want, "
            "unpack it and give that file",
            in->path, size, CG_SOURCE_RATIO);
    if (in->file && in->packing == CG_PACKING_NONE && left == size &&
        in->bytes + in->position >= in->file + prefix) {
        memmove(in->file + prefix, in->bytes + in->position, size);
        *data = in->file; /* the room is what was read */
        *in = (cg_source){.path = in->path};
        return CG_OK;
    }
    CG_TRY(read_growing(in, data, prefix, size));
    CG_TRY(check_end(in, size));
done:
    if (status != CG_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

cg_status cg_source_refuse(const cg_source *in, const char *wanted)
{
    size_t size;
    const unsigned char *bytes = cg_source_peek(in, &size);
    const cg_file_kind *kind = cg_file_kind_find(bytes, size);
    const char *inside = in->packing == CG_PACKING_GZIP ? " packed by gzip" : "";
    if (kind)
        return cg_fail(CG_ERR_INPUT, "%s is %s%s, not %s%s", in->path, kind->what, inside, wanted,
                       kind->helps);
    if (size < 4)
        return cg_fail(CG_ERR_INPUT, "%s is not %s: it has %zu bytes%s", in->path, wanted, size,
                       inside);
    return cg_fail(CG_ERR_INPUT, "%s is not %s: it starts with %02x %02x %02x %02x", in->path,
                   wanted, bytes[0], bytes[1], bytes[2], bytes[3]);
}
