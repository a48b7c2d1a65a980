/* A program that ends at once leaves no half-written file. */
#include "base/file.h"
#include "base/unfinished.h"
#include "support.h"

#include <errno.h>

START_TEST(removes_what_is_open)
{
    cg_writer whole = {0}, half = {0}, other = {0};
    ck_assert_int_eq(cg_writer_open(&whole, scratch_path("whole")), CG_OK);
    ck_assert_int_eq(cg_writer_open(&half, scratch_path("half")), CG_OK);
    ck_assert_int_eq(cg_writer_open(&other, scratch_path("other")), CG_OK);
    ck_assert_int_eq(cg_writer_write(&half, "half", 4), CG_OK);
    ck_assert_int_eq(cg_writer_commit(&whole), CG_OK);
    cg_writer_abandon(&other);
    put_file(scratch_path(".not.ours.tmp"), "x", 1);
    ck_assert_int_eq(scratch_count(), 3);
    cg_unfinished_remove();
    ck_assert_int_eq(scratch_count(), 2);
    ck_assert(cg_file_exists(scratch_path("whole")));
    fclose(half.file); /* the process would have ended: cg_writer_abandon() waits for that */
    free(half.temp);
    free(half.path);
}
END_TEST

START_TEST(opens_new_files_alone)
{
    int file = cg_unfinished_open(scratch_path("file"));
    ck_assert_int_ge(file, 0);
    close(file);
    ck_assert_int_lt(cg_unfinished_open(scratch_path("file")), 0);
    ck_assert_int_eq(errno, EEXIST);
    cg_unfinished_forget(scratch_path("file"));
    cg_unfinished_forget(scratch_path("never"));
    cg_unfinished_remove();
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("unfinished");
    tcase_add_test(tests, removes_what_is_open);
    tcase_add_test(tests, opens_new_files_alone);
    return run_case(tests, "unfinished");
}
