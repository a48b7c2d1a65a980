/* The process on Linux, macOS and other POSIX systems. */
#include "cli/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

void cg_process_start(void)
{
    signal(SIGXFSZ, SIG_IGN);
}

/* PoCL binds threads on Linux alone. */
void cg_process_bind_pocl_threads(void)
{
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 &&
        CPU_COUNT(&allowed) == sysconf(_SC_NPROCESSORS_ONLN))
        setenv("POCL_AFFINITY", "1", 0);
#endif
}

void cg_process_on_stop(void (*handler)(int signal_number))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cg_process_say(const char *message)
{
    ssize_t written = write(STDERR_FILENO, message, strlen(message));
    (void)written;
}

void cg_process_end(int exit_status)
{
    _exit(exit_status);
}
