/* The process on Linux, macOS and other POSIX systems.
 *
 * A driver's compiler takes signals for itself: LLVM inside PoCL removes its temporary files on
 * SIGINT, and the build fails. So the signals that ask for an end are blocked in all threads, and
 * in the programs that a driver starts, and one thread waits for them. */
#include "cli/process.h"

#include <clgan/log.h>
#include <clgan/terminal.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

/* ---- standard streams ------------------------------------------------------------------------ */

/* The null device, or where there is none any folder, takes the place of each that is closed. */
static void open_standard_streams(void)
{
    int file;
    do {
        file = open("/dev/null", O_RDWR);
        if (file < 0)
            file = open("/", O_RDONLY);
    } while (file >= 0 && file < STDERR_FILENO);
    if (file > STDERR_FILENO)
        close(file);
}

/* Standard error as it was at first. Descriptor 2 itself goes into a file while programs are built
 * (cg_log_catch_drivers), and what is written there is lost when the process ends then. */
static int messages = STDERR_FILENO;

static void keep_messages(void)
{
    int file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (file >= 0)
        messages = file;
}

bool cg_process_has_reader(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) < 0 || !(output.revents & POLLERR);
}

/* ---- the program's name ---------------------------------------------------------------------- */

/* True when the PATH's first program of the name is the file. */
static bool is_found(const char *name, const struct stat *file)
{
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t length = strcspn(path, ":");
        char candidate[4096];
        struct stat found;
        snprintf(candidate, sizeof candidate, "%.*s%s%s", (int)length, path, length ? "/" : "",
                 name);
        if (access(candidate, X_OK) == 0 && stat(candidate, &found) == 0 && S_ISREG(found.st_mode))
            return found.st_dev == file->st_dev && found.st_ino == file->st_ino;
        path += length + (path[length] == ':');
    }
    return false;
}

const char *cg_process_find_name(const char *argument)
{
    const char *slash = strrchr(argument, '/');
    struct stat file;
    return slash && stat(argument, &file) == 0 && is_found(slash + 1, &file) ? slash + 1 : argument;
}

static bool is_redrawn(void)
{
    const char *term = getenv("TERM");
    return isatty(messages) && (!term || strcmp(term, "dumb") != 0);
}

/* A pipe that is full and not read any more takes no message, and must not keep the process from
 * its end. */
static void say_parts(const char *const parts[3])
{
    enum { PATIENCE = 1000 /* ms */ };
    struct pollfd ready = {.fd = messages, .events = POLLOUT};
    for (size_t i = 0; i < 3 && poll(&ready, 1, PATIENCE) != 0; i++) {
        ssize_t written = write(messages, parts[i], strlen(parts[i]));
        (void)written;
    }
}

static const char erase[] = "\r\033[K";

void cg_process_say(const char *message)
{
    say_parts((const char *const[3]){is_redrawn() ? erase : "", message, ""});
}

bool cg_process_show(const char *line)
{
    char fitting[1024];
    struct winsize size;
    if (!is_redrawn())
        return false;
    size_t columns = ioctl(messages, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    snprintf(fitting, sizeof fitting, "%.*s", (int)cg_text_fit(line, columns - 1), line);
    say_parts((const char *const[3]){erase, fitting, "\r"});
    return true;
}

static void *call_each_second(void *call)
{
    const struct timespec second = {.tv_sec = 1};
    void (*function)(void);
    memcpy(&function, &call, sizeof function);
    for (;;) {
        nanosleep(&second, NULL);
        function();
    }
    return NULL;
}

void cg_process_each_second(void (*call)(void))
{
    pthread_t thread;
    void *argument;
    memcpy(&argument, &call, sizeof argument);
    if (pthread_create(&thread, NULL, call_each_second, argument) == 0)
        pthread_detach(thread);
}

void cg_process_end(int exit_status)
{
    _exit(exit_status);
}

/* ---- signals --------------------------------------------------------------------------------- */

static _Atomic(cg_stop_handler) on_stop;

static double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* SIGHUP, SIGINT and SIGTERM. A SIGHUP that is ignored stays so, which is what nohup is for; a
 * shell has its background jobs ignore SIGINT, and who sends one to such a job means it. */
static sigset_t stop_signals(void)
{
    sigset_t set;
    struct sigaction hangup = {.sa_handler = SIG_DFL};
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);
    return set;
}

