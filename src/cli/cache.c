/* clgan cache: what the program cache holds, and how to empty it. */
#include "cli/cli.h"

#include <clgan/cache.h>
#include <clgan/log.h>
#include <clgan/terminal.h>
#include <stdio.h>
#include <string.h>

/* False when there is no memory for a member. */
static bool add_info(cJSON *json, const cg_cache_info *info)
{
    return (info->folder[0] ? cJSON_AddStringToObject(json, "folder", info->folder)
                            : cJSON_AddNullToObject(json, "folder")) &&
           cJSON_AddNumberToObject(json, "files", (double)info->files) &&
           cJSON_AddNumberToObject(json, "bytes", (double)info->bytes) &&
           cJSON_AddNumberToObject(json, "limit_bytes", (double)info->limit_bytes);
}

static cg_status print_json(const cg_cache_info *info)
{
    cJSON *json = cJSON_CreateObject();
    bool added = add_info(json, info);
    cg_status status = cg_print_json(added ? json : NULL);
    cJSON_Delete(json);
    return status;
}

enum { COUNTS = 96 };

/* Prints what the files are into text, and returns it. */
static const char *count_files(char text[COUNTS], const cg_cache_info *info)
{
    const size_t programs = info->files - info->verdicts;
    int used = snprintf(text, COUNTS, "%zu program%s", programs, programs == 1 ? "" : "s");
    if (info->verdicts)
        snprintf(text + used, COUNTS - (size_t)used, " and %zu passed self-test%s", info->verdicts,
                 info->verdicts == 1 ? "" : "s");
    return text;
}

static cg_status show_info(bool json)
{
    cg_cache_info info;
    char text[COUNTS];
    cg_status status = cg_cache_get_info(&info);
    if (status != CG_OK)
        return status;
    if (json)
        return print_json(&info);
    if (info.folder[0])
        printf("%s: %s, %.1f of at most %.0f MiB\n", info.folder, count_files(text, &info),
               (double)info.bytes / (1 << 20), (double)info.limit_bytes / (1 << 20));
    else
        puts("no cache: CLGAN_CACHE_DIR turns it off, or neither it nor HOME is set");
    return CG_OK;
}

static cg_status clear_cache(bool json)
{
    size_t removed = 0;
    cg_cache_info info;
    char text[COUNTS];
    if (json)
        return cg_fail(CG_ERR_ARGUMENT, "--json goes with cache info");
    cg_status status = cg_cache_get_info(&info);
    if (status != CG_OK)
        return status;
    status = cg_cache_clear(&removed);
    if (removed == info.files)
        printf("%s removed\n", count_files(text, &info));
    else
        printf("%zu of %zu files removed\n", removed, info.files);
    return status;
}

static cg_status refuse_word(const char *word)
{
    static const char *const words[] = {"info", "clear"};
    char hint[CG_HINT];
    if (!*word)
        return cg_fail(CG_ERR_ARGUMENT, "cache needs info or clear");
    return cg_fail(CG_ERR_ARGUMENT, "cache needs info or clear, not '%s'%s", word,
                   cg_did_you_mean(hint, "", word, words, 2));
}

static int run_cache(const cg_command *command, int argc, char **argv)
{
    bool json = false, helped;
    cg_operands words = {0};
    const cg_option options[] = {
        {"info|clear", CG_OPTION_OPERANDS, &words, NULL, 0, 1, NULL,
         "tell what it holds; empty it"},
        {"json", CG_OPTION_FLAG, &json, NULL, 0, 0, NULL, "print the info as JSON"},
    };
    cg_status status = cg_options_parse(command, options, 2, argc, argv, &helped);
    if (status == CG_OK && !helped) {
        const char *word = words.count ? words.items[0] : "";
        if (strcmp(word, "info") == 0)
            status = show_info(json);
        else if (strcmp(word, "clear") == 0)
            status = clear_cache(json);
        else
            status = refuse_word(word);
    }
    return cg_exit_status(status);
}

const cg_command cg_command_cache = {
    .name = "cache",
    .summary = "compiled kernels and passed self-tests, kept from one start to the next",
    .synopsis = "info [--json] | clear",
    .example = "clgan cache info",
    .run = run_cache,
};
