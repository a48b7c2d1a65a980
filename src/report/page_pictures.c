/* The pictures of a page, which are part of it. The slider over epochs is a row of radio buttons,
 * of which the chosen one shows the picture behind it. */
#include "report/page_pictures.h"

#include "figure/page.h"
#include "report/page_name.h"

#include <math.h>

static void add_picture(cg_text *page, const char *kind, const void *file, size_t size)
{
    cg_text_printf(page, "data:image/%s;base64,", kind);
    cg_text_add_base64(page, file, size);
}

/* One picture for each epoch; the last one is shown at first. */
static void add_reel(cg_text *page, const cg_run_pictures *pictures, size_t run)
{
    if (!pictures->count)
        return;
    cg_text_printf(page, "<figure class=\"long\"><fieldset class=\"reel\">"
                         "<legend>Epoch</legend>\n");
    for (size_t i = 0; i < pictures->count; i++) {
        const cg_picture_file *p = &pictures->pictures[i];
        cg_text_printf(page,
                       "<input type=\"radio\" name=\"reel-%zu\" id=\"reel-%zu-%zu\"%s>"
                       "<label for=\"reel-%zu-%zu\">%zu</label><span class=\"shot\"><img "
                       "alt=\"16 made digits after epoch %zu\" src=\"",
                       run, run, p->epoch, i + 1 == pictures->count ? " checked" : "", run,
                       p->epoch, p->epoch, p->epoch);
        add_picture(page, "png", p->file, p->size);
        cg_text_printf(page, "\"><small>after epoch %zu</small></span>\n", p->epoch);
    }
    cg_text_printf(page, "</fieldset><figcaption>Made from the same noise after each epoch. The "
                         "arrow keys go from one to the next.</figcaption></figure>\n");
}

/* Readers whose browser asks for reduced motion get the last picture instead. */
static void add_animation(cg_text *page, const cg_run_pictures *pictures)
{
    if (!pictures->gif)
        return;
    cg_text_printf(
        page, "<details open class=\"motion\"><summary>Animation</summary>\n<figure><picture>");
    if (pictures->count) {
        const cg_picture_file *last = &pictures->pictures[pictures->count - 1];
        cg_text_printf(page, "<source media=\"(prefers-reduced-motion: reduce)\" srcset=\"");
        add_picture(page, "png", last->file, last->size);
        cg_text_printf(page, "\">");
    }
    cg_text_printf(page, "<img alt=\"The same digits from the first epoch to the last\" src=\"");
    add_picture(page, "gif", pictures->gif, pictures->gif_size);
    cg_text_printf(page, "\"></picture><figcaption>A frame for each epoch.</figcaption></figure>"
                         "</details>\n");
}

static void add_walk(cg_text *page, const cg_run_samples *samples)
{
    if (!samples->walk.size)
        return;
    cg_text_printf(page,
                   "<figure><img alt=\"%d rows of %d digits, each changing gradually into "
                   "another\" src=\"",
                   CG_WALKS, CG_WALK_PICTURES);
    add_picture(page, "png", samples->walk.data, samples->walk.size);
    cg_text_printf(page,
                   "\"><figcaption>Latent walk, by the checkpoint of step %llu: each row goes "
                   "from one vector of noise of the pictures above, along an arc, to the "
                   "next, where the row below begins.</figcaption></figure>\n",
                   (unsigned long long)samples->step);
}

static void add_neighbours_table(cg_text *page, const cg_run_samples *samples)
{
    cg_text_printf(page, "<details><summary>Distances</summary>\n");
    cg_page_begin_table(page, "distances", "");
    cg_text_printf(page, "<thead><tr><th scope=\"col\">digit</th><th scope=\"col\">training image"
                         "</th><th scope=\"col\">distance</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < CG_RUN_SAMPLES_NEIGHBOURS; i++)
        cg_text_printf(page, "<tr><td>%zu</td><td>%zu</td><td>%.3f</td></tr>\n", i + 1,
                       samples->nearest[i], samples->distances[i]);
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
    cg_text_printf(page, "</details></div>\n");
}

static void add_neighbours(cg_text *page, const cg_run_samples *samples)
{
    double least = INFINITY, most = 0;
    if (!samples->neighbours.size)
        return;
    for (size_t i = 0; i < CG_RUN_SAMPLES_NEIGHBOURS; i++) {
        least = fmin(least, samples->distances[i]);
        most = fmax(most, samples->distances[i]);
    }
    cg_text_printf(page,
                   "<div><figure><img alt=\"%d made digits, and below each the training image "
                   "that is nearest to it\" src=\"",
                   CG_RUN_SAMPLES_NEIGHBOURS);
    add_picture(page, "png", samples->neighbours.data, samples->neighbours.size);
    cg_text_printf(page,
                   "\"><figcaption>Nearest neighbours: made digits, and below each the "
                   "training image that is nearest by its pixels. The root mean square of "
                   "their differences, black 0, white 1, is %.3f to %.3f; of a copy it would "
                   "be 0.</figcaption></figure>\n",
                   least, most);
    add_neighbours_table(page, samples);
}

void cg_page_add_pictures(cg_text *page, const cg_report_data *e)
{
    cg_text_printf(page, "<h2>Pictures</h2>\n<div class=\"runs\">\n");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<section>\n<h3>");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, "</h3>\n");
        if (!e->pictures[run].count)
            cg_text_printf(page, "<p>There are no pictures of epochs yet.</p>\n");
        add_reel(page, &e->pictures[run], run);
        add_animation(page, &e->pictures[run]);
        add_walk(page, &e->samples[run]);
        add_neighbours(page, &e->samples[run]);
        cg_text_printf(page, "</section>\n");
    }
    cg_text_printf(page, "</div>\n");
}
