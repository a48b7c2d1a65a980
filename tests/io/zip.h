/* ZIP archives and NumPy's arrays, made by hand. */
#ifndef CLGAN_TESTS_IO_ZIP_H
#define CLGAN_TESTS_IO_ZIP_H

#include "base/endian.h"

#include <check.h>
#include <string.h>
#include <zlib.h>

/* out = an array file: header of that version, then the data. Returns its length. */
static inline size_t build_npy(unsigned char *out, int version, const char *dictionary,
                               const void *data, size_t size)
{
    size_t length = strlen(dictionary) + 1, start = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (unsigned char)version;
    out[7] = 0;
    cg_endian_store_le32(out + 8, (uint32_t)length);
    memcpy(out + start, dictionary, length - 1);
    out[start + length - 1] = '\n';
    memcpy(out + start + length, data, size);
    return start + length + size;
}

/* An archive that is being built. */
typedef struct zip {
    unsigned char bytes[64 << 10], list[1 << 10];
    size_t size, listed, count;
} zip;

static inline void store16(unsigned char *p, size_t value)
{
    p[0] = (unsigned char)value;
    p[1] = (unsigned char)(value >> 8);
}

static inline size_t deflate_bytes(unsigned char *out, size_t room, unsigned char *data,
                                   size_t size)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = data;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

/* NumPy's own archives have an extra field in the member's header and not in the list. */
static inline void zip_add(zip *z, const char *name, unsigned char *data, size_t size, bool packed)
{
    unsigned char *local = z->bytes + z->size, *entry = z->list + z->listed;
    const size_t length = strlen(name), extra = 20, head = 30 + length + extra;
    size_t stored = size;
    if (packed)
        stored = deflate_bytes(local + head, sizeof z->bytes - z->size - head, data, size);
    else
        memcpy(local + head, data, size);
    memset(local, 0, head);
    memcpy(local, "PK\3\4", 4);
    store16(local + 26, length);
    store16(local + 28, extra);
    memcpy(local + 30, name, length);
    memset(entry, 0, 46);
    memcpy(entry, "PK\1\2", 4);
    store16(entry + 10, packed ? 8 : 0);
    cg_endian_store_le32(entry + 16, (uint32_t)crc32(0, data, (uInt)size));
    cg_endian_store_le32(entry + 20, (uint32_t)stored);
    cg_endian_store_le32(entry + 24, (uint32_t)size);
    store16(entry + 28, length);
    cg_endian_store_le32(entry + 42, (uint32_t)z->size);
    memcpy(entry + 46, name, length);
    z->listed += 46 + length;
    z->size += head + stored;
    z->count++;
}

static inline void zip_end(zip *z)
{
    unsigned char *end = z->bytes + z->size + z->listed;
    memcpy(z->bytes + z->size, z->list, z->listed);
    memset(end, 0, 22);
    memcpy(end, "PK\5\6", 4);
    store16(end + 10, z->count);
    cg_endian_store_le32(end + 12, (uint32_t)z->listed);
    cg_endian_store_le32(end + 16, (uint32_t)z->size);
    z->size += z->listed + 22;
}

#endif
