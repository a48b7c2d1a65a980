/* Windows 10 and later, by mingw-w64. The program's manifest makes UTF-8 the code page of its
 * process (cli/clgan.manifest), so paths need no conversion; a program with another code page that
 * uses the library gives paths in that one.
 *
 * The C library serves wherever it does as POSIX does, and sets errno. If the system itself is
 * called itself, set_error() translates. */
#define PSAPI_VERSION 2 /* what asks for the process' memory is in kernel32 */
#include "base/platform.h"

#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utime.h>
#include <windows.h>
/* After windows.h. */
#include <psapi.h>

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION /* of Windows 10 1803; mingw-w64 10 lacks it */
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

static bool set_error(BOOL done)
{
    static const struct {
        DWORD system;
        int error;
    } known[] = {
        {ERROR_FILE_NOT_FOUND, ENOENT},    {ERROR_PATH_NOT_FOUND, ENOENT},
        {ERROR_ACCESS_DENIED, EACCES},     {ERROR_SHARING_VIOLATION, EBUSY},
        {ERROR_LOCK_VIOLATION, EBUSY},     {ERROR_ALREADY_EXISTS, EEXIST},
        {ERROR_FILE_EXISTS, EEXIST},       {ERROR_DISK_FULL, ENOSPC},
        {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
    };
    if (done)
        return true;
    DWORD last = GetLastError();
    errno = EIO;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].system == last)
            errno = known[i].error;
    return false;
}

static HANDLE handle_of(int file)
{
    return (HANDLE)_get_osfhandle(file);
}

/* ---- files ----------------------------------------------------------------------------------- */

