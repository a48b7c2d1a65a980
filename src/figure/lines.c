/* Charts of lines. Both axes start at 0, and have round numbers. */
#include "figure/charts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* A chart's plotting area in pixels, and the ranges of its axes. */
typedef struct plot {
    double left, right, top, bottom;
    double x_most, y_most, x_step, y_step;
} plot;

/* A round number: at most `most` steps of it make up the range. */
static double round_step(double range, double most)
{
    double least = range / most, power = pow(10, floor(log10(least))), digit = least / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* The least and the largest range of an axis: steps outside of it are not distinct doubles. */
static const double least_axis = 1e-100, most_axis = 1e100;

static bool is_drawn(const cg_line *line, size_t i)
{
    return fabs(line->x[i]) < most_axis && fabs(line->y[i]) < most_axis;
}

/* Makes the axes long enough for the line. */
static void add_extent(plot *f, const cg_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        if (!is_drawn(line, i))
            continue;
        f->x_most = fmax(f->x_most, line->x[i]);
        f->y_most = fmax(f->y_most, line->y[i]);
    }
}

static plot find_plot(const cg_pen *p, const cg_line_chart *chart)
{
    plot f = {.left = CG_PEN_MARGIN + 44,
              .right = p->width - CG_PEN_MARGIN,
              .top = p->y + CG_PEN_GAP / 2};
    for (size_t i = 0; i < chart->count; i++)
        add_extent(&f, &chart->lines[i]);
    f.bottom = f.top + fmin(0.1 * p->width + 120, 200);
    f.x_most = f.x_most > least_axis ? f.x_most : 1;
    f.y_most = chart->most > 0 ? chart->most : f.y_most > least_axis ? f.y_most : 1;
    f.x_step = fmax(round_step(f.x_most, p->width / 70), 1);
    f.y_step = round_step(f.y_most, 5);
    f.y_most = f.y_step * ceil(f.y_most / f.y_step - 1e-9);
    return f;
}

static double x_of(const plot *f, double x)
{
    return f->left + (f->right - f->left) * fmin(fmax(x / f->x_most, 0), 1);
}

static double y_of(const plot *f, double y)
{
    return f->bottom - (f->bottom - f->top) * fmin(fmax(y / f->y_most, 0), 1);
}

/* A number beside or below the plot, its end or its middle at x, and all of it in the figure. */
static void draw_number(const cg_pen *p, double x, double y, double share, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", number);
    double width = cg_pen_text_width(p->cr, text);
    cg_pen_set_color(p->cr, CG_COLOR_TEXT);
    cairo_move_to(p->cr, fmax(0, fmin(x - share * width, p->width - width)), y);
    cairo_show_text(p->cr, text);
}

/* The axes with all their numbers. The name of the one across has a line of its own, below them. */
static void draw_axes(const cg_pen *p, const plot *f, const char *across)
{
    const double line = 14;
    cg_pen_set_font(p->cr, &cg_font_number);
    for (size_t i = 0; (double)i * f->y_step <= f->y_most * (1 + 1e-9); i++) {
        double y = y_of(f, (double)i * f->y_step);
        draw_number(p, f->left - 6, y + 3.5, 1, (double)i * f->y_step);
        cg_pen_rule(p->cr, f->left, y, f->right, y, i == 0);
    }
    for (size_t i = 0; (double)i * f->x_step <= f->x_most * (1 + 1e-9); i++)
        draw_number(p, x_of(f, (double)i * f->x_step), f->bottom + line, 0.5,
                    (double)i * f->x_step);
    cg_pen_set_color(p->cr, CG_COLOR_TEXT);
    double width = fmin(cg_pen_text_width(p->cr, across), f->right);
    cg_pen_text(p->cr, f->right - width, f->bottom + 2 * line, width, across);
}

/* A line, and where it has few points a dot on each: one point alone is no line. */
static void draw_points(cairo_t *cr, const plot *f, const cg_line *line)
{
    enum { DOTS = 60 };
    bool joined = false;
    cg_pen_set_color(cr, cg_color_of_legend(line->color));
    cg_pen_set_dash(cr, line->color);
    cairo_set_line_width(cr, 1.6);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < line->count; i++) {
        bool there = is_drawn(line, i);
        if (there && joined)
            cairo_line_to(cr, x_of(f, line->x[i]), y_of(f, line->y[i]));
        else if (there)
            cairo_move_to(cr, x_of(f, line->x[i]), y_of(f, line->y[i]));
        joined = there;
    }
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    for (size_t i = 0; i < line->count && line->count <= DOTS; i++)
        if (is_drawn(line, i))
            cg_pen_fill(cr, x_of(f, line->x[i]) - 2, y_of(f, line->y[i]) - 2, 4, 4);
}

void cg_lines_draw(cg_pen *p, const cg_line_chart *chart)
{
    p->y += CG_PEN_GAP;
    cg_pen_line(p, &cg_font_chart, CG_PEN_MARGIN, chart->title);
    plot f = find_plot(p, chart);
    draw_axes(p, &f, chart->across);
    for (size_t i = 0; i < chart->count; i++)
        draw_points(p->cr, &f, &chart->lines[i]);
    p->y = f.bottom + 30;
}
