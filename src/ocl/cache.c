/* A file for each key, named by the key's hash; docs/file-formats.md has its layout. The digest at
 * its end is over all before it, so a file torn by a crash is a miss like any damaged one, and
 * nothing has to be synced. */
#include "ocl/cache.h"

#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGEST = 32, DEFAULT_LIMIT_MIB = 256 };

enum { MAGIC = 8, SIZE = 8, HEADER = MAGIC + 2 * SIZE };

static const char magic[MAGIC + 1] = "clgan-p1", suffix[] = ".program";

/* out = the header of a file: the magic without the end of its text, the two sizes, little-endian.
 * Key, payload and digest follow. */
static void build_header(unsigned char out[HEADER], size_t key_size, size_t payload_size)
{
    memcpy(out, magic, MAGIC);
    cg_endian_store_le64(out + MAGIC, key_size);
    cg_endian_store_le64(out + MAGIC + SIZE, payload_size);
}

/* ---- where ----------------------------------------------------------------------------------- */

static cg_status choose_folder(char **folder)
{
    const char *own = getenv("CLGAN_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = cg_platform_home();
    if (own)
        return *own && strcmp(own, "off") != 0 ? cg_memory_copy_text(folder, own) : CG_OK;
    if (xdg && cg_platform_is_absolute(xdg)) /* the XDG specification ignores relative ones */
        return cg_path_join(folder, xdg, "clgan");
    return home && *home ? cg_path_join(folder, home, ".cache/clgan") : CG_OK;
}

static uint64_t choose_limit(void)
{
    enum { MIB_MAX = 1 << 30 };
    const char *text = getenv("CLGAN_CACHE_LIMIT");
    unsigned long long mib = DEFAULT_LIMIT_MIB;
    if (text && *text) {
        char *end;
        mib = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || *end || mib > MIB_MAX) {
            cg_log(CG_LOG_WARNING, "CLGAN_CACHE_LIMIT must be a number of MiB, not '%s'; taking %d",
                   text, DEFAULT_LIMIT_MIB);
            mib = DEFAULT_LIMIT_MIB;
        }
    }
    return (uint64_t)mib << 20;
}

cg_status cg_cache_init(cg_cache *cache)
{
    *cache = (cg_cache){.limit_bytes = choose_limit()};
    return choose_folder(&cache->folder);
}

void cg_cache_deinit(cg_cache *cache)
{
    free(cache->folder);
    *cache = (cg_cache){0};
}

/* The path of the key's file, for free(); NULL without memory. */
static char *entry_path(const cg_cache *cache, const char *key)
{
    char digest[DIGEST + 1], name[DIGEST + sizeof suffix];
    char *path = NULL;
    cg_xxh3_128_hex(digest, key, strlen(key));
    snprintf(name, sizeof name, "%s%s", digest, suffix);
    return cg_path_join(&path, cache->folder, name) == CG_OK ? path : NULL;
}

/* ---- all files ------------------------------------------------------------------------------- */

typedef struct entry {
    char *path;
    uint64_t bytes;
    int64_t used_ns;
} entry;

typedef struct entries {
    entry *items; /* the least recently used first */
    size_t count;
    uint64_t bytes;
} entries;

/* An entry, or the temporary file of one: a dot before it, ".XXXXXX" behind. */
static bool is_ours(const char *name)
{
    bool temporary = *name == '.';
    const char *digest = name + temporary, *rest = digest + DIGEST;
    if (strspn(digest, "0123456789abcdef") != DIGEST || strncmp(rest, suffix, strlen(suffix)) != 0)
        return false;
    rest += strlen(suffix);
    return temporary ? *rest == '.' && strlen(rest) == 7 : !*rest;
}

static int compare_use(const void *a, const void *b)
{
    int64_t x = ((const entry *)a)->used_ns, y = ((const entry *)b)->used_ns;
    return (x > y) - (x < y);
}

static cg_status add_entry(void *user, const char *folder, const char *name)
{
    entries *list = user;
    cg_status status = CG_OK;
    char *path = NULL;
    cg_file_info info;

    if (!is_ours(name))
        return CG_OK;
    CG_TRY(cg_path_join(&path, folder, name));
    if (!cg_platform_link_info(&info, path) || !info.regular)
        goto done;
    CG_TRY(cg_memory_grow(&list->items, list->count, sizeof *list->items));
    list->items[list->count++] = (entry){path, info.bytes, info.changed_ns};
    list->bytes += info.bytes;
    path = NULL;
done:
    free(path);
    return status;
}

static void deinit_entries(entries *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
}

static cg_status list_entries(entries *list, const cg_cache *cache)
{
    *list = (entries){0};
    cg_status status = cache->folder ? cg_folder_visit(cache->folder, add_entry, list) : CG_OK;
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_use);
    return status;
}

static void remove_oldest(const cg_cache *cache)
{
    entries list;
    if (list_entries(&list, cache) == CG_OK)
        for (size_t i = 0; i < list.count && list.bytes > cache->limit_bytes; i++) {
            list.bytes -= list.items[i].bytes;
            unlink(list.items[i].path);
        }
    deinit_entries(&list);
}

static bool is_verdict(const entry *e)
{
    enum { MOST = 1 << 16 /* bytes; programs are larger, but for damaged ones */ };
    static const char begin[] = CG_CACHE_VERDICT;
    const size_t length = strlen(begin);
    size_t size = 0;
    char *bytes = e->bytes <= MOST ? cg_file_try(e->path, &size, MOST) : NULL;
    bool found = bytes && size >= HEADER + length && memcmp(bytes + HEADER, begin, length) == 0;
    free(bytes);
    return found;
}

