/* Hashes and checksums of an input are made right again, where they can be found. */
#include "fuzz/fuzz.h"

#include "base/endian.h"
#include "base/hash.h"
#include "ocl/kernel_source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- packed data ----------------------------------------------------------------------------- */

/* The CRC-32 and the size of what raw deflate data unpack to; returns the packed bytes. */
static size_t unpack(const unsigned char *data, size_t size, uint32_t *crc, uint32_t *length)
{
    unsigned char out[4096];
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (uInt)size};
    *crc = *length = 0;
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return 0;
    for (int result = Z_OK; result == Z_OK;) {
        z.next_out = out;
        z.avail_out = sizeof out;
        result = inflate(&z, Z_NO_FLUSH);
        *crc = (uint32_t)crc32(*crc, out, (uInt)sizeof out - z.avail_out);
    }
    *length = (uint32_t)z.total_out;
    size_t used = z.total_in;
    inflateEnd(&z);
    return used;
}

/* One member whose header has no name: ten bytes, the data, their checksum and their size. */
void fuzz_repair_gzip(unsigned char *data, size_t size)
{
    enum { HEADER = 10, TRAILER = 8 };
    uint32_t crc, length;
    if (size < HEADER + TRAILER)
        return;
    size_t end = HEADER + unpack(data + HEADER, size - HEADER, &crc, &length);
    if (end + TRAILER > size)
        return;
    cg_endian_store_le32(data + end, crc);
    cg_endian_store_le32(data + end + 4, length);
}

/* Each entry of the list of a ZIP archive gets the checksum of its member. */
void fuzz_repair_npz(unsigned char *data, size_t size)
{
    enum { ENTRY = 46, METHOD = 10, CRC = 16, PACKED = 20, OFFSET = 42, LOCAL = 30, NAME = 26 };
    for (size_t at = 0; at + ENTRY <= size; at++) {
        uint32_t crc, length;
        if (memcmp(data + at, "PK\1\2", 4) != 0)
            continue;
        size_t packed = cg_endian_load_le32(data + at + PACKED);
        size_t local = cg_endian_load_le32(data + at + OFFSET);
        if (local > size || size - local < LOCAL)
            continue;
        size_t begin = local + LOCAL + data[local + NAME] + data[local + NAME + 2];
        if (begin > size || packed > size - begin)
            continue;
        if (data[at + METHOD])
            unpack(data + begin, packed, &crc, &length);
        else
            crc = (uint32_t)crc32(0, data + begin, (uInt)packed);
        cg_endian_store_le32(data + at + CRC, crc);
    }
}

/* ---- PNG ------------------------------------------------------------------------------------- */

static void store_be32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* A chunk is its length, its type, its bytes, the checksum of both. */
void fuzz_repair_png(unsigned char *data, size_t size)
{
    enum { SIGNATURE = 8, AROUND = 12 };
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        size_t length = cg_endian_load_be32(data + at);
        if (length > size - at - AROUND)
            return;
        uLong crc = crc32(0, data + at + 4, (uInt)(length + 4));
        store_be32(data + at + 8 + length, (uint32_t)crc);
        at += AROUND + length;
    }
}

/* ---- clgan's own ----------------------------------------------------------------------------- */

enum { DIGITS = 32 };

static unsigned char *find(unsigned char *data, size_t size, const char *text, size_t behind)
{
    unsigned char *found = memmem(data, size, text, strlen(text));
    if (!found || size - (size_t)(found - data) < strlen(text) + behind)
        return NULL;
    return found + strlen(text);
}

/* The header's length is what the braces say where a mutation changed it; then the hash. */
void fuzz_repair_safetensors(unsigned char *data, size_t size)
{
    char hash[DIGITS + 1];
    unsigned char *digits = find(data, size, "\"hash\":\"xxh3-128:", DIGITS);
    if (!digits)
        return;
    memset(digits, '0', DIGITS);
    cg_xxh3_128_hex(hash, data, size);
    memcpy(digits, hash, DIGITS);
}

/* An entry is of the kernels of this build. */
void fuzz_repair_tuning(unsigned char *data, size_t size)
{
    static char hash[DIGITS + 1];
    unsigned char *digits = find(data, size, "\"source\":\"", DIGITS);
    if (!hash[0] && cg_kernel_source_hash_all(hash) != CG_OK)
        return;
    if (digits)
        memcpy(digits, hash, DIGITS);
}

void fuzz_repair_cache(unsigned char *data, size_t size)
{
    char hash[DIGITS + 1];
    if (size < DIGITS)
        return;
    cg_xxh3_128_hex(hash, data, size - DIGITS);
    memcpy(data + size - DIGITS, hash, DIGITS);
}
