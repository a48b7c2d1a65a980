/* The page: options and speeds of all runs, their curves, their pictures. Texts of files go through
 * cg_text_add_html(), pictures are part of the page. Nothing in it needs a script: the slider over
 * epochs is a row of radio buttons, of which the chosen one shows the picture behind it. */
#include "report/page.h"

#include "base/memory.h"
#include "base/try.h"
#include "draw/figure.h"
#include "draw/page.h"

#include <math.h>
#include <string.h>

enum { TABLE_ROWS = 400 }; /* of a table of numbers, evenly chosen */

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
    ".runs section { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: flex-start; }\n"
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

/* ---- pieces ---------------------------------------------------------------------------------- */

/* A run's name behind a field of its color. */
static void add_name(cg_text *page, const cg_exhibit *e, size_t run)
{
    unsigned char rgb[3];
    cg_figure_color(rgb, run);
    cg_text_printf(page, "<span class=\"ink\" style=\"background: #%02x%02x%02x\"></span>", rgb[0],
                   rgb[1], rgb[2]);
    cg_text_add_html(page, e->runs.items[run].name);
}

static void add_picture(cg_text *page, const char *kind, const void *file, size_t size)
{
    cg_text_printf(page, "data:image/%s;base64,", kind);
    cg_text_add_base64(page, file, size);
}

static void add_number(cg_text *page, double number)
{
    if (isfinite(number))
        cg_text_printf(page, "<td>%.6g</td>", number);
    else
        cg_text_printf(page, "<td>-</td>");
}

/* ---- the runs' options ----------------------------------------------------------------------- */

static void add_row_head(cg_text *page, const char *name, bool differs)
{
    cg_text_printf(page, "<tr%s><th scope=\"row\">", differs ? " class=\"differs\"" : "");
    cg_text_add_html(page, name);
    cg_text_printf(page, "</th>");
}

static void add_option(cg_text *page, const cg_exhibit *e, size_t option)
{
    const cg_chronicle *first = &e->runs.items[0];
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

/* What came of a run. */
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

static cg_status add_outcome(cg_text *page, const cg_exhibit *e, const struct outcome *o)
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

static void add_notes(cg_text *page, const cg_exhibit *e)
{
    for (size_t run = 0; run < e->runs.count; run++) {
        const char *line = e->runs.items[run].notes.data, *end;
        if (!line)
            continue;
        cg_text_printf(page, "<p>");
        add_name(page, e, run);
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

static void add_algorithms(cg_text *page, const cg_exhibit *e)
{
    cg_text_printf(page, "<details><summary>Algorithms of each pass</summary>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        const cg_text *algorithms = &e->runs.items[run].algorithms;
        cg_text_printf(page, "<p>");
        add_name(page, e, run);
        cg_text_printf(page, ": ");
        cg_text_add_html(page, algorithms->size ? algorithms->data : "not said");
        cg_text_printf(page, "</p>\n");
    }
    cg_text_printf(page, "</details>\n");
}

static void add_run_heads(cg_text *page, const cg_exhibit *e)
{
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<th scope=\"col\" class=\"name text\">");
        add_name(page, e, run);
        cg_text_printf(page, "</th>");
    }
}

static cg_status add_runs(cg_text *page, const cg_exhibit *e)
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

/* ---- curves ---------------------------------------------------------------------------------- */

static void add_table_rows(cg_text *page, const cg_track *track, cg_record_kind kind)
{
    size_t rows = track->count < TABLE_ROWS ? track->count : TABLE_ROWS;
    for (size_t i = 0; i < rows; i++) {
        size_t row = (i + 1) * track->count / rows - 1;
        cg_text_printf(page, "<tr>");
        for (size_t c = 0; cg_columns[kind][c].key; c++)
            add_number(page, track->columns[c][row]);
        cg_text_printf(page, "</tr>\n");
    }
}

/* The records of a run as numbers, for who does not see the curves. */
static void add_table(cg_text *page, const cg_exhibit *e, size_t run, cg_record_kind kind,
                      const char *what)
{
    const cg_track *track = &e->runs.items[run].tracks[kind];
    if (!track->count)
        return;
    cg_text_printf(page, "<details><summary>");
    add_name(page, e, run);
    cg_text_printf(page, ": numbers of %s</summary>\n", what);
    if (track->count > TABLE_ROWS)
        cg_text_printf(page, "<p>%d of %zu records; log.jsonl holds all.</p>\n", TABLE_ROWS,
                       track->count);
    cg_text_printf(page, "<div class=\"wide tall\"><table>\n<thead><tr>");
    for (size_t c = 0; cg_columns[kind][c].key; c++)
        cg_text_printf(page, "<th scope=\"col\">%s</th>", cg_columns[kind][c].title);
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    add_table_rows(page, track, kind);
    cg_text_printf(page, "</tbody></table></div></details>\n");
}

static void add_tables(cg_text *page, const cg_exhibit *e, cg_record_kind kind, const char *what)
{
    for (size_t run = 0; run < e->runs.count; run++)
        add_table(page, e, run, kind, what);
}

/* The charts that take their numbers from one kind of record, or from another. *added: how many. */
static cg_status add_charts(cg_text *page, size_t *added, const cg_exhibit *e, bool evaluations)
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

static cg_status add_training(cg_text *page, const cg_exhibit *e)
{
    cg_status status = CG_OK;
    size_t added;
    cg_text_printf(page, "<h2>Training</h2>\n<div class=\"charts\">\n");
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

static void add_classes_table(cg_text *page, const cg_exhibit *e)
{
    cg_text_printf(page, "<details><summary>Numbers of the classes, in percent</summary>\n"
                         "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\" "
                         "class=\"text\">run</th>");
    for (size_t c = 0; c < CG_CHRONICLE_CLASSES; c++)
        cg_text_printf(page, "<th scope=\"col\">%zu</th>", c);
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<tr><th scope=\"row\">");
        add_name(page, e, run);
        cg_text_printf(page, "</th>");
        for (size_t c = 0; c < CG_CHRONICLE_CLASSES; c++)
            cg_text_printf(page, "<td>%.1f</td>", 100 * e->runs.items[run].histogram[c]);
        cg_text_printf(page, "</tr>\n");
    }
    cg_text_printf(page, "</tbody></table></div></details>\n");
}

