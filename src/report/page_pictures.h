/* The part of the page that has the runs' pictures. */
#ifndef CLGAN_REPORT_PAGE_PICTURES_H
#define CLGAN_REPORT_PAGE_PICTURES_H

#include "report/report_data.h"

void cg_page_add_pictures(cg_text *page, const cg_report_data *e);

#endif
