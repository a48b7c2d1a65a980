/* The process and its machine on Linux, macOS and other POSIX systems. */
#include "base/platform.h"

#include "base/text_clean.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#ifdef __APPLE__
#define MAXRSS_UNIT 1 /* bytes */
#else
#define MAXRSS_UNIT 1024
#endif

/* ---- time and threads ------------------------------------------------------------------------ */

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double cg_platform_clock(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double cg_platform_wall_time(void)
{
    return seconds_of(CLOCK_REALTIME);
}

void cg_platform_sleep(double seconds)
{
    time_t whole = (time_t)seconds;
    struct timespec nap = {.tv_sec = whole, .tv_nsec = (long)(1e9 * (seconds - (double)whole))};
    nanosleep(&nap, NULL);
}

/* A new thread is given this, and frees it. */
struct thread_start {
    void (*run)(void *argument);
    void *argument;
};

static void *run_thread(void *given)
{
    const struct thread_start start = *(struct thread_start *)given;
    free(given);
    start.run(start.argument);
    return NULL;
}

bool cg_platform_start_thread(void (*run)(void *argument), void *argument)
{
    pthread_t thread;
    struct thread_start *start = malloc(sizeof *start);
    if (!start)
        return false;
    *start = (struct thread_start){run, argument};
    if (pthread_create(&thread, NULL, run_thread, start) != 0) {
        free(start);
        return false;
    }
    pthread_detach(thread);
    return true;
}

size_t cg_platform_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        count = CPU_COUNT(&allowed);
#endif
    return count > 1 ? (size_t)count : 1;
}

/* One of several calls at once, and its thread. */
struct call {
    void (*run)(void *argument, size_t i);
    void *argument;
    size_t i;
    pthread_t thread;
    bool started;
};

static void *run_call(void *given)
{
    const struct call *call = given;
    call->run(call->argument, call->i);
    return NULL;
}

void cg_platform_run_together(size_t count, void (*run)(void *argument, size_t i), void *argument)
{
    struct call calls[CG_PLATFORM_THREADS];
    for (size_t i = 0; i < count; i++) {
        calls[i] = (struct call){.run = run, .argument = argument, .i = i};
        calls[i].started =
            i + 1 < count && pthread_create(&calls[i].thread, NULL, run_call, &calls[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!calls[i].started)
            run_call(&calls[i]);
    for (size_t i = 0; i < count; i++)
        if (calls[i].started)
            pthread_join(calls[i].thread, NULL);
}

size_t cg_platform_resident_peak(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * MAXRSS_UNIT : 0;
}

/* *value = the first number behind `key`, which begins a line, or with "" of the file. False where
 * there is none, which is so on other systems than Linux, and for the "max" of cgroups. */
static bool read_number(uint64_t *value, const char *path, const char *key)
{
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        size_t length = strlen(key);
        found = strncmp(line, key, length) == 0 && sscanf(line + length, "%" SCNu64, value) == 1;
    }
    if (file)
        fclose(file);
    return found;
}

static void lower(size_t *room, uint64_t limit, uint64_t used)
{
    uint64_t left = limit > used ? limit - used : 0;
    if (left < *room)
        *room = (size_t)left;
}

/* The files of a version of cgroups. Used memory holds cached files, too, which make room: those
 * that were read once and those that were read again. */
typedef struct cgroup_files {
    const char *mark, *root, *limit, *used, *cached[2];
} cgroup_files;

/* The limits of the group `path` and of those above it. In a container the root may be its own. */
static void lower_by_groups(size_t *room, const cgroup_files *files, char *path)
{
    enum { NAME = 1024 };
    char name[NAME];
    for (char *end = path + strlen(path); end; end = strrchr(path, '/')) {
        uint64_t limit, used, cached[2] = {0};
        *end = '\0';
        snprintf(name, NAME, "%s%s/memory.stat", files->root, path);
        for (size_t i = 0; i < 2; i++)
            read_number(&cached[i], name, files->cached[i]);
        cached[0] += cached[1];
        snprintf(name, NAME, "%s%s/%s", files->root, path, files->used);
        bool known = read_number(&used, name, "");
        snprintf(name, NAME, "%s%s/%s", files->root, path, files->limit);
        if (known && read_number(&limit, name, ""))
            lower(room, limit, used > cached[0] ? used - cached[0] : 0);
    }
}

static void lower_by_cgroups(size_t *room)
{
    static const cgroup_files versions[] = {
        {"0::", "/sys/fs/cgroup", "memory.max", "memory.current", {"inactive_file", "active_file"}},
        {":memory:",
         "/sys/fs/cgroup/memory",
         "memory.limit_in_bytes",
         "memory.usage_in_bytes",
         {"total_inactive_file", "total_active_file"}},
    };
    char line[512];
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
            char *path = strstr(line, versions[i].mark);
            if (path && (i || path == line))
                lower_by_groups(room, &versions[i], path + strlen(versions[i].mark));
        }
    }
    if (file)
        fclose(file);
}

