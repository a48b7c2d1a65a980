/* Lines out of the parts in which a pipe gives them. */
#ifndef CLGAN_CLI_LINES_H
#define CLGAN_CLI_LINES_H

#include <stddef.h>

enum { CG_LINE = 4608 }; /* a longer one comes in pieces; a path of 4 KiB is none */

/* A line without its end. */
typedef void cg_line_reader(void *user, const char *line);

/* A zeroed one is empty. */
typedef struct cg_lines {
    char text[CG_LINE]; /* what has come of the next line */
    size_t used;
} cg_lines;

/* Hands over the lines that end in these bytes. */
void cg_lines_take(cg_lines *lines, const char *bytes, size_t size, cg_line_reader *read,
                   void *user);

/* Hands over what is there of a line that has no end. */
void cg_lines_finish(cg_lines *lines, cg_line_reader *read, void *user);

#endif
