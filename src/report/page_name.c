/* Names of runs. */
#include "report/page_name.h"

#include "figure/page.h"

void cg_page_add_name(cg_text *page, const cg_report_data *e, size_t run)
{
    cg_page_add_ink(page, run);
    cg_page_add_text(page, e->runs.items[run].name);
}
