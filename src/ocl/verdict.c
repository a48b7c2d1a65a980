/* Verdicts in the program cache. */
#include "ocl/verdict.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "ocl/cl_types.h"
#include "ocl/device.h"
#include "ocl/kernel_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1, PAYLOAD = 17, /* 16 digits and a line's end */ DIGEST = 33 };

enum { MAX_MODULE = 1 << 28 /* bytes of the library or program */ };

/* digest = of the file that this code was loaded from: launches are sized by it. "" where the
 * system does not tell. False for a file that cannot be read, as one that may only be run. */
static bool hash_module(char digest[DIGEST])
{
    char *path = cg_platform_module();
    size_t size = 0;
    void *bytes = path ? cg_file_try(path, &size, MAX_MODULE) : NULL;
    bool known = bytes || !path;
    digest[0] = '\0';
    if (bytes)
        cg_xxh3_128_hex(digest, bytes, size);
    free(bytes);
    free(path);
    return known;
}

cg_status cg_verdict_init(cg_verdict *verdict, const cg_runtime *rt, const char *subject)
{
    cg_status status = CG_OK;
    const cg_device_info *d = &rt->info;
    char sources[DIGEST], module[DIGEST];
    cg_text key = {0};
    *verdict = (cg_verdict){.rt = rt};
    CG_TRY(cg_kernel_source_hash_all(sources));
    if (!hash_module(module))
        goto done;
    cg_text_printf(&key, CG_CACHE_VERDICT " %d\nclgan %s %s\nsources %s\n", FORMAT, CLGAN_VERSION,
                   module, sources);
    cg_device_add_key(&key, d);
    cg_text_printf(&key, "units %zu\ngroups %zu\nlocal memory %zu\nspread %zu\n", d->compute_units,
                   d->max_work_group, d->local_mem_bytes, rt->quirks.spread);
    cg_text_printf(&key, "about %s\n", subject);
    CG_TRY(key.status);
    verdict->key = key.data;
    key = (cg_text){0};
done:
    cg_text_deinit(&key);
    return status;
}

void cg_verdict_deinit(cg_verdict *verdict)
{
    free(verdict->key);
    *verdict = (cg_verdict){0};
}

/* True for the payload that is this number. */
static bool parse(uint64_t *number, const char *data, size_t size)
{
    char text[PAYLOAD + 1] = "", again[PAYLOAD + 1];
    if (size != PAYLOAD)
        return false;
    memcpy(text, data, size);
    if (sscanf(text, "%16" SCNx64, number) != 1)
        return false;
    snprintf(again, sizeof again, "%016" PRIx64 "\n", *number);
    return strcmp(text, again) == 0;
}

uint64_t cg_verdict_read(const cg_verdict *verdict)
{
    void *data = NULL;
    size_t size = 0;
    uint64_t number = 0;
    bool found = verdict->key &&
                 cg_cache_get(&verdict->rt->cl->cache, verdict->key, &data, &size) &&
                 parse(&number, data, size);
    free(data);
    return found ? number : 0;
}

void cg_verdict_keep(const cg_verdict *verdict, uint64_t number)
{
    char payload[PAYLOAD + 1];
    snprintf(payload, sizeof payload, "%016" PRIx64 "\n", number);
    if (verdict->key)
        cg_cache_put(&verdict->rt->cl->cache, verdict->key, payload, PAYLOAD);
}

void cg_verdict_forget(const cg_verdict *verdict)
{
    if (verdict->key)
        cg_cache_remove(&verdict->rt->cl->cache, verdict->key);
}
