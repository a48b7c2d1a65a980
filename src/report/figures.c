/* Runs as charts (figure/figure.h). */
#include "report/figures.h"

#include "base/memory.h"
#include "base/try.h"
#include "figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const cg_chart cg_charts[CG_CHARTS] = {
    {"loss-d", "Loss of D",
     "How badly the discriminator tells real images from made ones: cross-entropy, in nats.",
     CG_RECORD_STEP, CG_STEP_LOSS_D, 0},
    {"loss-g", "Loss of G", "How badly the generator deceives it: cross-entropy, in nats.",
     CG_RECORD_STEP, CG_STEP_LOSS_G, 0},
    {"d-real", "D(x)", "The mean probability that D gives to real images of being real.",
     CG_RECORD_STEP, CG_STEP_D_REAL, 1},
    {"d-fake", "D(G(z))", "The same for made images: 0.5 is as good as a guess.", CG_RECORD_STEP,
     CG_STEP_D_FAKE, 1},
    {"speed", "Speed, images a second", "Training, between two records of the log.", CG_RECORD_STEP,
     CG_STEP_RATE, 0},
    {"fid", "FID",
     "The Frechet distance to the test images, by the classifier's features: the "
     "smaller, the more alike.",
     CG_RECORD_EVALUATION, CG_EVALUATION_FID, 0},
    {"precision", "Precision", "The share of made images that lie where real ones do.",
     CG_RECORD_EVALUATION, CG_EVALUATION_PRECISION, 1},
    {"recall", "Recall", "The share of real images that lie where made ones do.",
     CG_RECORD_EVALUATION, CG_EVALUATION_RECALL, 1},
    {"coverage", "Coverage", "The share of real images with a made one close by.",
     CG_RECORD_EVALUATION, CG_EVALUATION_COVERAGE, 1},
    {"density", "Density", "How many real images lie around a made one: 1 as among real images.",
     CG_RECORD_EVALUATION, CG_EVALUATION_DENSITY, 0},
};

static bool has_numbers(const cg_track *track, size_t column)
{
    for (size_t i = 0; i < track->count; i++)
        if (isfinite(track->columns[column][i]))
            return true;
    return false;
}

bool cg_chart_has_numbers(const cg_chart *chart, const cg_runs_data *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (has_numbers(&all->items[i].tracks[chart->kind], chart->column))
            return true;
    return false;
}

size_t cg_classes_count(const cg_runs_data *all)
{
    size_t most = 0;
    for (size_t i = 0; i < all->count; i++)
        most = all->items[i].classes > most ? all->items[i].classes : most;
    return most;
}

/* A row of bars is as tall as its bars and the room around them, of some two bars. */
bool cg_classes_fit(const cg_runs_data *all)
{
    enum { MOST_BARS = 1280 };
    size_t classes = cg_classes_count(all);
    return classes > 0 && classes * (all->count + 2) <= MOST_BARS;
}

/* ---- what figures point to ------------------------------------------------------------------- */

typedef struct parts {
    const char **names; /* [runs], the legend                        */
    cg_line *lines;     /* [CG_CHARTS, runs]                         */
    cg_bar *bars;       /* [classes, runs]                           */
    cg_line_chart charts[CG_CHARTS];
    cg_bar_chart classes;
    char digits[CG_EVALUATE_CLASSES][4]; /* the classes' names */
    const char *class_names[CG_EVALUATE_CLASSES];
} parts;

static void set_chart(parts *p, size_t i, const cg_runs_data *all)
{
    const cg_chart *chart = &cg_charts[i];
    cg_line *lines = p->lines + i * all->count;
    for (size_t run = 0; run < all->count; run++) {
        const cg_track *track = &all->items[run].tracks[chart->kind];
        lines[run] = (cg_line){track->columns[0], track->columns[chart->column], track->count, run};
    }
    p->charts[i] = (cg_line_chart){.title = chart->title,
                                   .across = cg_columns[chart->kind][0].title,
                                   .most = chart->most,
                                   .count = all->count,
                                   .lines = lines};
}

