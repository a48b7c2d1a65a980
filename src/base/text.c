/* Text that grows by doubling. */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Room for `size` more bytes and a NUL. */
static bool reserve(cg_text *text, size_t size)
{
    if (text->status != CG_OK)
        return false;
    if (text->data && size < text->room - text->size)
        return true;
    size_t room =
        size < SIZE_MAX / 4 && text->size < SIZE_MAX / 4 ? 2 * (text->size + size) + 64 : 0;
    char *grown = room ? realloc(text->data, room) : NULL;
    if (!grown) {
        text->status = cg_fail(CG_ERR_MEMORY, "no memory for a text of %zu bytes and %zu more",
                               text->size, size);
        return false;
    }
    text->data = grown;
    text->room = room;
    return true;
}

void cg_text_add(cg_text *text, const void *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void cg_text_printf(cg_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->data + text->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->size += (size_t)length;
}

void cg_text_add_html(cg_text *text, const char *string)
{
    static const char special[] = "&<>\"'";
    static const char *const written[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    while (*string) {
        size_t plain = strcspn(string, special);
        cg_text_add(text, string, plain);
        string += plain;
        if (!*string)
            break;
        const char *name = written[strchr(special, *string++) - special];
        cg_text_add(text, name, strlen(name));
    }
}

/* Three bytes are four letters; of the last group, what is missing is zeros and written as =. */
void cg_text_add_base64(cg_text *text, const void *bytes, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
                         (left > 2 ? b[i + 2] : 0);
        char out[4] = {letters[group >> 18], letters[group >> 12 & 63],
                       left > 1 ? letters[group >> 6 & 63] : '=',
                       left > 2 ? letters[group & 63] : '='};
        cg_text_add(text, out, sizeof out);
    }
}

void cg_text_deinit(cg_text *text)
{
    free(text->data);
    *text = (cg_text){0};
}

/* The bytes of the character that starts there, 1 to 4; 0 where that is no valid UTF-8, and at the
 * string's end. The table has the ranges of the first and the second byte; all others are 0x80 to
 * 0xbf. */
static size_t character_length(const char *string)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *s = (const unsigned char *)string;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (s[1] < forms[i].low || s[1] > forms[i].high)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* The number of a character of so many bytes. */
static uint32_t decode(const char *character, size_t length)
{
    const unsigned char *s = (const unsigned char *)character;
    uint32_t number = length == 1 ? s[0] : s[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++)
        number = number << 6 | (s[i] & 0x3f);
    return number;
}

/* Characters that no page of HTML or XML may have, that a terminal obeys, that end a line, or that
 * turn the direction of what is around them. */
static bool is_control(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } controls[] = {{0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f},
                    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfdd0, 0xfdef}};
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        if (character >= controls[i].first && character <= controls[i].last)
            return true;
    return (character & 0xfffe) == 0xfffe;
}

void cg_text_clean(char *out, size_t room, const char *string)
{
    size_t filled = 0;
    while (*string) {
        size_t length = character_length(string);
        bool control = length && is_control(decode(string, length));
        size_t size = length && !control ? length : 1;
        if (size >= room - filled)
            break;
        if (size == length && !control)
            memcpy(out + filled, string, size);
        else
            out[filled] = control ? ' ' : '?';
        filled += size;
        string += length ? length : 1;
    }
    out[filled] = '\0';
}

char *cg_text_find(char *bytes, size_t size, const char *part)
{
    size_t length = strlen(part);
    assert(length > 0);
    for (char *end = bytes + size; length <= (size_t)(end - bytes); bytes++) {
        bytes = memchr(bytes, part[0], (size_t)(end - bytes) - length + 1);
        if (!bytes || memcmp(bytes, part, length) == 0)
            return bytes;
    }
    return NULL;
}

bool cg_text_contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return length == 0;
}
