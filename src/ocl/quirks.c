/* The table of quirks: a part of the device's or the platform's name, and the quirks of such
 * devices. PoCL's CL_DEVICE_VERSION has the system that it compiles for, and ends with the
 * processor. */
#include "ocl/quirks.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SPREAD = 16,   /* for a scheduler that takes half of the groups: 8 and 32 are as good */
    TEST_BATCH = 8 /* of simulators */
};

static const struct {
    const char *name;
    const char *system, *processor; /* NULL: any */
    int last;                       /* the driver's major version, 0: any */
    cg_quirks quirks;
} table[] = {
    /* Leaves a work-item's loops when they have taken 65535 iterations together, and goes on with
     * what it has: Mesa's LP_MAX_TGSI_LOOP_ITERATIONS. Ends the program at a hint to the cache:
     * LLVM's instruction for it has no translation to SPIR-V. */
    {.name = "llvmpipe",
     .quirks = {.short_loops = true, .no_prefetch = true, .test_batch = TEST_BATCH}},
    /* Makes no kernel that has a hint to the cache. */
    {.name = "Oclgrind", .quirks = {.no_prefetch = true, .test_batch = TEST_BATCH}},
    /* Compiles a kernel when it knows the local size and keeps that in a cache of its own. Compiles
     * every kernel once more, for any local size, when it is asked for a program's binary, which
     * takes longer than the cold start itself. */
    {.name = "Portable Computing Language", .quirks = {.own_cache = true}},
    /* Gives each of two threads half of the remaining groups at once, up to 64 of them. Later
     * versions schedule by the time that groups take, which idle groups would falsify. */
    {.name = "Portable Computing Language", .last = 3, .quirks = {.spread = SPREAD}},
    /* PoCL 1.8, Ubuntu 22.04's, on processors that are younger than its LLVM 11, AMD's Zen 3 among
     * them: LLVM calls them generic, and clang takes no such name (PoCL's issue 1049). */
    {.name = "Portable Computing Language",
     .system = "x86_64",
     .processor = "-generic",
     .quirks = {.unusable = "its compiler is older than this processor and builds nothing for it; "
                            "a newer PoCL does, and so does Intel's runtime for CPUs"}},
    /* PoCL 3.0, PyPI's, takes Zen 4 for Zen 3, which has no AVX-512, and yet has the lanes of that:
     * LLVM 14 ends the process at their min(). */
    {.name = "Portable Computing Language", .processor = "-znver3", .quirks = {.no_lanes16 = true}},
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool quirk_applies(size_t line, const cg_device_info *info)
{
    return (strstr(info->name, table[line].name) || strstr(info->platform, table[line].name)) &&
           (!table[line].system || strstr(info->version, table[line].system)) &&
           (!table[line].processor || ends_with(info->version, table[line].processor)) &&
           (!table[line].last || atoi(info->driver) <= table[line].last);
}

cg_quirks cg_quirks_find(const cg_device_info *info)
{
    cg_quirks found = {.spread = 1};
    for (size_t i = 0; i < CG_COUNT(table); i++) {
        const cg_quirks *line = &table[i].quirks;
        if (!quirk_applies(i, info))
            continue;
        found.short_loops |= line->short_loops;
        found.no_prefetch |= line->no_prefetch;
        found.no_lanes16 |= line->no_lanes16;
        found.own_cache |= line->own_cache;
        if (line->spread)
            found.spread = line->spread;
        if (line->test_batch)
            found.test_batch = line->test_batch;
        if (line->unusable)
            found.unusable = line->unusable;
    }
    return found;
}
