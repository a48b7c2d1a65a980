/* Characters of UTF-8. */
#ifndef CLGAN_BASE_CHARACTER_H
#define CLGAN_BASE_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the bytes of the character that the string begins with, 1 to 4; 0 where that is no valid
 * UTF-8, and at the string's end. */
size_t cg_character_length(const char *string);

/* True for a character of that length that no page of HTML or XML may have, that a terminal obeys,
 * that ends a line, or that turns the direction of what is around it. */
bool cg_character_is_control(const char *string, size_t length);

#endif
