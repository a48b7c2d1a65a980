/* JSON that is built member by member. */
#include "base/json.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <assert.h>
#include <clgan/log.h>
#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

void cg_json_add_finite(cg_json *json, cJSON *parent, const char *name, double value)
{
    cg_json_add_number(json, parent, name, isfinite(value) ? value : DBL_MAX);
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

cg_status cg_json_write(const char *path, const char *text)
{
    cg_status status = CG_OK;
    const size_t length = strlen(text);
    char *line = NULL;
    CG_TRY(cg_memory_create(&line, length + 2, 1));
    snprintf(line, length + 2, "%s\n", text);
    CG_TRY(cg_file_write(path, line, length + 1));
done:
    free(line);
    return status;
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

/* cJSON says the same of a text that is no JSON and of one that there was no memory for. So a text
 * that it refuses is gone through once more, without memory: this is JSON's grammar, in the form
 * that cJSON takes, and as deep. */
typedef struct scanner {
    const char *at, *end;
    size_t depth;
} scanner;

static void skip_space(scanner *s)
{
    while (s->at < s->end && (unsigned char)*s->at <= ' ')
        s->at++;
}

static bool take(scanner *s, char c)
{
    skip_space(s);
    bool is = s->at < s->end && *s->at == c;
    s->at += is;
    return is;
}

static bool scan_word(scanner *s, const char *word)
{
    size_t length = strlen(word);
    bool is = (size_t)(s->end - s->at) >= length && memcmp(s->at, word, length) == 0;
    s->at += is ? length : 0;
    return is;
}

/* *unit = the number behind a \u, of which `u` is the u. */
static bool read_unit(unsigned long *unit, const scanner *s, const char *u)
{
    char digits[5] = "";
    if (s->end - u < 5)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!isxdigit((unsigned char)(digits[i] = u[1 + i])))
            return false;
    *unit = strtoul(digits, NULL, 16);
    return true;
}

/* At the u of \u1234: a character, or the first half of one whose second half follows; up to its
 * last digit. */
static bool scan_character(scanner *s)
{
    enum { FIRST = 0xD800, SECOND = 0xDC00, BEYOND = 0xE000 };
    unsigned long unit, second;
    if (!read_unit(&unit, s, s->at) || (unit >= SECOND && unit < BEYOND))
        return false;
    s->at += 4;
    if (unit < FIRST || unit >= BEYOND)
        return true;
    if (s->end - s->at < 3 || s->at[1] != '\\' || s->at[2] != 'u' ||
        !read_unit(&second, s, s->at + 2) || second < SECOND || second >= BEYOND)
        return false;
    s->at += 6;
    return true;
}

static bool scan_string(scanner *s)
{
    if (!take(s, '"'))
        return false;
    for (; s->at < s->end && *s->at != '"'; s->at++) {
        if (*s->at != '\\')
            continue;
        if (++s->at == s->end || !memchr("\"\\/bfnrtu", *s->at, 9) ||
            (*s->at == 'u' && !scan_character(s)))
            return false;
    }
    return take(s, '"');
}

static bool scan_number(scanner *s)
{
    char digits[64];
    size_t length = 0;
    char *stop;
    while (s->at + length < s->end && length < sizeof digits - 1 &&
           memchr("+-.eE0123456789", s->at[length], 15))
        length++;
    memcpy(digits, s->at, length);
    digits[length] = '\0';
    strtod(digits, &stop);
    s->at += stop - digits;
    return stop > digits;
}

static bool scan_value(scanner *s);

/* Behind the bracket that opens an object or an array. */
static bool scan_members(scanner *s, bool named, char close)
{
    if (++s->depth > CJSON_NESTING_LIMIT)
        return false;
    bool sound = true, empty = take(s, close);
    for (bool more = !empty; sound && more; more = sound && take(s, ','))
        sound = (!named || (scan_string(s) && take(s, ':'))) && scan_value(s);
    s->depth--;
    return sound && (empty || take(s, close));
}

static bool scan_value(scanner *s)
{
    if (take(s, '{'))
        return scan_members(s, true, '}');
    if (take(s, '['))
        return scan_members(s, false, ']');
    if (s->at < s->end && *s->at == '"')
        return scan_string(s);
    return scan_word(s, "null") || scan_word(s, "true") || scan_word(s, "false") || scan_number(s);
}

cg_status cg_json_parse(cJSON **json, const char *text, size_t length, size_t memory)
{
    const char *end = NULL;
    scanner s = {.at = text, .end = text + length};
    *json = NULL;
    if (estimate_memory(text, length) > memory)
        return CG_ERR_INPUT;
    *json = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    if (*json && is_blank(end, text + length))
        return CG_OK;
    bool parsed = *json != NULL;
    cJSON_Delete(*json);
    *json = NULL;
    scan_word(&s, "\xEF\xBB\xBF"); /* a byte order mark */
    return !parsed && scan_value(&s) && is_blank(s.at, s.end)
               ? cg_fail(CG_ERR_MEMORY, "out of memory for JSON of %zu bytes", length)
               : CG_ERR_INPUT;
}
