/* The figures of a report: a table of charts, each with a line for each run, and the classes of the
 * runs' last evaluations as bars. A run has the same color in all of them. */
#ifndef CLGAN_REPORT_FIGURES_H
#define CLGAN_REPORT_FIGURES_H

#include "report/run_data.h"

typedef struct cg_runs_data {
    cg_run_data *items; /* owned */
    size_t count;
} cg_runs_data;

typedef struct cg_chart {
    const char *id, *title;
    const char *meaning; /* a sentence */
    cg_record_kind kind;
    size_t column;
    double most; /* where the upright axis ends; 0: as the numbers need it */
} cg_chart;

enum { CG_CHARTS = 10 };
extern const cg_chart cg_charts[CG_CHARTS];

/* True when at least one run has a number for the chart. */
bool cg_chart_has_numbers(const cg_chart *chart, const cg_runs_data *all);

/* The classes of the runs' histograms, the most that one has; 0 when none has one. */
size_t cg_classes_count(const cg_runs_data *all);

/* True when there are histograms, and few enough bars in all for one figure. */
bool cg_classes_fit(const cg_runs_data *all);

/* Each adds an SVG element. CG_ERR_MEMORY. */
cg_status cg_chart_add_svg(cg_text *svg, const cg_chart *chart, const cg_runs_data *all);
cg_status cg_classes_add_svg(cg_text *svg, const cg_runs_data *all);

/* Adds all figures that have numbers as the bytes of one PNG. CG_ERR_MEMORY. */
cg_status cg_figures_add_png(cg_text *png, const cg_runs_data *all);

#endif
