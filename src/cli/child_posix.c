/* Children on Linux, macOS and other POSIX systems. */
#include "cli/child.h"

#include <clgan/status.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

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

/* ---- halts ----------------------------------------------------------------------------------- */

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

/* ---- starting -------------------------------------------------------------------------------- */

static const char *own_name = "clgan";

void cg_child_set_program(const char *name)
{
    own_name = name;
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

/* ---- reading --------------------------------------------------------------------------------- */

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
    int status = 0;
    const pid_t found = waitpid(child->id, &status, WNOHANG);
    read_stream(&child->output, result, user);
    read_stream(&child->errors, message, user);
    if (found == 0 || (found < 0 && errno == EINTR))
        return false;
    replace_child_id(child->id, 0);
    cg_lines_finish(&child->output.lines, result, user);
    cg_lines_finish(&child->errors.lines, message, user);
    *exit_status = found < 0             ? CG_EXIT_FAILED
                   : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                         : WEXITSTATUS(status);
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
