/* The curves of a page, and below them the same numbers as tables. */
#include "report/page_curves.h"

#include "base/try.h"
#include "figure/page.h"
#include "report/page_name.h"

#include <math.h>

enum { TABLE_ROWS = 400 }; /* of a table of numbers, evenly chosen */

/* ---- tables ---------------------------------------------------------------------------------- */

/* Writes a number with its column's decimals, so that the points of a column stand below each
 * other; one that is as large as none of a sound log is short. */
static void add_number(cg_text *page, double number, int decimals)
{
    const double large = 1e9;
    if (fabs(number) < large)
        cg_text_printf(page, "<td>%.*f</td>", decimals, number);
    else if (isfinite(number))
        cg_text_printf(page, "<td>%.6g</td>", number);
    else
        cg_text_printf(page, "<td>-</td>");
}

static void add_table_rows(cg_text *page, const cg_track *track, cg_record_kind kind)
{
    size_t rows = track->count < TABLE_ROWS ? track->count : TABLE_ROWS;
    for (size_t i = 0; i < rows; i++) {
        size_t row = (i + 1) * track->count / rows - 1;
        cg_text_printf(page, "<tr>");
        for (size_t c = 0; cg_columns[kind][c].key; c++)
            add_number(page, track->columns[c][row], cg_columns[kind][c].decimals);
        cg_text_printf(page, "</tr>\n");
    }
}

/* The records of a run as numbers, for who does not see the curves. */
static void add_table(cg_text *page, const cg_report_data *e, size_t run, cg_record_kind kind,
                      const char *what)
{
    const cg_track *track = &e->runs.items[run].tracks[kind];
    if (!track->count)
        return;
    cg_text_printf(page, "<details><summary>");
    cg_page_add_name(page, e, run);
    cg_text_printf(page, ": numbers of %s</summary>\n", what);
    if (track->count > TABLE_ROWS)
        cg_text_printf(page, "<p>%d of %zu records; log.jsonl holds all.</p>\n", TABLE_ROWS,
                       track->count);
    cg_page_begin_table(page, what, "tall");
    cg_text_printf(page, "<thead><tr>");
    for (size_t c = 0; cg_columns[kind][c].key; c++)
        cg_text_printf(page, "<th scope=\"col\">%s</th>", cg_columns[kind][c].title);
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    add_table_rows(page, track, kind);
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
    cg_text_printf(page, "</details>\n");
}

static void add_tables(cg_text *page, const cg_report_data *e, cg_record_kind kind,
                       const char *what)
{
    for (size_t run = 0; run < e->runs.count; run++)
        add_table(page, e, run, kind, what);
}

/* The charts that take their numbers from one kind of record, or from another. *added: how many. */
static cg_status add_charts(cg_text *page, size_t *added, const cg_report_data *e, bool evaluations)
{
    cg_status status = CG_OK;
    *added = 0;
    for (size_t i = 0; i < CG_CHARTS; i++) {
        const cg_chart *chart = &cg_charts[i];
        if ((chart->kind == CG_RECORD_EVALUATION) != evaluations ||
            !cg_chart_has_numbers(chart, &e->runs))
            continue;
        cg_text_printf(page, "<figure>\n");
        CG_TRY(cg_chart_add_svg(page, chart, &e->runs));
        cg_text_printf(page, "<figcaption>%s</figcaption>\n</figure>\n", chart->meaning);
        ++*added;
    }
done:
    return status;
}

cg_status cg_page_add_training(cg_text *page, const cg_report_data *e)
{
    cg_status status = CG_OK;
    size_t added;
    cg_text_printf(page, "<h2>Training</h2>\n");
    cg_page_add_legend(page, e);
    cg_text_printf(page, "<div class=\"charts\">\n");
    CG_TRY(add_charts(page, &added, e, false));
    cg_text_printf(page, "</div>\n");
    if (!added)
        cg_text_printf(page, "<p>The log has no records of steps yet.</p>\n");
    add_tables(page, e, CG_RECORD_STEP, "steps");
    add_tables(page, e, CG_RECORD_EPOCH, "epochs");
done:
    return status;
}

/* ---- quality --------------------------------------------------------------------------------- */

static void add_classes_table(cg_text *page, const cg_report_data *e)
{
    const size_t classes = cg_classes_count(&e->runs);
    cg_text_printf(page, "<details><summary>Numbers of the classes, in percent</summary>\n");
    cg_page_begin_table(page, "classes, in percent", "");
    cg_text_printf(page, "<thead><tr><th scope=\"col\" class=\"text\">run</th>");
    for (size_t c = 0; c < classes; c++)
        cg_text_printf(page, "<th scope=\"col\">%zu</th>", c);
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<tr><th scope=\"row\" class=\"name\">");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, "</th>");
        for (size_t c = 0; c < classes; c++)
            cg_text_printf(page, "<td>%.1f</td>", 100 * e->runs.items[run].histogram[c]);
        cg_text_printf(page, "</tr>\n");
    }
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
    cg_text_printf(page, "</details>\n");
}

cg_status cg_page_add_quality(cg_text *page, const cg_report_data *e)
{
    cg_status status = CG_OK;
    size_t added;
    cg_text_printf(page, "<h2>Quality</h2>\n");
    cg_page_add_legend(page, e);
    cg_text_printf(page, "<div class=\"charts\">\n");
    CG_TRY(add_charts(page, &added, e, true));
    if (cg_classes_fit(&e->runs)) {
        cg_text_printf(page, "<figure>\n");
        CG_TRY(cg_classes_add_svg(page, &e->runs));
        cg_text_printf(page,
                       "<figcaption>What the classifier takes the made images of a run's last "
                       "evaluation for; %.3g %% each would be even.</figcaption>\n</figure>\n",
                       100 / (double)cg_classes_count(&e->runs));
    }
    cg_text_printf(page, "</div>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        if (e->runs.items[run].tracks[CG_RECORD_EVALUATION].count)
            continue;
        cg_text_printf(page, "<p>");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, ": its log has no evaluations. Training with <code>clgan train "
                             "--evaluate-every N</code> writes them; <code>clgan evaluate --run "
                             "DIR</code> judges the checkpoints that are there.</p>\n");
    }
    add_tables(page, e, CG_RECORD_EVALUATION, "evaluations");
    if (cg_classes_count(&e->runs))
        add_classes_table(page, e);
done:
    return status;
}
