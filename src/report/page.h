/* The page of a report. */
#ifndef CLGAN_REPORT_PAGE_H
#define CLGAN_REPORT_PAGE_H

#include "report/album.h"
#include "report/figures.h"
#include "report/shots.h"

/* What was read of the runs, [runs.count] each. */
typedef struct cg_exhibit {
    cg_chronicles runs;
    cg_album *albums;
    cg_shots *shots;
} cg_exhibit;

/* Adds the page. CG_ERR_MEMORY. */
cg_status cg_report_add_page(cg_text *page, const cg_exhibit *exhibit);

/* ---- inside the page --------------------------------------------------------------------------
 */

/* A run's name behind a field of its color. */
void cg_page_add_name(cg_text *page, const cg_exhibit *e, size_t run);

/* page_curves.c. CG_ERR_MEMORY. */
cg_status cg_page_add_training(cg_text *page, const cg_exhibit *e);
cg_status cg_page_add_quality(cg_text *page, const cg_exhibit *e);

/* page_pictures.c */
void cg_page_add_pictures(cg_text *page, const cg_exhibit *e);

#endif
