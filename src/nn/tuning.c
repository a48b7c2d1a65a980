/* The file of stored choices. */
#include "nn/tuning.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "ocl/kernel_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1, MAX_BYTES = 1 << 20 };

cg_status cg_tuning_path(char **path)
{
    const char *own = getenv("CLGAN_TUNING"), *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = cg_platform_home();
    *path = NULL;
    if (own)
        return *own ? cg_memory_copy_text(path, own) : CG_OK;
    if (xdg && cg_platform_is_absolute(xdg)) /* the XDG specification ignores relative ones */
        return cg_path_join(path, xdg, "clgan/tuning.json");
    return home && *home ? cg_path_join(path, home, ".config/clgan/tuning.json") : CG_OK;
}

/* ---- algorithms as JSON ---------------------------------------------------------------------- */

void cg_algorithms_add_json(cg_json *json, cJSON *parent, const char *text)
{
    char copy[CG_CHOICE_TEXT], *state = NULL;
    cJSON *object = cg_json_add_object(json, parent, "algorithms");
    snprintf(copy, sizeof copy, "%s", text);
    for (char *item = strtok_r(copy, " ", &state); item; item = strtok_r(NULL, " ", &state)) {
        char *equals = strchr(item, '=');
        if (equals) {
            *equals = '\0';
            cg_json_add_text(json, object, item, equals + 1);
        }
    }
}

bool cg_algorithms_read_json(char text[CG_CHOICE_TEXT], const cJSON *json)
{
    size_t used = 0;
    const cJSON *item;
    text[0] = '\0';
    cJSON_ArrayForEach (item, json) {
        if (!cJSON_IsString(item) || !item->string)
            return false;
        int n = snprintf(text + used, CG_CHOICE_TEXT - used, "%s%s=%s", used ? " " : "",
                         item->string, item->valuestring);
        if (n < 0 || (size_t)n >= CG_CHOICE_TEXT - used)
            return false;
        used += (size_t)n;
    }
    return cJSON_IsObject(json);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* The key of an entry, in the order of its fields. */
typedef struct key {
    const char *name, *value;
} key;

enum { KEYS = 4 };

static cg_status make_key(key keys[KEYS], char source[33], const cg_runtime *rt)
{
    keys[0] = (key){"device", rt->info.name};
    keys[1] = (key){"platform", rt->info.platform};
    keys[2] = (key){"driver", rt->info.driver};
    keys[3] = (key){"source", source};
    return cg_kernel_source_hash_all(source);
}

/* *json = the content of a file. CG_ERR_INPUT when it is no tuning, which the caller says;
 * CG_ERR_MEMORY. */
static cg_status parse_file(cJSON **json, const void *text, size_t size)
{
    cg_status status = cg_json_parse(json, text, size, CG_JSON_MEMORY);
    if (status != CG_OK)
        return status;
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(*json, "format");
    if (cJSON_IsNumber(format) && format->valueint == FORMAT &&
        cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(*json, "entries")))
        return CG_OK;
    cJSON_Delete(*json);
    *json = NULL;
    return CG_ERR_INPUT;
}

static bool is_for(const cJSON *entry, const key keys[KEYS])
{
    for (size_t i = 0; i < KEYS; i++) {
        const char *value =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, keys[i].name));
        if (!value || strcmp(value, keys[i].value) != 0)
            return false;
    }
    return true;
}

