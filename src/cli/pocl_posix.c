/* PoCL's environment on Linux, macOS and other POSIX systems. */
#include "cli/pocl.h"

#include <clgan/log.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

/* ---- threads --------------------------------------------------------------------------------- */

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

void cg_pocl_set_threads(size_t ranks)
{
    long processors = count_processors();
    if (ranks > 1)
        share_processors(ranks);
    else if (processors && threads_fit(processors) && !getenv(affinity))
        affinity_is_ours = setenv(affinity, "1", 0) == 0;
}

void cg_pocl_unset_threads(void)
{
    if (affinity_is_ours)
        unsetenv(affinity);
}
#else
void cg_pocl_set_threads(size_t ranks)
{
    (void)ranks;
}

void cg_pocl_unset_threads(void)
{
}
#endif

/* ---- the folder of compiled kernels ---------------------------------------------------------- */

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

void cg_pocl_find_cache(void)
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
