/* A page of HTML with tables and figures, alone in its file: no script, no font, no address. It is
 * for light and dark screens, wide and narrow ones, and for paper.
 *
 *     cg_page_begin(&page, "clgan compare", "");
 *     cg_page_begin_table(&page, "Devices", "");
 *     cg_text_printf(&page, "<tbody>...</tbody>");
 *     cg_page_end_table(&page);
 *     cg_page_end(&page);
 */
#ifndef CLGAN_FIGURE_PAGE_H
#define CLGAN_FIGURE_PAGE_H

#include "base/text.h"

/* Adds everything up to and with the page's heading; `style` is CSS beside that of all pages. Both
 * are HTML already. */
void cg_page_begin(cg_text *page, const char *title, const char *style);
void cg_page_end(cg_text *page);

/* Adds the start of a table in a box of its own, in which it scrolls where it is wider than the
 * page, also by the keyboard. `label` is the box's name for who does not see it, as HTML; `classes`
 * are those of the box beside its own. */
void cg_page_begin_table(cg_text *page, const char *label, const char *classes);
void cg_page_end_table(cg_text *page);

/* Adds a text of a file, whose direction of writing leaves what is around it alone. */
void cg_page_add_text(cg_text *page, const char *text);

/* Adds a field of the color of the index-th line of a legend. */
void cg_page_add_ink(cg_text *page, size_t index);

#endif
