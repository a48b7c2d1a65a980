/* The line at the bottom of stderr that says what is being done, redrawn on a terminal and
 * absent where there is none. The log takes it away before it prints. Each thread knows of its
 * own line. */
#ifndef CLGAN_BASE_SCREEN_H
#define CLGAN_BASE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* A part of the line; those that do not fit are left out, the least worth first. */
typedef struct cg_part {
    const char *text; /* NULL: a bar, as wide as there is room */
    double share;     /* of a bar that is filled, 0 to 1 */
    unsigned worth;   /* 1 is left out last; all different; 0: left out always */
    unsigned gap;     /* blanks before it */
    bool cut;         /* may be shown in part */
} cg_part;

enum { CG_SCREEN_LINE = 1024, CG_SCREEN_PARTS = 16 };

/* line = the parts that fit in this many columns, in their order; returns the columns that it
 * has. */
size_t cg_screen_compose(char line[CG_SCREEN_LINE], const cg_part *parts, size_t count,
                         size_t columns);

/* "2:03" or "1:02:03". */
void cg_screen_format_time(char text[32], double seconds);

/* Turns the line off and on, which it is at first. */
void cg_screen_set_wanted(bool wanted);

/* True when it is on; when stderr is a terminal, too, where it can be redrawn. */
bool cg_screen_is_wanted(void);
bool cg_screen_is_redrawn(void);

/* Turns progress off and on for this thread, whose caller shows its own: the line, and the words
 * that take its place. */
void cg_screen_set_silent(bool silent);
bool cg_screen_is_silent(void);

/* Draws the line, at most ten times a second. Nothing where there is none to redraw. */
void cg_screen_draw(const cg_part *parts, size_t count);

/* Takes the line away. */
void cg_screen_clear(void);

/* Another thread may have drawn a line in the place of this one's: it is taken away, too. */
void cg_screen_expect_line(void);

/* Makes way for a message. */
void cg_screen_interrupt(void);

/* Returns the clock of the last one; 0 before. */
double cg_screen_interrupted(void);

#endif
