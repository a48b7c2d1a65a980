/* Names of runs. */
#include "report/page_name.h"

#include "figure/page.h"

void cg_page_add_name(cg_text *page, const cg_report_data *e, size_t run)
{
    cg_page_add_ink(page, run);
    cg_page_add_text(page, e->runs.items[run].name);
}

void cg_page_add_legend(cg_text *page, const cg_report_data *e)
{
    if (e->runs.count == 1)
        return;
    cg_text_printf(page, "<p class=\"legend\">");
    for (size_t run = 0; run < e->runs.count; run++) {
        cg_text_printf(page, "<span>");
        cg_page_add_name(page, e, run);
        cg_text_printf(page, "</span> ");
    }
    cg_text_printf(page, "</p>\n");
}
