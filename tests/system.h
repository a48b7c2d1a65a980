/* The part of a system that tests need, beside what the program takes by base/platform.h. Check has
 * no processes on Windows, where a test runs in that of all (scripts/cross.sh windows). */
#ifndef CLGAN_TESTS_SYSTEM_H
#define CLGAN_TESTS_SYSTEM_H

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef _WIN32
#define POSIX_FILES 0

#include <direct.h>
#include <errno.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#undef stat /* to _stat64, which headers before this one did not see */

#define mkdir(path, mode)     _mkdir(path)
#define setenv(name, text, _) _putenv_s(name, text)
#define unsetenv(name)        _putenv_s(name, "")
#define O_CLOEXEC             (_O_BINARY | _O_NOINHERIT)
#define NAME_MAX              255
#define REMOVE_FOLDER         "rmdir /s /q \"%s\""

static inline char *mkdtemp(char *name)
{
    char *end = name + strlen(name) - 6; /* _mktemp() knows 26 names */
    for (unsigned i = 0; i < 1u << 24; i++) {
        snprintf(end, 7, "%06x", i);
        if (_mkdir(name) == 0)
            return name;
        if (errno != EEXIST)
            break;
    }
    return NULL;
}

static inline void limit_file_size(size_t bytes)
{
    (void)bytes;
}

static inline bool limit_memory(size_t bytes)
{
    (void)bytes;
    return false;
}

static inline bool become_nobody(void)
{
    return false;
}

static inline bool become_root(void)
{
    return false;
}

static inline bool make_link(const char *target, const char *path)
{
    (void)target, (void)path;
    return false;
}

static inline bool is_link(const char *path)
{
    (void)path;
    return false;
}

static inline bool make_pipe(const char *path)
{
    (void)path;
    return false;
}

static inline void *memmem(const void *text, size_t size, const void *part, size_t length)
{
    const char *at = text;
    for (; size >= length; at++, size--)
        if (memcmp(at, part, length) == 0)
            return (void *)(uintptr_t)at;
    return NULL;
}
#else
#include <sys/resource.h>

/* Files have permissions, and there are limits of resources, links and named pipes. Without
 * these, the functions below do nothing. */
#define POSIX_FILES 1

#define REMOVE_FOLDER "rm -rf '%s'"

/* No file may grow beyond `bytes` from here on: a stand-in for a full disk. 0 lifts the limit.
 * Check passes its results through a file: no assertion while the limit is on. */
static inline void limit_file_size(size_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* The process may have no more addresses than these from here on. */
static inline bool limit_memory(size_t bytes)
{
    return setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}) == 0;
}

/* The process is not root's from here on, whom no permission stops. */
static inline bool become_nobody(void)
{
    return geteuid() != 0 || setresuid(65534, 65534, 0) == 0;
}

/* Undoes become_nobody(). */
static inline bool become_root(void)
{
    return getuid() != 65534 || setresuid(0, 0, 0) == 0;
}

/* These make and know a symbolic link, and make a named pipe. */
static inline bool make_link(const char *target, const char *path)
{
    return symlink(target, path) == 0;
}

static inline bool is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static inline bool make_pipe(const char *path)
{
    return mkfifo(path, 0600) == 0;
}
#endif
#endif
