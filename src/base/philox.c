/* Philox4x32-10. */
#include "base/philox.h"

enum { ROUNDS = 10 };

/* One round's two products, split into high and low words. */
static void mix(uint32_t c[4], const uint32_t key[2])
{
    uint64_t a = UINT64_C(0xD2511F53) * c[0];
    uint64_t b = UINT64_C(0xCD9E8D57) * c[2];
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = (uint32_t)(b >> 32) ^ c1 ^ key[0];
    c[1] = (uint32_t)b;
    c[2] = (uint32_t)(a >> 32) ^ c3 ^ key[1];
    c[3] = (uint32_t)a;
}

void cg_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < ROUNDS; round++) {
        mix(c, k);
        k[0] += UINT32_C(0x9E3779B9); /* Weyl sequences: golden ratio and sqrt(3) - 1 */
        k[1] += UINT32_C(0xBB67AE85);
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}
