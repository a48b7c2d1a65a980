/* The page: options and speeds of all runs, their curves, their pictures. Texts of files go through
 * cg_text_add_html(), pictures are part of the page. Nothing in it needs a script: the slider over
 * epochs is a row of radio buttons, of which the chosen one shows the picture behind it. */
#include "report/page.h"

#include "base/memory.h"
#include "base/try.h"
#include "figure/page.h"
#include "report/page_curves.h"
#include "report/page_name.h"
#include "report/page_pictures.h"

#include <string.h>

static const char style[] =
    ".charts { display: grid; gap: 1rem 1.5rem; margin: 1rem 0;\n"
    "          grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }\n"
    ".charts figure { break-inside: avoid; max-width: 38rem; }\n"
    ".charts svg { width: 100%; }\n"
    "figcaption { color: var(--quiet); font-size: .85rem; max-width: 42rem; }\n"
    ".ink { display: inline-block; width: .8em; height: .8em; margin-right: .4em;\n"
    "       print-color-adjust: exact; -webkit-print-color-adjust: exact; }\n"
    "tr.differs th[scope=row]::before { content: \"\\2260\\00A0\"; }\n"
    "tr.differs td { background: var(--best); }\n"
    "td.text { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }\n"
    ".runs { display: grid; gap: 2rem;\n"
    "        grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); }\n"
    ".runs section { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: flex-start;\n"
    "                align-content: flex-start; }\n"
    ".runs section > * { flex: 0 1 30rem; min-width: 0; }\n"
    ".runs section > h3 { flex: 0 0 100%; }\n"
    ".runs h3, .runs p { overflow-wrap: anywhere; }\n"
    ".runs figure { margin: 0 0 1.5rem; }\n"
    ".runs img { width: 100%; image-rendering: pixelated; display: block; }\n"
    ".reel { position: relative; display: flex; flex-wrap: wrap; gap: .2rem; border: 0;\n"
    "        margin: 0; padding: 0; max-width: 30rem; min-width: 0; }\n"
    ".reel legend { padding: 0; margin-bottom: .3rem; }\n"
    ".reel input { position: absolute; opacity: 0; width: 1px; height: 1px; margin: 0; }\n"
    ".reel label { border: 1px solid var(--line); border-radius: 3px; min-width: 1.3rem;\n"
    "              text-align: center; font-size: .8rem; cursor: pointer; }\n"
    ".reel input:checked + label { background: var(--text); color: var(--ground); }\n"
    ".reel input:focus-visible + label { outline: 3px solid #0072b2; outline-offset: 1px; }\n"
    ".reel .shot { display: none; order: 1; flex: 0 0 100%; margin: .3rem 0 0; }\n"
    ".reel input:checked + label + .shot { display: block; }\n"
    "details { margin: .5rem 0; }\n"
    "summary { cursor: pointer; }\n"
    ".tall { max-height: 24rem; overflow: auto; }\n"
    "@media print {\n"
    "  .tall { max-height: none; overflow: visible; }\n"
    "  figcaption { font-size: 1em; }\n"
    "  .charts { grid-template-columns: repeat(3, 1fr); gap: .5rem; }\n"
    "  .runs section > * { flex: 0 1 8cm; }\n"
    "  .motion { display: none; }\n"
    "  .reel input, .reel label { display: none; }\n"
    "  .reel .shot, .reel input:checked + label + .shot { display: inline-block; width: 3cm;\n"
    "                                                     flex: none; }\n"
    "  .runs figure { break-inside: avoid; }\n"
    "  .runs figure.long { break-inside: auto; }\n"
    "  h2, h3 { break-after: avoid; }\n"
    "}\n";

/* ---- the runs' options ----------------------------------------------------------------------- */

static void add_row_head(cg_text *page, const char *name, bool differs)
{
    cg_text_printf(page, "<tr%s><th scope=\"row\">", differs ? " class=\"differs\"" : "");
    cg_text_add_html(page, name);
    cg_text_printf(page, "</th>");
}

static void add_option(cg_text *page, const cg_report_data *e, size_t option)
{
    const cg_run_data *first = &e->runs.items[0];
    bool differs = false;
    for (size_t run = 1; run < e->runs.count; run++)
        differs |=
            strcmp(e->runs.items[run].options[option].text, first->options[option].text) != 0;
    add_row_head(page, first->options[option].name, differs);
    for (size_t run = 0; run < e->runs.count; run++) {
        const char *text = e->runs.items[run].options[option].text;
        cg_text_printf(page, "<td class=\"text\">");
        cg_text_add_html(page, text[0] ? text : "-");
        cg_text_printf(page, "</td>");
    }
    cg_text_printf(page, "</tr>\n");
}

