/* The launcher on Linux, macOS and other POSIX systems. */
#include "cli/launcher.h"

#include <clgan/status.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__ /* whose headers leave it out */
extern char **environ;
#endif

/* The ranks find this in their environment: the terminal that messages go to, or "". */
static const char variable[] = "CLGAN_RANKS_PARENT";

/* ---- above ----------------------------------------------------------------------------------- */

static struct {
    volatile pid_t id; /* of mpirun */
    int orders;        /* the pipe to rank 0's standard input */
    atomic_int first, count;
} above;

/* Rank 0 ends at the second order; a third one is given because it does not. */
static void pass_on(int signal_number, bool again)
{
    unsigned char order = (unsigned char)signal_number;
    int none = 0;
    (void)again;
    atomic_compare_exchange_strong(&above.first, &none, signal_number);
    if (atomic_fetch_add(&above.count, 1) >= 2 || write(above.orders, &order, 1) != 1)
        kill(above.id, SIGTERM);
}

/* Ctrl-Z halts mpirun and its ranks with this process. All that it calls is safe in a handler. */
static void on_halt(int signal_number)
{
    int saved = errno;
    kill(above.id, signal_number);
    raise(SIGSTOP); /* returns when somebody lets this go on */
    kill(above.id, SIGCONT);
    errno = saved;
}

/* A process that ignores Ctrl-Z goes on ignoring it. */
static void take_halts(void)
{
    struct sigaction halt = {.sa_handler = on_halt, .sa_flags = SA_RESTART}, before;
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        sigaction(SIGTSTP, &halt, NULL);
}

/* Starts the program in a group of its own, with signals as they are by default. Returns an error's
 * number. */
static int spawn(pid_t *id, const char *const words[], int input)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t set;
    char **arguments;
    memcpy(&arguments, &words, sizeof arguments);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigaddset(&set, SIGPIPE);
    sigaddset(&set, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &set);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawnp(id, words[0], &files, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

bool cg_launcher_run(const char *const words[], int *exit_status)
{
    int ends[2], result;
    pid_t id, ended;
    const char *terminal = ttyname(STDERR_FILENO);
    setenv(variable, terminal ? terminal : "", 1);
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int error = spawn(&id, words, ends[0]);
    close(ends[0]);
    if (error) {
        close(ends[1]);
        errno = error;
        return false;
    }
    above.id = id;
    above.orders = ends[1];
    cg_process_on_stop(pass_on);
    take_halts();
    do
        ended = waitpid(id, &result, 0);
    while (ended < 0 && errno == EINTR);
    *exit_status = ended < 0           ? CG_EXIT_FAILED
                   : WIFEXITED(result) ? WEXITSTATUS(result)
                                       : 128 + WTERMSIG(result);
    return true;
}

int cg_launcher_signal(void)
{
    return atomic_load(&above.first);
}

/* ---- below ----------------------------------------------------------------------------------- */

static cg_stop_handler obeys;

bool cg_launcher_is_above(void)
{
    return getenv(variable);
}

static void ignore(int signal_number, bool again)
{
    (void)signal_number;
    (void)again;
}

/* The pipe ends with the process above, which is as if a terminal had gone, or because mpirun is
 * about to kill this process, in a second or two. */
static void *obey(void *unused)
{
    enum { PATIENCE = 3 /* seconds */ };
    unsigned char order;
    bool again = false;
    ssize_t got;
    (void)unused;
    do {
        got = read(STDIN_FILENO, &order, 1);
        if (got == 0)
            sleep(PATIENCE);
        if (got >= 0)
            obeys(got ? order : SIGHUP, again);
        again = again || got > 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    return NULL;
}

void cg_launcher_join_terminal(void)
{
    const char *terminal = getenv(variable);
    int file = terminal && *terminal ? open(terminal, O_WRONLY | O_NOCTTY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    dup2(file, STDERR_FILENO);
    close(file);
}

void cg_launcher_obey(cg_stop_handler handler)
{
    pthread_t thread;
    obeys = handler;
    cg_process_on_stop(ignore);
    if (pthread_create(&thread, NULL, obey, NULL) == 0)
        pthread_detach(thread);
}
