/* The process on Linux, macOS and other POSIX systems.
 *
 * A driver's compiler takes signals for itself: LLVM inside PoCL removes its temporary files on
 * SIGINT, and the build fails. So the signals that ask for an end are blocked in all threads, and
 * in the programs that a driver starts, and one thread waits for them. */
#include "cli/process.h"

#include <clgan/terminal.h>
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

bool cg_process_is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
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

/* ---- messages -------------------------------------------------------------------------------- */

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

/* ---- time ------------------------------------------------------------------------------------ */

double cg_process_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* When a halt of this process ended that was noticed. */
static _Atomic(double) halt_ended;

static void *call_each_second(void *call)
{
    const double most = 1.5; /* seconds that a second takes without one */
    const struct timespec second = {.tv_sec = 1};
    void (*function)(void);
    memcpy(&function, &call, sizeof function);
    for (;;) {
        double before = cg_process_seconds();
        nanosleep(&second, NULL);
        if (cg_process_seconds() - before > most)
            atomic_store(&halt_ended, cg_process_seconds());
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
static bool by_continue; /* SIGCONT asks, too */

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
    if (by_continue)
        sigaddset(&set, SIGCONT);
    return set;
}

/* True when somebody has asked in the other way, too, meanwhile. The same signal may be an echo,
 * which shows when it is taken. */
static bool is_other_pending(int signal_number)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, signal_number == SIGINT ? SIGTERM : SIGINT);
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

/* Takes the SIGTERM that waits behind a SIGHUP, however late this thread comes to it. */
static void take_echo_of_hangup(void)
{
    sigset_t set;
    int signal_number;
    sigpending(&set);
    if (!sigismember(&set, SIGTERM))
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigwait(&set, &signal_number);
}

/* True for a SIGCONT that ends a halt; the other thread has a moment to notice that. */
static bool ends_halt(void)
{
    const struct timespec moment = {.tv_nsec = 100000000};
    nanosleep(&moment, NULL);
    return cg_process_seconds() - atomic_load(&halt_ended) < 1;
}

/* Two signals that wait together are both known before the first is obeyed. */
static void *wait_for_signals(void *unused)
{
    const sigset_t set = stop_signals();
    int first = 0, signal_number;
    double when = 0;
    bool announced = false; /* SIGTERM was, by SIGCONT, and comes later */
    (void)unused;
    for (;;) {
        if (sigwait(&set, &signal_number) != 0 || (announced && signal_number == SIGTERM) ||
            is_echo(signal_number, first, cg_process_seconds() - when))
            continue;
        if (signal_number == SIGCONT) {
            if (announced || ends_halt())
                continue;
            announced = true;
            signal_number = SIGTERM;
        }
        if (signal_number == SIGHUP)
            take_echo_of_hangup();
        bool again = first || (signal_number != SIGHUP && is_other_pending(signal_number));
        if (!first) {
            first = signal_number;
            when = cg_process_seconds();
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

void cg_process_start(cg_stop_handler handler, bool continue_asks)
{
    by_continue = continue_asks;
    open_standard_streams();
    keep_messages();
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* where it is ignored nobody is told how a child ended */
    cg_process_on_stop(handler);
    start_waiting();
}
