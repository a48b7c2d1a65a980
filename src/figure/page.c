/* The frame of a page, and the style of all pages. */
#include "figure/page.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

/* The figures' colors are turned on dark ground: black to white, hues kept. */
static const char common_style[] =
    ":root { --ground: #fff; --text: #111; --quiet: #555; --line: #ccc; --best: #d9f2e3; }\n"
    "body { font: 15px/1.4 sans-serif; color: var(--text); background: var(--ground);\n"
    "       max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right;\n"
    "         vertical-align: top; }\n"
    "th { font-weight: 600; }\n"
    "td:not(.text), thead th:not(.name) { white-space: nowrap; }\n"
    "th[scope=row], .text { text-align: left; vertical-align: top; }\n"
    "small { color: var(--quiet); font-weight: 400; }\n"
    "td.best { background: var(--best); font-weight: 700; }\n"
    "td.best::before { content: \"\\25B8\\00A0\"; }\n"
    "svg { max-width: 100%; height: auto; }\n"
    "figure { margin: 0; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ground: #16181d; --text: #e8e8e8; --quiet: #a5a5a5; --line: #444;\n"
    "          --best: #1d4a33; }\n"
    "  svg, .ink { filter: invert(1) hue-rotate(180deg); }\n"
    "}\n"
    "@media print {\n"
    "  :root { --ground: #fff; --text: #000; --quiet: #333; --line: #999; --best: #fff; }\n"
    "  body { font-size: 9px; margin: 0; max-width: none; }\n"
    "  .wide { overflow: visible; }\n"
    "  th, td { padding: .1rem .3rem; }\n"
    "  tr { break-inside: avoid; }\n"
    "  svg, .ink { filter: none; }\n"
    "}\n";

void cg_page_begin(cg_text *page, const char *title, const char *style)
{
    cg_text_add(page, head, sizeof head - 1);
    cg_text_printf(page, "<title>%s</title>\n<style>\n", title);
    cg_text_printf(page, "%s%s", common_style, style);
    cg_text_printf(page, "</style>\n</head>\n<body>\n<h1>%s</h1>\n", title);
}

void cg_page_end(cg_text *page)
{
    cg_text_printf(page, "</body>\n</html>\n");
}
