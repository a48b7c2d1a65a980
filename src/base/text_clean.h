/* Text of others, made fit to be shown. */
#ifndef CLGAN_BASE_TEXT_CLEAN_H
#define CLGAN_BASE_TEXT_CLEAN_H

#include <stddef.h>

/* out = the string as valid UTF-8 of at most room - 1 bytes, cut between characters. Control
 * characters, and those that turn the direction of writing, become `mark`, bytes that are no UTF-8
 * question marks. room >= 1. */
void cg_text_mark(char *out, size_t room, const char *string, char mark);

/* The same with blanks for marks. */
void cg_text_clean(char *out, size_t room, const char *string);

#endif
