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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
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

static const char *own_name = "clgan";

const char *cg_process_find_name(const char *argument)
{
    own_name = argument;
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
        bool again = first || (signal_number != SIGHUP && is_one_pending());
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

static const char affinity[] = "POCL_AFFINITY";
static bool affinity_is_ours;

void cg_process_set_pocl_threads(size_t ranks)
{
    long processors = count_processors();
    if (ranks > 1)
        share_processors(ranks);
    else if (processors && threads_fit(processors) && !getenv(affinity))
        affinity_is_ours = setenv(affinity, "1", 0) == 0;
}

void cg_process_unset_pocl_threads(void)
{
    if (affinity_is_ours)
        unsetenv(affinity);
}
#else
void cg_process_set_pocl_threads(size_t ranks)
{
    (void)ranks;
}

void cg_process_unset_pocl_threads(void)
{
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

/* ---- this program once more ------------------------------------------------------------------ */

enum { CHILDREN_MOST = 64 /* that are waited for by poll() */, WAIT = 100 /* ms */ };

/* A pipe that a child writes to; -1: at its end. */
typedef struct stream {
    int file;
    cg_lines lines;
} stream;

struct cg_child {
    pid_t id;
    stream output, errors;
};

/* The ids of the children; 0: none in that place. */
static volatile pid_t child_ids[CHILDREN_MOST];

/* Ctrl-Z is for this process, as all that a terminal sends: its children halt and go on with it.
 * All that it calls is safe in a handler. */
static void on_halt(int signal_number)
{
    static const int signals[] = {SIGSTOP, SIGCONT};
    int saved = errno;
    (void)signal_number;
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < CHILDREN_MOST; k++)
            if (child_ids[k])
                kill(child_ids[k], signals[i]);
        if (i == 0)
            raise(SIGSTOP); /* returns when somebody lets this go on */
    }
    errno = saved;
}

/* Writes `to` in the place of `from`. */
static void replace_child_id(pid_t from, pid_t to)
{
    size_t k = 0;
    while (k < CHILDREN_MOST && child_ids[k] != from)
        k++;
    if (k < CHILDREN_MOST)
        child_ids[k] = to;
}

/* A process that ignores Ctrl-Z goes on ignoring it. */
static void remember_child(pid_t id)
{
    struct sigaction halt = {.sa_handler = on_halt, .sa_flags = SA_RESTART}, before;
    replace_child_id(0, id);
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        sigaction(SIGTSTP, &halt, NULL);
}

/* ends = a pipe: what is read here does not block, and neither goes to other programs. */
static bool make_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
}

static void close_file(int file)
{
    if (file >= 0)
        close(file);
}

/* Is the child, between fork() and exec(): what is called here is safe there. The parent may have
 * ended by now. */
static void become_program(char *const words[], int output, int errors, pid_t parent)
{
    static const char sorry[] = "error: cannot start this program once more\n";
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
#else
    (void)parent;
#endif
    if (dup2(output, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0) {
#ifdef __linux__
        execv("/proc/self/exe", words); /* also where its file has been replaced */
#endif
        execvp(words[0], words);
    }
    ssize_t written = write(errors, sorry, sizeof sorry - 1);
    (void)written;
    _exit(1);
}

/* The program's name and the arguments, for free(); the words are the caller's. */
static char **list_words(const char *const arguments[])
{
    size_t count = 0;
    while (arguments[count])
        count++;
    char **words = calloc(count + 2, sizeof *words);
    if (words) {
        memcpy(words, &own_name, sizeof own_name);
        memcpy(words + 1, arguments, count * sizeof *words);
    }
    return words;
}

cg_child *cg_child_start(const char *const arguments[])
{
    int output[2] = {-1, -1}, errors[2] = {-1, -1};
    const pid_t self = getpid();
    cg_child *child = calloc(1, sizeof *child);
    char **words = list_words(arguments);
    pid_t id = -1;
    if (child && words && make_pipe(output) && make_pipe(errors))
        id = fork();
    if (id == 0)
        become_program(words, output[1], errors[1], self);
    int reason = errno;
    free(words);
    close_file(output[1]);
    close_file(errors[1]);
    if (id < 0) {
        close_file(output[0]);
        close_file(errors[0]);
        free(child);
        errno = reason;
        return NULL;
    }
    remember_child(id);
    child->id = id;
    child->output.file = output[0];
    child->errors.file = errors[0];
    return child;
}

void cg_children_wait(cg_child *const children[], size_t count)
{
    struct pollfd files[2 * CHILDREN_MOST];
    nfds_t used = 0;
    for (size_t i = 0; i < count && used < 2 * CHILDREN_MOST; i++) {
        if (!children[i])
            continue;
        files[used++] = (struct pollfd){.fd = children[i]->output.file, .events = POLLIN};
        files[used++] = (struct pollfd){.fd = children[i]->errors.file, .events = POLLIN};
    }
    poll(files, used, WAIT);
}

static void read_stream(stream *s, cg_line_reader *read_line, void *user)
{
    char bytes[4096];
    ssize_t size = 1;
    while (s->file >= 0 && size > 0) {
        size = read(s->file, bytes, sizeof bytes);
        if (size > 0)
            cg_lines_take(&s->lines, bytes, (size_t)size, read_line, user);
        bool later = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
        if (size <= 0 && !later) {
            close(s->file);
            s->file = -1;
        }
    }
}

/* Programs that it has started may hold its pipes open: its end is not theirs. */
bool cg_child_read(cg_child *child, cg_line_reader *result, cg_line_reader *message, void *user,
                   int *exit_status)
{
    int status;
    bool ended = waitpid(child->id, &status, WNOHANG) == child->id;
    read_stream(&child->output, result, user);
    read_stream(&child->errors, message, user);
    if (!ended)
        return false;
    replace_child_id(child->id, 0);
    cg_lines_finish(&child->output.lines, result, user);
    cg_lines_finish(&child->errors.lines, message, user);
    *exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
}

void cg_child_signal(const cg_child *child, int signal_number)
{
    kill(child->id, signal_number);
}

void cg_child_kill(const cg_child *child)
{
    kill(child->id, SIGKILL);
}

void cg_child_release(cg_child *child)
{
    if (!child)
        return;
    close_file(child->output.file);
    close_file(child->errors.file);
    free(child);
}
