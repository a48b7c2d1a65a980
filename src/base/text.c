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
    if (length < 0 && text->status == CG_OK)
        text->status = cg_fail(CG_ERR_MEMORY, "a text has more than INT_MAX bytes");
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
