/* Progress on stderr. */
#include "train/progress.h"

#include "base/clock.h"
#include "base/median.h"
#include "base/screen.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cg_progress_init(cg_progress *progress, size_t epochs, uint64_t last)
{
    *progress = (cg_progress){.epochs = epochs, .last_step = last, .since = cg_clock_seconds()};
}

void cg_progress_pause(cg_progress *progress, double seconds)
{
    progress->since += seconds;
}

/* Takes in the time of the steps that were done since the last call. */
static void count_step(cg_progress *p)
{
    double now = cg_clock_seconds();
    double seconds = now > p->since ? now - p->since : 0;
    p->seconds += seconds;
    p->recent[p->steps % CG_PROGRESS_RECENT] = seconds;
    p->since = now;
    p->steps++;
}

/* Returns the median of the last steps' seconds; 0 before there are CG_PROGRESS_LEAST of them. */
static double find_usual(const cg_progress *progress)
{
    double sorted[CG_PROGRESS_RECENT];
    size_t count = CG_PROGRESS_RECENT;
    if (progress->steps < count)
        count = (size_t)progress->steps;
    if (count < CG_PROGRESS_LEAST)
        return 0;
    memcpy(sorted, progress->recent, count * sizeof *sorted);
    return cg_median(sorted, count);
}

void cg_progress_begin_step(cg_progress *progress)
{
    progress->usual = find_usual(progress);
}

void cg_progress_wait(const cg_progress *progress, cg_wait *wait, uint64_t step, bool audited)
{
    const double usual = progress->usual * CG_WAIT_STEPS, least = CG_WAIT_LEAST;
    if (audited)
        cg_wait_begin(wait, fmax(3 * usual, CG_WAIT_SECONDS), "at step %" PRIu64 ", audited", step);
    else if (usual > 0)
        cg_wait_begin(wait, fmax(usual, least), "at step %" PRIu64 " (%.3g s are usual)", step,
                      progress->usual);
    else
        cg_wait_begin(wait, CG_WAIT_USUAL, "at step %" PRIu64, step);
}

enum { TEXT = 64 };

/* A step in words, each a part of a line. */
typedef struct words {
    char epoch[TEXT], step[TEXT], rate[TEXT], losses[TEXT], scores[TEXT], left[TEXT];
} words;

static void write_metrics(words *w, const cg_progress *p)
{
    const cg_metrics *m = &p->metrics;
    snprintf(w->rate, TEXT, "-");
    w->losses[0] = w->scores[0] = '\0';
    if (!p->has_metrics)
        return;
    snprintf(w->rate, TEXT, "%.0f images/s", p->images_per_second);
    snprintf(w->losses, TEXT, "loss D %.3f G %.3f", (double)m->loss_d_real + (double)m->loss_d_fake,
             (double)m->loss_g);
    snprintf(w->scores, TEXT, "D(x) %.2f D(G(z)) %.2f", (double)m->d_real, (double)m->d_fake);
}

static void write_words(words *w, const cg_progress *p, const cg_step_place *place)
{
    char time[32];
    double per_step = p->steps ? p->seconds / (double)p->steps : 0;
    cg_screen_format_time(time, per_step * (double)(p->last_step - place->step));
    snprintf(w->epoch, TEXT, "epoch %zu/%zu", place->epoch, p->epochs);
    snprintf(w->step, TEXT, "%zu/%zu", place->row + 1, place->epoch_steps);
    snprintf(w->left, TEXT, "left %s", time);
    write_metrics(w, p);
}

void cg_progress_step(cg_progress *progress, const cg_step_place *place)
{
    words w;
    count_step(progress);
    if (!cg_screen_is_redrawn())
        return;
    write_words(&w, progress, place);
    const cg_part parts[] = {
        {.text = w.epoch, .worth = 1},
        {.share = (double)(place->row + 1) / (double)place->epoch_steps, .worth = 6, .gap = 1},
        {.text = w.step, .worth = 2, .gap = 1},
        {.text = w.rate, .worth = 4, .gap = 2},
        {.text = w.losses, .worth = *w.losses ? 5 : 0, .gap = 2},
        {.text = w.scores, .worth = *w.scores ? 7 : 0, .gap = 2},
        {.text = w.left, .worth = 3, .gap = 2},
    };
    cg_screen_draw(parts, sizeof parts / sizeof parts[0]);
}

void cg_progress_log(cg_progress *progress, const cg_step_place *place, const cg_metrics *metrics,
                     double images_per_second)
{
    words w;
    progress->metrics = *metrics;
    progress->has_metrics = true;
    progress->images_per_second = images_per_second;
    if (cg_screen_is_redrawn() || !cg_screen_is_wanted())
        return;
    write_words(&w, progress, place);
    cg_screen_interrupt();
    fprintf(stderr, "%s step %s (%" PRIu64 ")  %s  %s  %s  %s\n", w.epoch, w.step, place->step,
            w.rate, w.losses, w.scores, w.left);
}
