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

#endif
