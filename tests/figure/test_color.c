/* The table of colors: each has the contrast that WCAG 2 asks of text (4.5, by its definition of
 * "contrast ratio") with what it is drawn on, and a page has no color beside the table. */
#include "figure/color.h"
#include "figure/page.h"
#include "support.h"

#include <math.h>
#include <stdio.h>

static const double least = 4.5;

static double luminance(const unsigned char rgb[3])
{
    static const double weights[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double share = rgb[i] / 255.0;
        sum += weights[i] * (share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const unsigned char a[3], const unsigned char b[3])
{
    double one = luminance(a) + 0.05, other = luminance(b) + 0.05;
    return one > other ? one / other : other / one;
}

START_TEST(knows_contrast)
{
    static const unsigned char black[3] = {0, 0, 0}, white[3] = {255, 255, 255},
                               grey[3] = {0x77, 0x77, 0x77};
    ck_assert_double_eq_tol(contrast(black, white), 21, 1e-9);
    ck_assert_double_eq_tol(contrast(grey, white), 4.478, 1e-3);
    ck_assert_double_eq_tol(contrast(grey, grey), 1, 1e-9);
}
END_TEST

static void check_contrast(cg_color color, cg_color ground, cg_scheme scheme)
{
    unsigned char a[3], b[3];
    cg_color_get(a, color, scheme);
    cg_color_get(b, ground, scheme);
    if (contrast(a, b) < least)
        ck_abort_msg("%s: color %d on %d: contrast %.3f",
                     scheme == CG_SCHEME_DARK ? "dark" : "light", color, ground, contrast(a, b));
}

/* Figures are on the page's own ground, tables on both. */
START_TEST(has_contrast)
{
    for (int scheme = 0; scheme < CG_SCHEMES; scheme++) {
        for (int color = CG_COLOR_TEXT; color < CG_COLORS; color++)
            check_contrast((cg_color)color, CG_COLOR_GROUND, (cg_scheme)scheme);
        for (int color = CG_COLOR_TEXT; color < CG_COLOR_SERIES; color++)
            check_contrast((cg_color)color, CG_COLOR_BEST, (cg_scheme)scheme);
    }
}
END_TEST

/* A figure of a page finds the name of a color by its value. */
START_TEST(has_no_color_twice)
{
    for (int scheme = 0; scheme < CG_SCHEMES; scheme++) {
        for (int i = 0; i < CG_COLORS; i++) {
            for (int k = 0; k < i; k++) {
                unsigned char a[3], b[3];
                cg_color_get(a, (cg_color)i, (cg_scheme)scheme);
                cg_color_get(b, (cg_color)k, (cg_scheme)scheme);
                ck_assert_msg(memcmp(a, b, sizeof a) != 0, "scheme %d: color %d is %d", scheme, i,
                              k);
            }
        }
    }
    for (size_t i = 0; i < 2 * CG_COLOR_LEGEND; i++)
        ck_assert_int_eq(cg_color_of_legend(i), CG_COLOR_SERIES + (int)(i % CG_COLOR_LEGEND));
}
END_TEST

/* The number of the table's colors, where all of them stand behind each other. */
static size_t count_properties(const char *css, cg_scheme scheme)
{
    cg_text expected = {0};
    cg_color_add_properties(&expected, scheme);
    const char *place = strstr(css, expected.data);
    size_t count = 0;
    for (size_t i = 0; place && i < expected.size; i++)
        count += place[i] == '#';
    cg_text_deinit(&expected);
    return count;
}

static size_t count_char(const char *text, char letter)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == letter;
    return count;
}

/* The dark values are for screens alone: paper has the light ones. */
START_TEST(is_all_that_a_page_has)
{
    cg_text page = {0};
    cg_page_begin(&page, "A page", "");
    cg_page_add_ink(&page, 1);
    cg_page_end(&page);
    ck_assert_uint_eq(count_properties(page.data, CG_SCHEME_LIGHT), CG_COLORS);
    const char *dark = strstr(page.data, "@media screen and (prefers-color-scheme: dark)");
    ck_assert_ptr_nonnull(dark);
    ck_assert_uint_eq(count_properties(dark, CG_SCHEME_DARK), CG_COLORS);
    ck_assert_uint_eq(count_char(page.data, '#'), 2 * CG_COLORS);
    ck_assert_ptr_null(strstr(page.data, "rgb"));
    ck_assert_ptr_nonnull(strstr(page.data, "background: var(--series-1)"));
    cg_text_deinit(&page);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("color");
    tcase_add_test(cases, knows_contrast);
    tcase_add_test(cases, has_contrast);
    tcase_add_test(cases, has_no_color_twice);
    tcase_add_test(cases, is_all_that_a_page_has);
    return run_case(cases, "figure/color");
}