static void set_classes(parts *p, const cg_runs_data *all)
{
    const size_t classes = cg_classes_count(all);
    for (size_t c = 0; c < classes; c++) {
        snprintf(p->digits[c], sizeof p->digits[c], "%d", (int)(unsigned char)c);
        p->class_names[c] = p->digits[c];
        for (size_t run = 0; run < all->count; run++) {
            cg_bar *bar = &p->bars[c * all->count + run];
            *bar = (cg_bar){.value = all->items[run].histogram[c], .color = run};
            if (c < all->items[run].classes)
                snprintf(bar->text, sizeof bar->text, "%.1f %%", 100 * bar->value);
        }
    }
    p->classes = (cg_bar_chart){.title = "Classes of the last evaluation",
                                .rows = classes,
                                .bars = all->count,
                                .labels = p->class_names,
                                .bar = p->bars};
}

static cg_status init_parts(parts *p, const cg_runs_data *all)
{
    cg_status status = CG_OK;
    *p = (parts){0};
    CG_TRY(cg_memory_create(&p->names, all->count, sizeof *p->names));
    CG_TRY(cg_memory_create(&p->lines, CG_CHARTS * all->count, sizeof *p->lines));
    CG_TRY(cg_memory_create(&p->bars, CG_EVALUATE_CLASSES * all->count, sizeof *p->bars));
    for (size_t run = 0; run < all->count; run++)
        p->names[run] = all->items[run].name;
    for (size_t i = 0; i < CG_CHARTS; i++)
        set_chart(p, i, all);
    set_classes(p, all);
done:
    return status;
}

static void deinit_parts(parts *p)
{
    free(p->names);
    free(p->lines);
    free(p->bars);
}

/* ---- figures --------------------------------------------------------------------------------- */

/* A figure of the page, whose own legend is above all of them. */
static cg_figure page_figure(const char *id, const char *title)
{
    return (cg_figure){.id = id, .title = title, .width = CG_FIGURE_NARROW};
}

cg_status cg_chart_add_svg(cg_text *svg, const cg_chart *chart, const cg_runs_data *all)
{
    cg_status status = CG_OK;
    parts p = {0};
    CG_TRY(init_parts(&p, all));
    cg_line_chart alone = p.charts[chart - cg_charts];
    cg_figure figure = page_figure(chart->id, chart->title);
    figure.line_charts = &alone;
    figure.line_chart_count = 1;
    alone.title = "";
    CG_TRY(cg_figure_svg(svg, &figure, chart->meaning));
done:
    deinit_parts(&p);
    return status;
}

cg_status cg_classes_add_svg(cg_text *svg, const cg_runs_data *all)
{
    cg_status status = CG_OK;
    parts p = {0};
    CG_TRY(init_parts(&p, all));
    cg_figure figure = page_figure("classes", p.classes.title);
    figure.charts = &p.classes;
    figure.chart_count = 1;
    p.classes.title = "";
    CG_TRY(cg_figure_svg(svg, &figure,
                         "The share of made images that the classifier takes for each "
                         "class."));
done:
    deinit_parts(&p);
    return status;
}

cg_status cg_figures_add_png(cg_text *png, const cg_runs_data *all)
{
    cg_status status = CG_OK;
    parts p = {0};
    CG_TRY(init_parts(&p, all));
    cg_figure figure = {.title = "Training",
                        .legend = p.names,
                        .legend_count = all->count,
                        .line_charts = p.charts,
                        .charts = &p.classes,
                        .chart_count = cg_classes_fit(all)};
    for (size_t i = 0; i < CG_CHARTS; i++)
        if (cg_chart_has_numbers(&cg_charts[i], all))
            p.charts[figure.line_chart_count++] = p.charts[i];
    CG_TRY(cg_figure_png(png, &figure));
done:
    deinit_parts(&p);
    return status;
}
