/* Inside figure/: what charts are drawn with. Units are those of SVG, pixels of a plain screen. */
#ifndef CLGAN_FIGURE_PEN_H
#define CLGAN_FIGURE_PEN_H

#include "figure/color.h"

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#define CG_PEN_MARGIN 20.0
#define CG_PEN_GAP    10.0 /* between a label, what it is for, and the next */

/* A drawing under way: the surface, and the position that the next element starts from. */
typedef struct cg_pen {
    cairo_t *cr;
    double y, width; /* of the figure */
} cg_pen;

typedef struct cg_font {
    double size;
    cairo_font_weight_t weight;
} cg_font;

extern const cg_font cg_font_title, cg_font_chart, cg_font_label, cg_font_number;

void cg_pen_set_font(cairo_t *cr, const cg_font *font);
double cg_pen_text_width(cairo_t *cr, const char *text);

/* The text, or as much of its beginning as fits, with dots after it. */
void cg_pen_text(cairo_t *cr, double x, double y, double room, const char *text);

/* A line of text at the pen, in the color of text; "" takes no room. */
void cg_pen_line(cg_pen *p, const cg_font *font, double x, const char *text);

/* Sets the color's value on light ground, which a page replaces by its name. */
void cg_pen_set_color(cairo_t *cr, cg_color color);
void cg_pen_fill(cairo_t *cr, double x, double y, double w, double h);

/* A line of an axis, or a dotted one of a grid. */
void cg_pen_rule(cairo_t *cr, double x0, double y0, double x1, double y1, bool axis);

/* The dashes of the index-th line of a legend: each tone of the hues has its own. */
void cg_pen_set_dash(cairo_t *cr, size_t index);

#endif
