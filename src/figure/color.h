/* The colors of pages and of figures: one table for HTML, SVG and PNG. A color has one value on
 * light ground, which paper and PNG have too, and one on dark ground; a page refers to it by its
 * name, a custom property of CSS, and so do the figures that are part of the page. */
#ifndef CLGAN_FIGURE_COLOR_H
#define CLGAN_FIGURE_COLOR_H

#include "base/text.h"

#include <stddef.h>

enum {
    CG_COLOR_HUES = 8,   /* of legends; then they are repeated in another tone */
    CG_COLOR_LEGEND = 24 /* lines of a legend that look different              */
};

typedef enum cg_color {
    CG_COLOR_GROUND,
    CG_COLOR_BEST, /* the ground of cells that stand out */
    CG_COLOR_TEXT,
    CG_COLOR_QUIET,  /* text that matters less                    */
    CG_COLOR_LINE,   /* of tables, axes and grids                 */
    CG_COLOR_FOCUS,  /* around what the keyboard has come to      */
    CG_COLOR_SERIES, /* the first of the colors of legends */
    CG_COLORS = CG_COLOR_SERIES + CG_COLOR_LEGEND
} cg_color;

typedef enum cg_scheme { CG_SCHEME_LIGHT, CG_SCHEME_DARK, CG_SCHEMES } cg_scheme;

/* The color of the index-th line of a legend, from 0. Behind the last they begin anew. */
cg_color cg_color_of_legend(size_t index);

/* rgb = the color's value. color < CG_COLORS. */
void cg_color_get(unsigned char rgb[3], cg_color color, cg_scheme scheme);

/* Adds the color's name for CSS and SVG, "var(--text)". */
void cg_color_add_name(cg_text *text, cg_color color);

/* Adds a declaration of CSS for each color, "--text: #111111;". */
void cg_color_add_properties(cg_text *text, cg_scheme scheme);

#endif
