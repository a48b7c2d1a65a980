/* The process on Windows. */
#include "cli/process.h"

#include <clgan/terminal.h>
#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

const char *cg_process_find_name(const char *argument)
{
    const char *name = strrchr(argument, '\\');
    char found[MAX_PATH], own[MAX_PATH];
    name = name ? name + 1 : argument;
    return SearchPathA(NULL, name, ".exe", sizeof found, found, NULL) &&
                   GetModuleFileNameA(NULL, own, sizeof own) && _stricmp(found, own) == 0
               ? name
               : argument;
}

bool cg_process_has_reader(void)
{
    return true;
}

/* Links are not followed: names are compared. */
bool cg_process_is_same_file(const char *one, const char *other)
{
    char a[4096], b[4096];
    return _access(one, 0) == 0 && _fullpath(a, one, sizeof a) && _fullpath(b, other, sizeof b) &&
           _stricmp(a, b) == 0;
}

/* Standard error as it was at first; process_posix.c says why. */
static HANDLE messages;

static void keep_messages(void)
{
    HANDLE self = GetCurrentProcess(), errors = GetStdHandle(STD_ERROR_HANDLE);
    if (!DuplicateHandle(self, errors, self, &messages, 0, FALSE, DUPLICATE_SAME_ACCESS))
        messages = errors;
}

static _Atomic(cg_stop_handler) on_stop;
static atomic_bool asked;

/* Ctrl-C and Ctrl-Break ask as SIGINT does. When the window is closed, or the user leaves, the
 * system ends the process as soon as this returns, and in any case after some seconds, which are
 * left to the work. */
static BOOL WINAPI on_console_event(DWORD event)
{
    bool leaving = event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT;
    atomic_load (&on_stop)(leaving ? SIGTERM : SIGINT, atomic_exchange(&asked, true));
    if (leaving)
        Sleep(INFINITE);
    return TRUE;
}

void cg_process_on_stop(cg_stop_handler handler)
{
    atomic_store(&on_stop, handler);
}

void cg_process_start(cg_stop_handler handler, bool continue_asks)
{
    (void)continue_asks;
    _setmode(_fileno(stdout), _O_BINARY);
    keep_messages();
    SetConsoleOutputCP(CP_UTF8);
    cg_process_on_stop(handler);
    SetConsoleCtrlHandler(on_console_event, TRUE);
}

static const char erase[] = "\r\033[K";

static bool is_redrawn(void)
{
    DWORD mode;
    return GetConsoleMode(messages, &mode);
}

static void write_message(const char *text, size_t size)
{
    DWORD written;
    WriteFile(messages, text, (DWORD)size, &written, NULL);
}

void cg_process_say(const char *message)
{
    if (is_redrawn())
        write_message(erase, strlen(erase));
    write_message(message, strlen(message));
}

bool cg_process_show(const char *line)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!is_redrawn() || !GetConsoleScreenBufferInfo(messages, &info))
        return false;
    write_message(erase, strlen(erase));
    write_message(line, cg_text_fit(line, (size_t)info.dwSize.X - 1));
    write_message("\r", 1);
    return true;
}

static DWORD WINAPI call_each_second(void *call)
{
    void (*function)(void);
    memcpy(&function, &call, sizeof function);
    for (;;) {
        Sleep(1000);
        function();
    }
    return 0;
}

void cg_process_each_second(void (*call)(void))
{
    void *argument;
    memcpy(&argument, &call, sizeof argument);
    HANDLE thread = CreateThread(NULL, 0, call_each_second, argument, 0, NULL);
    if (thread)
        CloseHandle(thread);
}

double cg_process_seconds(void)
{
    return 1e-3 * (double)GetTickCount64();
}

void cg_process_end(int exit_status)
{
    _exit(exit_status);
}
