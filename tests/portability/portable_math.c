/* All 2^32 arguments of each portable function: the device's results, of scalars and of vectors,
 * against the host's. The digests of the results that it prints are the same on any machine.
 *
 *     portable_math [FUNCTION]...   the functions' names, all of them by default
 *
 * Prints a line a function; exits 0, 1, or 77 when CLGAN_DEVICE names no device. CMake compiles
 * this file for this machine's processor, whose vectors the host's results are computed with; those
 * of the library, which any processor runs, are compared at fewer arguments
 * (tests/base/test_portable_math.c). */
#include "base/hash.h"
#include "base/memory.h"
#include "base/portable_math.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "ops/portable_math.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 1 << 24, DIGEST = 33 };

#define DEFINE(constant, function)                                               \
    static void function##_of_block(float *y, const uint32_t *x, uint32_t first) \
    {                                                                            \
        for (size_t i = 0; i < BLOCK; i++)                                       \
            y[i] = portable_##function(portable_float(x[i] + first));            \
    }
CG_PORTABLE_UNARY(DEFINE)

#define ENTRY(constant, function) [CG_PORTABLE_##constant] = {#function, function##_of_block},
static struct {
    const char *name;
    void (*values)(float *y, const uint32_t *x, uint32_t first);
} functions[] = {CG_PORTABLE_UNARY(ENTRY)};

typedef struct all {
    cg_runtime *rt;
    uint32_t *x; /* 0, 1, 2, ... */
    float *host, *device;
    cg_buffer *x_buffer, *y_buffer;
} all;

static cg_status create_all(all *a)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&a->x, BLOCK, sizeof *a->x));
    CG_TRY(cg_memory_create(&a->host, BLOCK, sizeof *a->host));
    CG_TRY(cg_memory_create(&a->device, BLOCK, sizeof *a->device));
    for (uint32_t i = 0; i < BLOCK; i++)
        a->x[i] = i;
    CG_TRY(cg_buffer_create(&a->x_buffer, a->rt, BLOCK * sizeof *a->x));
    CG_TRY(cg_buffer_create(&a->y_buffer, a->rt, BLOCK * sizeof *a->device));
    CG_TRY(cg_buffer_upload(a->x_buffer, 0, a->x, BLOCK * sizeof *a->x));
done:
    return status;
}

static void release_all(all *a)
{
    cg_buffer_release(a->y_buffer);
    cg_buffer_release(a->x_buffer);
    free(a->device);
    free(a->host);
    free(a->x);
    cg_runtime_release(a->rt);
}

/* Prints the first argument of the block at which the device is wrong. */
static bool block_is_equal(const all *a, int f, uint32_t first, bool vectors)
{
    if (memcmp(a->host, a->device, BLOCK * sizeof *a->host) == 0)
        return true;
    size_t i = 0;
    while (portable_bits(a->host[i]) == portable_bits(a->device[i]))
        i++;
    printf("%s%s(%08" PRIx32 ") is %08" PRIx32 " on the device, %08" PRIx32 " on the host\n",
           vectors ? "v" : "", functions[f].name, first + (uint32_t)i, portable_bits(a->device[i]),
           portable_bits(a->host[i]));
    return false;
}

/* *equal: the device's results are the host's. digest = that of the digests of all blocks. */
static cg_status run_function(bool *equal, char digest[DIGEST], all *a, int f)
{
    cg_status status = CG_OK;
    char blocks[2 * DIGEST] = "";

    *equal = true;
    for (uint64_t first = 0; *equal && first < (uint64_t)1 << 32; first += BLOCK) {
        functions[f].values(a->host, a->x, (uint32_t)first);
        cg_xxh3_128_hex(blocks + DIGEST - 1, a->host, BLOCK * sizeof *a->host);
        cg_xxh3_128_hex(digest, blocks, sizeof blocks);
        memcpy(blocks, digest, DIGEST - 1);
        for (int vectors = 0; *equal && vectors < 2; vectors++) {
            CG_TRY(cg_portable_math(a->rt, a->y_buffer, a->x_buffer, NULL, (uint32_t)first, BLOCK,
                                    f, vectors));
            CG_TRY(cg_buffer_download(a->y_buffer, 0, a->device, BLOCK * sizeof *a->device));
            *equal = block_is_equal(a, f, (uint32_t)first, vectors);
        }
    }
done:
    return status;
}

static bool is_asked_for(const char *name, int argc, char **argv)
{
    bool asked = argc < 2;
    for (int i = 1; i < argc; i++)
        asked = asked || strcmp(argv[i], name) == 0;
    return asked;
}

int main(int argc, char **argv)
{
    all a = {0};
    bool ok = true;
    if (cg_runtime_create_selected(&a.rt, getenv("CLGAN_DEVICE")) != CG_OK)
        return 77;
    ok = create_all(&a) == CG_OK;
    for (int f = 0; ok && f < (int)CG_COUNT(functions); f++) {
        char digest[DIGEST] = "";
        bool equal;
        if (!is_asked_for(functions[f].name, argc, argv))
            continue;
        ok = run_function(&equal, digest, &a, f) == CG_OK && equal;
        printf("%-6s %s%s\n", functions[f].name, digest, ok ? "" : " FAILED");
        fflush(stdout);
    }
    release_all(&a);
    return !ok;
}
