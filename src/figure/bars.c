/* Charts of bars. */
#include "figure/charts.h"

#include <math.h>
#include <stdio.h>

static const double label_room = 260; /* of a row's label, at most, and a third of the figure */
static const double wide_bar = 16, bar_height = 11, narrow_bar = 5;

enum { WIDE_BARS = 1, TEXT_BARS = 8 }; /* a row, with these heights, at most */

/* A chart's columns and its axis. */
typedef struct frame {
    double label, bar, text; /* where a row's three columns start */
    double least, most;      /* the axis; least is 0 on a linear one */
    double height;           /* of a bar */
} frame;

/* Returns where the value lies on the axis, from 0 to 1. */
static double axis_position(const frame *f, double value)
{
    if (!(f->most > f->least) || !(value > f->least))
        return 0;
    return f->least > 0 ? log(value / f->least) / log(f->most / f->least) : value / f->most;
}

static double bar_height_for(size_t bars)
{
    return bars <= WIDE_BARS ? wide_bar : bars <= TEXT_BARS ? bar_height : narrow_bar;
}

static frame find_frame(const cg_pen *p, const cg_bar_chart *chart)
{
    cairo_t *cr = p->cr;
    frame f = {.label = CG_PEN_MARGIN, .height = bar_height_for(chart->bars)};
    double labels = 0, texts = 0, least = INFINITY;
    cg_pen_set_font(cr, &cg_font_label);
    for (size_t i = 0; i < chart->rows; i++)
        labels = fmax(labels, cg_pen_text_width(cr, chart->labels[i]));
    cg_pen_set_font(cr, f.height == wide_bar ? &cg_font_label : &cg_font_number);
    for (size_t i = 0; i < chart->rows * chart->bars; i++) {
        const cg_bar *bar = &chart->bar[i];
        if (!(bar->value > 0))
            continue;
        texts = fmax(texts, cg_pen_text_width(cr, bar->text));
        f.most = fmax(f.most, bar->value);
        least = fmin(least, bar->value);
    }
    f.least = chart->logarithmic && f.most > 0 ? least / 2 : 0;
    f.bar = CG_PEN_MARGIN + fmin(labels, fmin(label_room, p->width / 3)) + CG_PEN_GAP;
    f.text = p->width - CG_PEN_MARGIN - fmin(texts, p->width / 3) - CG_PEN_GAP;
    return f;
}

static void draw_bar(cg_pen *p, const frame *f, const cg_bar *bar)
{
    double length = axis_position(f, bar->value) * (f->text - f->bar);
    cg_pen_set_color(p->cr, cg_color_of_legend(bar->color));
    if (bar->value > 0)
        cg_pen_fill(p->cr, f->bar, p->y, fmax(length, 1), f->height - 1);
    if (f->height > narrow_bar) {
        double x = f->bar + (bar->value > 0 ? length + CG_PEN_GAP / 2 : 0);
        cg_pen_set_color(p->cr, CG_COLOR_TEXT);
        cg_pen_set_font(p->cr, f->height == wide_bar ? &cg_font_label : &cg_font_number);
        cg_pen_text(p->cr, x, p->y + 0.5 * f->height + 3, p->width - CG_PEN_MARGIN / 2 - x,
                    bar->text);
    }
    p->y += f->height;
}

static void draw_tick(const cg_pen *p, const frame *f, double value, double height)
{
    char text[32];
    double x = f->bar + axis_position(f, value) * (f->text - f->bar);
    if (value < f->least || value > f->most)
        return;
    snprintf(text, sizeof text, "%g", value);
    cg_pen_set_color(p->cr, CG_COLOR_TEXT);
    cairo_move_to(p->cr, x - cg_pen_text_width(p->cr, text) / 2, p->y - 3);
    cairo_show_text(p->cr, text);
    cg_pen_rule(p->cr, x, p->y, x, p->y + height, false);
}

/* The powers of ten of a logarithmic axis, behind rows of this height in all, and where these are
 * far from each other twice and five times them, too. */
static void draw_decades(cg_pen *p, const frame *f, double height)
{
    const double far = 90; /* pixels */
    if (!(f->least > 0) || !isfinite(f->most))
        return;
    bool near = (f->text - f->bar) / log10(f->most / f->least) < far;
    cg_pen_set_font(p->cr, &cg_font_number);
    p->y += 1.4 * cg_font_number.size;
    for (double power = floor(log10(f->least)); power <= floor(log10(f->most)); power++) {
        double value = pow(10, power);
        draw_tick(p, f, value, height);
        for (size_t i = 0; i < 2 && !near; i++)
            draw_tick(p, f, value * (i ? 5 : 2), height);
    }
}

void cg_bars_draw(cg_pen *p, const cg_bar_chart *chart)
{
    frame f = find_frame(p, chart);
    double group = f.height * (double)chart->bars,
           row = fmax(group, cg_font_label.size) + CG_PEN_GAP * 0.8;
    p->y += CG_PEN_GAP;
    cg_pen_line(p, &cg_font_chart, CG_PEN_MARGIN, chart->title);
    p->y += CG_PEN_GAP / 2;
    size_t end = chart->shown ? chart->first + chart->shown : chart->rows;
    draw_decades(p, &f, row * (double)(end - chart->first));
    for (size_t i = chart->first; i < end; i++, p->y += row) {
        cg_pen inside = {p->cr, p->y + (row - group) / 2, p->width};
        cg_pen_set_font(p->cr, &cg_font_label);
        cg_pen_set_color(p->cr, CG_COLOR_TEXT);
        cg_pen_text(p->cr, f.label, p->y + row / 2 + 4, f.bar - CG_PEN_GAP - f.label,
                    chart->labels[i]);
        for (size_t k = 0; k < chart->bars; k++)
            draw_bar(&inside, &f, &chart->bar[i * chart->bars + k]);
    }
}
