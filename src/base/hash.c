/* Digests by libmd and xxHash. */
#include "base/hash.h"

#include <sha2.h>
#include <stdint.h>
#include <xxhash.h>

static void put_hex(char *out, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

void cg_sha256_hex(char out[65], const void *data, size_t size)
{
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, data, size);
    SHA256Final(digest, &context);
    put_hex(out, digest, sizeof digest);
}

void cg_xxh3_128_hex(char out[33], const void *data, size_t size)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
    put_hex(out, canonical.digest, sizeof canonical.digest);
}

uint64_t cg_xxh3_64(const void *data, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, size, seed);
}
