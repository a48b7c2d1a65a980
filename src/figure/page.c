/* The frame of a page, and the style of all pages. */
#include "figure/page.h"

#include "figure/color.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

/* A table's head goes on at the top of each printed page; the first column stays where a table
 * scrolls. On paper nothing scrolls, and all is dark on light. */
static const char common_style[] =
    "* { box-sizing: border-box; }\n"
    "body { font: 15px/1.4 sans-serif; color: var(--text); background: var(--ground);\n"
    "       max-width: 84rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }\n"
    "h1, h2, h3 { line-height: 1.2; }\n"
    ".wide { overflow-x: auto; margin: .5rem 0; }\n"
    "table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right;\n"
    "         vertical-align: top; overflow-wrap: normal; }\n"
    "th { font-weight: 600; }\n"
    "td:not(.text), thead th:not(.name) { white-space: nowrap; }\n"
    "th[scope=row], .text { text-align: left; }\n"
    "th[scope=row] { position: sticky; left: 0; background: var(--ground); }\n"
    ".name, td.text { overflow-wrap: anywhere; min-width: 7rem; }\n"
    "@media print, (min-width: 50rem) { th[scope=row]:not(.name) { white-space: nowrap; } }\n"
    "small { color: var(--quiet); font-weight: 400; }\n"
    "td.best { background: var(--best); font-weight: 700; }\n"
    "td.best::before { content: \"\\25B8\\00A0\"; }\n"
    ".ink { display: inline-block; width: .8em; height: .8em; margin-right: .4em;\n"
    "       print-color-adjust: exact; -webkit-print-color-adjust: exact; }\n"
    "svg { display: block; max-width: 100%; height: auto; }\n"
    "figure { margin: 0; }\n"
    "summary { cursor: pointer; padding: .2rem 0; }\n"
    ":focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }\n"
    "@media print {\n"
    "  body { font-size: 9px; margin: 0; padding: 0; max-width: none; }\n"
    "  .wide { overflow: visible; }\n"
    "  th, td { padding: .1rem .3rem; }\n"
    "  th[scope=row] { position: static; }\n"
    "  thead { display: table-header-group; }\n"
    "  tr, svg, img { break-inside: avoid; }\n"
    "  h1, h2, h3, summary { break-after: avoid; break-inside: avoid; }\n"
    "}\n";

static void add_colors(cg_text *page)
{
    cg_text_printf(page, ":root { color-scheme: light; ");
    cg_color_add_properties(page, CG_SCHEME_LIGHT);
    cg_text_printf(page, "}\n@media screen and (prefers-color-scheme: dark) {\n"
                         "  :root { color-scheme: dark; ");
    cg_color_add_properties(page, CG_SCHEME_DARK);
    cg_text_printf(page, "}\n}\n");
}

void cg_page_begin(cg_text *page, const char *title, const char *style)
{
    cg_text_add(page, head, sizeof head - 1);
    cg_text_printf(page, "<title>%s</title>\n<style>\n", title);
    add_colors(page);
    cg_text_printf(page, "%s%s", common_style, style);
    cg_text_printf(page, "</style>\n</head>\n<body>\n<h1>%s</h1>\n", title);
}

void cg_page_end(cg_text *page)
{
    cg_text_printf(page, "</body>\n</html>\n");
}

void cg_page_begin_table(cg_text *page, const char *label, const char *classes)
{
    cg_text_printf(page,
                   "<div class=\"wide%s%s\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">"
                   "<table>\n",
                   classes[0] ? " " : "", classes, label);
}

void cg_page_end_table(cg_text *page)
{
    cg_text_printf(page, "</table></div>\n");
}

void cg_page_add_text(cg_text *page, const char *text)
{
    if (!text[0])
        return;
    cg_text_printf(page, "<bdi>");
    cg_text_add_html(page, text);
    cg_text_printf(page, "</bdi>");
}

void cg_page_add_ink(cg_text *page, size_t index)
{
    cg_text_printf(page, "<span class=\"ink\" style=\"background: ");
    cg_color_add_name(page, cg_color_of_legend(index));
    cg_text_printf(page, "\"></span>");
}
