/* Kernels' texts.
 *
 * They come from the build (kernel_text.h), or from the folder CLGAN_KERNEL_DIR for work on
 * kernels. `#include "x.clh"` is replaced by that file's text here, because drivers have no folder
 * to look it up in. A header of the name x.h is host code, too: from a folder it is taken only if
 * it is the one that the host was built with.
 */
#include "ocl/kernel_source.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/kernel_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 1 << 20 };

static cg_status read_text_file(char **text, const char *folder, const char *name)
{
    cg_status status = CG_OK;
    char *path = NULL;
    void *bytes = NULL;
    size_t size;
    CG_TRY(cg_path_join(&path, folder, name));
    CG_TRY(cg_file_read(&bytes, &size, path, MAX_TEXT));
    *text = bytes;
done:
    if (status != CG_OK)
        cg_log(CG_LOG_INFO, "CLGAN_KERNEL_DIR is %s: kernels come from there", folder);
    free(path);
    return status;
}

static const char *embedded_text(const char *name)
{
    for (const cg_kernel_text *t = cg_kernel_texts; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return t->text;
    return NULL;
}

/* CG_ERR_INPUT when a folder's header that host code shares is another one than the host's. */
static cg_status check_shared(const char *text, const char *folder, const char *name)
{
    const char *own = embedded_text(name), *suffix = strrchr(name, '.');
    if (!own || !suffix || strcmp(suffix, ".h") != 0 || strcmp(text, own) == 0)
        return CG_OK;
    return cg_fail(CG_ERR_INPUT,
                   "CLGAN_KERNEL_DIR: %s/%s is not the one that this program was built with; build "
                   "it again",
                   folder, name);
}

/* A copy of the file's text, to be given to free(). */
static cg_status load_text(char **text, const char *name)
{
    cg_status status = CG_OK;
    const char *folder = getenv("CLGAN_KERNEL_DIR"), *own = embedded_text(name);
    char *copy = NULL;

    *text = NULL;
    if (folder && *folder) {
        CG_TRY(read_text_file(&copy, folder, name));
        CG_TRY(check_shared(copy, folder, name));
    } else if (own) {
        CG_TRY(cg_memory_create(&copy, strlen(own) + 1, 1));
        strcpy(copy, own);
    } else {
        return cg_fail(CG_ERR_CL, "there is no kernel file %s", name);
    }
    *text = copy;
    copy = NULL;
done:
    free(copy);
    return status;
}

/* Replaces the first `#include "x"` line; *found = there is one. CG_ERR_CL, also for a text that
 * grows without an end, as by a file that includes itself; CG_ERR_MEMORY. */
static cg_status expand_include(char **text, bool *found)
{
    cg_status status = CG_OK;
    static const char mark[] = "#include \"";
    char *included = NULL, *joined = NULL;
    char name[64];
    char *start = strstr(*text, mark);

    *found = start != NULL;
    if (!start)
        return CG_OK;
    if (sscanf(start + sizeof mark - 1, "%63[^\"]", name) != 1)
        return cg_fail(CG_ERR_CL, "a kernel file has a malformed #include");
    const char *rest = start + sizeof mark - 1 + strlen(name) + 1;
    CG_TRY(load_text(&included, name));
    size_t size = strlen(*text) + strlen(included) + 1;
    CG_TRY(size <= MAX_TEXT ? CG_OK
                            : cg_fail(CG_ERR_CL, "kernel file %s: more than %d bytes are included",
                                      name, MAX_TEXT));
    CG_TRY(cg_memory_create(&joined, size, 1));
    snprintf(joined, size, "%.*s%s%s", (int)(start - *text), *text, included, rest);
    free(*text);
    *text = joined;
done:
    free(included);
    return status;
}

cg_status cg_kernel_source_load(char **text, const char *file)
{
    bool found = true;
    cg_status status = load_text(text, file);
    while (status == CG_OK && found)
        status = expand_include(text, &found);
    return status;
}

cg_status cg_kernel_source_hash_all(char digest[33])
{
    char line[160], of_text[33];
    cg_xxh3_128_hex(digest, "", 0);
    for (const cg_kernel_text *t = cg_kernel_texts; t->name; t++) {
        char *text;
        cg_status status = load_text(&text, t->name);
        if (status != CG_OK)
            return status;
        cg_xxh3_128_hex(of_text, text, strlen(text));
        free(text);
        snprintf(line, sizeof line, "%s %s %s", digest, t->name, of_text);
        cg_xxh3_128_hex(digest, line, strlen(line));
    }
    return CG_OK;
}
