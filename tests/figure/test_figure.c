/* Figures as SVG: all numbers of their axes, and no color but those that the page names. */
#include "figure/figure.h"
#include "support.h"

#include <stdio.h>

enum { POINTS = 3, LEGEND = 24 };

static const double along[POINTS] = {0, 500, 1000}, up[POINTS] = {0.1, 0.5, 1};

static size_t count_text(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* Lines to the plot's right end, above an axis of that name, and bars. */
static void draw_svg(cg_text *svg, const char *across, double width)
{
    const char *legend[LEGEND], *labels[] = {"one", "other"};
    cg_line lines[LEGEND];
    cg_bar bars[2] = {{.value = 3, .text = "three"}, {.value = 400, .color = 1, .text = "many"}};
    for (size_t i = 0; i < LEGEND; i++) {
        legend[i] = "";
        lines[i] = (cg_line){.x = along, .y = up, .count = POINTS, .color = i};
    }
    cg_line_chart chart = {.title = "Lines", .across = across, .count = LEGEND, .lines = lines};
    cg_bar_chart bar_chart = {"Bars", true, 2, 1, labels, bars};
    cg_figure figure = {.title = "<A> & \"B\"",
                        .width = width,
                        .legend = legend,
                        .legend_count = LEGEND,
                        .line_charts = &chart,
                        .line_chart_count = 1,
                        .charts = &bar_chart,
                        .chart_count = 1};
    ck_assert_int_eq(cg_figure_svg(svg, &figure, "What it shows"), CG_OK);
}

/* Each letter of a figure is a use of its outline: the axis' name adds its own, and takes no
 * number's place, however long it is. */
START_TEST(draws_all_ticks)
{
    static const char *const names[] = {"step", "milliseconds",
                                        "images that were drawn until then"};
    static const double widths[] = {0, 960, 480, CG_FIGURE_NARROW, 240};
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        cg_text plain = {0};
        draw_svg(&plain, "", widths[w]);
        size_t letters = count_text(plain.data, "<use ");
        ck_assert_uint_gt(letters, 20);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            cg_text named = {0};
            draw_svg(&named, names[i], widths[w]);
            ck_assert_uint_eq(count_text(named.data, "<use "), letters + strlen(names[i]));
            cg_text_deinit(&named);
        }
        cg_text_deinit(&plain);
    }
}
END_TEST

START_TEST(names_all_colors)
{
    cg_text svg = {0};
    draw_svg(&svg, "step", 0);
    ck_assert_ptr_null(strstr(svg.data, "rgb("));
    for (int i = 0; i < LEGEND; i++) {
        char name[32];
        snprintf(name, sizeof name, "var(--series-%d)", i);
        ck_assert_uint_ge(count_text(svg.data, name), 2); /* the legend's and the line's */
    }
    ck_assert_ptr_nonnull(strstr(svg.data, "var(--text)"));
    ck_assert_ptr_nonnull(strstr(svg.data, "var(--line)"));
    ck_assert_ptr_nonnull(strstr(svg.data, "<title id=\"figure-title\">&lt;A&gt; &amp; &quot;B"));
    cg_text_deinit(&svg);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("figure");
    if (cg_figure_check() == CG_OK) {
        tcase_add_test(cases, draws_all_ticks);
        tcase_add_test(cases, names_all_colors);
    }
    return run_case(cases, "figure/figure");
}
