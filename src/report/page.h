/* The page of a report. */
#ifndef CLGAN_REPORT_PAGE_H
#define CLGAN_REPORT_PAGE_H

#include "report/run_pictures.h"
#include "report/figures.h"
#include "report/run_samples.h"

/* What was read of the runs, [runs.count] each. */
typedef struct cg_report_data {
    cg_runs_data runs;
    cg_run_pictures *pictures;
    cg_run_samples *samples;
} cg_report_data;

/* Adds the page. CG_ERR_MEMORY. */
cg_status cg_report_add_page(cg_text *page, const cg_report_data *data);

/* ---- inside the page ------------------------------------------------------------------------- */

/* A run's name behind a field of its color. */
void cg_page_add_name(cg_text *page, const cg_report_data *e, size_t run);

/* page_curves.c. CG_ERR_MEMORY. */
cg_status cg_page_add_training(cg_text *page, const cg_report_data *e);
cg_status cg_page_add_quality(cg_text *page, const cg_report_data *e);

/* page_pictures.c */
void cg_page_add_pictures(cg_text *page, const cg_report_data *e);

#endif
