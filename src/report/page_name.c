/* Names of runs. */
#include "report/page_name.h"

#include "figure/color.h"

void cg_page_add_name(cg_text *page, const cg_report_data *e, size_t run)
{
    unsigned char rgb[3];
    cg_figure_color(rgb, run);
    cg_text_printf(page, "<span class=\"ink\" style=\"background: #%02x%02x%02x\"></span>", rgb[0],
                   rgb[1], rgb[2]);
    cg_text_add_html(page, e->runs.items[run].name);
}
