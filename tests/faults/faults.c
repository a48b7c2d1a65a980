/* Which call fails. Counting must not allocate: malloc is one of those that are counted. */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The objects whose calls count: clgan's own, its tests', and the libraries that it calls, but for
 * cairo, which asserts that it has memory. */
static const char *const watched[] = {"/libclgan.", "/libcjson.", "/libpng16.",  "/libgif.",
                                      "/libz.",     "/libmd.",    "/libclblast."};

enum { RANGES = 64, GROUPS = 96, NAME = 48, FRAMES = 24 };

static struct {
    uintptr_t first, end;
} ranges[RANGES];
static size_t range_count;

static struct {
    const char *name;
    unsigned long calls;
} groups[GROUPS];
static size_t group_count;

static char wanted[NAME]; /* the group that has the fault; "" */
static unsigned long wanted_call;
static bool for_ever;
static int error;
static const char *report;
static int calls_file = -1; /* of CLGAN_FAULTS_CALLS */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool inside; /* our own calls do not count */

int faults_error(void)
{
    return error;
}

int faults_fail(void)
{
    errno = error;
    return -1;
}

static bool is_watched(const char *path)
{
    if (!*path) /* the program */
        return true;
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        if (strstr(path, watched[i]))
            return true;
    return false;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size, (void)user;
    for (size_t i = 0; is_watched(info->dlpi_name) && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || range_count == RANGES)
            continue;
        ranges[range_count].first = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++].end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
    }
    return 0;
}

/* The programs that a driver starts have no faults. */
__attribute__((constructor)) static void start(void)
{
    char when[8] = "", what[16] = "";
    const char *fault = getenv("CLGAN_FAULTS");
    report = getenv("CLGAN_FAULTS_REPORT");
    dl_iterate_phdr(add_object, NULL);
    if (fault && sscanf(fault, "%47[^,],%lu,%7[^,],%15s", wanted, &wanted_call, when, what) != 4) {
        fprintf(stderr, "faults: CLGAN_FAULTS is not GROUP,N,once|ever,ERROR: %s\n", fault);
        abort();
    }
    for_ever = strcmp(when, "ever") == 0;
    error = strcmp(what, "short") == 0 ? SHORT : atoi(what);
    unsetenv("LD_PRELOAD");
    const char *calls = getenv("CLGAN_FAULTS_CALLS");
    if (calls)
        calls_file = open(calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void write_report(const char *format, const char *name, unsigned long number, bool frames)
{
    char line[NAME + 32];
    int file = report ? open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    void *addresses[FRAMES];
    if (file < 0)
        return;
    int length = snprintf(line, sizeof line, format, name, number);
    if (length > 0 && write(file, line, (size_t)length) == length && frames)
        backtrace_symbols_fd(addresses, backtrace(addresses, FRAMES), file);
    close(file);
}

__attribute__((destructor)) static void stop(void)
{
    inside = true;
    for (size_t i = 0; i < group_count; i++)
        write_report("%s %lu\n", groups[i].name, groups[i].calls, false);
}

static bool counts(const void *caller)
{
    uintptr_t address = (uintptr_t)caller;
    for (size_t i = 0; i < range_count; i++)
        if (address >= ranges[i].first && address < ranges[i].end)
            return true;
    return false;
}

static unsigned long count(const char *name)
{
    size_t i = 0;
    pthread_mutex_lock(&lock);
    while (i < group_count && strcmp(groups[i].name, name) != 0)
        i++;
    if (i == group_count && group_count < GROUPS)
        groups[group_count++].name = name;
    unsigned long call = i < GROUPS ? ++groups[i].calls : 0;
    pthread_mutex_unlock(&lock);
    return call;
}

/* Calls that the same functions led to have the same number. */
static void note_call(const char *group, unsigned long call)
{
    void *addresses[FRAMES];
    char line[NAME + 64];
    uint64_t way = 0;
    for (int i = 0, n = backtrace(addresses, FRAMES); i < n; i++)
        way = (way ^ (uintptr_t)addresses[i]) * UINT64_C(0x9E3779B97F4A7C15);
    int length = snprintf(line, sizeof line, "%s %lu %016" PRIx64 "\n", group, call, way);
    if (length < 0 || write(calls_file, line, (size_t)length) != length)
        abort();
}

bool faults_take(const char *group, const void *caller)
{
    int before = errno;
    if (inside || !counts(caller))
        return false;
    inside = true;
    unsigned long call = count(group);
    if (calls_file >= 0)
        note_call(group, call);
    bool fails =
        strcmp(group, wanted) == 0 && (call == wanted_call || (for_ever && call > wanted_call));
    if (fails && call == wanted_call)
        write_report("failed %s %lu\n", group, call, true);
    inside = false;
    errno = before;
    return fails;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* dlsym() may allocate: what is asked for before the next function is known comes from libc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static _Thread_local bool finding;

#define NEXT_ALLOCATOR(name, libc, ...)    \
    static __typeof__(name) *next;         \
    if (!next && finding)                  \
        return libc(__VA_ARGS__);          \
    if (!next) {                           \
        finding = true;                    \
        interpose_find_next(&next, #name); \
        finding = false;                   \
    }

#define NO_MEMORY(group)    \
    do {                    \
        if (FAULT(group)) { \
            errno = ENOMEM; \
            return NULL;    \
        }                   \
    } while (0)

void *malloc(size_t size)
{
    NEXT_ALLOCATOR(malloc, __libc_malloc, size)
    NO_MEMORY("memory");
    return next(size);
}

void *calloc(size_t members, size_t size)
{
    NEXT_ALLOCATOR(calloc, __libc_calloc, members, size)
    NO_MEMORY("memory");
    return next(members, size);
}

void *realloc(void *memory, size_t size)
{
    NEXT_ALLOCATOR(realloc, __libc_realloc, memory, size)
    NO_MEMORY("memory");
    return next(memory, size);
}

/* libc's own functions call its malloc without passing through here. */
char *strdup(const char *text)
{
    NEXT(strdup);
    NO_MEMORY("memory");
    return next(text);
}

char *strndup(const char *text, size_t most)
{
    NEXT(strndup);
    NO_MEMORY("memory");
    return next(text, most);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    NEXT(aligned_alloc);
    NO_MEMORY("memory");
    return next(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    NEXT(posix_memalign);
    return FAULT("memory") ? ENOMEM : next(memory, alignment, size);
}
