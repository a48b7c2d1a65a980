/* The order in which data are looked for: the variable, the current folder, around the program. */
#include "base/place.h"
#include "base/platform.h"
#include "support.h"

#include <sys/stat.h>

static void put(const char *path)
{
    put_file(path, "x", 1);
}

START_TEST(the_variable_comes_first)
{
    cg_place place;
    ck_assert_int_eq(chdir(scratch_folder), 0);
    ck_assert_int_eq(mkdir("data", 0777), 0);
    ck_assert_int_eq(mkdir("mine", 0777), 0);
    put("data/thing");
    put("mine/thing");
    put("data/other");
    setenv("CLGAN_DATA_DIR", "mine", 1);
    ck_assert_str_eq(cg_place_find(&place, "thing"), "mine/thing");
    ck_assert_str_eq(cg_place_find(&place, "other"), "data/other");
    setenv("CLGAN_DATA_DIR", "mistyped", 1);
    ck_assert_str_eq(cg_place_find(&place, "thing"), "mistyped/thing");
    setenv("CLGAN_DATA_DIR", "", 1);
    ck_assert_str_eq(cg_place_find(&place, "thing"), "data/thing");
    ck_assert_str_eq(cg_place_find(&place, "nobody"), "data/nobody");
}
END_TEST

/* A test's program lies in its build's folder, which has a link to the source tree's data. */
START_TEST(the_build_finds_the_source_tree)
{
    cg_place place;
    char *data = cg_platform_resolve(CLGAN_SOURCE_DIR "/data/mnist");
    unsetenv("CLGAN_DATA_DIR");
    ck_assert_int_eq(chdir(scratch_folder), 0);
    ck_assert_ptr_nonnull(data);
    ck_assert_str_eq(cg_place_find(&place, "mnist"), data);
    free(data);
}
END_TEST

START_TEST(the_module_is_this_program)
{
    char *module = cg_platform_module();
    ck_assert_ptr_nonnull(module);
    ck_assert(cg_platform_is_absolute(module));
    ck_assert_str_eq(module + cg_platform_folder_length(module), "test_place");
    free(module);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("place");
    tcase_add_test(tests, the_variable_comes_first);
    tcase_add_test(tests, the_build_finds_the_source_tree);
    tcase_add_test(tests, the_module_is_this_program);
    return run_case(tests, "place");
}
