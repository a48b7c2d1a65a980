/* The page of a report. */
#ifndef CLGAN_REPORT_PAGE_H
#define CLGAN_REPORT_PAGE_H

#include "report/report_data.h"

/* Adds the page. CG_ERR_MEMORY. */
cg_status cg_report_add_page(cg_text *page, const cg_report_data *data);

#endif
