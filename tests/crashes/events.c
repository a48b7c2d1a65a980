/* A library that stands before libc and OpenCL (LD_PRELOAD) and counts the calls of the process'
 * first thread: those that change files under a folder, and those that work on the device. At one
 * of them something happens, so that a moment is a number and comes again in the next run.
 *
 *     CLGAN_EVENTS_ROOT=DIR     the folder
 *     CLGAN_EVENTS_TRACE=FILE   gets a line for each call, "NAME<tab>PATH<tab>..."; what is written
 *                               to files goes to FILE.data
 *     CLGAN_EVENTS_AT=N         before call N, from 1; NAME:N: before the N-th call of that name,
 *     CLGAN_EVENTS_DO=...       this: a signal's name (KILL, STOP, HUP, INT, TERM); full: this and
 *                               all later calls that write find no room, readonly: a file system
 *                               that is read-only, short: this one writes a half and then has no
 *                               room; slow:SECONDS: that much passes on the monotonic clock, and
 *                               the call lasts until another thread has written to standard error;
 *                               run:COMMAND: a shell does that
 *
 * A signal is taken by another thread of the program: the call goes on once that has said so on
 * standard error, or the process ends. */
#undef _FILE_OFFSET_BITS /* both names of open() are defined below */
#undef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#include "../interpose.h"

#include <CL/cl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 1024, PATH = 256 };

static struct {
    char root[PATH_MAX];
    const char *at, *action;
    FILE *trace, *data;
    size_t count, named; /* calls so far; those of the name in `at` */
    size_t data_size;
    int error;               /* of each call that changes something, from now on; 0: none */
    char paths[FILES][PATH]; /* of descriptors that are open under the root */
} events;

static atomic_int heard; /* of other threads on standard error: 1 something, 2 the process' end */
static atomic_llong clock_offset;

/* Programs that are started from here get no such library. */
__attribute__((constructor)) static void start(void)
{
    const char *root = getenv("CLGAN_EVENTS_ROOT"), *trace = getenv("CLGAN_EVENTS_TRACE");
    char data[PATH_MAX];
    unsetenv("LD_PRELOAD");
    if (root && !realpath(root, events.root))
        abort();
    events.at = getenv("CLGAN_EVENTS_AT");
    events.action = getenv("CLGAN_EVENTS_DO");
    if (trace) {
        snprintf(data, sizeof data, "%s.data", trace);
        events.trace = fopen(trace, "we");
        events.data = fopen(data, "we");
        if (!events.trace || !events.data)
            abort();
        setvbuf(events.trace, NULL, _IOLBF, 0);
    }
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void wait_for_words(void)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    for (int i = 0; i < 120000 && atomic_load(&heard) != 1; i++)
        nanosleep(&nap, NULL);
}

static void send_signal(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {
        {"KILL", SIGKILL}, {"STOP", SIGSTOP}, {"HUP", SIGHUP}, {"INT", SIGINT}, {"TERM", SIGTERM}};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (strcmp(name, signals[i].name) == 0) {
            kill(getpid(), signals[i].number);
            wait_for_words();
            return;
        }
    }
    abort();
}

static void happen(void)
{
    const char *action = events.action;
    atomic_store(&heard, 0);
    if (strncmp(action, "run:", 4) == 0) {
        if (system(action + 4) != 0)
            abort();
    } else if (strncmp(action, "slow:", 5) == 0) {
        atomic_fetch_add(&clock_offset, (long long)(1e9 * atof(action + 5)));
        wait_for_words();
    } else if (strcmp(action, "full") == 0) {
        events.error = ENOSPC;
    } else if (strcmp(action, "readonly") == 0) {
        events.error = EROFS;
    } else if (strcmp(action, "short") != 0) {
        send_signal(action);
    }
}

