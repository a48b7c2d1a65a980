/* The table of quirks: a part of the device's or the platform's name, and the quirks of such
 * devices. */
#include "ocl/quirks.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SPREAD = 16 }; /* for a scheduler that takes half of the groups: 8 and 32 are as good */

static const struct {
    const char *name;
    int last; /* the driver's major version, 0: any */
    cg_quirks quirks;
} table[] = {
    /* Leaves a work-item's loops when they have taken 65535 iterations together, and goes on with
     * what it has: Mesa's LP_MAX_TGSI_LOOP_ITERATIONS. Ends the program at a hint to the cache:
     * LLVM's instruction for it has no translation to SPIR-V. */
    {.name = "llvmpipe", .quirks = {.short_loops = true, .no_prefetch = true}},
    /* Makes no kernel that has a hint to the cache. */
    {.name = "Oclgrind", .quirks = {.no_prefetch = true}},
    /* Compiles a kernel when it knows the local size and keeps that in a cache of its own. Compiles
     * every kernel once more, for any local size, when it is asked for a program's binary, which
     * takes longer than the cold start itself. */
    {.name = "Portable Computing Language", .quirks = {.own_cache = true}},
    /* Gives each of two threads half of the remaining groups at once, up to 64 of them. Later
     * versions schedule by the time that groups take, which idle groups would falsify. */
    {.name = "Portable Computing Language", .last = 3, .quirks = {.spread = SPREAD}},
};

static bool quirk_applies(size_t line, const cg_device_info *info)
{
    return (strstr(info->name, table[line].name) || strstr(info->platform, table[line].name)) &&
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
        found.own_cache |= line->own_cache;
        if (line->spread)
            found.spread = line->spread;
    }
    return found;
}
