/* The figure of a comparison: the speed of whole steps, and below it the time of each stage on each
 * device. On a logarithmic axis, for devices may differ by a hundred times. */
#include "bench/compare.h"

#include "base/argument.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "figure/figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- stages ---------------------------------------------------------------------------------- */

static bool same_stage(const cg_comparison_layer *a, const cg_comparison_layer *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->pass, b->pass) == 0;
}

const cg_comparison_layer *cg_stages_find(const cg_comparison_entry *entry,
                                          const cg_comparison_layer *stage)
{
    for (size_t i = 0; i < entry->layer_count; i++)
        if (same_stage(&entry->layers[i], stage))
            return &entry->layers[i];
    return NULL;
}

static bool is_listed(const cg_stages *stages, const cg_comparison_layer *stage)
{
    for (size_t i = 0; i < stages->count; i++)
        if (same_stage(stages->items[i], stage))
            return true;
    return false;
}

static cg_status refuse_number(const cg_stages *stages)
{
    return cg_fail(CG_ERR_SHAPE, "%zu stages of %zu devices are too many to be shown",
                   stages->count, stages->device_count);
}

cg_status cg_stages_init(cg_stages *stages, const cg_comparison *comparison)
{
    cg_status status = CG_OK;
    *stages = (cg_stages){0};
    CG_TRY(cg_memory_create(&stages->items, CG_COMPARE_LAYERS, sizeof *stages->items));
    CG_TRY(cg_memory_create(&stages->devices, comparison->count, sizeof *stages->devices));
    for (size_t i = 0; i < comparison->count; i++) {
        const cg_comparison_entry *entry = &comparison->entries[i];
        if (entry->layer_count)
            stages->devices[stages->device_count++] = i;
        for (size_t k = 0; k < entry->layer_count; k++) {
            if (is_listed(stages, &entry->layers[k]))
                continue;
            if (stages->count == CG_COMPARE_LAYERS)
                return refuse_number(stages);
            stages->items[stages->count++] = &entry->layers[k];
        }
    }
    if (stages->count * stages->device_count > CG_COMPARE_TIMES)
        return refuse_number(stages);
done:
    return status;
}

void cg_stages_deinit(cg_stages *stages)
{
    free(stages->items);
    free(stages->devices);
    *stages = (cg_stages){0};
}

/* ---- the figure ------------------------------------------------------------------------------ */

enum { STEPS, STAGES, CHARTS, LABEL = 5 * CG_COMPARE_TEXT };

/* The arrays that a figure borrows; they must outlive it. */
typedef struct parts {
    char (*texts)[LABEL];  /* the legend's lines, then the devices, then the stages */
    const char **pointers; /* to these */
    cg_bar *bars;          /* the devices', then the stages' */
    cg_bar_chart charts[CHARTS];
} parts;

static void set_device(parts *p, const cg_comparison *c, size_t i, bool narrow)
{
    const cg_comparison_entry *e = &c->entries[i];
    cg_bar *bar = &p->bars[i];
    bool foreign = strcmp(e->clgan, "-") == 0;
    snprintf(p->texts[i], LABEL, "%zu  %s, %s%s%s (%s)", i + 1, e->device, e->driver,
             foreign ? "" : ", clgan ", foreign ? "" : e->clgan, e->file);
    snprintf(p->texts[c->count + i], LABEL, "%zu  %s", i + 1, e->device);
    *bar = (cg_bar){.value = e->images_per_second, .color = i};
    if (e->reason[0])
        cg_text_clean(bar->text, sizeof bar->text, e->reason);
    else if (narrow)
        snprintf(bar->text, sizeof bar->text, "%.0f, %.2f times", e->images_per_second, e->ratio);
    else
        snprintf(bar->text, sizeof bar->text, "%.0f images/s, %.3f ms, %.2f times the first",
                 e->images_per_second, 1e3 * e->seconds, e->ratio);
}

static void set_stage(parts *p, const cg_comparison *c, const cg_stages *stages, size_t i)
{
    const cg_comparison_layer *stage = stages->items[i];
    snprintf(p->texts[2 * c->count + i], LABEL, "%s %s", stage->name, stage->pass);
    for (size_t k = 0; k < stages->device_count; k++) {
        size_t device = stages->devices[k];
        char share[32] = "";
        const cg_comparison_layer *layer = cg_stages_find(&c->entries[device], stage);
        cg_bar *bar = &p->bars[c->count + i * stages->device_count + k];
        bar->color = device;
        if (!layer)
            continue;
        bar->value = 1e3 * layer->seconds;
        if (layer->peak_share > 0)
            snprintf(share, sizeof share, ", %.0f %%", 100 * layer->peak_share);
        snprintf(bar->text, sizeof bar->text, "%.3f%s", bar->value, share);
    }
}

