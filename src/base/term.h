/* Lists of words between commas, as --device takes them. */
#ifndef CLGAN_BASE_TERM_H
#define CLGAN_BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

/* A part of another text. */
typedef struct cg_term {
    const char *text;
    size_t length;
} cg_term;

/* The term without the white space around it. */
cg_term cg_term_trim(cg_term term);

/* *term = the next one of the list from *cursor on that is not empty, trimmed; false at the end.
 * *cursor begins at the list. */
bool cg_term_next(cg_term *term, const char **cursor);

#endif
