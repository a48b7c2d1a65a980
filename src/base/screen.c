/* The line on stderr. The cursor rests at its beginning: when a terminal that becomes narrower
 * breaks the line in two, what is to be erased is still all that lies behind the cursor. */
#include "base/screen.h"

#include "base/clock.h"

#include <clgan/terminal.h>
#include <stdio.h>
#include <string.h>

enum { BAR_LEAST = 8, BAR_MOST = 22, CUT_LEAST = 4 /* columns */ };

static const double redraw_seconds = .1;

static bool is_wanted = true;

static _Thread_local struct {
    size_t columns; /* of the line that stands there; 0: none */
    double drawn;   /* clock when that was */
    double interrupted;
    bool silent;
} screen;

/* ---- composing ------------------------------------------------------------------------------- */

/* The part of the least number above `worth`; NULL when there is none. */
static const cg_part *next_part(const cg_part *parts, size_t count, unsigned worth)
{
    const cg_part *next = NULL;
    for (size_t i = 0; i < count; i++)
        if (parts[i].worth > worth && (!next || parts[i].worth < next->worth))
            next = &parts[i];
    return next;
}

/* The columns that the part would take, in `room` ones behind its gap; 0: it does not fit. */
static size_t measure_part(const cg_part *part, size_t room)
{
    size_t wanted = part->text ? cg_text_columns(part->text) : BAR_LEAST;
    if (wanted <= room)
        return wanted;
    return part->cut && room >= CUT_LEAST ? room : 0;
}

static void add_bar(char *line, size_t *used, double share, size_t columns)
{
    size_t inside = columns - 2, filled = (size_t)(share * (double)inside);
    line[(*used)++] = '[';
    for (size_t i = 0; i < inside; i++)
        line[(*used)++] = i < filled ? '#' : '.';
    line[(*used)++] = ']';
}

static void add_part(char line[CG_SCREEN_LINE], size_t *used, const cg_part *part, size_t columns)
{
    size_t gap = *used ? part->gap : 0;
    size_t bytes = part->text ? cg_text_fit(part->text, columns) : columns;
    if (*used + gap + bytes >= CG_SCREEN_LINE)
        return;
    memset(line + *used, ' ', gap);
    *used += gap;
    if (!part->text) {
        add_bar(line, used, part->share, columns);
        return;
    }
    memcpy(line + *used, part->text, bytes);
    *used += bytes;
}

size_t cg_screen_compose(char line[CG_SCREEN_LINE], const cg_part *parts, size_t count,
                         size_t columns)
{
    size_t widths[CG_SCREEN_PARTS] = {0}, taken = 0, used = 0;
    unsigned worth = 0;
    for (const cg_part *p; (p = next_part(parts, count, worth)); worth = p->worth) {
        size_t room = columns > taken + p->gap ? columns - taken - p->gap : 0;
        widths[p - parts] = measure_part(p, room);
        taken += widths[p - parts] ? p->gap + widths[p - parts] : 0;
    }
    for (size_t i = 0; i < count; i++) { /* a bar takes what is left */
        size_t more = columns - taken, most = BAR_MOST - BAR_LEAST;
        more = more < most ? more : most;
        if (!parts[i].text && widths[i]) {
            widths[i] += more;
            taken += more;
        }
        if (widths[i])
            add_part(line, &used, &parts[i], widths[i]);
    }
    line[used] = '\0';
    return cg_text_columns(line);
}

void cg_screen_format_time(char text[32], double seconds)
{
    unsigned long s = seconds > 0 ? (unsigned long)(seconds + 0.5) : 0;
    if (s >= 3600)
        snprintf(text, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, 32, "%lu:%02lu", s / 60, s % 60);
}

/* ---- drawing --------------------------------------------------------------------------------- */

void cg_screen_set_wanted(bool wanted)
{
    is_wanted = wanted;
}

bool cg_screen_is_wanted(void)
{
    return is_wanted && !screen.silent;
}

void cg_screen_set_silent(bool silent)
{
    screen.silent = silent;
}

bool cg_screen_is_silent(void)
{
    return screen.silent;
}

bool cg_screen_is_redrawn(void)
{
    return cg_screen_is_wanted() && cg_terminal_obeys(stderr);
}

/* Returns the sequence that takes the line away which stands there. */
static const char *erasing(size_t columns)
{
    return screen.columns >= columns ? "\r\033[J\r\033[K" : "\r\033[K";
}

void cg_screen_draw(const cg_part *parts, size_t count)
{
    char line[CG_SCREEN_LINE];
    double now = cg_clock_seconds();
    if ((screen.columns && now - screen.drawn < redraw_seconds) || !cg_screen_is_redrawn())
        return;
    size_t columns = cg_terminal_columns(stderr);
    const char *erase = erasing(columns);
    screen.columns = cg_screen_compose(line, parts, count, columns - 1);
    screen.drawn = now;
    fprintf(stderr, "%s%s\r", erase, line);
    fflush(stderr);
}

void cg_screen_clear(void)
{
    if (screen.columns)
        fputs(erasing(cg_terminal_columns(stderr)), stderr);
    screen.columns = 0;
}

void cg_screen_expect_line(void)
{
    if (!screen.columns && cg_screen_is_redrawn())
        screen.columns = 1;
}

void cg_screen_interrupt(void)
{
    cg_screen_clear();
    screen.interrupted = cg_clock_seconds();
}

double cg_screen_interrupted(void)
{
    return screen.interrupted;
}