static bool is_at(const char *name)
{
    const char *colon = events.at ? strchr(events.at, ':') : NULL;
    if (!events.at)
        return false;
    if (!colon)
        return events.count == strtoull(events.at, NULL, 10);
    size_t length = (size_t)(colon - events.at);
    if (strncmp(name, events.at, length) != 0 || name[length])
        return false;
    return ++events.named == strtoull(colon + 1, NULL, 10);
}

/* Counts the call. True when it is the one at which something happened. */
static bool count(const char *name, const char *path, const char *detail)
{
    if (gettid() != getpid())
        return false;
    int error = errno;
    events.count++;
    if (events.trace)
        fprintf(events.trace, "%s\t%s\t%s\n", name, path, detail);
    bool now = is_at(name);
    if (now)
        happen();
    errno = error;
    return now;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* full = the path from the file system's root; true when it is under the folder. */
static bool resolve(char full[PATH_MAX], const char *path)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    char *real = realpath(folder, NULL);
    size_t length = strlen(events.root);
    bool under = real && length && strncmp(real, events.root, length) == 0 &&
                 (real[length] == '/' || !real[length]);
    if (under)
        under = snprintf(full, PATH_MAX, "%s/%s", real + length, name) < PATH_MAX;
    free(real);
    return under;
}

/* The call about a path: nothing where that lies elsewhere. False, with errno, when it fails. */
static bool count_path(const char *name, const char *path, const char *detail)
{
    char full[PATH_MAX];
    if (!resolve(full, path))
        return true;
    count(name, full, detail);
    bool frees = strcmp(name, "unlink") == 0 || strcmp(name, "rmdir") == 0;
    if (!events.error || (events.error == ENOSPC && frees))
        return true;
    errno = events.error;
    return false;
}

static int remember(int file, const char *path)
{
    char full[PATH_MAX];
    if (file >= 0 && file < FILES && resolve(full, path) && strlen(full) < PATH)
        strcpy(events.paths[file], full);
    return file;
}

