/* The program cache: bytes kept in files under a key text. It does not depend on OpenCL.
 *
 * No failure is an error: a file that cannot be read, does not fit or is damaged is a miss, and one
 * that cannot be written is not kept. Any number of processes may use one folder.
 */
#ifndef CLGAN_OCL_CACHE_H
#define CLGAN_OCL_CACHE_H

#include <clgan/cache.h>
#include <stdbool.h>
#include <stddef.h>

/* Keys of verdicts (ocl/verdict.h) begin with it; others are of programs. */
#define CG_CACHE_VERDICT "verdict"

typedef struct cg_cache {
    char *folder; /* NULL: no cache, every get misses and puts do nothing */
    uint64_t limit_bytes;
} cg_cache;

/* The cache that the environment names (clgan/cache.h); touches no file. CG_ERR_MEMORY. */
cg_status cg_cache_init(cg_cache *cache);

/* {0} is fine. */
void cg_cache_deinit(cg_cache *cache);

/* *data = the `*size` bytes last put under the key, for free(), and the entry counts as used now.
 * False, with NULL and 0, when there are none. */
bool cg_cache_get(const cg_cache *cache, const char *key, void **data, size_t *size);

/* Keeps the bytes under the key in place of what was there, then removes the least recently used
 * entries while all together exceed the limit. */
void cg_cache_put(const cg_cache *cache, const char *key, const void *data, size_t size);

/* Removes what is under the key, if anything. */
void cg_cache_remove(const cg_cache *cache, const char *key);

#endif
