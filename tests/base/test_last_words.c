/* The words of a driver that aborts while descriptor 2 is caught are heard all the same. */
#include "base/platform.h"
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static const char words[] = "the driver's last words\n";

/* The process that aborts. `again`: what was caught before has been released. */
static void abort_caught(bool again)
{
    cg_caught caught;
    int file = open(scratch_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDERR_FILENO);
    for (int i = 0; i <= again; i++) {
        cg_platform_catch_errors(&caught);
        if (i == again)
            break;
        fputs("of no interest\n", stderr);
        fclose(cg_platform_release_errors(&caught));
    }
    fputs(words, stderr);
    abort();
}

START_TEST(are_written)
{
    int status;
    size_t size;
    pid_t child = fork();
    if (!child)
        abort_caught(_i);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    unsigned char *data = get_file(scratch_path("errors"), &size);
    ck_assert_str_eq((char *)data, words);
    free(data);
}
END_TEST

START_TEST(leave_signals_as_they_were)
{
    struct sigaction before, after;
    cg_caught caught;
    sigaction(SIGABRT, NULL, &before);
    cg_platform_catch_errors(&caught);
    fclose(cg_platform_release_errors(&caught));
    sigaction(SIGABRT, NULL, &after);
    ck_assert(before.sa_handler == after.sa_handler);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("last words");
    tcase_add_loop_test(tests, are_written, 0, 2);
    tcase_add_test(tests, leave_signals_as_they_were);
    return run_case(tests, "last words");
}
