/* Allocations of cJSON that fail: for tests of what becomes of JSON when memory runs out. */
#ifndef CLGAN_TESTS_FAILING_MEMORY_H
#define CLGAN_TESTS_FAILING_MEMORY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>

static size_t json_allocations, json_allocation_that_fails;

static inline void *allocate_or_fail(size_t size)
{
    return json_allocations++ == json_allocation_that_fails ? NULL : malloc(size);
}

/* Lets cJSON's allocation number `index` fail, counted from 0 and from here. */
static inline void fail_json_allocation(size_t index)
{
    cJSON_Hooks hooks = {.malloc_fn = allocate_or_fail, .free_fn = free};
    json_allocations = 0;
    json_allocation_that_fails = index;
    cJSON_InitHooks(&hooks);
}

/* Gives cJSON its own allocator back. True when the allocation was asked for, and so failed. */
static inline bool json_allocation_failed(void)
{
    cJSON_InitHooks(NULL);
    return json_allocations > json_allocation_that_fails;
}

#endif
