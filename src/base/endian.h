/* Numbers in files, in the order of bytes that the format says, whatever the machine's own is. */
#ifndef CLGAN_BASE_ENDIAN_H
#define CLGAN_BASE_ENDIAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(sizeof(float) == 4, "a float is the four bytes of a file's float32");

/* le: the least significant byte comes first; be: the most significant one does. */
static inline uint32_t cg_endian_load_le32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t cg_endian_load_le64(const unsigned char *p)
{
    return cg_endian_load_le32(p) | (uint64_t)cg_endian_load_le32(p + 4) << 32;
}

static inline uint32_t cg_endian_load_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void cg_endian_store_le32(unsigned char *p, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static inline void cg_endian_store_le64(unsigned char *p, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static inline void cg_endian_store_be32(unsigned char *p, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* values[0 .. count) = the float32 of a file at `bytes`, which may be where the values are. */
static inline void cg_endian_load_floats(float *values, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = cg_endian_load_le32(bytes + 4 * i);
        memcpy(values + i, &bits, sizeof bits);
    }
}

/* bytes[0 .. 4 count) = the values as a file has them. */
static inline void cg_endian_store_floats(unsigned char *bytes, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        cg_endian_store_le32(bytes + 4 * i, bits);
    }
}

#endif
