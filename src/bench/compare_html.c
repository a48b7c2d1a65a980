/* A comparison as one page of HTML. Texts of the files go through cg_page_add_text(). */
#include "bench/compare.h"

#include "base/file.h"
#include "base/try.h"
#include "figure/page.h"

#include <clgan/compare.h>

static const char style[] = ".narrow { display: none; }\n"
                            "@media screen and (max-width: 44rem) {\n"
                            "  .broad { display: none; }\n"
                            "  .narrow { display: block; }\n"
                            "}\n";

/* A cell with a text of a file, and a quieter one below it. */
static void add_text_cell(cg_text *page, const char *text, const char *below)
{
    cg_text_printf(page, "<td class=\"text\">");
    cg_page_add_text(page, text);
    if (below[0]) {
        cg_text_printf(page, "<br><small>");
        cg_page_add_text(page, below);
        cg_text_printf(page, "</small>");
    }
    cg_text_printf(page, "</td>");
}

/* A cell with a number, a dash for what is not known. */
static void add_number_cell(cg_text *page, double number, int decimals)
{
    if (number > 0)
        cg_text_printf(page, "<td>%.*f</td>", decimals, number);
    else
        cg_text_printf(page, "<td>-</td>");
}

/* The number and name of a device, as a row's or a column's head. */
static void add_device_head(cg_text *page, const cg_comparison_entry *entry, size_t number,
                            const char *scope, const char *below)
{
    cg_text_printf(page, "<th scope=\"%s\" class=\"name\">", scope);
    cg_page_add_ink(page, number - 1);
    cg_text_printf(page, "%zu ", number);
    cg_page_add_text(page, entry->device);
    cg_text_printf(page, "<br><small>");
    cg_page_add_text(page, below);
    cg_text_printf(page, "</small></th>");
}

static void add_figures(cg_text *page, const cg_comparison_entry *e)
{
    add_number_cell(page, e->gflops, 1);
    add_number_cell(page, e->gbps, 1);
    cg_text_printf(page, "<td>%.3f", 1e3 * e->seconds);
    if (e->seconds_min > 0 && e->seconds_max > 0)
        cg_text_printf(page, "<br><small>%.3f to %.3f</small>", 1e3 * e->seconds_min,
                       1e3 * e->seconds_max);
    cg_text_printf(page, "</td>");
    add_number_cell(page, e->images_per_second, 0);
    add_number_cell(page, e->ratio, 2);
    add_number_cell(page, (double)e->launches, 0);
    add_number_cell(page, e->memory_bytes / (1 << 20), 0);
    if (e->checked)
        cg_text_printf(page, "<td>ok<br><small>error %.2g</small></td>", e->max_error);
    else
        cg_text_printf(page, "<td>-</td>");
}

static void add_device(cg_text *page, const cg_comparison_entry *e, size_t number)
{
    cg_text_printf(page, "<tr>");
    add_device_head(page, e, number, "row", e->file);
    add_text_cell(page, e->driver, e->platform);
    add_text_cell(page, e->clgan, "");
    add_number_cell(page, (double)e->batch, 0);
    if (e->reason[0]) {
        cg_text_printf(page, "<td class=\"text\" colspan=\"8\">no figures: ");
        cg_page_add_text(page, e->reason);
        cg_text_printf(page, "</td>");
    } else {
        add_figures(page, e);
    }
    cg_text_printf(page, "</tr>\n");
}

