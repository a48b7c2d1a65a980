/* Checked sizes and memory. */
#include "base/memory.h"

#include "base/platform.h"

#include <clgan/log.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

cg_status cg_size_product(size_t *product, const size_t *sizes, size_t count)
{
    size_t p = 1;
    for (size_t i = 0; i < count; i++) {
        if (__builtin_mul_overflow(p, sizes[i], &p)) {
            *product = 0;
            return CG_ERR_SHAPE;
        }
    }
    *product = p;
    return CG_OK;
}

cg_status cg_memory_create(void *memory, size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    memcpy(memory, &block, sizeof block);
    if (!block)
        return cg_fail(CG_ERR_MEMORY, "out of memory (%zu x %zu bytes)", count, size);
    return CG_OK;
}

cg_status cg_memory_grow(void *items, size_t count, size_t size)
{
    void *block;
    size_t bytes;
    const bool is_full = (count & (count - 1)) == 0; /* a power of two, or nothing */
    if (!is_full)
        return CG_OK;
    memcpy(&block, items, sizeof block);
    if (__builtin_mul_overflow(count ? 2 * count : 1, size, &bytes) ||
        !(block = realloc(block, bytes)))
        return cg_fail(CG_ERR_MEMORY, "out of memory for a list of %zu", count + 1);
    memcpy(items, &block, sizeof block);
    return CG_OK;
}

cg_status cg_memory_copy_text(char **copy, const char *text)
{
    *copy = strdup(text);
    return *copy ? CG_OK : cg_fail(CG_ERR_MEMORY, "out of memory");
}

bool cg_memory_is_finite(const float *numbers, size_t count)
{
    bool finite = true;
    for (size_t i = 0; i < count; i++)
        finite &= isfinite(numbers[i]) != 0;
    return finite;
}

size_t cg_memory_resident_peak(void)
{
    return cg_platform_resident_peak();
}
