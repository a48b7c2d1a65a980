/* Figures by cairo. A figure is drawn twice: once to find how tall it is, then on the surface of
 * the file. */
#include "figure/figure.h"

#include "base/memory.h"
#include "base/try.h"
#include "figure/charts.h"

#include <cairo-svg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double page_width = 960, max_height = 16000;

static void draw_legend(cg_pen *p, const cg_figure *figure)
{
    const double side = 11;
    p->y += CG_PEN_GAP / 2;
    for (size_t i = 0; i < figure->legend_count; i++) {
        cg_pen_line(p, &cg_font_label, CG_PEN_MARGIN + side + CG_PEN_GAP, figure->legend[i]);
        cg_pen_set_color(p->cr, cg_color_of_legend(i));
        cg_pen_fill(p->cr, CG_PEN_MARGIN, p->y - 0.25 * cg_font_label.size - side, side, side);
    }
}

static double width_of(const cg_figure *figure)
{
    return figure->width > 0 ? figure->width : page_width;
}

/* Draws all of it; the result is its height. */
static double draw_figure(cairo_t *cr, const cg_figure *figure)
{
    cg_pen p = {cr, CG_PEN_MARGIN / 2, width_of(figure)};
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    cg_pen_line(&p, &cg_font_title, CG_PEN_MARGIN, figure->title);
    draw_legend(&p, figure);
    for (size_t i = 0; i < figure->line_chart_count; i++)
        cg_lines_draw(&p, &figure->line_charts[i]);
    for (size_t i = 0; i < figure->chart_count; i++)
        cg_bars_draw(&p, &figure->charts[i]);
    return ceil(p.y + CG_PEN_MARGIN / 2);
}

/* ---- surfaces -------------------------------------------------------------------------------- */

static cg_status check_cairo(cairo_status_t result)
{
    return result == CAIRO_STATUS_SUCCESS ? CG_OK
           : result == CAIRO_STATUS_WRITE_ERROR
               ? CG_ERR_MEMORY /* the text that was written to has said so */
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
        status =
            cg_fail(CG_ERR_SHAPE, "the figure would be %.0f pixels tall; at most %.0f are allowed",
                    *height, max_height);
    return status;
}

static cairo_status_t add_bytes(void *text, const unsigned char *bytes, unsigned size)
{
    cg_text_add(text, bytes, size);
    return ((cg_text *)text)->status == CG_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

cg_status cg_figure_check(void)
{
    return CG_OK;
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
    cg_pen_set_color(cr, CG_COLOR_GROUND);
    cairo_paint(cr);
    draw_figure(cr, figure);
    CG_TRY(check_cairo(cairo_status(cr)));
    CG_TRY(check_cairo(cairo_surface_write_to_png_stream(surface, add_bytes, png)));
done:
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return status;
}

/* *color = the one of the table whose value stands there in percent, as cairo writes it. The result
 * is the text behind it, NULL where there is no such color. */
static const char *read_color(cg_color *color, const char *text)
{
    static const char start[] = "rgb(";
    unsigned char rgb[3], known[3];
    if (strncmp(text, start, strlen(start)) != 0)
        return NULL;
    text += strlen(start);
    for (size_t i = 0; i < 3; i++) {
        char *end;
        rgb[i] = (unsigned char)lround(2.55 * strtod(text, &end));
        text = end + strspn(end, "%, ");
    }
    for (size_t i = 0; i < CG_COLORS && *text == ')'; i++) {
        *color = (cg_color)i;
        cg_color_get(known, *color, CG_SCHEME_LIGHT);
        if (memcmp(rgb, known, sizeof rgb) == 0)
            return text + 1;
    }
    return NULL;
}

/* Adds cairo's text, with names in place of the values of colors: the page's scheme gives them
 * theirs. Before each name that cairo gives to a part and refers to comes `id`, as cairo gives the
 * same ones in every figure of a page. */
static void add_named(cg_text *svg, const char *text, const char *id)
{
    static const char *const marks[] = {" id=\"", "href=\"#", "url(#"};
    const char *rest = text, *after;
    for (cg_color color; *text; text++) {
        after = read_color(&color, text);
        if (after) {
            cg_text_add(svg, rest, (size_t)(text - rest));
            cg_color_add_name(svg, color);
            rest = after;
            text = after - 1;
        }
        for (size_t i = 0; i < CG_COUNT(marks) && !after; i++) {
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
        return cg_fail(CG_ERR_MEMORY, "cannot draw: cairo gave no SVG");
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