static cJSON *find_entry(const cJSON *json, const key keys[KEYS])
{
    cJSON *entry;
    cJSON_ArrayForEach (entry, cJSON_GetObjectItemCaseSensitive(json, "entries"))
        if (is_for(entry, keys))
            return entry;
    return NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void warn_of_file(const char *path, const char *what)
{
    cg_log(CG_LOG_WARNING, "%s: %s; taking the shipped defaults", path, what);
}

/* True where the entry's algorithms serve; warns where they do not. */
static bool take_entry(char text[CG_CHOICE_TEXT], cg_runtime *rt, const cJSON *entry,
                       const char *path)
{
    if (!entry)
        return false;
    bool serves =
        cg_algorithms_read_json(text, cJSON_GetObjectItemCaseSensitive(entry, "algorithms")) &&
        cg_choice_is_usable(rt, text);
    if (!serves)
        warn_of_file(path, "the device's entry names algorithms that do not serve there");
    return serves;
}

static cg_status find_in(bool *found, char text[CG_CHOICE_TEXT], cg_runtime *rt, const char *path)
{
    key keys[KEYS];
    char source[33];
    cJSON *json = NULL;
    size_t size;
    void *file = cg_file_try(path, &size, MAX_BYTES);
    cg_status status = file ? parse_file(&json, file, size) : CG_ERR_READ;
    free(file);
    *found = false;
    if (status == CG_ERR_INPUT || status == CG_ERR_READ) {
        warn_of_file(path, status == CG_ERR_INPUT ? "this is not what clgan tune writes"
                                                  : "it cannot be read");
        return CG_OK;
    }
    CG_TRY(status);
    CG_TRY(make_key(keys, source, rt));
    *found = take_entry(text, rt, find_entry(json, keys), path);
done:
    cJSON_Delete(json);
    return status;
}

cg_status cg_tuning_find(bool *found, char text[CG_CHOICE_TEXT], cg_runtime *rt)
{
    char *path = NULL;
    cg_status status = CG_OK;
    *found = false;
    CG_TRY(cg_tuning_path(&path));
    if (path && !cg_file_is_absent(path))
        CG_TRY(find_in(found, text, rt, path));
    if (*found)
        cg_log(CG_LOG_INFO, "%s: algorithms as tuned, from %s", rt->info.id, path);
    else
        text[0] = '\0';
done:
    free(path);
    return status;
}

cg_status cg_tuning_join(char text[CG_TUNING_TEXT], const char **from, cg_runtime *rt,
                         const char *recorded, const char *options, bool strict)
{
    char stored[CG_CHOICE_TEXT] = "";
    bool tuned = false;
    cg_status status = recorded || strict ? CG_OK : cg_tuning_find(&tuned, stored, rt);
    if (status != CG_OK)
        return status;
    *from = recorded ? "run" : tuned ? "tuning" : "defaults";
    if (options)
        *from = "options";
    int n = snprintf(text, CG_TUNING_TEXT, "%s %s", recorded ? recorded : stored,
                     options ? options : "");
    return n < CG_TUNING_TEXT ? CG_OK : cg_fail(CG_ERR_ARGUMENT, "--algorithm is too long");
}

/* ---- writing --------------------------------------------------------------------------------- */

static cg_status make_folder(const char *path)
{
    cg_status status = CG_OK;
    char *folder = NULL;
    CG_TRY(cg_path_folder(&folder, path));
    if (strlen(folder) > 1)
        status = cg_dir_create(folder);
done:
    free(folder);
    return status;
}

/* *json = the file's content, or that of an empty one where there is no file. */
static cg_status open_file(cg_json *json, const char *path)
{
    bool there;
    void *text = NULL;
    size_t size;
    cg_status status = CG_OK;
    *json = (cg_json){0};
    CG_TRY(cg_file_find(&there, path));
    if (!there) {
        cg_json_init(json);
        cg_json_add_number(json, json->root, "format", FORMAT);
        cg_json_add_array(json, json->root, "entries");
        return json->status;
    }
    CG_TRY(cg_file_read(&text, &size, path, MAX_BYTES));
    status = parse_file(&json->root, text, size);
    if (status == CG_ERR_INPUT)
        cg_fail(CG_ERR_INPUT,
                "%s is not what clgan tune writes, and stays as it is: remove it, or name another "
                "file by CLGAN_TUNING",
                path);
done:
    free(text);
    return status;
}

cg_status cg_tuning_probe(const char *path)
{
    cg_status status = CG_OK;
    cg_json json = {0};
    CG_TRY(make_folder(path));
    CG_TRY(open_file(&json, path));
    CG_TRY(cg_file_probe(path));
done:
    cg_json_deinit(&json);
    return status;
}

static void add_entry(cg_json *json, cJSON *entries, const key keys[KEYS], const cg_tuning *tuning)
{
    cJSON *entry = cg_json_add_object(json, entries, NULL);
    for (size_t i = 0; i < KEYS; i++)
        cg_json_add_text(json, entry, keys[i].name, keys[i].value);
    cg_json_add_text(json, entry, "clgan", CLGAN_VERSION);
    cg_json_add_number(json, entry, "batch", (double)tuning->batch);
    cg_json_add_number(json, entry, "step_seconds", tuning->step_seconds);
    cg_json_add_number(json, entry, "default_step_seconds", tuning->default_seconds);
    cg_algorithms_add_json(json, entry, tuning->algorithms);
}

cg_status cg_tuning_store(const char *path, const cg_runtime *rt, const cg_tuning *tuning)
{
    cg_status status = CG_OK;
    key keys[KEYS];
    char source[33], *text = NULL;
    cg_json json = {0};
    cJSON *before;

    CG_TRY(make_key(keys, source, rt));
    CG_TRY(make_folder(path));
    CG_TRY(open_file(&json, path));
    cJSON *entries = cJSON_GetObjectItemCaseSensitive(json.root, "entries");
    while ((before = find_entry(json.root, keys)))
        cJSON_Delete(cJSON_DetachItemViaPointer(entries, before));
    add_entry(&json, entries, keys, tuning);
    CG_TRY(cg_json_print(&text, &json, CG_JSON_INDENTED));
    CG_TRY(cg_file_write(path, text, strlen(text)));
done:
    free(text);
    cg_json_deinit(&json);
    return status;
}
