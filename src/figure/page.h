/* A page of HTML with tables and figures, alone in its file: no script, no font, no address. It is
 * for light and dark screens and for paper.
 *
 *     cg_page_begin(&page, "clgan compare", "");
 *     cg_text_printf(&page, "<p>...</p>\n");
 *     cg_page_end(&page);
 */
#ifndef CLGAN_FIGURE_PAGE_H
#define CLGAN_FIGURE_PAGE_H

#include "base/text.h"

/* Adds everything up to and with the page's heading; `style` is CSS beside that of all pages. Both
 * are HTML already. */
void cg_page_begin(cg_text *page, const char *title, const char *style);
void cg_page_end(cg_text *page);

#endif
