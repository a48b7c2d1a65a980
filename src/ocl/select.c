/* Selection of a device by a selector: pure functions of the device list, so that every rule is
 * tested on lists that no machine has. */
#include <clgan/device.h>
#include <clgan/log.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/term.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TERM_SIZE = 200 };

/* Names under which a vendor's devices are known; vendors lie, so platform and name count too. */
typedef struct vendor_alias {
    const char *alias;
    const char *parts[4];
} vendor_alias;

static const vendor_alias vendor_aliases[] = {
    {"amd", {"advanced micro devices", "amd accelerated", "radeon"}},
    {"intel", {"intel"}},
    {"nvidia", {"nvidia"}},
    {"arm", {"arm ltd", "arm platform", "mali"}},
    {"pocl", {"portable computing language", "pocl"}},
    {"mesa", {"mesa", "rusticl", "clover"}},
};

const char *cg_device_type_name(cg_device_type type)
{
    static const char *const names[] = {
        [CG_DEVICE_CPU] = "cpu", [CG_DEVICE_ACCELERATOR] = "accelerator", [CG_DEVICE_GPU] = "gpu"};
    return (size_t)type < CG_COUNT(names) ? names[type] : "unknown";
}

/* plain = text without the marks "(R)" and "(TM)", which nobody types: "Intel Arc A770". */
static void drop_marks(char plain[TERM_SIZE], const char *text)
{
    size_t n = 0;
    while (*text && n < TERM_SIZE - 1) {
        size_t mark = strncasecmp(text, "(r)", 3) == 0    ? 3
                      : strncasecmp(text, "(tm)", 4) == 0 ? 4
                                                          : 0;
        if (!mark)
            plain[n++] = *text++;
        text += mark;
    }
    plain[n] = '\0';
}

static bool contains_part(const char *text, const char *part)
{
    char plain[TERM_SIZE];
    drop_marks(plain, text);
    return cg_text_contains(text, part) || cg_text_contains(plain, part);
}

/* PoCL and Mesa run on every maker's chips and repeat the chip maker's name as vendor: there the
 * platform is who made the driver, and that is what a person means. */
static bool driver_is_generic(const cg_device_info *info)
{
    return contains_part(info->platform, "portable computing language") ||
           contains_part(info->platform, "rusticl") || contains_part(info->platform, "clover");
}

static const vendor_alias *find_alias(const char *name)
{
    for (size_t i = 0; i < CG_COUNT(vendor_aliases); i++)
        if (strcasecmp(vendor_aliases[i].alias, name) == 0)
            return &vendor_aliases[i];
    return NULL;
}

static bool matches_vendor(const cg_device_info *info, const char *name)
{
    const vendor_alias *known = find_alias(name);
    if (!known)
        return contains_part(info->vendor, name) || contains_part(info->platform, name);
    for (size_t i = 0; i < CG_COUNT(known->parts) && known->parts[i]; i++)
        if (contains_part(info->platform, known->parts[i]) ||
            (!driver_is_generic(info) && contains_part(info->vendor, known->parts[i])))
            return true;
    return false;
}

static bool is_number(const char *text)
{
    return text[0] && text[strspn(text, "0123456789")] == '\0';
}

static bool is_id(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && text[digits] == ':' && is_number(text + digits + 1);
}

/* True when a term without '!' means this device. */
static bool matches_term(const cg_device_info *info, size_t index, const char *term)
{
    if (is_id(term))
        return strcmp(info->id, term) == 0;
    if (is_number(term))
        return strtoull(term, NULL, 10) == index;
    for (cg_device_type type = CG_DEVICE_CPU; type <= CG_DEVICE_GPU; type++)
        if (strcasecmp(term, cg_device_type_name(type)) == 0)
            return info->type == type;
    if (strncasecmp(term, "vendor:", 7) == 0)
        return term[7] && matches_vendor(info, term + 7);
    return contains_part(info->name, term) || contains_part(info->platform, term) ||
           (find_alias(term) && matches_vendor(info, term)); /* PoCL's names lack "pocl" */
}

