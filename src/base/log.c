/* Status names and the log. */
#include <clgan/log.h>

#include "base/screen.h"
#include "base/text_clean.h"

#include <clgan/terminal.h>
#include <stdarg.h>
#include <stdio.h>

static cg_log_level log_level = CG_LOG_INFO;
static void (*log_handler)(void *user, cg_log_level level, const char *line);
static void *log_user;
static char log_prefix[64];

static const struct {
    const char *name;
    int exit_status;
} statuses[CG_STATUS_COUNT] = {
    [CG_OK] = {"CG_OK", CG_EXIT_DONE},
    [CG_ERR_ARGUMENT] = {"CG_ERR_ARGUMENT", CG_EXIT_REFUSED},
    [CG_ERR_INPUT] = {"CG_ERR_INPUT", CG_EXIT_REFUSED},
    [CG_ERR_RUN] = {"CG_ERR_RUN", CG_EXIT_REFUSED},
    [CG_ERR_WRITE] = {"CG_ERR_WRITE", CG_EXIT_FAILED},
    [CG_ERR_MEMORY] = {"CG_ERR_MEMORY", CG_EXIT_FAILED},
    [CG_ERR_SHAPE] = {"CG_ERR_SHAPE", CG_EXIT_FAILED},
    [CG_ERR_CL] = {"CG_ERR_CL", CG_EXIT_FAILED},
    [CG_ERR_DEVICE] = {"CG_ERR_DEVICE", CG_EXIT_NO_DEVICE},
    [CG_ERR_WRONG] = {"CG_ERR_WRONG", CG_EXIT_WRONG},
    [CG_ERR_DIVERGED] = {"CG_ERR_DIVERGED", CG_EXIT_FAILED},
    [CG_ERR_STOPPED] = {"CG_ERR_STOPPED", CG_EXIT_FAILED},
    [CG_ERR_COLLAPSED] = {"CG_ERR_COLLAPSED", CG_EXIT_FAILED},
    [CG_ERR_ABSENT] = {"CG_ERR_ABSENT", CG_EXIT_FAILED},
    [CG_ERR_READ] = {"CG_ERR_READ", CG_EXIT_REFUSED},
    [CG_ERR_RANK] = {"CG_ERR_RANK", CG_EXIT_FAILED},
};

const char *cg_status_name(cg_status status)
{
    return (unsigned)status < CG_STATUS_COUNT ? statuses[status].name : "unknown status";
}

int cg_exit_status(cg_status status)
{
    return (unsigned)status < CG_STATUS_COUNT ? statuses[status].exit_status : CG_EXIT_FAILED;
}

void cg_log_set_level(cg_log_level level)
{
    log_level = level;
    cg_screen_set_wanted(!log_handler && level >= CG_LOG_INFO);
}

cg_log_level cg_log_get_level(void)
{
    return log_level;
}

void cg_log_set_handler(void (*handler)(void *user, cg_log_level level, const char *line),
                        void *user)
{
    log_handler = handler;
    log_user = user;
    cg_screen_set_wanted(!handler && log_level >= CG_LOG_INFO);
}

void cg_log_set_prefix(const char *prefix)
{
    snprintf(log_prefix, sizeof log_prefix, "%s", prefix ? prefix : "");
}

static void print_line(cg_log_level level, const char *format, va_list args)
{
    static const struct {
        const char *prefix, *color;
    } kinds[] = {
        [CG_LOG_ERROR] = {"error: ", "\033[1;31m"},
        [CG_LOG_WARNING] = {"warning: ", "\033[1;33m"},
        [CG_LOG_INFO] = {"", ""},
        [CG_LOG_DEBUG] = {"debug: ", "\033[2m"},
    };
    if (level > log_level || (unsigned)level > CG_LOG_DEBUG || !format)
        return;
    char text[2048], line[sizeof text];
    int prefix = snprintf(text, sizeof text, "%s", log_prefix);
    vsnprintf(text + prefix, sizeof text - (size_t)prefix, format, args);
    cg_text_mark(line, sizeof line, text, '?'); /* names and texts of others are in it */
    if (log_handler) {
        log_handler(log_user, level, line);
        return;
    }
    const char *color = cg_terminal_has_colors(stderr) ? kinds[level].color : "";
    cg_screen_interrupt();
    fprintf(stderr, "clgan: %s%s%s%s\n", color, kinds[level].prefix, *color ? "\033[0m" : "", line);
}

void cg_log(cg_log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(level, format, args);
    va_end(args);
}

cg_status cg_fail(cg_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(CG_LOG_ERROR, format, args);
    va_end(args);
    return status;
}
