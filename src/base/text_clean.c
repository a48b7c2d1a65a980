/* Text of others, made fit to be shown: by what the log needs, which this file therefore knows
 * nothing of. */
#include "base/text_clean.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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
        uint32_t character;
        size_t length = cg_utf8_read(&character, string);
        bool control = length && is_control(character);
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
