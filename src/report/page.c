/* The page: the pictures of all runs, their quality, their curves, and last their options. Texts of
 * files go through cg_page_add_text(), pictures are part of the page. Nothing in it needs a script:
 * the slider over epochs is a row of radio buttons, of which the chosen one shows the picture
 * behind it. */
#include "report/page.h"

#include "base/memory.h"
#include "base/try.h"
#include "figure/page.h"
#include "report/page_curves.h"
#include "report/page_name.h"
#include "report/page_pictures.h"

#include <string.h>

static const char style[] =
    ".legend { break-after: avoid; margin: .5rem 1.2rem; }\n"
    ".legend > span { margin-right: 1.2em; }\n"
    ".charts { display: grid; gap: 1rem 1.5rem; margin: 1rem 0;\n"
    "          grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }\n"
    ".charts figure { max-width: 32rem; }\n"
    ".charts svg { width: 100%; }\n"
    "figcaption { color: var(--quiet); font-size: .85rem; max-width: 42rem; }\n"
    ".charts figcaption { margin-left: 5%; }\n"
    "tr.differs th[scope=row]::before { content: \"\\2260\\00A0\"; }\n"
    "tr.differs td { background: var(--best); }\n"
    "td.text { white-space: normal; }\n"
    ".runs { display: grid; gap: 2rem;\n"
    "        grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); }\n"
    ".runs section { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: flex-start;\n"
    "                align-content: flex-start; min-width: 0; }\n"
    ".runs section > * { flex: 0 1 30rem; min-width: 0; }\n"
    ".runs section > h3 { flex: 0 0 100%; }\n"
    ".runs figure { margin: 0 0 1.5rem; }\n"
    ".runs img { width: 100%; image-rendering: pixelated; display: block; }\n"
    ".reel { position: relative; display: flex; flex-wrap: wrap; gap: .2rem; border: 0;\n"
    "        margin: 0; padding: 0; max-width: 30rem; min-width: 0; }\n"
    ".reel legend { padding: 0; margin-bottom: .3rem; }\n"
    ".reel input { position: absolute; opacity: 0; width: 1px; height: 1px; margin: 0; }\n"
    ".reel label { border: 1px solid var(--line); border-radius: 3px; min-width: 1.7rem;\n"
    "              line-height: 1.6rem; text-align: center; font-size: .8rem; cursor: pointer; }\n"
    ".reel input:checked + label { background: var(--text); color: var(--ground); }\n"
    ".reel input:focus-visible + label { outline: 3px solid var(--focus); outline-offset: 1px; }\n"
    ".reel .shot { display: none; order: 1; flex: 0 0 100%; margin: .3rem 0 0; }\n"
    ".reel input:checked + label + .shot { display: block; }\n"
    "details { margin: .5rem 0; }\n"
    ".tall { max-height: 24rem; overflow: auto; }\n"
    "@media print {\n"
    "  .tall { max-height: none; overflow: visible; }\n"
    "  figcaption { font-size: 1em; }\n"
    "  .charts { grid-template-columns: repeat(3, 1fr); gap: .5rem; }\n"
    "  .charts figure, .runs figure { break-inside: avoid; }\n"
    "  .runs, .runs section { display: block; }\n"
    "  .runs figure { max-width: 8cm; }\n"
    "  .runs figure.long { break-inside: auto; max-width: none; }\n"
    "  .motion { display: none; }\n"
    "  .reel { display: block; max-width: none; }\n"
    "  .reel input, .reel label { display: none; }\n"
    "  .reel .shot, .reel input:checked + label + .shot { display: inline-block; width: 3cm;\n"
    "                                                     margin: 0 .2cm .2cm 0; }\n"
    "  details:not([open], .options) { display: none; }\n"
    "  .options::details-content { content-visibility: visible; }\n"
    "}\n";

/* ---- the runs' options ----------------------------------------------------------------------- */

static void add_row_head(cg_text *page, const char *name, bool differs)
{
    cg_text_printf(page, "<tr%s><th scope=\"row\">", differs ? " class=\"differs\"" : "");
    cg_text_add_html(page, name);
    cg_text_printf(page, "</th>");
}

static bool differs(const cg_report_data *e, size_t option)
{
    for (size_t run = 1; run < e->runs.count; run++)
        if (strcmp(e->runs.items[run].options[option].text,
                   e->runs.items[0].options[option].text) != 0)
            return true;
    return false;
}

/* The rows of the options in which the runs differ, or of the others. */
static void add_options(cg_text *page, const cg_report_data *e, bool different)
{
    for (size_t option = 0; option < CG_RUN_OPTIONS; option++) {
        if (differs(e, option) != different)
            continue;
        add_row_head(page, e->runs.items[0].options[option].name, different);
        for (size_t run = 0; run < e->runs.count; run++) {
            const char *text = e->runs.items[run].options[option].text;
            cg_text_printf(page, "<td class=\"text\">");
            cg_page_add_text(page, text[0] ? text : "-");
            cg_text_printf(page, "</td>");
        }
        cg_text_printf(page, "</tr>\n");
    }
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
            cg_page_add_text(page, one.data ? one.data : "");
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

static void begin_table(cg_text *page, const cg_report_data *e, const char *label)
{
    cg_page_begin_table(page, label, "");
    cg_text_printf(page, "<thead><tr><th scope=\"col\" class=\"text\">run</th>");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<th scope=\"col\" class=\"name text\">");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, "</th>");
    }
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
}

static void end_table(cg_text *page)
{
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
}

static cg_status add_runs(cg_text *page, const cg_report_data *e)
{
    cg_status status = CG_OK;
    const bool several = e->runs.count > 1;
    cg_text_printf(page, "<h2>%s</h2>\n", several ? "Runs" : "Run");
    if (several)
        cg_text_printf(page, "<p>Options in which the runs differ are marked by \xe2\x89\xa0. "
                             "Each run has its color in all figures.</p>\n");
    begin_table(page, e, "Outcomes of the runs, and options in which they differ");
    for (size_t i = 0; i < CG_COUNT(outcomes); i++)
        CG_TRY(add_outcome(page, e, &outcomes[i]));
    add_options(page, e, true);
    end_table(page);
    add_notes(page, e);
    cg_text_printf(page, "<details class=\"options\"><summary>%s</summary>\n",
                   several ? "Options in which the runs are alike" : "Options");
    begin_table(page, e, "Options");
    add_options(page, e, false);
    end_table(page);
    cg_text_printf(page, "</details>\n");
    add_algorithms(page, e);
done:
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------- */

cg_status cg_report_add_page(cg_text *page, const cg_report_data *data)
{
    cg_status status = CG_OK;
    cg_page_begin(page, "clgan report", style);
    cg_page_add_pictures(page, data);
    CG_TRY(cg_page_add_quality(page, data));
    CG_TRY(cg_page_add_training(page, data));
    CG_TRY(add_runs(page, data));
    cg_page_end(page);
    status = page->status;
done:
    return status;
}
