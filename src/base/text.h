/* Text that grows, and what is looked for in text.
 *
 *     cg_text page = {0};
 *     cg_text_printf(&page, "<p>%d</p>\n", 7);
 *     cg_text_add_html(&page, name);
 *     if (page.status == CG_OK)
 *         status = cg_file_write(path, page.data, page.size);
 *     cg_text_deinit(&page);
 */
#ifndef CLGAN_BASE_TEXT_H
#define CLGAN_BASE_TEXT_H

#include "base/text_clean.h"

#include <clgan/log.h>
#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

/* Any bytes, text or not. {0} is empty. */
typedef struct cg_text {
    char *data; /* a NUL behind the `size` bytes; NULL while nothing was added; owned */
    size_t size, room;
    cg_status status; /* CG_ERR_MEMORY, logged, when there was no room; nothing is added then */
} cg_text;

void cg_text_add(cg_text *text, const void *bytes, size_t size);
void cg_text_printf(cg_text *text, const char *format, ...) CG_PRINTF(2, 3);

/* Adds the string with & < > " ' as HTML writes them, in text and in attributes. */
void cg_text_add_html(cg_text *text, const char *string);

/* Adds the bytes in base64, with padding, on one line (RFC 4648, section 4). */
void cg_text_add_base64(cg_text *text, const void *bytes, size_t size);

/* Frees what is owned and zeroes the struct. */
void cg_text_deinit(cg_text *text);

/* The first place of `part`, which is not "", among the bytes; NULL when it is not there. */
char *cg_text_find(char *bytes, size_t size, const char *part);

/* Is `part` in the text, capital or small ASCII letters alike? "" is in every text. */
bool cg_text_contains(const char *text, const char *part);

#endif