static cg_status add_quality(cg_text *page, const cg_exhibit *e)
{
    cg_status status = CG_OK;
    size_t added;
    cg_text_printf(page, "<h2>Quality</h2>\n<div class=\"charts\">\n");
    CG_TRY(add_charts(page, &added, e, true));
    if (cg_classes_have_numbers(&e->runs)) {
        cg_text_printf(page, "<figure>\n");
        CG_TRY(cg_classes_add_svg(page, &e->runs));
        cg_text_printf(page, "<figcaption>What the classifier takes the made images of a run's "
                             "last evaluation for; 10 %% each would be even.</figcaption>\n"
                             "</figure>\n");
    }
    cg_text_printf(page, "</div>\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        if (e->runs.items[run].tracks[CG_RECORD_EVALUATION].count)
            continue;
        cg_text_printf(page, "<p>");
        add_name(page, e, run);
        cg_text_printf(page, ": its log has no evaluations. Training with <code>clgan train "
                             "--evaluate-every N</code> writes them; <code>clgan evaluate --run "
                             "DIR</code> judges the checkpoints that are there.</p>\n");
    }
    add_tables(page, e, CG_RECORD_EVALUATION, "evaluations");
    if (cg_classes_have_numbers(&e->runs))
        add_classes_table(page, e);
done:
    return status;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* One picture for each epoch; the last one is shown at first. */
static void add_reel(cg_text *page, const cg_album *album, size_t run)
{
    if (!album->count)
        return;
    cg_text_printf(page, "<figure class=\"long\"><fieldset class=\"reel\">"
                         "<legend>Epoch</legend>\n");
    for (size_t i = 0; i < album->count; i++) {
        const cg_picture_file *p = &album->pictures[i];
        cg_text_printf(page,
                       "<input type=\"radio\" name=\"reel-%zu\" id=\"reel-%zu-%zu\"%s>"
                       "<label for=\"reel-%zu-%zu\">%zu</label><span class=\"shot\"><img "
                       "alt=\"16 made digits after epoch %zu\" src=\"",
                       run, run, p->epoch, i + 1 == album->count ? " checked" : "", run, p->epoch,
                       p->epoch, p->epoch);
        add_picture(page, "png", p->file, p->size);
        cg_text_printf(page, "\"><small>after epoch %zu</small></span>\n", p->epoch);
    }
    cg_text_printf(page, "</fieldset><figcaption>Made from the same noise after each epoch. The "
                         "arrow keys go from one to the next.</figcaption></figure>\n");
}

/* Who asked for less motion gets the last picture in its place. */
static void add_animation(cg_text *page, const cg_album *album)
{
    if (!album->gif)
        return;
    cg_text_printf(
        page, "<details open class=\"motion\"><summary>Animation</summary>\n<figure><picture>");
    if (album->count) {
        const cg_picture_file *last = &album->pictures[album->count - 1];
        cg_text_printf(page, "<source media=\"(prefers-reduced-motion: reduce)\" srcset=\"");
        add_picture(page, "png", last->file, last->size);
        cg_text_printf(page, "\">");
    }
    cg_text_printf(page, "<img alt=\"The same digits from the first epoch to the last\" src=\"");
    add_picture(page, "gif", album->gif, album->gif_size);
    cg_text_printf(page, "\"></picture><figcaption>A frame for each epoch.</figcaption></figure>"
                         "</details>\n");
}

static void add_walk(cg_text *page, const cg_shots *shots)
{
    if (!shots->walk.size)
        return;
    cg_text_printf(page,
                   "<figure><img alt=\"%d rows of %d digits, each changing gradually into "
                   "another\" src=\"",
                   CG_WALKS, CG_WALK_PICTURES);
    add_picture(page, "png", shots->walk.data, shots->walk.size);
    cg_text_printf(page,
                   "\"><figcaption>Latent walk, by the checkpoint of step %llu: each row goes "
                   "from one vector of noise of the pictures above, along an arc, to the "
                   "next, where the row below begins.</figcaption></figure>\n",
                   (unsigned long long)shots->step);
}

static void add_neighbours_table(cg_text *page, const cg_shots *shots)
{
    cg_text_printf(page, "<details><summary>Distances</summary>\n<div class=\"wide\"><table>\n"
                         "<thead><tr><th scope=\"col\">digit</th><th scope=\"col\">training image"
                         "</th><th scope=\"col\">distance</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < CG_SHOTS_NEIGHBOURS; i++)
        cg_text_printf(page, "<tr><td>%zu</td><td>%zu</td><td>%.3f</td></tr>\n", i + 1,
                       shots->nearest[i], shots->distances[i]);
    cg_text_printf(page, "</tbody></table></div></details></div>\n");
}

static void add_neighbours(cg_text *page, const cg_shots *shots)
{
    double least = INFINITY, most = 0;
    if (!shots->neighbours.size)
        return;
    for (size_t i = 0; i < CG_SHOTS_NEIGHBOURS; i++) {
        least = fmin(least, shots->distances[i]);
        most = fmax(most, shots->distances[i]);
    }
    cg_text_printf(page,
                   "<div><figure><img alt=\"%d made digits, and below each the training image "
                   "that is nearest to it\" src=\"",
                   CG_SHOTS_NEIGHBOURS);
    add_picture(page, "png", shots->neighbours.data, shots->neighbours.size);
    cg_text_printf(page,
                   "\"><figcaption>Nearest neighbours: made digits, and below each the "
                   "training image that is nearest by its pixels. The root mean square of "
                   "their differences, black 0, white 1, is %.3f to %.3f; of a copy it would "
                   "be 0.</figcaption></figure>\n",
                   least, most);
    add_neighbours_table(page, shots);
}

static void add_pictures(cg_text *page, const cg_exhibit *e)
{
    cg_text_printf(page, "<h2>Pictures</h2>\n<div class=\"runs\">\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<section>\n<h3>");
        add_name(page, e, run);
        cg_text_printf(page, "</h3>\n");
        if (!e->albums[run].count)
            cg_text_printf(page, "<p>There are no pictures of epochs yet.</p>\n");
        add_reel(page, &e->albums[run], run);
        add_animation(page, &e->albums[run]);
        add_walk(page, &e->shots[run]);
        add_neighbours(page, &e->shots[run]);
        cg_text_printf(page, "</section>\n");
    }
    cg_text_printf(page, "</div>\n");
}

cg_status cg_report_add_page(cg_text *page, const cg_exhibit *exhibit)
{
    cg_status status = CG_OK;
    cg_page_begin(page, "clgan report", style);
    CG_TRY(add_runs(page, exhibit));
    CG_TRY(add_training(page, exhibit));
    CG_TRY(add_quality(page, exhibit));
    add_pictures(page, exhibit);
    cg_page_end(page);
    status = page->status;
done:
    return status;
}
