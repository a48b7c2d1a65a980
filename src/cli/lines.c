/* Lines out of parts. */
#include "cli/lines.h"

static void give(cg_lines *lines, cg_line_reader *read, void *user)
{
    if (lines->used && lines->text[lines->used - 1] == '\r')
        lines->used--;
    lines->text[lines->used] = '\0';
    lines->used = 0;
    read(user, lines->text);
}

void cg_lines_take(cg_lines *lines, const char *bytes, size_t size, cg_line_reader *read,
                   void *user)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' || lines->used == CG_LINE - 1)
            give(lines, read, user);
        if (bytes[i] != '\n')
            lines->text[lines->used++] = bytes[i];
    }
}

void cg_lines_finish(cg_lines *lines, cg_line_reader *read, void *user)
{
    if (lines->used)
        give(lines, read, user);
}