int cg_platform_open(const char *path, cg_open_mode mode)
{
    static const int flags[] = {
        [CG_OPEN_READ] = _O_RDONLY,
        [CG_OPEN_NEW] = _O_WRONLY | _O_CREAT | _O_EXCL,
        [CG_OPEN_APPEND] = _O_WRONLY | _O_CREAT | _O_APPEND,
        [CG_OPEN_LOCK] = _O_RDWR | _O_CREAT,
    };
    return _open(path, flags[mode] | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
}

/* The C library counts in int. */
static unsigned piece_of(size_t size)
{
    return size < INT_MAX ? (unsigned)size : (unsigned)INT_MAX;
}

bool cg_platform_read(int file, void *bytes, size_t size, size_t *got)
{
    for (*got = 0; *got < size;) {
        int n = _read(file, (char *)bytes + *got, piece_of(size - *got));
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
        int n = _write(file, (const char *)bytes + written, piece_of(size - written));
        if (n < 0)
            return false;
        written += (size_t)n;
    }
    return true;
}

bool cg_platform_sync(int file)
{
    return _commit(file) == 0;
}

/* A folder cannot be synced; cg_platform_replace() waits for its rename instead. */
bool cg_platform_sync_folder(const char *folder)
{
    (void)folder;
    return true;
}

cg_lock cg_platform_lock(int file)
{
    OVERLAPPED from_start = {0};
    if (set_error(LockFileEx(handle_of(file), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY,
                             0, 1, 0, &from_start)))
        return CG_LOCK_HELD;
    return errno == EBUSY ? CG_LOCK_BUSY : CG_LOCK_NONE;
}

bool cg_platform_is_locked(int file)
{
    OVERLAPPED from_start = {0};
    if (!LockFileEx(handle_of(file), LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &from_start))
        return GetLastError() == ERROR_LOCK_VIOLATION;
    UnlockFileEx(handle_of(file), 0, 1, 0, &from_start);
    return false;
}

static cg_file_info convert_info(const struct _stat64 *info)
{
    return (cg_file_info){
        .regular = (info->st_mode & _S_IFMT) == _S_IFREG,
        .folder = (info->st_mode & _S_IFMT) == _S_IFDIR,
        .bytes = (uint64_t)info->st_size,
        .changed_ns = (int64_t)info->st_mtime * 1000000000,
    };
}

/* The C library opens files such that nobody removes, moves or replaces them meanwhile. */
bool cg_platform_is_at(int file, const char *path)
{
    (void)file;
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

bool cg_platform_file_info(cg_file_info *info, int file)
{
    struct _stat64 found;
    bool there = _fstat64(file, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

/* The C library finds no folder by a name with a separator at its end. */
bool cg_platform_path_info(cg_file_info *info, const char *path)
{
    struct _stat64 found;
    char *plain = _strdup(path);
    size_t length = plain ? strlen(plain) : 0;
    while (length > 1 && cg_platform_is_separator(plain[length - 1]) && plain[length - 2] != ':')
        plain[--length] = '\0';
    bool there = plain && _stat64(plain, &found) == 0;
    int error = errno;
    free(plain);
    errno = error;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_link_info(cg_file_info *info, const char *path)
{
    DWORD attributes = GetFileAttributesA(path);
    if (!cg_platform_path_info(info, path))
        return false;
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        info->regular = info->folder = false;
    return true;
}

bool cg_platform_replace(const char *temp, const char *path)
{
    return set_error(MoveFileExA(temp, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));
}

/* Links are a privilege there, which few users have. */
bool cg_platform_link(const char *target, const char *path)
{
    (void)target;
    (void)path;
    errno = ENOSYS;
    return false;
}

bool cg_platform_touch(const char *path)
{
    return _utime64(path, NULL) == 0;
}

bool cg_platform_make_folder(const char *path)
{
    return _mkdir(path) == 0;
}

char *cg_platform_resolve(const char *path)
{
    cg_file_info info;
    char *full = cg_platform_path_info(&info, path) ? _fullpath(NULL, path, 0) : NULL;
    for (char *c = full; c && *c; c++)
        if (*c == '\\')
            *c = '/';
    return full;
}

/* A drive is a folder, too. */
size_t cg_platform_folder_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && !cg_platform_is_separator(path[length - 1]) && path[length - 1] != ':')
        length--;
    return length;
}

bool cg_platform_is_separator(char c)
{
    return c == '/' || c == '\\';
}

bool cg_platform_is_absolute(const char *path)
{
    return (path[0] && path[1] == ':' && cg_platform_is_separator(path[2])) ||
           (cg_platform_is_separator(path[0]) && cg_platform_is_separator(path[1]));
}

char *cg_platform_module(void)
{
    static const char here;
    HMODULE module;
    char path[4096];
    bool known = GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                        GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                    &here, &module) &&
                 GetModuleFileNameA(module, path, sizeof path) < sizeof path;
    set_error(known);
    return known ? cg_platform_resolve(path) : NULL;
}

/* ---- the machine ----------------------------------------------------------------------------- */

double cg_platform_clock(void)
{
    LARGE_INTEGER ticks, rate;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&rate);
    return (double)ticks.QuadPart / (double)rate.QuadPart;
}

/* Windows counts in 100 ns from 1601. */
double cg_platform_wall_time(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (double)(ticks - UINT64_C(116444736000000000)) * 1e-7;
}

/* Sleep() may take 16 ms for one; this kind of timer does not, where the system has it. */
void cg_platform_sleep(double seconds)
{
    LARGE_INTEGER from_now = {.QuadPart = -(LONGLONG)(1e7 * seconds)};
    HANDLE timer =
        CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    if (timer && SetWaitableTimer(timer, &from_now, 0, NULL, NULL, FALSE))
        WaitForSingleObject(timer, INFINITE);
    else
        Sleep((DWORD)(1e3 * seconds) + 1);
    if (timer)
        CloseHandle(timer);
}

/* A new thread is given this, and frees it. */
struct thread_start {
    void (*run)(void *argument);
    void *argument;
};

static DWORD WINAPI run_thread(void *given)
{
    const struct thread_start start = *(struct thread_start *)given;
    free(given);
    start.run(start.argument);
    return 0;
}

bool cg_platform_start_thread(void (*run)(void *argument), void *argument)
{
    struct thread_start *start = malloc(sizeof *start);
    if (!start)
        return false;
    *start = (struct thread_start){run, argument};
    HANDLE thread = CreateThread(NULL, 0, run_thread, start, 0, NULL);
    if (!thread) {
        free(start);
        return false;
    }
    CloseHandle(thread);
    return true;
}

size_t cg_platform_processors(void)
{
    DWORD_PTR own, all;
    size_t count = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &own, &all))
        return 1;
    for (; own; own &= own - 1)
        count++;
    return count > 1 ? count : 1;
}

