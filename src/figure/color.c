/* The table of colors. tests/figure/test_color.c computes the contrast of each with its grounds. */
#include "figure/color.h"

#include <math.h>

static const char *const names[CG_COLOR_SERIES] = {
    [CG_COLOR_GROUND] = "ground", [CG_COLOR_BEST] = "best", [CG_COLOR_TEXT] = "text",
    [CG_COLOR_QUIET] = "quiet",   [CG_COLOR_LINE] = "line", [CG_COLOR_FOCUS] = "focus",
};

/* The legends' hues are ones that most people can distinguish, also by their lightness. */
static const unsigned char values[CG_COLOR_SERIES + CG_COLOR_HUES][CG_SCHEMES][3] = {
    [CG_COLOR_GROUND] = {{0xff, 0xff, 0xff}, {0x16, 0x18, 0x1d}},
    [CG_COLOR_BEST] = {{0xd9, 0xf2, 0xe3}, {0x14, 0x3a, 0x27}},
    [CG_COLOR_TEXT] = {{0x11, 0x11, 0x11}, {0xe8, 0xe8, 0xe8}},
    [CG_COLOR_QUIET] = {{0x50, 0x50, 0x50}, {0xb4, 0xb4, 0xb4}},
    [CG_COLOR_LINE] = {{0x68, 0x68, 0x68}, {0xa0, 0xa0, 0xa0}},
    [CG_COLOR_FOCUS] = {{0x00, 0x5f, 0xcc}, {0x7a, 0xb8, 0xff}},
    [CG_COLOR_SERIES] = {{0x00, 0x72, 0xb2}, {0x56, 0xb4, 0xe9}},
    {{0xa8, 0x5c, 0x00}, {0xf0, 0xac, 0x1a}},
    {{0x00, 0x6b, 0x4e}, {0x1f, 0xb5, 0x88}},
    {{0xc4, 0x3c, 0x00}, {0xff, 0x7a, 0x33}},
    {{0x8a, 0x2f, 0x73}, {0xe0, 0x92, 0xc0}},
    {{0x3a, 0x3f, 0x9e}, {0x9a, 0xa2, 0xff}},
    {{0x5a, 0x5a, 0x5a}, {0xbd, 0xbd, 0xbd}},
    {{0x6b, 0x57, 0x1e}, {0xc9, 0xb4, 0x6a}},
};

/* The step from one tone of a hue to the next: to black on light ground, to white on dark ground,
 * so that contrast grows. */
static const double tone = 0.35;

cg_color cg_color_of_legend(size_t index)
{
    return (cg_color)(CG_COLOR_SERIES + index % CG_COLOR_LEGEND);
}

void cg_color_get(unsigned char rgb[3], cg_color color, cg_scheme scheme)
{
    size_t index = color, tones = 0;
    if (color >= CG_COLOR_SERIES) {
        tones = (color - CG_COLOR_SERIES) / CG_COLOR_HUES;
        index = CG_COLOR_SERIES + (color - CG_COLOR_SERIES) % CG_COLOR_HUES;
    }
    const unsigned char *hue = values[index][scheme];
    double end = scheme == CG_SCHEME_DARK ? 255 : 0, share = tone * (double)tones;
    for (size_t i = 0; i < 3; i++)
        rgb[i] = (unsigned char)lround(share * end + (1 - share) * hue[i]);
}

static void add_property(cg_text *text, cg_color color)
{
    if (color < CG_COLOR_SERIES)
        cg_text_printf(text, "--%s", names[color]);
    else
        cg_text_printf(text, "--series-%d", (int)(color - CG_COLOR_SERIES));
}

void cg_color_add_name(cg_text *text, cg_color color)
{
    cg_text_printf(text, "var(");
    add_property(text, color);
    cg_text_printf(text, ")");
}

void cg_color_add_properties(cg_text *text, cg_scheme scheme)
{
    for (size_t i = 0; i < CG_COLORS; i++) {
        unsigned char rgb[3];
        cg_color_get(rgb, (cg_color)i, scheme);
        add_property(text, (cg_color)i);
        cg_text_printf(text, ": #%02x%02x%02x; ", rgb[0], rgb[1], rgb[2]);
    }
}
