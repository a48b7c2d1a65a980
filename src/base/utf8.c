/* The forms of UTF-8. */
#include "base/utf8.h"

/* The ranges of the first and the second byte; all others are 0x80 to 0xbf. */
static const struct {
    unsigned char first, last, low, high;
    size_t length;
} forms[] = {
    {0x01, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* 0, where they are not of that form. */
static size_t read_form(uint32_t *character, const unsigned char *s, size_t form)
{
    const size_t length = forms[form].length;
    uint32_t number = length == 1 ? s[0] : s[0] & (0xffu >> (length + 1));
    if (s[1] < forms[form].low || s[1] > forms[form].high)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        number = number << 6 | (s[i] & 0x3f);
    }
    *character = number;
    return length;
}

size_t cg_utf8_read(uint32_t *character, const char *string)
{
    const unsigned char *s = (const unsigned char *)string;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (s[0] >= forms[i].first && s[0] <= forms[i].last)
            return read_form(character, s, i);
    return 0;
}

bool cg_utf8_is_valid(const char *string)
{
    uint32_t character;
    for (size_t length; *string; string += length) {
        length = cg_utf8_read(&character, string);
        if (!length)
            return false;
    }
    return true;
}