/* One of several calls at once, and its thread, NULL where it has none. */
struct call {
    void (*run)(void *argument, size_t i);
    void *argument;
    size_t i;
    HANDLE thread;
};

static DWORD WINAPI run_call(void *given)
{
    const struct call *call = given;
    call->run(call->argument, call->i);
    return 0;
}

void cg_platform_run_together(size_t count, void (*run)(void *argument, size_t i), void *argument)
{
    struct call calls[CG_PLATFORM_THREADS];
    for (size_t i = 0; i < count; i++) {
        calls[i] = (struct call){.run = run, .argument = argument, .i = i};
        if (i + 1 < count)
            calls[i].thread = CreateThread(NULL, 0, run_call, &calls[i], 0, NULL);
    }
    for (size_t i = 0; i < count; i++)
        if (!calls[i].thread)
            run_call(&calls[i]);
    for (size_t i = 0; i < count; i++)
        if (calls[i].thread) {
            WaitForSingleObject(calls[i].thread, INFINITE);
            CloseHandle(calls[i].thread);
        }
}

size_t cg_platform_memory_room(void)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    return GlobalMemoryStatusEx(&memory) ? (size_t)memory.ullAvailPhys : SIZE_MAX;
}

size_t cg_platform_address_room(void)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    return GlobalMemoryStatusEx(&memory) ? (size_t)memory.ullAvailPageFile : SIZE_MAX;
}

size_t cg_platform_resident_peak(void)
{
    PROCESS_MEMORY_COUNTERS counters;
    return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)
               ? counters.PeakWorkingSetSize
               : 0;
}

void cg_platform_host_name(char *name, size_t size)
{
    DWORD room = (DWORD)size;
    if (!GetComputerNameExA(ComputerNameDnsHostname, name, &room) || !name[0])
        snprintf(name, size, "localhost");
}

const char *cg_platform_home(void)
{
    const char *home = getenv("HOME");
    return home && *home ? home : getenv("USERPROFILE");
}

/* Consoles obey control sequences only once they are asked to. */
bool cg_platform_is_terminal(FILE *stream)
{
    HANDLE console = handle_of(_fileno(stream));
    DWORD mode;
    return GetConsoleMode(console, &mode) &&
           SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

size_t cg_platform_columns(FILE *stream)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    return GetConsoleScreenBufferInfo(handle_of(_fileno(stream)), &info)
               ? (size_t)(info.srWindow.Right - info.srWindow.Left + 1)
               : 0;
}

/* In "..." where there is a blank or a sign of cmd.exe; a file's name has no quotation mark. */
size_t cg_platform_quote(char *out, size_t room, const char *word)
{
    bool plain = *word && !word[strcspn(word, " \t&()[]{}^=;!'+,`~<>|%")];
    snprintf(out, room, "%s%s%s", plain ? "" : "\"", word, plain ? "" : "\"");
    return strlen(out);
}

void cg_platform_catch_errors(cg_caught *token)
{
    fflush(stderr);
    *token = (cg_caught){.file = tmpfile(), .errors = _dup(_fileno(stderr))};
    if (token->file && token->errors >= 0 && _dup2(_fileno(token->file), _fileno(stderr)) == 0)
        return;
    FILE *file = cg_platform_release_errors(token);
    if (file)
        fclose(file);
}

FILE *cg_platform_release_errors(cg_caught *token)
{
    FILE *file = token->file;
    fflush(stderr);
    if (token->errors >= 0) {
        _dup2(token->errors, _fileno(stderr));
        _close(token->errors);
    }
    *token = (cg_caught){.errors = -1};
    if (file)
        rewind(file);
    return file;
}
