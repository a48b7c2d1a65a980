/* Progress on stderr. */
#include "train/progress.h"

#include "base/clock.h"
#include "base/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR = 20 };

void cg_progress_init(cg_progress *progress, size_t epochs, uint64_t first, uint64_t last)
{
    *progress = (cg_progress){
        .terminal = cg_platform_is_terminal(stderr),
        .epochs = epochs,
        .last_step = last,
        .start = cg_clock_seconds(),
        .first = first,
    };
}

/* "1:02:03" or "2:03". */
static void print_time(char *text, size_t size, double seconds)
{
    unsigned long s = seconds > 0 ? (unsigned long)(seconds + 0.5) : 0;
    if (s >= 3600)
        snprintf(text, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%lu:%02lu", s / 60, s % 60);
}

static void print_metrics(char *text, size_t size, const cg_progress *p)
{
    if (!p->has_metrics)
        snprintf(text, size, "-");
    else
        snprintf(text, size, "%.0f images/s  loss D %.3f G %.3f  D(x) %.2f D(G(z)) %.2f",
                 p->images_per_second,
                 (double)p->metrics.loss_d_real + (double)p->metrics.loss_d_fake,
                 (double)p->metrics.loss_g, (double)p->metrics.d_real, (double)p->metrics.d_fake);
}

static void print_left(char *text, size_t size, const cg_progress *p, uint64_t step)
{
    double done = (double)(step - p->first + 1);
    double per_step = (cg_clock_seconds() - p->start) / done;
    print_time(text, size, per_step * (double)(p->last_step - step));
}

void cg_progress_step(cg_progress *progress, const cg_step_place *place)
{
    char bar[BAR + 1], left[32], metrics[128];
    double now = cg_clock_seconds();
    if (progress->silent || !progress->terminal || now - progress->drawn < 0.1)
        return;
    progress->drawn = now;
    size_t filled = (place->row + 1) * BAR / place->epoch_steps;
    for (size_t i = 0; i < BAR; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR] = '\0';
    print_left(left, sizeof left, progress, place->step);
    print_metrics(metrics, sizeof metrics, progress);
    fprintf(stderr, "\r\033[Kepoch %zu/%zu [%s] %zu/%zu  %s  left %s", place->epoch,
            progress->epochs, bar, place->row + 1, place->epoch_steps, metrics, left);
    fflush(stderr);
}

void cg_progress_log(cg_progress *progress, const cg_step_place *place, const cg_metrics *metrics,
                     double images_per_second)
{
    char left[32], text[128];
    progress->metrics = *metrics;
    progress->has_metrics = true;
    progress->images_per_second = images_per_second;
    if (progress->silent || progress->terminal)
        return;
    print_left(left, sizeof left, progress, place->step);
    print_metrics(text, sizeof text, progress);
    fprintf(stderr, "epoch %zu/%zu step %zu/%zu (%" PRIu64 ")  %s  left %s\n", place->epoch,
            progress->epochs, place->row + 1, place->epoch_steps, place->step, text, left);
}

void cg_progress_clear(cg_progress *progress)
{
    if (progress->terminal && progress->drawn > 0)
        fprintf(stderr, "\r\033[K");
    progress->drawn = 0;
}
