/* Figures of bars and lines, by cairo. A figure is drawn twice: once to find how tall it is, then
 * on the surface of the file. Units are those of SVG, pixels of a plain screen. */
#include "draw/figure.h"

#include "base/try.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double page_width = 960, margin = 20, max_height = 16000;
static const double label_room = 260; /* of a row's label, at most */
static const double gap = 10;         /* between label, bar and text */
static const double wide_bar = 16, bar_height = 11, narrow_bar = 5;

enum { WIDE_BARS = 1, TEXT_BARS = 8 }; /* a row, with these heights, at most */

/* Where the drawing has come to. */
typedef struct pen {
    cairo_t *cr;
    double y, width;
} pen;

/* ---- text ------------------------------------------------------------------------------------ */

static const struct font {
    double size;
    cairo_font_weight_t weight;
} title_font = {17, CAIRO_FONT_WEIGHT_BOLD}, chart_font = {13, CAIRO_FONT_WEIGHT_BOLD},
  label_font = {12, CAIRO_FONT_WEIGHT_NORMAL}, bar_font = {10, CAIRO_FONT_WEIGHT_NORMAL};

static void set_font(cairo_t *cr, const struct font *font)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, font->weight);
    cairo_set_font_size(cr, font->size);
}

static double text_width(cairo_t *cr, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    return extents.x_advance;
}

/* The text, or as much of its beginning as fits, with dots behind it. */
static void draw_text(cairo_t *cr, double x, double y, double room, const char *text)
{
    enum { LONGEST = 512 };
    char part[LONGEST + 4];
    size_t length = strnlen(text, LONGEST);
    snprintf(part, sizeof part, "%.*s", LONGEST, text);
    while (length && text_width(cr, part) > room) {
        do
            length--; /* to the start of a character */
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80);
        memcpy(part, text, length);
        memcpy(part + length, "...", 4);
    }
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, part);
}

/* A line of text at the pen, in black. */
static void draw_line(pen *p, const struct font *font, double x, const char *text)
{
    if (!text[0])
        return;
    set_font(p->cr, font);
    cairo_set_source_rgb(p->cr, 0, 0, 0);
    p->y += 1.4 * font->size;
    draw_text(p->cr, x, p->y - 0.35 * font->size, p->width - margin - x, text);
}

/* ---- colors ---------------------------------------------------------------------------------- */

/* Colors that most people tell apart, again and lighter when there are more bars than these. */
void cg_figure_color(unsigned char rgb[3], size_t index)
{
    static const unsigned char colors[][3] = {
        {0x00, 0x72, 0xb2}, {0xe6, 0x9f, 0x00}, {0x00, 0x9e, 0x73}, {0xd5, 0x5e, 0x00},
        {0xcc, 0x79, 0xa7}, {0x56, 0xb4, 0xe9}, {0x66, 0x66, 0x66}, {0x8c, 0x6d, 0x31},
    };
    enum { COLORS = sizeof colors / sizeof colors[0], SHADES = 3 };
    const unsigned char *c = colors[index % COLORS];
    double white = 0.3 * (double)(index / COLORS % SHADES);
    for (size_t i = 0; i < 3; i++)
        rgb[i] = (unsigned char)lround(255 * white + (1 - white) * c[i]);
}

static void set_color(cairo_t *cr, size_t index)
{
    unsigned char rgb[3];
    cg_figure_color(rgb, index);
    cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
}

static void fill(cairo_t *cr, double x, double y, double w, double h)
{
    cairo_rectangle(cr, x, y, w, h);
    cairo_fill(cr);
}

/* ---- bars ------------------------------------------------------------------------------------ */

/* A chart's columns and its axis. */
typedef struct frame {
    double label, bar, text; /* where a row's three columns start */
    double least, most;      /* the axis; least is 0 on a linear one */
    double height;           /* of a bar */
} frame;

/* From 0 to 1 on the axis. */
static double place(const frame *f, double value)
{
    if (!(f->most > f->least) || !(value > f->least))
        return 0;
    return f->least > 0 ? log(value / f->least) / log(f->most / f->least) : value / f->most;
}