/* True when somebody has asked another time already. */
static bool is_one_pending(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

/* Some requests come twice: where a terminal is closed the system and the shell both send SIGHUP,
 * and who ends the session then sends SIGTERM; timeout(1) sends its signal to its child and to the
 * group, and programs that start others pass on the SIGINT that the terminal sent to all of them,
 * faster than anybody presses Ctrl-C twice. */
static bool is_echo(int signal_number, int first, double since_first)
{
    const double echo_seconds = signal_number == SIGINT ? 0.1 : 1;
    bool hangup = first == SIGHUP && signal_number == SIGTERM;
    return first && (signal_number == SIGHUP ||
                     ((hangup || signal_number == first) && since_first < echo_seconds));
}

/* Two signals that wait together are both known before the first is obeyed. */
static void *wait_for_signals(void *unused)
{
    const sigset_t set = stop_signals();
    int first = 0, signal_number;
    double when = 0;
    (void)unused;
    for (;;) {
        if (sigwait(&set, &signal_number) != 0 ||
            is_echo(signal_number, first, clock_seconds() - when))
            continue;
        bool again = first || (signal_number != SIGHUP && is_one_pending());
        if (!first) {
            first = signal_number;
            when = clock_seconds();
        }
        atomic_load (&on_stop)(signal_number, again);
    }
    return NULL;
}

void cg_process_on_stop(cg_stop_handler handler)
{
    atomic_store(&on_stop, handler);
}

/* The thread inherits that the signals are blocked, as all do that come after it. Without a thread
 * they end the process as they always do. */
static void start_waiting(void)
{
    pthread_t thread;
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void cg_process_start(cg_stop_handler handler)
{
    open_standard_streams();
    keep_messages();
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    cg_process_on_stop(handler);
    start_waiting();
}

/* ---- PoCL ------------------------------------------------------------------------------------ */

/* PoCL binds threads on Linux alone. */
#ifdef __linux__
/* The processors when they have the numbers 0 to n - 1 and all of them are ours, else 0: in a
 * container, under taskset, or with one of them switched off. */
static long count_processors(void)
{
    cpu_set_t allowed;
    long count = sysconf(_SC_NPROCESSORS_CONF);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 ||
        count != sysconf(_SC_NPROCESSORS_ONLN) || count != CPU_COUNT(&allowed))
        return 0;
    for (long i = 0; i < count; i++)
        if (!CPU_ISSET((size_t)i, &allowed))
            return 0;
    return count;
}

/* PoCL's versions let a user choose the number of threads by these variables. */
static const char *const thread_counts[] = {"POCL_MAX_PTHREAD_COUNT", "POCL_CPU_MAX_CU_COUNT",
                                            "POCL_MAX_COMPUTE_UNITS"};

enum { THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

/* True unless one of them asks for more. */
static bool threads_fit(long processors)
{
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        const char *text = getenv(thread_counts[i]);
        long threads = text ? strtol(text, NULL, 10) : 1;
        if (threads < 1 || threads > processors)
            return false;
    }
    return true;
}

/* A launcher may have bound this rank to some processors of its own, or of several ranks. */
static void share_processors(size_t ranks)
{
    cpu_set_t allowed;
    char text[32];
    long count = sysconf(_SC_NPROCESSORS_ONLN) / (long)ranks;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) < count)
        count = CPU_COUNT(&allowed);
    snprintf(text, sizeof text, "%ld", count > 1 ? count : 1);
    for (size_t i = 0; i < THREAD_COUNTS; i++)
        if (getenv(thread_counts[i]))
            return;
    for (size_t i = 0; i < THREAD_COUNTS; i++)
        setenv(thread_counts[i], text, 1);
}

void cg_process_set_pocl_threads(size_t ranks)
{
    long processors = count_processors();
    if (ranks > 1)
        share_processors(ranks);
    else if (processors && threads_fit(processors))
        setenv("POCL_AFFINITY", "1", 0);
}
#else
void cg_process_set_pocl_threads(size_t ranks)
{
    (void)ranks;
}
#endif

enum { PATH_SIZE = 4096 };

/* path = the folder that PoCL will use; false where it is one for temporary files, which belongs to
 * whoever came first. */
static bool find_cache(char path[PATH_SIZE])
{
    const char *own = getenv("POCL_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length;
    if (own)
        length = snprintf(path, PATH_SIZE, "%s", own);
    else if (xdg && *xdg)
        length = snprintf(path, PATH_SIZE, "%s/pocl/kcache", xdg);
    else if (home)
        length = snprintf(path, PATH_SIZE, "%s/.cache/pocl/kcache", home);
    else
        length = snprintf(path, PATH_SIZE, "/tmp/pocl/kcache");
    return length < PATH_SIZE && (own || (xdg && *xdg) || home);
}

/* True when the folder can be written, or where it is missing be made. */
static bool is_writable(const char *folder)
{
    char path[PATH_SIZE];
    struct stat info;
    snprintf(path, sizeof path, "%s", folder);
    while (stat(path, &info) != 0) {
        char *slash = strrchr(path, '/');
        if (errno != ENOENT || !slash)
            return errno == ENOENT && access(".", W_OK | X_OK) == 0;
        slash[slash == path] = '\0';
    }
    return S_ISDIR(info.st_mode) && access(path, W_OK | X_OK) == 0;
}

/* Creates a folder that is the user's alone: PoCL runs what it finds in it. One that is there
 * counts if nobody else can write it. */
static bool make_own_folder(char path[PATH_SIZE], const char *parent)
{
    struct stat info;
    int length = snprintf(path, PATH_SIZE, "%s/clgan-pocl-%ld", parent, (long)geteuid());
    if (length >= PATH_SIZE || (mkdir(path, 0700) != 0 && errno != EEXIST))
        return false;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           !(info.st_mode & (S_IWGRP | S_IWOTH)) && access(path, W_OK | X_OK) == 0;
}

void cg_process_find_pocl_cache(void)
{
    const char *const parents[] = {getenv("TMPDIR"), "/tmp", "/var/tmp", getenv("XDG_RUNTIME_DIR"),
                                   "/dev/shm"};
    char usual[PATH_SIZE], own[PATH_SIZE];
    if (find_cache(usual) && is_writable(usual))
        return;
    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++) {
        if (!parents[i] || !*parents[i] || !make_own_folder(own, parents[i]))
            continue;
        setenv("POCL_CACHE_DIR", own, 1);
        cg_log(CG_LOG_DEBUG, "POCL_CACHE_DIR is %s instead of %s", own, usual);
        return;
    }
    cg_log(CG_LOG_WARNING,
           "PoCL cannot write %s, and lists no device without a folder for compiled kernels: set "
           "POCL_CACHE_DIR to one that can be written",
           usual);
}
