/* The run's folder: who may have it, and what is left of a start that fails. */
#include "run/run.h"

#include "base/file.h"
#include "base/platform.h"
#include "run/numbered.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/syscall.h>

/* File systems that lack one kind of locks, or both: these stand before the C library's. */
static int flock_error, fcntl_error;
static int flock_failures = -1; /* this many more; negative: all */

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
        put_file("runs/001/checkpoints/.best.safetensors.7-0.tmp", "x", 1);
        cg_run_discard(&run);
        ck_assert(!cg_file_exists("runs/001"));
    }
    ck_assert(cg_platform_make_folder("own"));
    const char *const others[] = {"own/file", "own/.history-12.tmp", "own/.x.png.1-0.tmp",
                                  "own/.best.1-0.tmp"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        put_file(others[i], "x", 1);
    ck_assert_int_eq(cg_run_create(&run, "own"), CG_OK);
    cg_run_discard(&run);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert(cg_file_exists(others[i]));
    ck_assert(!cg_file_exists("own/images") && !cg_file_exists("own/.lock"));
    put_file("own/config.json", "{}", 2);
    ck_assert_int_eq(cg_run_create(&run, "own"), CG_ERR_RUN);
    ck_assert(cg_file_exists("own/config.json") && !cg_file_exists("own/.lock"));
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

static void put_checkpoint(uint64_t step)
{
    char name[64];
    snprintf(name, sizeof name, "out/checkpoints/step_%08" PRIu64 ".safetensors", step);
    put_file(name, "x", 1);
}

static void remove_checkpoint(uint64_t step)
{
    char name[64];
    snprintf(name, sizeof name, "out/checkpoints/step_%08" PRIu64 ".safetensors", step);
    ck_assert_int_eq(unlink(name), 0);
}

static void expect_next(cg_run_walk *walk, uint64_t step)
{
    ck_assert_int_eq(cg_run_walk_next(walk), CG_OK);
    ck_assert_ptr_nonnull(walk->path);
    ck_assert_uint_eq(walk->step, step);
}

static void expect_end(cg_run_walk *walk)
{
    ck_assert_int_eq(cg_run_walk_next(walk), CG_OK);
    ck_assert_ptr_null(walk->path);
    cg_run_walk_deinit(walk);
}

/* A training writes checkpoints and removes others while their list is gone through. */
START_TEST(checkpoints_come_and_go)
{
    const cg_run run = {.path = (char[]){"out"}, .lock = -1};
    cg_run_walk walk = {.run = &run};
    enter_scratch();
    expect_end(&walk);
    ck_assert_int_eq(cg_dir_create("out/checkpoints"), CG_OK);
    for (uint64_t step = 1; step <= 3; step++)
        put_checkpoint(step);
    expect_next(&walk, 3);
    put_checkpoint(4); /* nothing is gone: the list is as good as it was */
    expect_next(&walk, 2);
    expect_next(&walk, 1);
    expect_end(&walk);
    expect_next(&walk, 4);
    remove_checkpoint(3); /* while it is listed */
    put_checkpoint(5);
    expect_next(&walk, 5);
    remove_checkpoint(5); /* while the caller has it */
    put_checkpoint(6);
    expect_next(&walk, 6);
    expect_next(&walk, 2);
    remove_checkpoint(1);
    expect_end(&walk);
}
END_TEST

/* The order of steps holds, and a link that leads nowhere is no checkpoint. */
START_TEST(the_oldest_checkpoint_first)
{
    const cg_run run = {.path = (char[]){"out"}, .lock = -1};
    cg_run_walk walk = {.run = &run, .oldest_first = true};
    enter_scratch();
    ck_assert_int_eq(cg_dir_create("out/checkpoints"), CG_OK);
    put_checkpoint(1);
    put_checkpoint(2);
    ck_assert_int_eq(symlink("nowhere", "out/checkpoints/step_00000003.safetensors"), 0);
    expect_next(&walk, 1);
    remove_checkpoint(2);
    put_checkpoint(8);
    expect_next(&walk, 8);
    expect_end(&walk);
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
    tcase_add_test(tests, checkpoints_come_and_go);
    tcase_add_test(tests, the_oldest_checkpoint_first);
    return run_case(tests, "run");
}
