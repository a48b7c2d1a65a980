/* The helpers that tests of files share: a scratch folder that goes away, and files made by hand.
 */
#ifndef CLGAN_TESTS_SUPPORT_H
#define CLGAN_TESTS_SUPPORT_H

#include "system.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* The scratch folder of the running test, and a path in it (static: good for four calls). */
static char scratch_folder[64];

static inline void scratch_setup(void)
{
    strcpy(scratch_folder, "/tmp/clgan_test_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch_folder));
}

static inline const char *scratch_path(const char *name)
{
    static char paths[4][384];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch_folder, name);
    return path;
}

/* The number of files in the scratch folder, hidden ones included. */
static inline int scratch_count(void)
{
    int count = 0;
    DIR *folder = opendir(scratch_folder);
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

static inline void scratch_teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, REMOVE_FOLDER, scratch_folder);
    ck_assert_int_eq(system(command), 0);
}

static inline void put_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* The whole file with a NUL after it, to be given to free(). */
static inline unsigned char *get_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *data = calloc(*size + 1, 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

/* Runs one case, each test in its scratch folder and its own process. */
static inline int run_case(TCase *tests, const char *name)
{
    Suite *suite = suite_create(name);
    tcase_add_checked_fixture(tests, scratch_setup, scratch_teardown);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
