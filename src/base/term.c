/* Terms of a list. */
#include "base/term.h"

#include <ctype.h>
#include <string.h>

cg_term cg_term_trim(cg_term term)
{
    while (term.length && isspace((unsigned char)term.text[0])) {
        term.text++;
        term.length--;
    }
    while (term.length && isspace((unsigned char)term.text[term.length - 1]))
        term.length--;
    return term;
}

bool cg_term_next(cg_term *term, const char **cursor)
{
    while (**cursor) {
        const size_t length = strcspn(*cursor, ",");
        *term = cg_term_trim((cg_term){*cursor, length});
        *cursor += length + ((*cursor)[length] == ',');
        if (term->length)
            return true;
    }
    return false;
}