cg_status cg_cache_get_info(cg_cache_info *info)
{
    CG_NEED(info);
    cg_cache cache;
    entries list = {0};
    cg_status status = CG_OK;

    *info = (cg_cache_info){0};
    CG_TRY(cg_cache_init(&cache));
    CG_TRY(list_entries(&list, &cache));
    snprintf(info->folder, sizeof info->folder, "%s", cache.folder ? cache.folder : "");
    info->files = list.count;
    for (size_t i = 0; i < list.count; i++)
        info->verdicts += is_verdict(&list.items[i]);
    info->bytes = list.bytes;
    info->limit_bytes = cache.limit_bytes;
done:
    deinit_entries(&list);
    cg_cache_deinit(&cache);
    return status;
}

cg_status cg_cache_clear(size_t *removed)
{
    CG_NEED(removed);
    cg_cache cache;
    entries list = {0};
    cg_status status = CG_OK;

    *removed = 0;
    CG_TRY(cg_cache_init(&cache));
    CG_TRY(list_entries(&list, &cache));
    for (size_t i = 0; i < list.count; i++) {
        if (unlink(list.items[i].path) == 0)
            ++*removed;
        else if (errno != ENOENT) /* else another process was faster */
            status =
                cg_fail(CG_ERR_WRITE, "cannot remove %s: %s", list.items[i].path, strerror(errno));
    }
done:
    deinit_entries(&list);
    cg_cache_deinit(&cache);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* True when the file's parts fill it exactly, nothing in it has changed, and it is the key's. */
static bool is_sound(const unsigned char *bytes, size_t size, const char *key)
{
    char digest[DIGEST + 1];
    unsigned char header[HEADER];
    size_t key_size = strlen(key), around = HEADER + key_size + DIGEST;
    if (size < around)
        return false;
    build_header(header, key_size, size - around);
    if (memcmp(bytes, header, HEADER) != 0 || memcmp(bytes + HEADER, key, key_size) != 0)
        return false;
    cg_xxh3_128_hex(digest, bytes, size - DIGEST);
    return memcmp(digest, bytes + size - DIGEST, DIGEST) == 0;
}

bool cg_cache_get(const cg_cache *cache, const char *key, void **data, size_t *size)
{
    char *path = cache->folder ? entry_path(cache, key) : NULL;
    size_t length = 0, start = HEADER + strlen(key);
    unsigned char *bytes = path ? cg_file_try(path, &length, cache->limit_bytes) : NULL;
    bool hit = bytes && is_sound(bytes, length, key);

    *data = NULL;
    *size = 0;
    if (hit) {
        cg_platform_touch(path);
        *size = length - start - DIGEST;
        memmove(bytes, bytes + start, *size);
        *data = bytes;
        bytes = NULL;
    } else if (bytes) {
        cg_log(CG_LOG_DEBUG, "program cache: %s is damaged or another program's", path);
    }
    free(bytes);
    free(path);
    return hit;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The file's bytes, for free(); NULL without memory. */
static unsigned char *build_entry(const char *key, const void *data, size_t size, size_t *total)
{
    char digest[DIGEST + 1];
    size_t start = HEADER + strlen(key);
    unsigned char *bytes = malloc(start + size + DIGEST);
    if (!bytes)
        return NULL;
    build_header(bytes, strlen(key), size);
    memcpy(bytes + HEADER, key, strlen(key));
    memcpy(bytes + start, data, size);
    cg_xxh3_128_hex(digest, bytes, start + size);
    memcpy(bytes + start + size, digest, DIGEST);
    *total = start + size + DIGEST;
    return bytes;
}

/* Writes a file beside it and renames that, so that no process ever reads a part. errno has the
 * reason of a failure. */
static bool replace_file(const cg_cache *cache, const char *path, const void *bytes, size_t size)
{
    size_t folder = strlen(path) - DIGEST - strlen(suffix), length = strlen(path) + 9;
    char *temp = malloc(length);
    if (!temp || !cg_dir_make(cache->folder)) {
        free(temp);
        return false;
    }
    snprintf(temp, length, "%.*s.%s.XXXXXX", (int)folder, path, path + folder);
    int fd = mkstemp(temp);
    bool written = fd >= 0 && cg_platform_write(fd, bytes, size);
    if (fd >= 0 && close(fd) != 0)
        written = false;
    written = written && cg_platform_replace(temp, path);
    if (fd >= 0 && !written) {
        int error = errno;
        unlink(temp);
        errno = error;
    }
    free(temp);
    return written;
}

void cg_cache_put(const cg_cache *cache, const char *key, const void *data, size_t size)
{
    size_t total = 0;
    char *path = cache->folder ? entry_path(cache, key) : NULL;
    unsigned char *bytes = path ? build_entry(key, data, size, &total) : NULL;
    if (bytes && total <= cache->limit_bytes) {
        if (replace_file(cache, path, bytes, total))
            remove_oldest(cache);
        else
            cg_log(CG_LOG_DEBUG, "program cache: cannot write %s: %s", path, strerror(errno));
    }
    free(bytes);
    free(path);
}

void cg_cache_remove(const cg_cache *cache, const char *key)
{
    char *path = cache->folder ? entry_path(cache, key) : NULL;
    if (path)
        unlink(path);
    free(path);
}
