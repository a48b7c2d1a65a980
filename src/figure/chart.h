/* The data of a chart: lines, or labelled rows of one bar or several. */
#ifndef CLGAN_FIGURE_CHART_H
#define CLGAN_FIGURE_CHART_H

#include <stdbool.h>
#include <stddef.h>

enum { CG_BAR_TEXT = 96 };

typedef struct cg_bar {
    double value;           /* its length; 0: no bar, the text alone      */
    size_t color;           /* which line of the legend it belongs to     */
    char text[CG_BAR_TEXT]; /* behind the bar where it is tall enough; "" */
} cg_bar;

/* All texts are valid UTF-8; what is too long for its place ends in "...". */
typedef struct cg_bar_chart {
    const char *title;         /* "" for none */
    bool logarithmic;          /* the axis; else from 0 */
    size_t rows, bars;         /* bars of a row         */
    const char *const *labels; /* [rows]                */
    const cg_bar *bar;         /* [rows, bars]          */
    size_t first, shown;       /* the rows that are drawn, with the axis of all; 0: all */
} cg_bar_chart;

/* Points in the order in which they are joined. A number that is not finite, or
 * beyond 1e100, leaves a gap. */
typedef struct cg_line {
    const double *x, *y; /* [count], both axes start at 0 */
    size_t count;
    size_t color;
} cg_line;

typedef struct cg_line_chart {
    const char *title;  /* "" for none                                      */
    const char *across; /* what x counts                                 */
    double most;        /* where the upright axis ends; 0: as the lines need it */
    size_t count;
    const cg_line *lines;
} cg_line_chart;

#endif
