/* The process on Linux, macOS and other POSIX systems. */
#include "cli/process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Takes away what stands in a terminal's line, where the cursor rests at its beginning. */
static const char *line_eraser = "";

void cg_process_on_stop(void (*handler)(int signal_number))
{
    const char *term = getenv("TERM");
    line_eraser = isatty(STDERR_FILENO) && (!term || strcmp(term, "dumb") != 0) ? "\r\033[K" : "";
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cg_process_say(const char *message)
{
    const char *const parts[] = {line_eraser, message};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ssize_t written = write(STDERR_FILENO, parts[i], strlen(parts[i]));
        (void)written;
    }
}

void cg_process_end(int exit_status)
{
    _exit(exit_status);
}
