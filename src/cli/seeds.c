/* Several runs: each idle device gets the next seed that it may train, until all have ended or
 * nothing is left that could train them. */
#include "cli/seeds.h"

#include "cli/process.h"
#include "cli/seed_request.h"

#include <clgan/log.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OWN_WORDS = 9 /* of a run's arguments, with the NULL, beside those that all get */ };

/* ---- signals --------------------------------------------------------------------------------- */

static atomic_int first_signal, signals;

/* Only counts: the runs are told by the thread that watches them. */
static void on_signal(int signal_number, bool again)
{
    int none = 0;
    (void)again;
    atomic_fetch_add(&signals, 1);
    if (atomic_compare_exchange_strong(&first_signal, &none, signal_number))
        cg_process_say(
            "clgan: stopping the runs after their steps; a second signal ends at once\n");
}

/* The first signal is passed on to each run. The second goes as another one, because a run takes
 * two of a kind in a row for one; the third ends what is still there. */
static void pass_signals(cg_seeds *s, int *passed)
{
    const int count = atomic_load(&signals);
    s->stop_signal = atomic_load(&first_signal);
    const int other = s->stop_signal == SIGINT ? SIGTERM : SIGINT;
    for (; *passed < count; ++*passed)
        for (size_t d = 0; d < s->device_count; d++) {
            if (s->children[d] && *passed < 2)
                cg_child_signal(s->children[d], *passed ? other : s->stop_signal);
            else if (s->children[d])
                cg_child_kill(s->children[d]);
            s->runs[s->current[d]].killed |= s->children[d] && *passed >= 2;
        }
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Prints the line on stderr, in place of the one that stands on a terminal. */
CG_PRINTF(3, 4) static void say(cg_seeds *s, cg_log_level level, const char *format, ...)
{
    char text[CG_LINE + 64];
    if (level > cg_log_get_level())
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    strcat(text, "\n"); // NOLINT: there is room
    cg_process_say(text);
    s->shown[0] = '\0';
}

/* Adds text to the line, as much as there is room for. */
CG_PRINTF(3, 4) static void add_text(char *line, size_t room, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, room - used, format, arguments);
    va_end(arguments);
}

/* Shows on a terminal what each run does. */
static void show_progress(cg_seeds *s)
{
    char line[sizeof s->shown];
    size_t ended = 0;
    if (!s->on_terminal)
        return;
    for (size_t i = 0; i < s->count; i++)
        ended += s->runs[i].state == CG_SEED_ENDED;
    snprintf(line, sizeof line, "%zu of %zu runs ended", ended, s->count);
    for (size_t i = 0; i < s->count; i++)
        if (s->runs[i].state == CG_SEED_RUNNING)
            add_text(line, sizeof line, "  seed %" PRIu64 ": %s", s->runs[i].seed,
                     s->runs[i].progress);
    if (strcmp(line, s->shown) == 0)
        return;
    cg_process_show(line);
    memcpy(s->shown, line, sizeof line);
}

/* Prints the paths that are known, in the order of the seeds. */
static void tell_paths(cg_seeds *s)
{
    for (size_t i = 0; i < s->count; i++) {
        cg_seed_run *run = &s->runs[i];
        if (!run->told && !run->path && run->state != CG_SEED_ENDED)
            break;
        if (run->told || !run->path)
            continue;
        cg_process_say(""); /* a line of progress would stand before it */
        s->shown[0] = '\0';
        puts(run->path);
        run->told = true;
    }
    fflush(stdout);
}

/* ---- devices --------------------------------------------------------------------------------- */

static bool is_of(const cg_seed_run *run, const cg_device_info *device)
{
    return strcmp(run->device_name, device->name) == 0 &&
           strcmp(run->platform, device->platform) == 0;
}

/* True when a device may train the run: a run that goes on keeps its device. Any other one does
 * where that is not among them, and says what the matter is. */
