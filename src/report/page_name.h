/* Names of runs in the page. */
#ifndef CLGAN_REPORT_PAGE_NAME_H
#define CLGAN_REPORT_PAGE_NAME_H

#include "report/report_data.h"

/* Adds the run's name behind a field of its color. */
void cg_page_add_name(cg_text *page, const cg_report_data *e, size_t run);

/* Adds the names of all runs as the legend of the figures below it; one run needs none. */
void cg_page_add_legend(cg_text *page, const cg_report_data *e);

#endif
