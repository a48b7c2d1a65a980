/* Files and folders. A failing call does nothing, but close() and fclose() close. A program that is
 * built for large files calls open64() and the like. */
#define _FILE_OFFSET_BITS 64
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every function that returns -1 with errno: `args` in parentheses. */
#define FAILS(group, name, params, args)                 \
    int name params                                      \
    {                                                    \
        NEXT(name);                                      \
        return FAULT(group) ? faults_fail() : next args; \
    }

/* Every function that returns NULL with errno. */
#define FAILS_NULL(group, type, name, params, args) \
    type name params                                \
    {                                               \
        NEXT(name);                                 \
        if (FAULT(group)) {                         \
            errno = faults_error();                 \
            return NULL;                            \
        }                                           \
        return next args;                           \
    }

FAILS("fsync", fsync, (int file), (file))
FAILS("rename", rename, (const char *from, const char *to), (from, to))
FAILS("mkdir", mkdir, (const char *path, mode_t mode), (path, mode))
FAILS("stat", stat64, (const char *path, struct stat64 *info), (path, info))
FAILS("stat", lstat64, (const char *path, struct stat64 *info), (path, info))
FAILS("stat", fstat64, (int file, struct stat64 *info), (file, info))
FAILS("flock", flock, (int file, int operation), (file, operation))
FAILS("ftruncate", ftruncate64, (int file, off64_t bytes), (file, bytes))
FAILS("unlink", unlink, (const char *path), (path))
FAILS("rmdir", rmdir, (const char *path), (path))
FAILS("symlink", symlink, (const char *target, const char *path), (target, path))
FAILS("touch", utimensat, (int at, const char *path, const struct timespec times[2], int flags),
      (at, path, times, flags))
FAILS("fwrite", fflush, (FILE * file), (file))
FAILS("fwrite", fputs, (const char *text, FILE *file), (text, file))
FAILS("open", mkstemp64, (char *name), (name))
FAILS_NULL("open", FILE *, fopen64, (const char *path, const char *mode), (path, mode))
FAILS_NULL("open", FILE *, fdopen, (int file, const char *mode), (file, mode))
FAILS_NULL("open", FILE *, tmpfile64, (void), ())
FAILS_NULL("opendir", DIR *, opendir, (const char *path), (path))
FAILS_NULL("readdir", struct dirent64 *, readdir64, (DIR * folder), (folder))
FAILS_NULL("fread", char *, fgets, (char *text, int size, FILE *file), (text, size, file))

/* dlsym() finds, before glibc 2.36, that version of realpath() which needs a buffer. */
char *realpath(const char *path, char *to)
{
    NEXT(realpath);
    if (FAULT("realpath")) {
        errno = faults_error();
        return NULL;
    }
    char *buffer = to ? to : malloc(PATH_MAX), *result = buffer ? next(path, buffer) : NULL;
    if (!result && !to)
        free(buffer);
    return result;
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    NEXT(open64);
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return FAULT("open") ? faults_fail() : next(path, flags, mode);
}

int close(int file)
{
    NEXT(close);
    bool fails = FAULT("close");
    int closed = next(file);
    return fails ? faults_fail() : closed;
}

int fclose(FILE *file)
{
    NEXT(fclose);
    bool fails = FAULT("close");
    int closed = next(file);
    return fails ? faults_fail() : closed;
}

static size_t half(size_t bytes)
{
    return faults_error() == SHORT ? (bytes + 1) / 2 : 0;
}

ssize_t read(int file, void *to, size_t bytes)
{
    NEXT(read);
    if (!FAULT("read"))
        return next(file, to, bytes);
    return half(bytes) ? next(file, to, half(bytes)) : faults_fail();
}

ssize_t pread64(int file, void *to, size_t bytes, off64_t at)
{
    NEXT(pread64);
    if (!FAULT("read"))
        return next(file, to, bytes, at);
    return half(bytes) ? next(file, to, half(bytes), at) : faults_fail();
}

ssize_t write(int file, const void *from, size_t bytes)
{
    NEXT(write);
    if (!FAULT("write"))
        return next(file, from, bytes);
    return half(bytes) ? next(file, from, half(bytes)) : faults_fail();
}

/* Streams hide short writes and interruptions from their callers; they fail for good. A stream
 * that could not be read says so to ferror() as well, here to be seen by what is missing. */
size_t fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    NEXT(fwrite);
    if (!FAULT("fwrite"))
        return next(from, size, count, file);
    faults_fail();
    return 0;
}

size_t fread(void *to, size_t size, size_t count, FILE *file)
{
    NEXT(fread);
    if (!FAULT("fread"))
        return next(to, size, count, file);
    faults_fail();
    return 0;
}