static double bar_height_for(size_t bars)
{
    return bars <= WIDE_BARS ? wide_bar : bars <= TEXT_BARS ? bar_height : narrow_bar;
}

static frame find_frame(const pen *p, const cg_bar_chart *chart)
{
    cairo_t *cr = p->cr;
    frame f = {.label = margin, .height = bar_height_for(chart->bars)};
    double labels = 0, texts = 0, least = INFINITY;
    set_font(cr, &label_font);
    for (size_t i = 0; i < chart->rows; i++)
        labels = fmax(labels, text_width(cr, chart->labels[i]));
    set_font(cr, f.height == wide_bar ? &label_font : &bar_font);
    for (size_t i = 0; i < chart->rows * chart->bars; i++) {
        const cg_bar *bar = &chart->bar[i];
        if (!(bar->value > 0))
            continue;
        texts = fmax(texts, text_width(cr, bar->text));
        f.most = fmax(f.most, bar->value);
        least = fmin(least, bar->value);
    }
    f.least = chart->logarithmic && f.most > 0 ? least / 2 : 0;
    f.bar = margin + fmin(labels, label_room) + gap;
    f.text = p->width - margin - fmin(texts, p->width / 3) - gap;
    return f;
}

static void draw_bar(pen *p, const frame *f, const cg_bar *bar)
{
    double length = place(f, bar->value) * (f->text - f->bar);
    set_color(p->cr, bar->color);
    if (bar->value > 0)
        fill(p->cr, f->bar, p->y, fmax(length, 1), f->height - 1);
    if (f->height > narrow_bar) {
        double x = f->bar + (bar->value > 0 ? length + gap / 2 : 0);
        cairo_set_source_rgb(p->cr, 0, 0, 0);
        set_font(p->cr, f->height == wide_bar ? &label_font : &bar_font);
        draw_text(p->cr, x, p->y + 0.5 * f->height + 3, p->width - margin / 2 - x, bar->text);
    }
    p->y += f->height;
}

/* The powers of ten of a logarithmic axis, behind rows of this height in all. */
static void draw_decades(pen *p, const frame *f, double height)
{
    if (!(f->least > 0))
        return;
    set_font(p->cr, &bar_font);
    p->y += 1.4 * bar_font.size;
    for (double power = ceil(log10(f->least)); power <= floor(log10(f->most)); power++) {
        char text[32];
        double value = pow(10, power), x = f->bar + place(f, value) * (f->text - f->bar);
        snprintf(text, sizeof text, "%g", value);
        cairo_set_source_rgb(p->cr, 0, 0, 0);
        cairo_move_to(p->cr, x - text_width(p->cr, text) / 2, p->y - 3);
        cairo_show_text(p->cr, text);
        cairo_set_source_rgb(p->cr, 0.8, 0.8, 0.8);
        fill(p->cr, x - 0.5, p->y, 1, height);
    }
}

