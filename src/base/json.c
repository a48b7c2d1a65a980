/* JSON that is built member by member. */
#include "base/json.h"

#include <assert.h>
#include <clgan/log.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void fail(cg_json *json)
{
    if (json->status == CG_OK)
        json->status = cg_fail(CG_ERR_MEMORY, "out of memory for JSON");
}

void cg_json_init(cg_json *json)
{
    *json = (cg_json){.root = cJSON_CreateObject()};
    if (!json->root)
        fail(json);
}

/* Gives the item, NULL when there was no memory for it, to its parent. */
static cJSON *add_item(cg_json *json, cJSON *parent, const char *name, cJSON *item)
{
    bool added =
        item && parent &&
        (name ? cJSON_AddItemToObject(parent, name, item) : cJSON_AddItemToArray(parent, item));
    if (added)
        return item;
    cJSON_Delete(item);
    fail(json);
    return NULL;
}

void cg_json_add_text(cg_json *json, cJSON *parent, const char *name, const char *value)
{
    assert(value);
    add_item(json, parent, name, cJSON_CreateString(value));
}

void cg_json_add_number(cg_json *json, cJSON *parent, const char *name, double value)
{
    add_item(json, parent, name, cJSON_CreateNumber(value));
}

void cg_json_add_bool(cg_json *json, cJSON *parent, const char *name, bool value)
{
    add_item(json, parent, name, cJSON_CreateBool(value));
}

void cg_json_add_uint64(cg_json *json, cJSON *parent, const char *name, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    add_item(json, parent, name, cJSON_CreateRaw(digits));
}

cJSON *cg_json_add_object(cg_json *json, cJSON *parent, const char *name)
{
    return add_item(json, parent, name, cJSON_CreateObject());
}

cJSON *cg_json_add_array(cg_json *json, cJSON *parent, const char *name)
{
    return add_item(json, parent, name, cJSON_CreateArray());
}

cg_status cg_json_print(char **text, cg_json *json, cg_json_form form)
{
    *text = NULL;
    if (json->status != CG_OK)
        return json->status;
    *text = form == CG_JSON_INDENTED ? cJSON_Print(json->root) : cJSON_PrintUnformatted(json->root);
    if (!*text)
        fail(json);
    return json->status;
}

void cg_json_deinit(cg_json *json)
{
    cJSON_Delete(json->root);
    *json = (cg_json){0};
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The memory that the values of a text take at most: each begins with the text, a comma or a
 * bracket, and each pair of quotes is a string of its own. */
static size_t estimate_memory(const char *text, size_t length)
{
    enum { VALUE = sizeof(cJSON) + 16, STRING = 32 }; /* with what an allocator adds */
    size_t memory = VALUE + length;
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        memory += c == ',' || c == '[' || c == '{' ? VALUE : c == '"' ? STRING / 2 : 0;
    }
    return memory;
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) && *text)
        text++;
    return text == end;
}

cJSON *cg_json_parse(const char *text, size_t length, size_t memory)
{
    const char *end = NULL;
    if (estimate_memory(text, length) > memory)
        return NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    if (json && is_blank(end, text + length))
        return json;
    cJSON_Delete(json);
    return NULL;
}