static void add_devices(cg_text *page, const cg_comparison *c)
{
    cg_text_printf(page, "<h2>Devices</h2>\n");
    cg_page_begin_table(page, "Devices", "");
    cg_text_printf(page, "<thead><tr>"
                         "<th scope=\"col\" class=\"text\">device<br><small>file</small></th>"
                         "<th scope=\"col\" class=\"text\">driver<br><small>platform</small></th>"
                         "<th scope=\"col\" class=\"text\">clgan</th>"
                         "<th scope=\"col\">batch</th>"
                         "<th scope=\"col\">peak<br><small>GFLOP/s</small></th>"
                         "<th scope=\"col\">copying<br><small>GB/s</small></th>"
                         "<th scope=\"col\">step<br><small>ms, median</small></th>"
                         "<th scope=\"col\">images/s</th>"
                         "<th scope=\"col\">ratio<br><small>to the first</small></th>"
                         "<th scope=\"col\">launches<br><small>a step</small></th>"
                         "<th scope=\"col\">memory<br><small>MiB</small></th>"
                         "<th scope=\"col\">check</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < c->count; i++)
        add_device(page, &c->entries[i], i + 1);
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
}

/* The least time of a stage, or 0 where only one device has it: nothing to be the fastest of. */
static double find_least(const cg_comparison *c, const cg_comparison_layer *stage)
{
    double least = 0;
    size_t measured = 0;
    for (size_t i = 0; i < c->count; i++) {
        const cg_comparison_layer *layer = cg_stages_find(&c->entries[i], stage);
        if (!layer)
            continue;
        measured++;
        least = least > 0 && least < layer->seconds ? least : layer->seconds;
    }
    return measured > 1 ? least : 0;
}

static void add_layer(cg_text *page, const cg_comparison_layer *layer, bool best)
{
    bool named = layer->algorithm[0], shared = layer->peak_share > 0;
    cg_text_printf(page, "<td%s>%.3f", best ? " class=\"best\"" : "", 1e3 * layer->seconds);
    if (named || shared) {
        cg_text_printf(page, "<br><small>");
        cg_page_add_text(page, layer->algorithm);
        if (shared)
            cg_text_printf(page, "%s%.0f %%", named ? ", " : "", 100 * layer->peak_share);
        cg_text_printf(page, "</small>");
    }
    cg_text_printf(page, "</td>");
}

static void add_stage(cg_text *page, const cg_comparison *c, const cg_stages *stages,
                      const cg_comparison_layer *stage)
{
    double least = find_least(c, stage);
    cg_text_printf(page, "<tr><th scope=\"row\">");
    cg_page_add_text(page, stage->name);
    cg_text_printf(page, " ");
    cg_page_add_text(page, stage->pass);
    cg_text_printf(page, "</th>");
    for (size_t i = 0; i < stages->device_count; i++) {
        const cg_comparison_entry *entry = &c->entries[stages->devices[i]];
        const cg_comparison_layer *layer = cg_stages_find(entry, stage);
        if (layer)
            add_layer(page, layer, layer->seconds <= least);
        else
            cg_text_printf(page, "<td>-</td>");
    }
    cg_text_printf(page, "</tr>\n");
}

static void add_stages(cg_text *page, const cg_comparison *c, const cg_stages *stages)
{
    cg_text_printf(page,
                   "<h2>Layers and passes</h2>\n"
                   "<p>Milliseconds, medians; below them the algorithm and the share of the "
                   "device's own peak. A share over 100 %% is a Fourier form's: it is counted "
                   "by the multiplications of the direct form. The fastest of each row is "
                   "marked.</p>\n");
    cg_page_begin_table(page, "Layers and passes", "");
    cg_text_printf(page, "<thead><tr><th scope=\"col\" class=\"text\">stage</th>");
    for (size_t i = 0; i < stages->device_count; i++) {
        size_t device = stages->devices[i];
        const cg_comparison_entry *entry = &c->entries[device];
        add_device_head(page, entry, device + 1, "col", entry->driver);
    }
    cg_text_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < stages->count; i++)
        add_stage(page, c, stages, stages->items[i]);
    cg_text_printf(page, "</tbody>");
    cg_page_end_table(page);
}

/* The same figure twice, of which the page shows the one that its width makes legible. */
static cg_status add_figure(cg_text *page, const cg_comparison *c, const cg_stages *stages)
{
    cg_status status = CG_OK;
    cg_text_printf(page, "<figure class=\"broad\">\n");
    CG_TRY(cg_comparison_add_svgs(page, c, stages, false));
    cg_text_printf(page, "</figure>\n<figure class=\"narrow\">\n");
    CG_TRY(cg_comparison_add_svgs(page, c, stages, true));
    cg_text_printf(page, "</figure>\n");
done:
    return status;
}

cg_status cg_comparison_write_html(const cg_comparison *comparison, const char *path)
{
    cg_status status = CG_OK;
    cg_stages stages = {0};
    cg_text page = {0};
    CG_TRY(cg_stages_init(&stages, comparison));
    cg_page_begin(&page, "clgan compare", style);
    add_devices(&page, comparison);
    CG_TRY(add_figure(&page, comparison, &stages));
    if (stages.count)
        add_stages(&page, comparison, &stages);
    cg_page_end(&page);
    CG_TRY(page.status);
    CG_TRY(cg_file_write(path, page.data, page.size));
done:
    cg_text_deinit(&page);
    cg_stages_deinit(&stages);
    return status;
}