static cg_status init_parts(parts *p, const cg_comparison *c, const cg_stages *stages, bool narrow)
{
    cg_status status = CG_OK;
    size_t texts = 2 * c->count + stages->count;
    size_t bars = c->count + stages->count * stages->device_count;
    *p = (parts){0};
    CG_TRY(cg_memory_create(&p->texts, texts, LABEL));
    CG_TRY(cg_memory_create(&p->pointers, texts, sizeof *p->pointers));
    CG_TRY(cg_memory_create(&p->bars, bars, sizeof *p->bars));
    for (size_t i = 0; i < texts; i++)
        p->pointers[i] = p->texts[i];
    for (size_t i = 0; i < c->count; i++)
        set_device(p, c, i, narrow);
    for (size_t i = 0; i < stages->count; i++)
        set_stage(p, c, stages, i);
    p->charts[STEPS] = (cg_bar_chart){.title = "Whole training steps: images a second",
                                      .rows = c->count,
                                      .bars = 1,
                                      .labels = p->pointers + c->count,
                                      .bar = p->bars};
    p->charts[STAGES] = (cg_bar_chart){
        .title =
            "Each layer and pass: milliseconds (logarithmic), and share of the device's own peak",
        .logarithmic = true,
        .rows = stages->count,
        .bars = stages->device_count,
        .labels = p->pointers + 2 * c->count,
        .bar = p->bars + c->count};
done:
    return status;
}

static void deinit_parts(parts *p)
{
    free(p->texts);
    free(p->pointers);
    free(p->bars);
}

cg_status cg_comparison_probe(const char *html, const char *png)
{
    cg_status status = CG_OK;
    CG_TRY(html || png ? cg_figure_check() : CG_OK);
    CG_TRY(cg_file_probe_output("--html", html, ".html"));
    CG_TRY(cg_file_probe_output("--png", png, ".png"));
done:
    return status;
}

/* A part of the page's figure: one chart without a legend, as the page's tables show the colors. */
static cg_status add_part(cg_text *page, const cg_bar_chart *chart, const char *title, size_t part,
                          bool narrow)
{
    char id[32];
    snprintf(id, sizeof id, "%s-%zu", narrow ? "narrow" : "broad", part);
    cg_figure figure = {.id = id,
                        .title = title,
                        .width = narrow ? CG_FIGURE_NARROW : 0,
                        .charts = chart,
                        .chart_count = 1};
    return cg_figure_svg(page, &figure, "Bars; the tables of this page hold the numbers.");
}

/* So many bars are as tall as a printed page is in its width. */
enum { PART_BARS = 80 };

static cg_status add_stage_parts(cg_text *page, cg_bar_chart *chart, bool narrow)
{
    cg_status status = CG_OK;
    size_t most = chart->bars < PART_BARS ? PART_BARS / chart->bars : 1;
    size_t count = (chart->rows + most - 1) / most;
    if (narrow)
        chart->title = "Milliseconds, and share of the device's own peak";
    for (size_t i = 0; i < count; i++) {
        char title[64];
        snprintf(title, sizeof title,
                 count > 1 ? "Layers and passes, %zu of %zu" : "Layers and passes", i + 1, count);
        chart->first = i * chart->rows / count;
        chart->shown = (i + 1) * chart->rows / count - chart->first;
        CG_TRY(add_part(page, chart, title, i + 1, narrow));
    }
done:
    return status;
}

cg_status cg_comparison_add_svgs(cg_text *page, const cg_comparison *comparison,
                                 const cg_stages *stages, bool narrow)
{
    cg_status status = CG_OK;
    parts p = {0};
    CG_TRY(init_parts(&p, comparison, stages, narrow));
    CG_TRY(add_part(page, &p.charts[STEPS], "Training steps", 0, narrow));
    if (stages->count)
        CG_TRY(add_stage_parts(page, &p.charts[STAGES], narrow));
done:
    deinit_parts(&p);
    return status;
}

/* All of it, with a legend. */
static cg_figure whole_figure(const parts *p, const cg_comparison *c, const cg_stages *stages)
{
    return (cg_figure){.title = "Training steps",
                       .legend = p->pointers,
                       .legend_count = c->count,
                       .charts = p->charts,
                       .chart_count = stages->count ? CHARTS : STAGES};
}

cg_status cg_comparison_write_png(const cg_comparison *comparison, const char *path)
{
    CG_NEED(comparison && comparison->count);
    CG_NEED(path);
    cg_status status = CG_OK;
    cg_stages stages = {0};
    parts p = {0};
    cg_text png = {0};
    CG_TRY(cg_stages_init(&stages, comparison));
    CG_TRY(init_parts(&p, comparison, &stages, false));
    cg_figure figure = whole_figure(&p, comparison, &stages);
    CG_TRY(cg_figure_png(&png, &figure));
    CG_TRY(cg_file_write(path, png.data, png.size));
done:
    cg_text_deinit(&png);
    deinit_parts(&p);
    cg_stages_deinit(&stages);
    return status;
}
