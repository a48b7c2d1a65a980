/* NumPy's arrays. A header is the text of a dictionary in Python, of which three keys are read:
 *
 *     \x93NUMPY major minor LENGTH
 *     {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
 */
#include "io/npy.h"

#include "base/endian.h"
#include "base/try.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, HEADER_MOST = 4096 };

static const char magic[] = "\x93NUMPY";

bool cg_npy_begins(const unsigned char *bytes, size_t size)
{
    return size >= MAGIC && memcmp(bytes, magic, MAGIC) == 0;
}

static cg_status damaged(const cg_source *in)
{
    return cg_fail(CG_ERR_INPUT, "%s: an array's header is damaged, or no plain array of numbers",
                   in->path);
}

/* text = the dictionary. */
static cg_status read_text(char text[HEADER_MOST + 1], cg_source *in)
{
    unsigned char start[MAGIC + 6];
    size_t got = 0, length;
    cg_status status = CG_OK;
    CG_TRY(cg_source_read(in, start, MAGIC + 4, &got));
    if (got < MAGIC + 4 || !cg_npy_begins(start, got) || start[MAGIC] < 1 || start[MAGIC] > 3)
        return damaged(in);
    length = start[MAGIC + 2] | (size_t)start[MAGIC + 3] << 8;
    if (start[MAGIC] > 1) { /* from version 2 on the length has four bytes */
        CG_TRY(cg_source_read(in, start + MAGIC + 4, 2, &got));
        if (got < 2)
            return damaged(in);
        length |= (size_t)start[MAGIC + 4] << 16 | (size_t)start[MAGIC + 5] << 24;
    }
    if (length > HEADER_MOST)
        return damaged(in);
    CG_TRY(cg_source_read(in, (unsigned char *)text, length, &got));
    text[got] = '\0';
    if (got < length || strlen(text) < length)
        return damaged(in);
done:
    return status;
}

/* Returns the text behind 'key': and blanks; NULL when it is not there. */
static const char *find_value(const char *text, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *at = strstr(text, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    at += strspn(at, " ");
    return *at == ':' ? at + 1 + strspn(at + 1, " ") : NULL;
}

/* '<i8': an order of bytes, then the type. */
static bool read_type(cg_array *a, const char *text)
{
    char code[8];
    const char *at = find_value(text, "descr");
    if (!at || *at != '\'' || !at[1] || !strchr("|<>=", at[1]))
        return false;
    size_t length = strcspn(at + 2, "'");
    if (length >= sizeof code)
        return false;
    snprintf(code, sizeof code, "%.*s", (int)length, at + 2);
    a->little_endian = at[1] != '>';
    a->element = cg_element_of_numpy(code);
    return a->element != NULL;
}

/* (60000, 28, 28) or (60000,). */
static bool read_shape(cg_idx *idx, const char *text)
{
    const char *at = find_value(text, "shape");
    if (!at || *at++ != '(')
        return false;
    for (at += strspn(at, " "); isdigit((unsigned char)*at); at += strspn(at, ", ")) {
        char *end;
        unsigned long long dim = strtoull(at, &end, 10);
        if (idx->rank == CG_ARRAY_RANK || dim > UINT32_MAX)
            return false;
        idx->dims[idx->rank++] = (size_t)dim;
        at = end;
    }
    return *at == ')';
}

cg_status cg_npy_read_array(cg_array *a, cg_source *in, cg_array_check *check)
{
    char text[HEADER_MOST + 1];
    cg_status status = CG_OK;
    *a = (cg_array){0};
    CG_TRY(read_text(text, in));
    const char *order = find_value(text, "fortran_order");
    if (!read_type(a, text) || !read_shape(&a->idx, text) || !order)
        return damaged(in);
    if (strncmp(order, "False", 5) != 0 && a->idx.rank > 1)
        return cg_fail(CG_ERR_INPUT, "%s: an array is in Fortran's order; C's is wanted", in->path);
    CG_TRY(cg_array_read_elements(a, in, check));
done:
    return status;
}
