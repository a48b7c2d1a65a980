/* Phases of long work. */
#include "base/phase.h"

#include "base/clock.h"
#include "base/screen.h"

#include <clgan/log.h>
#include <math.h>
#include <stdio.h>

/* Seconds of silence, where nothing is redrawn, up to a phase's line: at first and at most. */
static const double patience_first = 5, patience_last = 60;

static const double redraw_seconds = .1;

static _Thread_local struct {
    cg_phase *innermost;
    double drawn;     /* clock of the last line that was drawn */
    double began;     /* that of the first one of all */
    double mentioned; /* that of the last plain line */
    double patience;
} phases;

static void draw_phase(const cg_phase *phase)
{
    char count[48] = "", time[32], outer[160] = "";
    const double now = cg_clock_seconds();
    if (now - phases.drawn < redraw_seconds) /* short ones would flicker */
        return;
    phases.drawn = now;
    const cg_phase *outermost = phase;
    while (outermost->outer)
        outermost = outermost->outer;
    if (outermost != phase)
        snprintf(outer, sizeof outer, "%s:", outermost->words);
    if (phase->total)
        snprintf(count, sizeof count, "%zu/%zu", phase->done, phase->total);
    cg_screen_format_time(time, phase->seconds + now - phase->start);
    const cg_part parts[] = {
        {.text = outer, .worth = *outer ? 4 : 0, .gap = 1},
        {.text = phase->words, .worth = 2, .gap = 1, .cut = true},
        {.text = count, .worth = *count ? 1 : 0, .gap = 1},
        {.text = time, .worth = 3, .gap = 2},
    };
    cg_screen_draw(parts, sizeof parts / sizeof parts[0]);
}

/* Says a word after some silence, and the next one after twice as much. */
static void mention_phase(const cg_phase *phase)
{
    double now = cg_clock_seconds(), last = cg_screen_interrupted();
    if (last != phases.mentioned || phases.patience == 0) /* others have said something since */
        phases.patience = patience_first;
    if (now - (last > 0 ? last : phases.began) < phases.patience)
        return;
    if (phase->total)
        cg_log(CG_LOG_INFO, "%s %zu/%zu", phase->words, phase->done, phase->total);
    else
        cg_log(CG_LOG_INFO, "%s", phase->words);
    phases.mentioned = cg_screen_interrupted();
    phases.patience = fmin(2 * phases.patience, patience_last);
}

static void show_phase(const cg_phase *phase)
{
    if (cg_screen_is_redrawn())
        draw_phase(phase);
    else if (!cg_screen_is_silent())
        mention_phase(phase);
}

void cg_phase_begin(cg_phase *phase)
{
    phase->outer = phases.innermost;
    phase->start = cg_clock_seconds();
    phase->begun = true;
    if (phases.began == 0)
        phases.began = phase->start;
    phases.innermost = phase;
    show_phase(phase);
}

void cg_phase_advance(cg_phase *phase, size_t done)
{
    phase->done = done;
    show_phase(phase);
}

void cg_phase_end(cg_phase *phase)
{
    if (!phase->begun)
        return;
    phases.innermost = phase->outer;
    phase->begun = false;
    cg_screen_clear();
}
