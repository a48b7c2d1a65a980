/* Checksums of device memory. */
#include "ops/checksum.h"

#include "base/memory.h"
#include "cl/shared.h"
#include "ocl/launch.h"

#include <assert.h>
#include <string.h>

cg_status cg_checksum_add(cg_runtime *rt, cg_buffer *sums, size_t slot, const cg_buffer *buffer,
                          size_t offset, size_t bytes)
{
    const size_t count = bytes / sizeof(uint32_t);
    const size_t least = rt->vec > 1 ? CG_CHECKSUM_EACH : 1;
    size_t items = cg_ceil_div(count, least);
    assert(offset % sizeof(uint32_t) == 0 && bytes % sizeof(uint32_t) == 0);
    if (rt->vec == 1 && items > CG_CHECKSUM_ITEMS)
        items = CG_CHECKSUM_ITEMS;
    const cg_launch launch = {.file = "step.cl",
                              .kernel = "checksum_add",
                              .global = {items},
                              .local = {rt->vec > 1 ? 1 : 0}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(sums), cg_arg_buffer(buffer), cg_arg_int(slot),
                     cg_arg_int(offset / sizeof(uint32_t)), cg_arg_int(count), cg_arg_int(least),
                     cg_arg_int(items));
}

uint32_t cg_checksum_of(const void *data, size_t bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes / sizeof sum; i++) {
        uint32_t word;
        memcpy(&word, (const unsigned char *)data + i * sizeof word, sizeof word);
        sum += cg_checksum_term(word, (uint32_t)i);
    }
    return sum;
}
