/* Linux, macOS and other POSIX systems. */
#include "base/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/auxv.h>
#endif

/* macOS counts memory in bytes, and names the time of a file otherwise. Its fsync() only hands the
 * bytes to the disk, F_FULLFSYNC waits until they are on it. */
#ifdef __APPLE__
#define MAXRSS_UNIT   1
#define CHANGED(info) ((info).st_mtimespec)
#else
#define MAXRSS_UNIT   1024
#define CHANGED(info) ((info).st_mtim)
#endif

/* ---- files ----------------------------------------------------------------------------------- */

int cg_platform_open(const char *path, cg_open_mode mode)
{
    static const int flags[] = {
        [CG_OPEN_READ] = O_RDONLY | O_NONBLOCK,
        [CG_OPEN_NEW] = O_WRONLY | O_CREAT | O_EXCL,
        [CG_OPEN_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [CG_OPEN_LOCK] = O_RDWR | O_CREAT,
    };
    return open(path, flags[mode] | O_CLOEXEC, 0666);
}

bool cg_platform_read(int file, void *bytes, size_t size, size_t *got)
{
    for (*got = 0; *got < size;) {
        ssize_t n = read(file, (char *)bytes + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

bool cg_platform_write(int file, const void *bytes, size_t size)
{
    size_t written = 0;
    while (written < size) {
        ssize_t n = write(file, (const char *)bytes + written, size - written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        written += (size_t)n;
    }
    return true;
}

bool cg_platform_sync(int file)
{
#ifdef F_FULLFSYNC
    if (fcntl(file, F_FULLFSYNC) == 0)
        return true; /* else the file system has no such thing */
#endif
    return fsync(file) == 0;
}

/* Some file systems cannot sync a folder (EINVAL). */
bool cg_platform_sync_folder(const char *folder)
{
    int file = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = file >= 0 && (cg_platform_sync(file) || errno == EINVAL);
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
    return synced;
}

/* A file system that has not the one kind of lock may have the other. */
cg_lock cg_platform_lock(int file)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return CG_LOCK_HELD;
    if (errno == EWOULDBLOCK)
        return CG_LOCK_BUSY;
    if (fcntl(file, F_SETLK, &whole) == 0)
        return CG_LOCK_HELD;
    return errno == EAGAIN || errno == EACCES ? CG_LOCK_BUSY : CG_LOCK_NONE;
}

bool cg_platform_is_locked(int file)
{
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    if (flock(file, LOCK_SH | LOCK_NB) == 0)
        return flock(file, LOCK_UN), false; /* else the closing gives it back */
    if (errno == EWOULDBLOCK)
        return true;
    return fcntl(file, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static cg_file_info convert_info(const struct stat *info)
{
    return (cg_file_info){
        .regular = S_ISREG(info->st_mode),
        .folder = S_ISDIR(info->st_mode),
        .bytes = (uint64_t)info->st_size,
        .changed_ns = (int64_t)CHANGED(*info).tv_sec * 1000000000 + CHANGED(*info).tv_nsec,
    };
}

bool cg_platform_file_info(cg_file_info *info, int file)
{
    struct stat found;
    bool there = fstat(file, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_path_info(cg_file_info *info, const char *path)
{
    struct stat found;
    bool there = stat(path, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_link_info(cg_file_info *info, const char *path)
{
    struct stat found;
    bool there = lstat(path, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_is_at(int file, const char *path)
{
    struct stat own, there;
    return fstat(file, &own) == 0 && stat(path, &there) == 0 && own.st_dev == there.st_dev &&
           own.st_ino == there.st_ino;
}

bool cg_platform_replace(const char *temp, const char *path)
{
    return rename(temp, path) == 0;
}

/* Is the link there already? A target may have any length, of which only ours matters. */
static bool is_link_to(const char *target, const char *path)
{
    char found[256];
    ssize_t length = readlink(path, found, sizeof found);
    return length >= 0 && (size_t)length == strlen(target) &&
           memcmp(found, target, (size_t)length) == 0;
}

bool cg_platform_link(const char *target, const char *path)
{
    struct stat found;
    size_t size = strlen(path) + 32;
    char *temp = malloc(size);
    bool made = false;
    if (lstat(path, &found) == 0 && !S_ISLNK(found.st_mode)) {
        errno = EEXIST;
    } else if (temp && is_link_to(target, path)) {
        made = true;
    } else if (temp) {
        snprintf(temp, size, "%s.%ld.tmp", path, (long)getpid());
        made = symlink(target, temp) == 0 && rename(temp, path) == 0;
        if (!made)
            unlink(temp);
    }
    free(temp);
    return made;
}

bool cg_platform_touch(const char *path)
{
    return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

bool cg_platform_make_folder(const char *path)
{
    return mkdir(path, 0777) == 0;
}

char *cg_platform_resolve(const char *path)
{
    return realpath(path, NULL);
}

size_t cg_platform_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool cg_platform_is_separator(char c)
{
    return c == '/';
}

bool cg_platform_is_absolute(const char *path)
{
    return *path == '/';
}

/* The program itself is to dladdr() what it was called by, which may be no path at all; Linux has
 * it in /proc. A program without a dynamic loader has no other file. */
char *cg_platform_module(void)
{
    static const char here;
    Dl_info info = {0};
    bool known = dladdr(&here, &info) != 0;
#ifdef __linux__
    Dl_info program;
    if (!known || (dladdr((const void *)getauxval(AT_PHDR), &program) != 0 && // NOLINT: an address
                   program.dli_fbase == info.dli_fbase))
        return realpath("/proc/self/exe", NULL);
#endif
    return known ? realpath(info.dli_fname, NULL) : NULL;
}

/* ---- the machine ----------------------------------------------------------------------------- */

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double cg_platform_clock(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double cg_platform_wall_time(void)
{
    return seconds_of(CLOCK_REALTIME);
}

void cg_platform_sleep(double seconds)
{
    time_t whole = (time_t)seconds;
    struct timespec nap = {.tv_sec = whole, .tv_nsec = (long)(1e9 * (seconds - (double)whole))};
    nanosleep(&nap, NULL);
}

/* A new thread is given this, and frees it. */
struct thread_start {
    void (*run)(void *argument);
    void *argument;
};

static void *run_thread(void *given)
{
    const struct thread_start start = *(struct thread_start *)given;
    free(given);
    start.run(start.argument);
    return NULL;
}

bool cg_platform_start_thread(void (*run)(void *argument), void *argument)
{
    pthread_t thread;
    struct thread_start *start = malloc(sizeof *start);
    if (!start)
        return false;
    *start = (struct thread_start){run, argument};
    if (pthread_create(&thread, NULL, run_thread, start) != 0) {
        free(start);
        return false;
    }
    pthread_detach(thread);
    return true;
}

size_t cg_platform_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        count = CPU_COUNT(&allowed);
#endif
    return count > 1 ? (size_t)count : 1;
}

/* One of several calls at once, and its thread. */
struct call {
    void (*run)(void *argument, size_t i);
    void *argument;
    size_t i;
    pthread_t thread;
    bool started;
};

static void *run_call(void *given)
{
    const struct call *call = given;
    call->run(call->argument, call->i);
    return NULL;
}

void cg_platform_run_together(size_t count, void (*run)(void *argument, size_t i), void *argument)
{
    struct call calls[CG_PLATFORM_THREADS];
    for (size_t i = 0; i < count; i++) {
        calls[i] = (struct call){.run = run, .argument = argument, .i = i};
        calls[i].started =
            i + 1 < count && pthread_create(&calls[i].thread, NULL, run_call, &calls[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!calls[i].started)
            run_call(&calls[i]);
    for (size_t i = 0; i < count; i++)
        if (calls[i].started)
            pthread_join(calls[i].thread, NULL);
}

size_t cg_platform_resident_peak(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * MAXRSS_UNIT : 0;
}

/* *value = the first number behind `key`, which begins a line, or with "" of the file. False where
 * there is none, which is so on other systems than Linux, and for the "max" of cgroups. */
static bool read_number(uint64_t *value, const char *path, const char *key)
{
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        size_t length = strlen(key);
        found = strncmp(line, key, length) == 0 && sscanf(line + length, "%" SCNu64, value) == 1;
    }
    if (file)
        fclose(file);
    return found;
}

static void lower(size_t *room, uint64_t limit, uint64_t used)
{
    uint64_t left = limit > used ? limit - used : 0;
    if (left < *room)
        *room = (size_t)left;
}

/* The files of a version of cgroups. Used memory holds cached files, too, which make room: those
 * that were read once and those that were read again. */
typedef struct cgroup_files {
    const char *mark, *root, *limit, *used, *cached[2];
} cgroup_files;

/* The limits of the group `path` and of those above it. In a container the root may be its own. */
static void lower_by_groups(size_t *room, const cgroup_files *files, char *path)
{
    enum { NAME = 1024 };
    char name[NAME];
    for (char *end = path + strlen(path); end; end = strrchr(path, '/')) {
        uint64_t limit, used, cached[2] = {0};
        *end = '\0';
        snprintf(name, NAME, "%s%s/memory.stat", files->root, path);
        for (size_t i = 0; i < 2; i++)
            read_number(&cached[i], name, files->cached[i]);
        cached[0] += cached[1];
        snprintf(name, NAME, "%s%s/%s", files->root, path, files->used);
        bool known = read_number(&used, name, "");
        snprintf(name, NAME, "%s%s/%s", files->root, path, files->limit);
        if (known && read_number(&limit, name, ""))
            lower(room, limit, used > cached[0] ? used - cached[0] : 0);
    }
}

static void lower_by_cgroups(size_t *room)
{
    static const cgroup_files versions[] = {
        {"0::", "/sys/fs/cgroup", "memory.max", "memory.current", {"inactive_file", "active_file"}},
        {":memory:",
         "/sys/fs/cgroup/memory",
         "memory.limit_in_bytes",
         "memory.usage_in_bytes",
         {"total_inactive_file", "total_active_file"}},
    };
    char line[512];
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
            char *path = strstr(line, versions[i].mark);
            if (path && (i || path == line))
                lower_by_groups(room, &versions[i], path + strlen(versions[i].mark));
        }
    }
    if (file)
        fclose(file);
}

size_t cg_platform_memory_room(void)
{
    uint64_t kib, swap = 0;
    size_t room = SIZE_MAX;
    read_number(&swap, "/proc/meminfo", "SwapFree:");
    if (read_number(&kib, "/proc/meminfo", "MemAvailable:"))
        lower(&room, (kib + swap) << 10, 0);
    lower_by_cgroups(&room);
    return room;
}

/* `used`: what the system counts against the limit, in /proc/self/status. */
static void lower_by_limit(size_t *room, const struct rlimit *limit, const char *used)
{
    uint64_t kib;
    if (limit->rlim_cur != RLIM_INFINITY && read_number(&kib, "/proc/self/status", used))
        lower(room, limit->rlim_cur, kib << 10);
}

size_t cg_platform_address_room(void)
{
    struct rlimit limit;
    size_t room = SIZE_MAX;
    if (getrlimit(RLIMIT_AS, &limit) == 0)
        lower_by_limit(&room, &limit, "VmSize:");
    if (getrlimit(RLIMIT_DATA, &limit) == 0)
        lower_by_limit(&room, &limit, "VmData:");
    return room;
}

void cg_platform_host_name(char *name, size_t size)
{
    memset(name, 0, size);
    if (gethostname(name, size - 1) != 0 || !name[0])
        snprintf(name, size, "localhost");
}

const char *cg_platform_home(void)
{
    return getenv("HOME");
}

bool cg_platform_is_terminal(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && (!term || strcmp(term, "dumb") != 0);
}

size_t cg_platform_columns(FILE *stream)
{
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* A word of these letters alone is one to every shell. */
static const char plain_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "%+,-./:=@_";

/* Adds the text; *used stays below room. */
static void append(char *out, size_t room, size_t *used, const char *text)
{
    for (; *text && *used + 1 < room; text++)
        out[(*used)++] = *text;
    out[*used] = '\0';
}

/* In $'...', where control characters have names, if there are any; else in '...'. */
size_t cg_platform_quote(char *out, size_t room, const char *word)
{
    size_t used = 0;
    bool plain = *word && !word[strspn(word, plain_letters)], control = false;
    for (const char *c = word; *c; c++)
        control |= (unsigned char)*c < ' ' || *c == 0x7f;
    append(out, room, &used, plain ? "" : control ? "$'" : "'");
    for (; *word; word++) {
        char octal[8], letter[2] = {*word, '\0'};
        snprintf(octal, sizeof octal, "\\%03o", (unsigned char)*word);
        bool named = (unsigned char)*word < ' ' || *word == 0x7f || (control && *word == '\\');
        if (*word == '\'')
            append(out, room, &used, control ? "\\'" : "'\\''");
        else
            append(out, room, &used, named ? octal : letter);
    }
    append(out, room, &used, plain ? "" : "'");
    return used;
}

/* A driver that aborts has said why: its words go where descriptor 2 went before. Handlers of the
 * driver's own come next. */
static struct {
    int caught, errors;
    struct sigaction before;
} last_words;

static void tell_last_words(int signal_number)
{
    char bytes[512];
    off_t at = 0;
    for (ssize_t n; (n = pread(last_words.caught, bytes, sizeof bytes, at)) > 0; at += n)
        if (write(last_words.errors, bytes, (size_t)n) < 0)
            break;
    sigaction(signal_number, &last_words.before, NULL);
    raise(signal_number);
}

static void expect_abort(const cg_caught *token)
{
    struct sigaction action = {.sa_handler = tell_last_words};
    sigemptyset(&action.sa_mask);
    last_words.caught = fileno(token->file);
    last_words.errors = token->errors;
    sigaction(SIGABRT, &action, &last_words.before);
}

static void forget_abort(void)
{
    struct sigaction now;
    if (sigaction(SIGABRT, NULL, &now) == 0 && now.sa_handler == tell_last_words)
        sigaction(SIGABRT, &last_words.before, NULL);
}

void cg_platform_catch_errors(cg_caught *token)
{
    fflush(stderr);
    *token = (cg_caught){.file = tmpfile(), .errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
    if (token->file && token->errors >= 0 && dup2(fileno(token->file), STDERR_FILENO) >= 0) {
        expect_abort(token);
        return;
    }
    FILE *file = cg_platform_release_errors(token);
    if (file)
        fclose(file);
}

FILE *cg_platform_release_errors(cg_caught *token)
{
    FILE *file = token->file;
    fflush(stderr);
    forget_abort();
    if (token->errors >= 0) {
        dup2(token->errors, STDERR_FILENO);
        close(token->errors);
    }
    *token = (cg_caught){.errors = -1};
    if (file)
        rewind(file);
    return file;
}
