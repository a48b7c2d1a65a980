/* Figures: charts below each other, and a legend that tells the colours. A chart is of lines, or of
 * labelled rows of one bar or several. Drawn by the same code as PNG and as SVG. */
#ifndef CLGAN_FIGURE_FIGURE_H
#define CLGAN_FIGURE_FIGURE_H

#include "base/text.h"

#include <stdbool.h>

enum { CG_BAR_TEXT = 96 };

typedef struct cg_bar {
    double value;           /* its length; 0: no bar, the text alone      */
    size_t color;           /* which line of the legend it belongs to     */
    char text[CG_BAR_TEXT]; /* behind the bar where it is tall enough; "" */
} cg_bar;

/* All texts are valid UTF-8; what is too long for its place ends in "...". */
typedef struct cg_bar_chart {
    const char *title;         /* "" for none: that of the figure says it */
    bool logarithmic;          /* the axis; else from 0 */
    size_t rows, bars;         /* bars of a row         */
    const char *const *labels; /* [rows]                */
    const cg_bar *bar;         /* [rows, bars]          */
} cg_bar_chart;

/* Points in the order in which they are joined. A number that is not finite, or
 * beyond 1e100, leaves a gap. */
typedef struct cg_line {
    const double *x, *y; /* [count], both axes start at 0 */
    size_t count;
    size_t color;
} cg_line;

typedef struct cg_line_chart {
    const char *title;  /* likewise                                      */
    const char *across; /* what x counts                                 */
    double most;        /* where the upright axis ends; 0: as the lines need it */
    size_t count;
    const cg_line *lines;
} cg_line_chart;

typedef struct cg_figure {
    const char *id; /* unlike that of any other figure of a page; NULL: "figure" */
    const char *title;
    double width;              /* 0: that of a page */
    const char *const *legend; /* a line for each color, from 0 */
    size_t legend_count;
    const cg_line_chart *line_charts; /* above those of bars */
    size_t line_chart_count;
    const cg_bar_chart *charts;
    size_t chart_count;
} cg_figure;

/* rgb = a color of figures. */
void cg_figure_color(unsigned char rgb[3], size_t index);

/* Adds the figure as the bytes of a PNG file, on white, two pixels to a unit. CG_ERR_SHAPE, logged,
 * when it would be too tall; CG_ERR_MEMORY. */
cg_status cg_figure_png(cg_text *png, const cg_figure *figure);

/* Adds the figure as an SVG element, without a background, for a page of HTML. Letters are drawn as
 * outlines; the title and `description` are there for those who do not see it. The same errors. */
cg_status cg_figure_svg(cg_text *svg, const cg_figure *figure, const char *description);

#endif