size_t cg_platform_memory_room(void)
{
    uint64_t kib, swap = 0;
    size_t room = SIZE_MAX;
    read_number(&swap, "/proc/meminfo", "SwapFree:");
    if (read_number(&kib, "/proc/meminfo", "MemAvailable:"))
        lower(&room, (kib + swap) << 10, 0);
    lower_by_cgroups(&room);
    return room;
}

/* `used`: what the system counts against the limit, in /proc/self/status. */
static void lower_by_limit(size_t *room, const struct rlimit *limit, const char *used)
{
    uint64_t kib;
    if (limit->rlim_cur != RLIM_INFINITY && read_number(&kib, "/proc/self/status", used))
        lower(room, limit->rlim_cur, kib << 10);
}

size_t cg_platform_address_room(void)
{
    struct rlimit limit;
    size_t room = SIZE_MAX;
    if (getrlimit(RLIMIT_AS, &limit) == 0)
        lower_by_limit(&room, &limit, "VmSize:");
    if (getrlimit(RLIMIT_DATA, &limit) == 0)
        lower_by_limit(&room, &limit, "VmData:");
    return room;
}

/* ---- the machine, the user and the terminal -------------------------------------------------- */

void cg_platform_host_name(char *name, size_t size)
{
    memset(name, 0, size);
    if (gethostname(name, size - 1) != 0 || !name[0])
        snprintf(name, size, "localhost");
}

const char *cg_platform_home(void)
{
    return getenv("HOME");
}

bool cg_platform_is_terminal(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && (!term || strcmp(term, "dumb") != 0);
}

size_t cg_platform_columns(FILE *stream)
{
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* A word of these letters alone is one to every shell. */
static const char plain_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "%+,-./:=@_";

/* Adds the text; *used stays below room. */
static void append(char *out, size_t room, size_t *used, const char *text)
{
    for (; *text && *used + 1 < room; text++)
        out[(*used)++] = *text;
    out[*used] = '\0';
}

/* *length = the bytes of the character there. Returns whether a log leaves it as it is. */
static bool is_shown(const char *word, size_t *length)
{
    uint32_t character;
    char own[5] = "", cleaned[sizeof own];
    *length = cg_utf8_read(&character, word);
    if (!*length) {
        *length = 1;
        return false;
    }
    memcpy(own, word, *length);
    cg_text_clean(cleaned, sizeof cleaned, own);
    return strcmp(own, cleaned) == 0;
}

/* In $'...', where bytes have names, if a log would change any; else in '...'. */
size_t cg_platform_quote(char *out, size_t room, const char *word)
{
    size_t used = 0, length;
    bool plain = *word && !word[strspn(word, plain_letters)], shown = true;
    for (const char *c = word; *c; c += length)
        shown &= is_shown(c, &length);
    append(out, room, &used, plain ? "" : shown ? "'" : "$'");
    for (; *word; word += length) {
        const bool named = !is_shown(word, &length) || (!shown && *word == '\\');
        for (size_t i = 0; i < length; i++) {
            char octal[8], letter[2] = {word[i], '\0'};
            snprintf(octal, sizeof octal, "\\%03o", (unsigned char)word[i]);
            if (word[i] == '\'')
                append(out, room, &used, shown ? "'\\''" : "\\'");
            else
                append(out, room, &used, named ? octal : letter);
        }
    }
    append(out, room, &used, plain ? "" : "'");
    return used;
}

/* ---- what is written to descriptor 2 --------------------------------------------------------- */

/* A driver that aborts has said why: its words go where descriptor 2 went before. Handlers of the
 * driver's own come next. */
static struct {
    int caught, errors;
    struct sigaction before;
} last_words;

static void tell_last_words(int signal_number)
{
    char bytes[512];
    off_t at = 0;
    for (ssize_t n; (n = pread(last_words.caught, bytes, sizeof bytes, at)) > 0; at += n)
        if (write(last_words.errors, bytes, (size_t)n) < 0)
            break;
    sigaction(signal_number, &last_words.before, NULL);
    raise(signal_number);
}

static void expect_abort(const cg_caught *token)
{
    struct sigaction action = {.sa_handler = tell_last_words};
    sigemptyset(&action.sa_mask);
    last_words.caught = fileno(token->file);
    last_words.errors = token->errors;
    sigaction(SIGABRT, &action, &last_words.before);
}

static void forget_abort(void)
{
    struct sigaction now;
    if (sigaction(SIGABRT, NULL, &now) == 0 && now.sa_handler == tell_last_words)
        sigaction(SIGABRT, &last_words.before, NULL);
}

void cg_platform_catch_errors(cg_caught *token)
{
    fflush(stderr);
    *token = (cg_caught){.file = tmpfile(), .errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
    if (token->file && token->errors >= 0 && dup2(fileno(token->file), STDERR_FILENO) >= 0) {
        expect_abort(token);
        return;
    }
    FILE *file = cg_platform_release_errors(token);
    if (file)
        fclose(file);
}

FILE *cg_platform_release_errors(cg_caught *token)
{
    FILE *file = token->file;
    fflush(stderr);
    forget_abort();
    if (token->errors >= 0) {
        dup2(token->errors, STDERR_FILENO);
        close(token->errors);
    }
    *token = (cg_caught){.errors = -1};
    if (file)
        rewind(file);
    return file;
}
