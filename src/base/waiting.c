/* The list of what threads wait for. It is of the whole process, as its words on the screen are. */
#include "base/waiting.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/platform.h"
#include "base/screen.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct {
    atomic_flag taken; /* by whom reads or changes the list, for a moment */
    cg_wait *first;
} list = {.taken = ATOMIC_FLAG_INIT};

static _Thread_local cg_wait *innermost;

/* The wait of the thread that ended last and had been told of, until another thing is waited for;
 * `next` is 0 where there is none. */
static _Thread_local struct {
    char words[CG_WAIT_WORDS];
    double next;
} told;

/* The list, which the caller has taken, has one entry for each thread that waits: `fresh` takes the
 * place of `old`. Either may be NULL. */
static void replace(cg_wait *old, cg_wait *fresh)
{
    cg_wait *before = old ? old->last_thread : NULL;
    cg_wait *behind = old ? old->next_thread : list.first;
    if (fresh) {
        fresh->last_thread = before;
        fresh->next_thread = behind;
    }
    cg_wait *left = fresh ? fresh : behind, *right = fresh ? fresh : before;
    if (before)
        before->next_thread = left;
    else
        list.first = left;
    if (behind)
        behind->last_thread = right;
}

/* The wait around that is judged, or this one; NULL: none. */
static cg_wait *judged(cg_wait *wait)
{
    while (wait && !(wait->patience > 0))
        wait = wait->outer;
    return wait;
}

void cg_wait_begin(cg_wait *wait, double patience, const char *format, ...)
{
    va_list args;
    *wait = (cg_wait){.patience = patience, .since = cg_clock_seconds(), .outer = innermost};
    if (!(patience > 0) && !judged(innermost))
        wait->patience = CG_WAIT_SECONDS;
    va_start(args, format);
    vsnprintf(wait->words, sizeof wait->words, format, args);
    va_end(args);
    const bool again = told.next > wait->patience && strcmp(wait->words, told.words) == 0;
    wait->next = again ? told.next : wait->patience;
    if (!again && !innermost)
        told.next = 0;
    cg_lock_take(&list.taken);
    replace(innermost, wait);
    cg_lock_give(&list.taken);
    innermost = wait;
}

void cg_wait_end(cg_wait *wait)
{
    double seconds = wait->patience > 0 ? cg_clock_seconds() - wait->since : 0;
    cg_lock_take(&list.taken);
    replace(wait, wait->outer);
    for (cg_wait *w = wait->outer; w; w = w->outer)
        w->since += seconds;
    cg_lock_give(&list.taken);
    innermost = wait->outer;
    if (!wait->told)
        return;
    memcpy(told.words, wait->words, sizeof told.words);
    told.next = wait->next;
    cg_screen_expect_line();
}

/* ---- looking --------------------------------------------------------------------------------- */

/* The thread's wait that is over its patience; NULL: none. */
static cg_wait *find_unusual(cg_wait *of_thread, double now)
{
    cg_wait *wait = judged(of_thread);
    return wait && now - wait->since >= wait->patience ? wait : NULL;
}

static void tell(cg_waiting_line *line, cg_wait *wait, const cg_wait *inner, double now)
{
    char time[32];
    const double seconds = now - wait->since;
    cg_screen_format_time(time, seconds);
    snprintf(line->text, sizeof line->text, "still %s after %s%s%s", wait->words, time,
             inner == wait ? "" : ": ", inner == wait ? "" : inner->words);
    line->due = seconds >= wait->next;
    if (line->due)
        wait->next = 2 * seconds;
    wait->told = true;
}

bool cg_waiting_look_at(cg_waiting_line *line, double now)
{
    cg_wait *found = NULL, *inner = NULL;
    cg_lock_take(&list.taken);
    for (cg_wait *w = list.first; w; w = w->next_thread) {
        cg_wait *unusual = find_unusual(w, now);
        if (unusual && (!found || unusual->since < found->since)) {
            found = unusual;
            inner = w;
        }
    }
    if (found)
        tell(line, found, inner, now);
    cg_lock_give(&list.taken);
    return found != NULL;
}

bool cg_waiting_look(cg_waiting_line *line)
{
    return line && cg_log_get_level() >= CG_LOG_WARNING &&
           cg_waiting_look_at(line, cg_clock_seconds());
}