static int open_counted(int (*next)(const char *, int, ...), const char *path, int flags,
                        mode_t mode)
{
    struct stat info;
    if (flags & O_CREAT && !count_path(stat(path, &info) == 0 ? "open" : "create", path, ""))
        return -1;
    return remember(next(path, flags, mode), path);
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define DEFINE_OPEN(name)                             \
    int name(const char *path, int flags, ...)        \
    {                                                 \
        NEXT(name);                                   \
        va_list args;                                 \
        va_start(args, flags);                        \
        mode_t mode = mode_of(flags, args);           \
        va_end(args);                                 \
        return open_counted(next, path, flags, mode); \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

int close(int file)
{
    NEXT(close);
    if (file >= 0 && file < FILES)
        events.paths[file][0] = '\0';
    return next(file);
}

/* Returns how many of the bytes there is room for. Keeps what is written. */
static size_t count_write(int file, const void *bytes, size_t size)
{
    char detail[64];
    const char *path = file >= 0 && file < FILES ? events.paths[file] : "";
    if (!*path)
        return size;
    snprintf(detail, sizeof detail, "%zu\t%zu", events.data_size, size);
    bool now = count("write", path, detail);
    if (now && strcmp(events.action, "short") == 0)
        return size / 2;
    if (events.error)
        return 0;
    if (events.data)
        events.data_size += fwrite(bytes, 1, size, events.data);
    return size;
}

/* Words of another thread than the first. */
static void hear(const void *bytes, size_t size)
{
    if (gettid() == getpid() || size < 5)
        return;
    atomic_store(&heard, memmem(bytes, size, "stopped", 7) ? 2 : 1);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    NEXT(write);
    size_t room = count_write(file, bytes, size);
    if (room == 0 && size > 0) {
        errno = events.error ? events.error : ENOSPC;
        return -1;
    }
    ssize_t written = next(file, bytes, room);
    hear(bytes, size);
    return written;
}

size_t fwrite(const void *bytes, size_t size, size_t n, FILE *file)
{
    NEXT(fwrite);
    if (file == events.trace || file == events.data)
        return next(bytes, size, n, file);
    size_t room = count_write(fileno(file), bytes, size * n);
    size_t written = size ? next(bytes, size, room / size, file) : 0;
    if (room < size * n)
        errno = events.error ? events.error : ENOSPC;
    return written;
}

static int sync_counted(int (*next)(int), int file)
{
    char link[64], path[PATH_MAX], full[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    struct stat info;
    if (length > 0 && fstat(file, &info) == 0) {
        bool folder = S_ISDIR(info.st_mode);
        if (folder)
            strncat(path, "/.", sizeof path - strlen(path) - 1);
        if (resolve(full, path))
            count(folder ? "sync-folder" : "sync", full, "");
    }
    return next(file);
}

int fsync(int file)
{
    NEXT(fsync);
    return sync_counted(next, file);
}

int fdatasync(int file)
{
    NEXT(fdatasync);
    return sync_counted(next, file);
}

int rename(const char *from, const char *to)
{
    NEXT(rename);
    char full[PATH_MAX];
    return resolve(full, to) && !count_path("rename", from, full) ? -1 : next(from, to);
}

int symlink(const char *target, const char *path)
{
    NEXT(symlink);
    return count_path("symlink", path, target) ? next(target, path) : -1;
}

#define DEFINE_PATH_CALL(name, parameters, ...)                      \
    int name parameters                                              \
    {                                                                \
        NEXT(name);                                                  \
        return count_path(#name, path, "") ? next(__VA_ARGS__) : -1; \
    }
DEFINE_PATH_CALL(unlink, (const char *path), path)
DEFINE_PATH_CALL(rmdir, (const char *path), path)
DEFINE_PATH_CALL(mkdir, (const char *path, mode_t mode), path, mode)

/* ---- time ------------------------------------------------------------------------------------ */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    NEXT(clock_gettime);
    int status = next(clock, now);
    if (status == 0 && clock == CLOCK_MONOTONIC) {
        long long ns = now->tv_nsec + atomic_load(&clock_offset);
        now->tv_sec += ns / 1000000000;
        now->tv_nsec = ns % 1000000000;
    }
    return status;
}

/* ---- OpenCL ---------------------------------------------------------------------------------- */

/* clang-format off */
#define DEFINE_CL(name, parameters, ...) \
    cl_int name parameters               \
    {                                    \
        NEXT(name);                      \
        count(#name, "", "");            \
        return next(__VA_ARGS__);        \
    }
DEFINE_CL(clGetPlatformIDs, (cl_uint room, cl_platform_id *platforms, cl_uint *found), room, platforms, found)
DEFINE_CL(clBuildProgram, (cl_program program, cl_uint devices, const cl_device_id *list, const char *options,
          void(CL_CALLBACK *notify)(cl_program, void *), void *user), program, devices, list, options, notify, user)
DEFINE_CL(clEnqueueNDRangeKernel, (cl_command_queue queue, cl_kernel kernel, cl_uint dims, const size_t *offset,
          const size_t *global, const size_t *local, cl_uint waits, const cl_event *list, cl_event *event),
          queue, kernel, dims, offset, global, local, waits, list, event)
DEFINE_CL(clEnqueueReadBuffer, (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t size,
          void *data, cl_uint waits, const cl_event *list, cl_event *event),
          queue, buffer, blocking, offset, size, data, waits, list, event)
DEFINE_CL(clEnqueueWriteBuffer, (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t size,
          const void *data, cl_uint waits, const cl_event *list, cl_event *event),
          queue, buffer, blocking, offset, size, data, waits, list, event)
DEFINE_CL(clEnqueueMarkerWithWaitList, (cl_command_queue queue, cl_uint waits, const cl_event *list, cl_event *event),
          queue, waits, list, event)
DEFINE_CL(clFinish, (cl_command_queue queue), queue)
/* clang-format on */
