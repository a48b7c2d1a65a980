/* The process and its machine on Windows 10 and later, by mingw-w64. */
#define PSAPI_VERSION 2 /* what asks for the process' memory is in kernel32 */
#include "base/platform.h"

#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
/* After windows.h. */
#include <psapi.h>

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION /* of Windows 10 1803; mingw-w64 10 lacks it */
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

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

static HANDLE console_of(FILE *stream)
{
    return (HANDLE)_get_osfhandle(_fileno(stream));
}

/* Consoles obey control sequences only once they are asked to. */
bool cg_platform_is_terminal(FILE *stream)
{
    HANDLE console = console_of(stream);
    DWORD mode;
    return GetConsoleMode(console, &mode) &&
           SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

size_t cg_platform_columns(FILE *stream)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    return GetConsoleScreenBufferInfo(console_of(stream), &info)
               ? (size_t)(info.srWindow.Right - info.srWindow.Left + 1)
               : 0;
}

/* In "..." where there is a blank or a sign of cmd.exe; a file's name has no quotation mark. A
 * program's start takes backslashes before the last one in pairs. */
size_t cg_platform_quote(char *out, size_t room, const char *word)
{
    bool plain = *word && !word[strcspn(word, " \t&()[]{}^=;!'+,`~<>|%")];
    const char *mark = plain ? "" : "\"";
    size_t length = strlen(word), slashes = 0;
    while (!plain && slashes < length && word[length - slashes - 1] == '\\')
        slashes++;
    snprintf(out, room, "%s%s%s%s", mark, word, word + length - slashes, mark);
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
