/* Figures: charts below each other, and a legend of the colours. A chart is of lines, or of
 * labelled rows of one bar or several. Drawn by the same code as PNG and as SVG. */
#ifndef CLGAN_FIGURE_FIGURE_H
#define CLGAN_FIGURE_FIGURE_H

#include "base/text.h"
#include "figure/chart.h"

/* The width of figures that are legible on a phone, where they fill the page, and that stand beside
 * each other on a screen. */
#define CG_FIGURE_NARROW 400.0

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

/* CG_OK where this build draws figures, else CG_ERR_ABSENT, logged: to be asked before work that
 * ends in a figure. */
cg_status cg_figure_check(void);

/* Adds the figure as the bytes of a PNG file, on white, two pixels to a unit. CG_ERR_SHAPE, logged,
 * when it would be too tall; CG_ERR_MEMORY; CG_ERR_ABSENT, logged, where the build has no cairo. */
cg_status cg_figure_png(cg_text *png, const cg_figure *figure);

/* Adds the figure as an SVG element, without a background, for a page of figure/page.h, which has
 * the values of its colors. Letters are drawn as outlines; the title and `description` are there
 * for those who do not see it. The same errors. */
cg_status cg_figure_svg(cg_text *svg, const cg_figure *figure, const char *description);

#endif
