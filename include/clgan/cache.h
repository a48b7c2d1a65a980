/* The program cache: a folder with what drivers made of the kernels, so that the next process need
 * not compile them, and with verdicts of self-tests that were passed (clgan/selftest.h). It is
 * $CLGAN_CACHE_DIR, else $XDG_CACHE_HOME/clgan, else $HOME/.cache/clgan; there is none when
 * CLGAN_CACHE_DIR is empty or "off", or when none of the three is set.
 *
 *     cg_cache_info info;
 *     if (cg_cache_get_info(&info) == CG_OK)
 *         printf("%s: %zu files, %.0f MB\n", info.folder, info.files, (double)info.bytes / 1e6);
 *
 * Threads: any thread may call these functions, also while others, or other processes, use the
 * cache.
 */
#ifndef CLGAN_CACHE_H
#define CLGAN_CACHE_H

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_cache_info {
    char folder[4096];    /* "" when there is no cache                                      */
    size_t files;         /* of the cache; others in the folder do not count                */
    size_t verdicts;      /* these of them are verdicts                                     */
    uint64_t bytes;       /* in these files                                                 */
    uint64_t limit_bytes; /* beyond it the least recently used go: CLGAN_CACHE_LIMIT, in MiB */
} cg_cache_info;

/* A folder that is not there yet has no files. CG_ERR_MEMORY. */
CG_API cg_status cg_cache_get_info(cg_cache_info *info);

/* Removes the cache's files and nothing else; *removed counts them. A process that is using the
 * cache compiles again, and tests again, what it misses. CG_ERR_WRITE, logged, when a file cannot
 * be removed. */
CG_API cg_status cg_cache_clear(size_t *removed);

#ifdef __cplusplus
}
#endif
#endif
