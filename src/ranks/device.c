/* One --device is given to all ranks, and each takes its part. */
#include "base/argument.h"
#include "base/term.h"
#include "ranks/ranks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static cg_status append(char own[CG_RANKS_DEVICE], cg_term t)
{
    size_t used = strlen(own), comma = used > 0;
    if (used + comma + t.length >= CG_RANKS_DEVICE)
        return cg_fail(CG_ERR_ARGUMENT, "--device: more than %d bytes for one rank",
                       CG_RANKS_DEVICE - 1);
    if (comma)
        own[used] = ',';
    memcpy(own + used + comma, t.text, t.length);
    own[used + comma + t.length] = '\0';
    return CG_OK;
}

/* ---- rank:0=A,1=B ---------------------------------------------------------------------------- */

static const char by_rank[] = "rank:";

static cg_term drop_prefix(cg_term t)
{
    const size_t length = sizeof by_rank - 1;
    if (t.length >= length && strncasecmp(t.text, by_rank, length) == 0)
        return cg_term_trim((cg_term){t.text + length, t.length - length});
    return t;
}

/* True when the term begins with N=, which is then taken from it. A device's id, 0:1, does not. */
static bool takes_rank(cg_term *t, size_t *rank)
{
    size_t digits = 0;
    while (digits < t->length && isdigit((unsigned char)t->text[digits]))
        digits++;
    if (!digits || digits > 6)
        return false;
    const cg_term rest = cg_term_trim((cg_term){t->text + digits, t->length - digits});
    if (!rest.length || rest.text[0] != '=')
        return false;
    *rank = strtoul(t->text, NULL, 10);
    *t = cg_term_trim((cg_term){rest.text + 1, rest.length - 1});
    return true;
}

/* Terms that follow a rank's first one belong to it until the next N=. */
static cg_status take_named(char own[CG_RANKS_DEVICE], const char *selector, size_t mine,
                            size_t count)
{
    size_t rank = count;
    cg_term t;
    for (const char *cursor = selector; cg_term_next(&t, &cursor);) {
        t = drop_prefix(t);
        if (!takes_rank(&t, &rank) && rank == count)
            return cg_fail(CG_ERR_ARGUMENT, "--device '%s' has no N= behind rank:", selector);
        if (rank >= count)
            return cg_fail(CG_ERR_ARGUMENT, "--device '%s' names rank %zu, and the last is %zu",
                           selector, rank, count - 1);
        cg_status status = rank == mine && t.length ? append(own, t) : CG_OK;
        if (status != CG_OK)
            return status;
    }
    if (!own[0])
        return cg_fail(CG_ERR_ARGUMENT, "--device '%s' names no device for rank %zu", selector,
                       mine);
    return CG_OK;
}

/* ---- A,B ------------------------------------------------------------------------------------- */

static size_t count_wanted(const char *selector)
{
    size_t wanted = 0;
    cg_term t;
    for (const char *cursor = selector; cg_term_next(&t, &cursor);)
        wanted += t.text[0] != '!';
    return wanted;
}

/* Exclusions are for each rank. */
static cg_status take_placed(char own[CG_RANKS_DEVICE], const char *selector, size_t mine)
{
    size_t place = 0;
    cg_term t;
    for (const char *cursor = selector; cg_term_next(&t, &cursor);) {
        bool excluded = t.text[0] == '!';
        cg_status status = excluded || place == mine ? append(own, t) : CG_OK;
        if (status != CG_OK)
            return status;
        place += !excluded;
    }
    return CG_OK;
}

cg_status cg_ranks_take_device(char own[CG_RANKS_DEVICE], const char *selector, size_t mine,
                               size_t count)
{
    CG_NEED(own);
    own[0] = '\0';
    if (!selector)
        return CG_OK;
    if (strncasecmp(selector + strspn(selector, " \t,"), by_rank, sizeof by_rank - 1) == 0)
        return take_named(own, selector, mine, count);
    if (count > 1 && count_wanted(selector) == count)
        return take_placed(own, selector, mine);
    return append(own, (cg_term){selector, strlen(selector)});
}