static bool may_train(const cg_seeds *s, size_t device, const cg_seed_run *run)
{
    if (!run->resumed || s->request->allow_device_change ||
        is_of(run, cg_devices_info(s->devices, device)))
        return true;
    for (size_t d = 0; d < s->device_count; d++)
        if (s->usable[d] && is_of(run, cg_devices_info(s->devices, d)))
            return false;
    return true;
}

static bool any_is_usable(const cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        if (s->usable[d])
            return true;
    return false;
}

/* ---- the runs -------------------------------------------------------------------------------- */

/* A run and all of them, which the readers of its lines need. */
typedef struct listener {
    cg_seeds *seeds;
    cg_seed_run *run;
} listener;

/* The one line on stdout is the run's path. */
static void read_result(void *user, const char *line)
{
    const listener *l = user;
    size_t size = strlen(line) + 1;
    char *path = malloc(size);
    if (!path)
        return;
    memcpy(path, line, size);
    l->run->told = l->run->told && l->run->path && strcmp(l->run->path, path) == 0;
    free(l->run->path);
    l->run->path = path;
    tell_paths(l->seeds);
}

/* Progress is what is no message; of it the line shows the first words. */
static void read_message(void *user, const char *line)
{
    static const char prefix[] = "clgan: ";
    const listener *l = user;
    bool message = strncmp(line, prefix, sizeof prefix - 1) == 0;
    if (!message && l->seeds->on_terminal) {
        const char *gap = strstr(line, "  ");
        snprintf(l->run->progress, sizeof l->run->progress, "%.*s",
                 (int)(gap ? gap - line : CG_SEED_PROGRESS), line);
        return;
    }
    say(l->seeds, CG_LOG_ERROR, "seed %" PRIu64 ": %s", l->run->seed,
        message ? line + sizeof prefix - 1 : line);
}

static void end_run(cg_seed_run *run, int exit_status)
{
    run->seconds += cg_process_seconds() - run->started;
    run->exit_status = exit_status;
    run->state = CG_SEED_ENDED;
}

/* words = the arguments of the run's program, up to a NULL. */
static void fill_words(const char **words, const cg_seeds *s, const cg_seed_run *run,
                       const char *seed)
{
    const char *device = cg_devices_info(s->devices, run->device)->id;
    const char *const own[] = {"--seed", seed, "--device", device, "--out", run->folder};
    *words++ = "train";
    memcpy(words, s->kept, s->kept_count * sizeof *words);
    words += s->kept_count;
    memcpy(words, own, sizeof own);
    words += run->folder ? 6 : 4;
    *words++ = run->resumed ? "--resume" : NULL;
    *words = NULL;
}

static void start_run(cg_seeds *s, cg_seed_run *run, size_t device)
{
    char seed[32];
    const char **words = calloc(s->kept_count + OWN_WORDS, sizeof *words);
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    run->device = device;
    run->started = cg_process_seconds();
    run->state = CG_SEED_RUNNING;
    snprintf(run->progress, sizeof run->progress, "starting");
    s->current[device] = (size_t)(run - s->runs);
    if (words) {
        fill_words(words, s, run, seed);
        s->children[device] = cg_child_start(words);
    }
    if (!s->children[device]) {
        cg_log(CG_LOG_ERROR, "seed %s: cannot start a process: %s", seed, strerror(errno));
        end_run(run, 1);
    }
    free(words);
}

/* Gives each idle device the next run that it may train. */
static void start_runs(cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        for (size_t i = 0; i < s->count && s->usable[d] && !s->children[d]; i++)
            if (s->runs[i].state == CG_SEED_WAITING && may_train(s, d, &s->runs[i]))
                start_run(s, &s->runs[i], d);
}

/* ---- devices that do not serve --------------------------------------------------------------- */

/* Makes room for a run that is done again on another device. The files that the wrong one has left
 * stay: in --out under another name, else where they are. False where that cannot be. */
