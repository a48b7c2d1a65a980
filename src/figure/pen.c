/* Text that fits its place, and colors. */
#include "figure/pen.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------ */

const cg_font cg_font_title = {17, CAIRO_FONT_WEIGHT_BOLD};
const cg_font cg_font_chart = {13, CAIRO_FONT_WEIGHT_BOLD};
const cg_font cg_font_label = {12, CAIRO_FONT_WEIGHT_NORMAL};
const cg_font cg_font_number = {10, CAIRO_FONT_WEIGHT_NORMAL};

void cg_pen_set_font(cairo_t *cr, const cg_font *font)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, font->weight);
    cairo_set_font_size(cr, font->size);
}

double cg_pen_text_width(cairo_t *cr, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    return extents.x_advance;
}

void cg_pen_text(cairo_t *cr, double x, double y, double room, const char *text)
{
    enum { LONGEST = 512 };
    char part[LONGEST + 4];
    size_t length = strnlen(text, LONGEST);
    snprintf(part, sizeof part, "%.*s", LONGEST, text);
    while (length && cg_pen_text_width(cr, part) > room) {
        do
            length--; /* to the start of a character */
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80);
        memcpy(part, text, length);
        memcpy(part + length, "...", 4);
    }
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, part);
}

void cg_pen_line(cg_pen *p, const cg_font *font, double x, const char *text)
{
    if (!text[0])
        return;
    cg_pen_set_font(p->cr, font);
    cg_pen_set_color(p->cr, CG_COLOR_TEXT);
    p->y += 1.4 * font->size;
    cg_pen_text(p->cr, x, p->y - 0.35 * font->size, p->width - CG_PEN_MARGIN - x, text);
}

/* ---- colors ---------------------------------------------------------------------------------- */

void cg_pen_set_color(cairo_t *cr, cg_color color)
{
    unsigned char rgb[3];
    cg_color_get(rgb, color, CG_SCHEME_LIGHT);
    cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
}

void cg_pen_fill(cairo_t *cr, double x, double y, double w, double h)
{
    cairo_rectangle(cr, x, y, w, h);
    cairo_fill(cr);
}

void cg_pen_rule(cairo_t *cr, double x0, double y0, double x1, double y1, bool axis)
{
    static const double dots[] = {1, 3};
    cg_pen_set_color(cr, CG_COLOR_LINE);
    cairo_set_dash(cr, dots, axis ? 0 : 2, 0);
    cairo_set_line_width(cr, 1);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

void cg_pen_set_dash(cairo_t *cr, size_t index)
{
    static const double dashes[][2] = {{7, 3}, {2, 3}};
    size_t tone = index / CG_COLOR_HUES % (1 + CG_COUNT(dashes));
    cairo_set_dash(cr, tone ? dashes[tone - 1] : NULL, tone ? 2 : 0, 0);
}