static void draw_chart(pen *p, const cg_bar_chart *chart)
{
    frame f = find_frame(p, chart);
    double group = f.height * (double)chart->bars, row = fmax(group, label_font.size) + gap * 0.8;
    p->y += gap;
    draw_line(p, &chart_font, margin, chart->title);
    p->y += gap / 2;
    draw_decades(p, &f, row * (double)chart->rows);
    for (size_t i = 0; i < chart->rows; i++, p->y += row) {
        pen inside = {p->cr, p->y + (row - group) / 2, p->width};
        set_font(p->cr, &label_font);
        cairo_set_source_rgb(p->cr, 0, 0, 0);
        draw_text(p->cr, f.label, p->y + row / 2 + 4, f.bar - gap - f.label, chart->labels[i]);
        for (size_t k = 0; k < chart->bars; k++)
            draw_bar(&inside, &f, &chart->bar[i * chart->bars + k]);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Where a chart's plot lies, and how far its axes go. */
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

/* Beyond these an axis has no steps that a double tells apart. */
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

static plot find_plot(const pen *p, const cg_line_chart *chart)
{
    plot f = {.left = margin + 44, .right = p->width - margin, .top = p->y + gap / 2};
    for (size_t i = 0; i < chart->count; i++)
        add_extent(&f, &chart->lines[i]);
    f.bottom = f.top + (p->width < page_width ? 170 : 200);
    f.x_most = f.x_most > least_axis ? f.x_most : 1;
    f.y_most = chart->most > 0 ? chart->most : f.y_most > least_axis ? f.y_most : 1;
    f.x_step = fmax(round_step(f.x_most, p->width / 110), 1);
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

/* A number beside or below the plot, its middle or its end at x. */
static void draw_number(cairo_t *cr, double x, double y, double share, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", number);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_move_to(cr, x - share * text_width(cr, text), y);
    cairo_show_text(cr, text);
}

static void draw_axes(const pen *p, const plot *f, const char *across)
{
    set_font(p->cr, &bar_font);
    for (size_t i = 0; (double)i * f->y_step <= f->y_most * (1 + 1e-9); i++) {
        double y = y_of(f, (double)i * f->y_step);
        draw_number(p->cr, f->left - 6, y + 3.5, 1, (double)i * f->y_step);
        cairo_set_source_rgb(p->cr, i ? 0.85 : 0.4, i ? 0.85 : 0.4, i ? 0.85 : 0.4);
        fill(p->cr, f->left, y - 0.5, f->right - f->left, 1);
    }
    double room = text_width(p->cr, across) + gap;
    for (size_t i = 0; (double)i * f->x_step <= f->x_most * (1 + 1e-9); i++) {
        double x = x_of(f, (double)i * f->x_step);
        if (x > f->right - room - gap && i)
            break; /* the axis' name stands there */
        draw_number(p->cr, x, f->bottom + 14, 0.5, (double)i * f->x_step);
    }
    draw_text(p->cr, f->right - room + gap, f->bottom + 14, room, across);
}

/* A line, and where it has few points a dot on each: one point alone is no line. */
static void draw_points(cairo_t *cr, const plot *f, const cg_line *line)
{
    enum { DOTS = 60 };
    bool joined = false;
    set_color(cr, line->color);
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
    for (size_t i = 0; i < line->count && line->count <= DOTS; i++)
        if (is_drawn(line, i))
            fill(cr, x_of(f, line->x[i]) - 2, y_of(f, line->y[i]) - 2, 4, 4);
}

static void draw_line_chart(pen *p, const cg_line_chart *chart)
{
    p->y += gap;
    draw_line(p, &chart_font, margin, chart->title);
    plot f = find_plot(p, chart);
    draw_axes(p, &f, chart->across);
    for (size_t i = 0; i < chart->count; i++)
        draw_points(p->cr, &f, &chart->lines[i]);
    p->y = f.bottom + 18;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void draw_legend(pen *p, const cg_figure *figure)
{
    const double side = 11;
    p->y += gap / 2;
    for (size_t i = 0; i < figure->legend_count; i++) {
        draw_line(p, &label_font, margin + side + gap, figure->legend[i]);
        set_color(p->cr, i);
        fill(p->cr, margin, p->y - 0.25 * label_font.size - side, side, side);
    }
}

static double width_of(const cg_figure *figure)
{
    return figure->width > 0 ? figure->width : page_width;
}

/* Draws all of it; the result is its height. */
static double draw_figure(cairo_t *cr, const cg_figure *figure)
{
    pen p = {cr, margin / 2, width_of(figure)};
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    draw_line(&p, &title_font, margin, figure->title);
    draw_legend(&p, figure);
    for (size_t i = 0; i < figure->line_chart_count; i++)
        draw_line_chart(&p, &figure->line_charts[i]);
    for (size_t i = 0; i < figure->chart_count; i++)
        draw_chart(&p, &figure->charts[i]);
    return ceil(p.y + margin);
}

/* ---- surfaces -------------------------------------------------------------------------------- */

static cg_status check_cairo(cairo_status_t result)
{
    return result == CAIRO_STATUS_SUCCESS
               ? CG_OK
               : cg_fail(CG_ERR_MEMORY, "cannot draw: %s", cairo_status_to_string(result));
}

static cg_status measure_figure(double *height, const cg_figure *figure)
{
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    cairo_t *cr = cairo_create(surface);
    *height = draw_figure(cr, figure);
    cg_status status = check_cairo(cairo_status(cr));
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    if (status == CG_OK && *height > max_height)
        status = cg_fail(CG_ERR_SHAPE,
                         "too much for a figure: it would be %.0f pixels tall, and "
                         "%.0f are allowed",
                         *height, max_height);
    return status;
}

static cairo_status_t add_bytes(void *text, const unsigned char *bytes, unsigned size)
{
    cg_text_add(text, bytes, size);
    return ((cg_text *)text)->status == CG_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

cg_status cg_figure_png(cg_text *png, const cg_figure *figure)
{
    enum { PIXELS = 2 };
    cg_status status = CG_OK;
    cairo_surface_t *surface = NULL;
    cairo_t *cr = NULL;
    double height;

    CG_TRY(measure_figure(&height, figure));
    surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, PIXELS * (int)width_of(figure),
                                         PIXELS * (int)height);
    cr = cairo_create(surface);
    cairo_scale(cr, PIXELS, PIXELS);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    draw_figure(cr, figure);
    CG_TRY(check_cairo(cairo_status(cr)));
    CG_TRY(check_cairo(cairo_surface_write_to_png_stream(surface, add_bytes, png)));
done:
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return status;
}

/* Adds cairo's text with `id` before each name that it gives to a part and refers to: it gives the
 * same ones in every figure of a page. */
static void add_named(cg_text *svg, const char *text, const char *id)
{
    static const char *const marks[] = {" id=\"", "href=\"#", "url(#"};
    const char *rest = text;
    for (; *text; text++) {
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            size_t length = strlen(marks[i]);
            if (strncmp(text, marks[i], length) != 0)
                continue;
            cg_text_add(svg, rest, (size_t)(text - rest) + length);
            cg_text_printf(svg, "%s-", id);
            rest = text + length;
        }
    }
    cg_text_add(svg, rest, (size_t)(text - rest));
}

/* Cairo writes a file: an XML declaration, and an element whose start tag gets more attributes. */
static cg_status add_element(cg_text *svg, const char *file, const cg_figure *figure,
                             const char *description)
{
    static const char tag[] = "<svg ";
    const char *id = figure->id ? figure->id : "figure";
    const char *start = file ? strstr(file, tag) : NULL, *end = start ? strchr(start, '>') : NULL;
    if (!end)
        return cg_fail(CG_ERR_MEMORY, "cannot draw: no SVG from cairo");
    cg_text_printf(svg, "<svg role=\"img\" aria-labelledby=\"%s-title %s-text\" ", id, id);
    start += strlen(tag);
    cg_text_add(svg, start, (size_t)(end + 1 - start));
    cg_text_printf(svg, "\n<title id=\"%s-title\">", id);
    cg_text_add_html(svg, figure->title);
    cg_text_printf(svg, "</title>\n<desc id=\"%s-text\">", id);
    cg_text_add_html(svg, description);
    cg_text_printf(svg, "</desc>");
    add_named(svg, end + 1, id);
    return svg->status;
}

cg_status cg_figure_svg(cg_text *svg, const cg_figure *figure, const char *description)
{
    cg_status status = CG_OK;
    cg_text file = {0};
    cairo_surface_t *surface = NULL;
    cairo_t *cr = NULL;
    double height;

    CG_TRY(measure_figure(&height, figure));
    surface = cairo_svg_surface_create_for_stream(add_bytes, &file, width_of(figure), height);
    cr = cairo_create(surface);
    draw_figure(cr, figure);
    CG_TRY(check_cairo(cairo_status(cr)));
    cairo_surface_finish(surface);
    CG_TRY(check_cairo(cairo_surface_status(surface)));
    CG_TRY(add_element(svg, file.data, figure, description));
done:
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    cg_text_deinit(&file);
    return status;
}