static bool set_aside(cg_seeds *s, const cg_seed_run *run)
{
    if (!run->path || !cg_seeds_has_run(run->path))
        return true;
    size_t size = strlen(run->path) + 32;
    char *aside = malloc(size);
    bool moved = !run->folder;
    if (!aside)
        return false;
    snprintf(aside, size, "%s", run->path);
    for (unsigned i = 1; run->folder && i < 1000; i++) {
        struct stat info;
        snprintf(aside, size, i > 1 ? "%s_wrong_%u" : "%s_wrong", run->folder, i);
        if (stat(aside, &info) == 0)
            continue;
        moved = rename(run->folder, aside) == 0;
        break;
    }
    if (moved)
        say(s, CG_LOG_INFO, "seed %" PRIu64 ": begins anew; what the device computed stays in %s",
            run->seed, aside);
    free(aside);
    return moved;
}

/* The device is not used again. The run waits for another one, unless it went on from a state that
 * there is no other of. */
static void give_up_device(cg_seeds *s, cg_seed_run *run)
{
    const cg_device_info *device = cg_devices_info(s->devices, run->device);
    bool wrong = run->exit_status == CG_EXIT_WRONG;
    s->usable[run->device] = false;
    s->device_status = run->exit_status;
    say(s, CG_LOG_WARNING, "clgan: warning: %s %s %s: it is not used any more", device->id,
        device->name, wrong ? "computes wrong results" : "is not there any more");
    if (!any_is_usable(s) || (wrong && run->resumed) || (wrong && !set_aside(s, run)))
        return;
    run->state = CG_SEED_WAITING;
}

static void finish_run(cg_seeds *s, size_t device, int exit_status)
{
    cg_seed_run *run = &s->runs[s->current[device]];
    cg_child_release(s->children[device]);
    s->children[device] = NULL;
    end_run(run, exit_status);
    if ((exit_status == CG_EXIT_WRONG || exit_status == CG_EXIT_NO_DEVICE) && !s->stop_signal)
        give_up_device(s, run);
    tell_paths(s);
}

static bool any_is_running(const cg_seeds *s)
{
    for (size_t d = 0; d < s->device_count; d++)
        if (s->children[d])
            return true;
    return false;
}

/* Takes what the runs have printed, and their ends. */
static void watch_runs(cg_seeds *s)
{
    cg_children_wait(s->children, s->device_count);
    for (size_t d = 0; d < s->device_count; d++) {
        int exit_status;
        listener l = {s, &s->runs[s->current[d]]};
        if (s->children[d] &&
            cg_child_read(s->children[d], read_result, read_message, &l, &exit_status))
            finish_run(s, d, exit_status);
    }
}

static void train_runs(cg_seeds *s)
{
    int passed = 0;
    cg_process_on_stop(on_signal);
    s->on_terminal = cg_log_get_level() >= CG_LOG_INFO && cg_process_show("");
    for (;;) {
        pass_signals(s, &passed);
        if (!s->stop_signal)
            start_runs(s);
        if (!any_is_running(s))
            break;
        show_progress(s);
        watch_runs(s);
    }
    cg_process_say("");
}

/* ---- all ------------------------------------------------------------------------------------- */

static int exit_status_of(const cg_seeds *s)
{
    if (s->stop_signal)
        return CG_EXIT_SIGNAL + s->stop_signal;
    for (size_t i = 0; i < s->count; i++) {
        const cg_seed_run *run = &s->runs[i];
        int status = run->state == CG_SEED_ENDED ? run->exit_status : s->device_status;
        if (status)
            return status;
    }
    return 0;
}

static void deinit(cg_seeds *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->runs[i].folder);
        free(s->runs[i].path);
    }
    free(s->runs);
    cg_devices_release(s->devices);
    free(s->usable);
    free(s->children);
    free(s->current);
    free(s->kept);
}

int cg_seeds_train(const cg_seeds_request *request)
{
    cg_seeds s = {.request = request};
    cg_status status = cg_seeds_prepare(&s);
    int exit_status = cg_exit_status(status);
    if (status == CG_OK) {
        train_runs(&s);
        cg_seeds_summarize(&s);
        exit_status = exit_status_of(&s);
    }
    deinit(&s);
    return exit_status;
}
