/* The run's folder: who may have it, and what is left of a start that fails. */
#include "run/run.h"

#include "base/file.h"
#include "base/platform.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/syscall.h>

/* File systems that lack one kind of locks, or both: these stand before the C library's. */
static int flock_error, fcntl_error;
static int flock_failures = -1; /* so many more; negative: all */

int flock(int file, int operation)
{
    if (!flock_error || flock_failures == 0)
        return (int)syscall(SYS_flock, file, operation);
    flock_failures -= flock_failures > 0;
    errno = flock_error;
    return -1;
}

int fcntl(int file, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    if (command != F_SETLK || !fcntl_error)
        return (int)syscall(SYS_fcntl, file, command, argument);
    errno = fcntl_error;
    return -1;
}

static void enter_scratch(void)
{
    ck_assert_int_eq(chdir(scratch_folder), 0);
}

START_TEST(locks_of_either_kind)
{
    enter_scratch();
    int file = cg_platform_open("lock", CG_OPEN_LOCK);
    const struct {
        int flock_error, fcntl_error;
        cg_lock lock;
    } cases[] = {
        {EWOULDBLOCK, 0, CG_LOCK_BUSY},     {ENOLCK, 0, CG_LOCK_HELD},
        {ENOSYS, 0, CG_LOCK_HELD},          {ENOSYS, EAGAIN, CG_LOCK_BUSY},
        {ENOLCK, EACCES, CG_LOCK_BUSY},     {ENOLCK, ENOLCK, CG_LOCK_NONE},
        {EOPNOTSUPP, ENOSYS, CG_LOCK_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        flock_error = cases[i].flock_error;
        fcntl_error = cases[i].fcntl_error;
        ck_assert_int_eq(cg_platform_lock(file), cases[i].lock);
    }
    close(file);
}
END_TEST

START_TEST(no_locks_are_no_hindrance)
{
    cg_run run;
    enter_scratch();
    flock_error = fcntl_error = ENOLCK;
    ck_assert_int_eq(cg_run_create(&run, "out"), CG_OK);
    put_file("out/config.json", "{}", 2);
    cg_run_close(&run);
    ck_assert_int_eq(cg_run_open(&run, "out"), CG_OK);
    cg_run_close(&run);
}
END_TEST

/* As of a program that lists runs. */
START_TEST(a_moment_is_no_hindrance)
{
    cg_run run;
    enter_scratch();
    flock_error = EWOULDBLOCK;
    flock_failures = 2;
    ck_assert_int_eq(cg_run_create(&run, "out"), CG_OK);
    cg_run_close(&run);
}
END_TEST

START_TEST(another_process_is_one)
{
    cg_run run;
    enter_scratch();
    flock_error = EWOULDBLOCK;
    ck_assert_int_eq(cg_run_create(&run, "out"), CG_ERR_RUN);
    ck_assert(cg_platform_make_folder("runs") && cg_platform_make_folder("runs/001"));
    put_file("runs/001/.lock", "", 0);
    flock_error = 0;
    int other = cg_platform_open("runs/001/.lock", CG_OPEN_LOCK);
    ck_assert_int_eq(cg_platform_lock(other), CG_LOCK_HELD);
    ck_assert_int_eq(cg_run_create(&run, NULL), CG_OK);
    ck_assert_str_eq(run.path, "runs/002");
    cg_run_close(&run);
    close(other);
}
END_TEST

START_TEST(a_failed_start_leaves_nothing)
{
    cg_run run;
    enter_scratch();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(cg_run_create(&run, NULL), CG_OK);
        ck_assert_str_eq(run.path, "runs/001");
        put_file("runs/001/config.json", "{}", 2);
        put_file("runs/001/images/real.png", "x", 1);
        put_file("runs/001/checkpoints/.x.tmp", "x", 1);
        cg_run_discard(&run);
        ck_assert(!cg_file_exists("runs/001"));
    }
    ck_assert(cg_platform_make_folder("own"));
    put_file("own/file", "x", 1);
    ck_assert_int_eq(cg_run_create(&run, "own"), CG_OK);
    cg_run_discard(&run);
    ck_assert(cg_file_exists("own/file") && !cg_file_exists("own/images"));
    put_file("own/config.json", "{}", 2);
    ck_assert_int_eq(cg_run_create(&run, "own"), CG_ERR_RUN);
    ck_assert(cg_file_exists("own/config.json"));
}
END_TEST

/* With the lock of a run in it a folder is one where a start was killed; else it is somebody's. */
START_TEST(takes_the_remains_of_a_killed_start)
{
    cg_run run;
    enter_scratch();
    const char *const folders[] = {"runs", "runs/001", "runs/002", "runs/002/checkpoints",
                                   "runs/003"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        ck_assert(cg_platform_make_folder(folders[i]));
    put_file("runs/002/.lock", "", 0);
    put_file("runs/002/checkpoints/step_00000001.safetensors", "x", 1);
    put_file("runs/003/.lock", "", 0);
    put_file("runs/003/.config.json.1-0.tmp", "x", 1);
    ck_assert_int_eq(cg_run_create(&run, NULL), CG_OK);
    ck_assert_str_eq(run.path, "runs/003");
    ck_assert(!cg_file_exists("runs/003/.config.json.1-0.tmp"));
    cg_run_close(&run);
}
END_TEST

/* Somebody moves, replaces or takes over the folder of a run that is open. */
START_TEST(looks_after_its_folder)
{
    cg_run run;
    enter_scratch();
    ck_assert_int_eq(cg_run_create(&run, "out"), CG_OK);
    put_file("out/config.json", "{}", 2);
    ck_assert_int_eq(cg_run_check(&run), CG_OK);
    ck_assert_int_eq(unlink("out/.lock"), 0);
    ck_assert_int_eq(cg_run_check(&run), CG_OK);
    ck_assert(cg_file_exists("out/.lock"));
    ck_assert_int_eq(unlink("out/.lock"), 0);
    int other = cg_platform_open("out/.lock", CG_OPEN_LOCK);
    ck_assert_int_eq(cg_platform_lock(other), CG_LOCK_HELD);
    ck_assert_int_eq(cg_run_check(&run), CG_ERR_RUN);
    close(other);
    ck_assert_int_eq(cg_run_check(&run), CG_OK);
    ck_assert_int_eq(rename("out", "moved"), 0);
    ck_assert_int_eq(cg_run_check(&run), CG_ERR_WRITE);
    ck_assert(cg_platform_make_folder("out"));
    ck_assert_int_eq(cg_run_check(&run), CG_ERR_WRITE);
    ck_assert(!cg_file_exists("out/.lock"));
    cg_run_close(&run);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("run");
    tcase_add_test(tests, locks_of_either_kind);
    tcase_add_test(tests, no_locks_are_no_hindrance);
    tcase_add_test(tests, a_moment_is_no_hindrance);
    tcase_add_test(tests, another_process_is_one);
    tcase_add_test(tests, a_failed_start_leaves_nothing);
    tcase_add_test(tests, takes_the_remains_of_a_killed_start);
    tcase_add_test(tests, looks_after_its_folder);
    return run_case(tests, "run");
}