/* The outcomes of a run that the page's table shows. */
static const struct outcome {
    const char *name;
    int decimals;
    cg_record_kind kind;
    size_t column;
    double (*find)(const cg_track *track, size_t column); /* NULL: the median */
} outcomes[] = {
    {"epochs done", 0, CG_RECORD_EPOCH, CG_EPOCH_NUMBER, cg_track_most},
    {"last step in the log", 0, CG_RECORD_STEP, CG_STEP_NUMBER, cg_track_most},
    {"images/s, median", 1, CG_RECORD_STEP, CG_STEP_RATE, NULL},
    {"seconds, all whole epochs", 1, CG_RECORD_EPOCH, CG_EPOCH_SECONDS, cg_track_sum},
};

static cg_status add_outcome(cg_text *page, const cg_report_data *e, const struct outcome *o)
{
    cg_status status = CG_OK;
    add_row_head(page, o->name, false);
    for (size_t run = 0; run < e->runs.count; run++) {
        const cg_track *track = &e->runs.items[run].tracks[o->kind];
        double number = o->find ? o->find(track, o->column) : 0;
        if (!o->find)
            CG_TRY(cg_track_median(&number, track, o->column));
        cg_text_printf(page, "<td class=\"text\">");
        if (number > 0)
            cg_text_printf(page, "%.*f", o->decimals, number);
        else
            cg_text_printf(page, "-");
        cg_text_printf(page, "</td>");
    }
    cg_text_printf(page, "</tr>\n");
done:
    return status;
}

static void add_notes(cg_text *page, const cg_report_data *e)
{
    for (size_t run = 0; run < e->runs.count; run++) {
        const char *line = e->runs.items[run].notes.data, *end;
        if (!line)
            continue;
        cg_text_printf(page, "<p>");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, ":</p>\n<ul>\n");
        for (; (end = strchr(line, '\n')); line = end + 1) {
            cg_text one = {0};
            cg_text_add(&one, line, (size_t)(end - line));
            cg_text_printf(page, "<li>");
            cg_text_add_html(page, one.data ? one.data : "");
            cg_text_printf(page, "</li>\n");
            cg_text_deinit(&one);
        }
        cg_text_printf(page, "</ul>\n");
    }
}

static void add_algorithms(cg_text *page, const cg_report_data *e)
{
    cg_text_printf(page, "<details><summary>Algorithms of each pass</summary>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        const cg_text *algorithms = &e->runs.items[run].algorithms;
        cg_text_printf(page, "<p>");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, ": ");
        cg_text_add_html(page, algorithms->size ? algorithms->data : "not said");
        cg_text_printf(page, "</p>\n");
    }
    cg_text_printf(page, "</details>\n");
}

static void add_run_heads(cg_text *page, const cg_report_data *e)
{
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<th scope=\"col\" class=\"name text\">");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, "</th>");
    }
}

static cg_status add_runs(cg_text *page, const cg_report_data *e)
{
    cg_status status = CG_OK;
    cg_text_printf(page, "<h2>Runs</h2>\n");
    if (e->runs.count > 1)
        cg_text_printf(page, "<p>Options in which the runs differ are marked by \xe2\x89\xa0. "
                             "Each run has its color in all figures.</p>\n");
    cg_text_printf(page, "<div class=\"wide\"><table>\n<thead><tr>"
                         "<th scope=\"col\" class=\"text\">run</th>");
    add_run_heads(page, e);
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < CG_COUNT(outcomes); i++)
        CG_TRY(add_outcome(page, e, &outcomes[i]));
    for (size_t i = 0; i < CG_RUN_OPTIONS; i++)
        add_option(page, e, i);
    cg_text_printf(page, "</tbody></table></div>\n");
    add_algorithms(page, e);
    add_notes(page, e);
done:
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------- */

cg_status cg_report_add_page(cg_text *page, const cg_report_data *data)
{
    cg_status status = CG_OK;
    cg_page_begin(page, "clgan report", style);
    CG_TRY(add_runs(page, data));
    CG_TRY(cg_page_add_training(page, data));
    CG_TRY(cg_page_add_quality(page, data));
    cg_page_add_pictures(page, data);
    cg_page_end(page);
    status = page->status;
done:
    return status;
}