/* The next term into `text`; false at the end. A term that is too long for any name is cut, and so
 * matches nothing. */
static bool next_term(const char **cursor, char text[TERM_SIZE])
{
    cg_term term;
    if (!cg_term_next(&term, cursor))
        return false;
    snprintf(text, TERM_SIZE, "%.*s", (int)(term.length < TERM_SIZE ? term.length : TERM_SIZE),
             term.text);
    return true;
}

/* True when the selector excludes the device, or nothing can be computed there. */
static bool is_excluded(const cg_device_info *info, size_t index, const char *selector)
{
    char term[TERM_SIZE];
    if (info->unusable[0])
        return true;
    for (const char *cursor = selector; next_term(&cursor, term);)
        if (term[0] == '!' && term[1] && matches_term(info, index, term + 1))
            return true;
    return false;
}

static bool is_better(const cg_device_info *a, const cg_device_info *b)
{
    if (a->type != b->type)
        return a->type > b->type;
    return a->compute_units * a->clock_mhz > b->compute_units * b->clock_mhz;
}

/* The best device that the selector does not exclude and that `term` (NULL: any) means; `count`
 * when there is none. */
static size_t best_match(const cg_device_info *infos, size_t count, const char *selector,
                         const char *term)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (!is_excluded(&infos[i], i, selector) && (!term || matches_term(&infos[i], i, term)) &&
            (best == count || is_better(&infos[i], &infos[best])))
            best = i;
    return best;
}

static bool has_preference(const char *selector)
{
    char term[TERM_SIZE];
    for (const char *cursor = selector; next_term(&cursor, term);)
        if (term[0] != '!')
            return true;
    return false;
}

static cg_status fail_with_list(const cg_device_info *infos, size_t count, const char *selector)
{
    if (!count)
        return cg_fail(CG_ERR_DEVICE, "no OpenCL device found; install a driver "
                                      "(pocl-opencl-icd is one for CPUs)");
    cg_fail(CG_ERR_DEVICE,
            "no OpenCL device %s%s%s; there is:", *selector ? "matches '" : "can be used", selector,
            *selector ? "'" : "");
    for (size_t i = 0; i < count; i++)
        cg_log(CG_LOG_ERROR, "  %zu  %s  %s  %s (%s)%s%s", i, infos[i].id,
               cg_device_type_name(infos[i].type), infos[i].name, infos[i].platform,
               infos[i].unusable[0] ? ": " : "", infos[i].unusable);
    return CG_ERR_DEVICE;
}

cg_status cg_device_select(size_t *index, const cg_device_info *infos, size_t count,
                           const char *selector)
{
    CG_NEED(index);
    CG_NEED(infos || !count);
    char term[TERM_SIZE];
    size_t found = count;
    *index = 0;
    if (!selector)
        selector = "";
    if (!has_preference(selector))
        found = best_match(infos, count, selector, NULL);
    for (const char *cursor = selector; found == count && next_term(&cursor, term);)
        if (term[0] != '!')
            found = best_match(infos, count, selector, term);
    if (found == count)
        return fail_with_list(infos, count, selector);
    *index = found;
    return CG_OK;
}

static bool is_admitted(const cg_device_info *info, size_t index, const char *selector)
{
    char term[TERM_SIZE];
    if (!has_preference(selector))
        return true;
    for (const char *cursor = selector; next_term(&cursor, term);)
        if (term[0] != '!' && (strcasecmp(term, "all") == 0 || matches_term(info, index, term)))
            return true;
    return false;
}

cg_status cg_device_select_all(bool *selected, const cg_device_info *infos, size_t count,
                               const char *selector)
{
    CG_NEED(selected || !count);
    CG_NEED(infos || !count);
    size_t total = 0;
    selector = selector ? selector : "";
    for (size_t i = 0; i < count; i++) {
        selected[i] = !is_excluded(&infos[i], i, selector) && is_admitted(&infos[i], i, selector);
        total += selected[i];
    }
    return total ? CG_OK : fail_with_list(infos, count, selector);
}
