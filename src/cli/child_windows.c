/* Children on Windows. */
#include "cli/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { COMMAND_MOST = 32768 /* of CreateProcess */, WAIT = 100 /* ms */ };

/* The end of a pipe that a child writes to. */
typedef struct stream {
    HANDLE file;
    cg_lines lines;
} stream;

struct cg_child {
    HANDLE process;
    DWORD id;
    stream output, errors;
};

static const char *own_name = "clgan";

void cg_child_set_program(const char *name)
{
    own_name = name;
}

static void add_character(char *line, size_t *used, char c)
{
    if (*used < COMMAND_MOST - 1)
        line[(*used)++] = c;
}

/* Adds the word as a program's start takes it apart again: quotes, and backslashes before one, have
 * a backslash before each. */
static void add_word(char *line, size_t *used, const char *word)
{
    size_t slashes = 0;
    if (*used)
        add_character(line, used, ' ');
    add_character(line, used, '"');
    for (; *word; word++) {
        slashes = *word == '\\' ? slashes + 1 : 0;
        if (*word == '"')
            add_character(line, used, '\\');
        add_character(line, used, *word);
        if (word[1] == '"' || !word[1])
            for (; slashes; slashes--)
                add_character(line, used, '\\');
    }
    add_character(line, used, '"');
    line[*used] = '\0';
}

/* *end = the child's end of a new pipe, which it inherits; *file = ours, which it does not. */
static bool make_pipe(HANDLE *file, HANDLE *end)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    if (!CreatePipe(file, end, &inherited, 0)) {
        *file = *end = NULL;
        return false;
    }
    return SetHandleInformation(*file, HANDLE_FLAG_INHERIT, 0);
}

static void close_handle(HANDLE handle)
{
    if (handle)
        CloseHandle(handle);
}

/* A group of its own is not sent Ctrl-C. */
static bool start_process(cg_child *child, char *line, HANDLE output, HANDLE errors)
{
    char program[MAX_PATH];
    STARTUPINFOA start = {.cb = sizeof start,
                          .dwFlags = STARTF_USESTDHANDLES,
                          .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
                          .hStdOutput = output,
                          .hStdError = errors};
    PROCESS_INFORMATION process;
    DWORD size = GetModuleFileNameA(NULL, program, sizeof program);
    if (!size || size == sizeof program ||
        !CreateProcessA(program, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL,
                        &start, &process))
        return false;
    CloseHandle(process.hThread);
    child->process = process.hProcess;
    child->id = process.dwProcessId;
    return true;
}

cg_child *cg_child_start(const char *const arguments[])
{
    HANDLE output = NULL, errors = NULL;
    size_t used = 0;
    bool started = false;
    cg_child *child = calloc(1, sizeof *child);
    char *line = malloc(COMMAND_MOST);
    if (child && line && make_pipe(&child->output.file, &output) &&
        make_pipe(&child->errors.file, &errors)) {
        add_word(line, &used, own_name);
        for (size_t i = 0; arguments[i]; i++)
            add_word(line, &used, arguments[i]);
        started = used < COMMAND_MOST - 1 && start_process(child, line, output, errors);
    }
    free(line);
    close_handle(output);
    close_handle(errors);
    if (!started) {
        cg_child_release(child);
        errno = ENOMEM;
        return NULL;
    }
    return child;
}

/* Pipes cannot be waited for: they are looked at again a little later. */
void cg_children_wait(cg_child *const children[], size_t count)
{
    (void)children;
    (void)count;
    Sleep(WAIT);
}

static void read_stream(stream *s, cg_line_reader *read_line, void *user)
{
    char bytes[4096];
    DWORD there, size;
    while (PeekNamedPipe(s->file, NULL, 0, NULL, &there, NULL) && there &&
           ReadFile(s->file, bytes, sizeof bytes, &size, NULL) && size)
        cg_lines_take(&s->lines, bytes, size, read_line, user);
}

bool cg_child_read(cg_child *child, cg_line_reader *result, cg_line_reader *message, void *user,
                   int *exit_status)
{
    DWORD status = 1;
    bool ended = WaitForSingleObject(child->process, 0) == WAIT_OBJECT_0;
    read_stream(&child->output, result, user);
    read_stream(&child->errors, message, user);
    if (!ended)
        return false;
    cg_lines_finish(&child->output.lines, result, user);
    cg_lines_finish(&child->errors.lines, message, user);
    GetExitCodeProcess(child->process, &status);
    *exit_status = (int)status;
    return true;
}

/* A group can be sent Ctrl-Break alone, which asks as SIGINT does. */
void cg_child_signal(const cg_child *child, int signal_number)
{
    (void)signal_number;
    GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, child->id);
}

void cg_child_kill(const cg_child *child)
{
    TerminateProcess(child->process, 1);
}

void cg_child_release(cg_child *child)
{
    if (!child)
        return;
    close_handle(child->process);
    close_handle(child->output.file);
    close_handle(child->errors.file);
    free(child);
}
