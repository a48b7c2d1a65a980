/* Digests as lower-case hexadecimal text, NUL-terminated. */
#ifndef CLGAN_BASE_HASH_H
#define CLGAN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4): identifies a data set. */
void cg_sha256_hex(char out[65], const void *data, size_t size);

/* XXH3, 128 bits, seed 0, in its canonical (big-endian) order: notices damage, not malice. */
void cg_xxh3_128_hex(char out[33], const void *data, size_t size);

/* XXH3, 64 bits: a key within a process. */
uint64_t cg_xxh3_64(const void *data, size_t size, uint64_t seed);

#endif
