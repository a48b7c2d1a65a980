/* The part of the page that has curves, and their numbers as tables. */
#ifndef CLGAN_REPORT_PAGE_CURVES_H
#define CLGAN_REPORT_PAGE_CURVES_H

#include "report/report_data.h"

/* Add the curves of the records of steps and epochs, and those of evaluations. CG_ERR_MEMORY.
 */
cg_status cg_page_add_training(cg_text *page, const cg_report_data *e);
cg_status cg_page_add_quality(cg_text *page, const cg_report_data *e);

#endif
