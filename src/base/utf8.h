/* Characters in UTF-8. */
#ifndef CLGAN_BASE_UTF8_H
#define CLGAN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the character that starts there, 1 to 4; *character = its number. 0, which leaves
 * *character, where that is no valid UTF-8 (RFC 3629, section 4), and at the string's end. */
size_t cg_utf8_read(uint32_t *character, const char *string);

/* True when the whole string is valid. */
bool cg_utf8_is_valid(const char *string);

#endif
