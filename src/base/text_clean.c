/* Text of others, made fit to be shown: by what the log needs, which this file therefore knows
 * nothing of. */
#include "base/text_clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* The number of a character of this many bytes. */
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

void cg_text_mark(char *out, size_t room, const char *string, char mark)
{
    size_t filled = 0;
    while (*string) {
        if (*string >= ' ' && *string <= '~' && room - filled > 1) { /* nearly all */
            out[filled++] = *string++;
            continue;
        }
        size_t length = character_length(string);
        bool control = length && is_control(decode(string, length));
        size_t size = length && !control ? length : 1;
        if (size >= room - filled)
            break;
        if (size == length && !control)
            memcpy(out + filled, string, size);
        else
            out[filled] = control ? mark : '?';
        filled += size;
        string += length ? length : 1;
    }
    out[filled] = '\0';
}

void cg_text_clean(char *out, size_t room, const char *string)
{
    cg_text_mark(out, room, string, ' ');
}
