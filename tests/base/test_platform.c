/* Every system keeps what base/platform.h promises. */
#include "base/parallel.h"
#include "base/platform.h"
#include "support.h"

#include <errno.h>

/* Bytes that a system with text files would change. */
static const char bytes[] = "a\r\nb\nc\x1a\0d";

START_TEST(writes_and_reads_bytes)
{
    char got[2 * sizeof bytes + 1];
    size_t size = 0;
    int file = cg_platform_open(scratch_path("file"), CG_OPEN_NEW);
    ck_assert_int_ge(file, 0);
    ck_assert(cg_platform_write(file, bytes, sizeof bytes) && cg_platform_sync(file));
    close(file);
    ck_assert_int_lt(cg_platform_open(scratch_path("file"), CG_OPEN_NEW), 0);
    ck_assert_int_eq(errno, EEXIST);
    file = cg_platform_open(scratch_path("file"), CG_OPEN_APPEND);
    ck_assert(cg_platform_write(file, bytes, sizeof bytes));
    close(file);
    file = cg_platform_open(scratch_path("file"), CG_OPEN_READ);
    ck_assert(cg_platform_read(file, got, sizeof got, &size));
    close(file);
    ck_assert_uint_eq(size, 2 * sizeof bytes);
    ck_assert_mem_eq(got, bytes, sizeof bytes);
    ck_assert_mem_eq(got + sizeof bytes, bytes, sizeof bytes);
    ck_assert_int_lt(cg_platform_open(scratch_path("missing"), CG_OPEN_READ), 0);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(replaces)
{
    size_t size;
    put_file(scratch_path("old"), "old", 3);
    put_file(scratch_path("new"), "new", 3);
    ck_assert(cg_platform_replace(scratch_path("new"), scratch_path("old")));
    unsigned char *data = get_file(scratch_path("old"), &size);
    ck_assert_str_eq((char *)data, "new");
    free(data);
    ck_assert_int_eq(scratch_count(), 1);
    ck_assert(!cg_platform_replace(scratch_path("missing"), scratch_path("old")));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert(cg_platform_sync_folder(scratch_folder));
}
END_TEST

START_TEST(locks_alone)
{
    int first = cg_platform_open(scratch_path("lock"), CG_OPEN_LOCK);
    int second = cg_platform_open(scratch_path("lock"), CG_OPEN_LOCK);
    ck_assert(first >= 0 && second >= 0);
    ck_assert_int_eq(cg_platform_lock(first), CG_LOCK_HELD);
    ck_assert_int_eq(cg_platform_lock(second), CG_LOCK_BUSY);
    close(first);
    ck_assert_int_eq(cg_platform_lock(second), CG_LOCK_HELD);
    close(second);
}
END_TEST

START_TEST(tells_what_is_there)
{
    cg_file_info info, later;
    ck_assert(cg_platform_make_folder(scratch_path("folder")));
    ck_assert(!cg_platform_make_folder(scratch_path("folder")));
    ck_assert_int_eq(errno, EEXIST);
    ck_assert(cg_platform_path_info(&info, scratch_path("folder/")));
    ck_assert(info.folder && !info.regular);
    put_file(scratch_path("file"), bytes, sizeof bytes);
    ck_assert(cg_platform_path_info(&info, scratch_path("file")));
    ck_assert(info.regular && !info.folder && info.bytes == sizeof bytes);
    double age = cg_platform_wall_time() - 1e-9 * (double)info.changed_ns;
    ck_assert(age > -10 && age < 60);
    ck_assert(cg_platform_link_info(&later, scratch_path("file")) && later.regular);
    cg_platform_sleep(1.1); /* some systems count seconds */
    ck_assert(cg_platform_touch(scratch_path("file")));
    ck_assert(cg_platform_path_info(&later, scratch_path("file")));
    ck_assert(later.changed_ns > info.changed_ns);
    ck_assert(!cg_platform_path_info(&info, scratch_path("missing")));
    ck_assert(!info.regular && !info.folder);
}
END_TEST

START_TEST(takes_names_beyond_ascii)
{
    const char *name = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"; /* two, three and four bytes */
    struct dirent *found;
    put_file(scratch_path(name), "x", 1);
    DIR *folder = opendir(scratch_folder);
    while ((found = readdir(folder)) && found->d_name[0] == '.')
        ;
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->d_name, name);
    closedir(folder);
    char *path = cg_platform_resolve(scratch_path(name));
    ck_assert_ptr_nonnull(path);
    ck_assert_str_eq(path + cg_platform_folder_length(path), name);
    free(path);
    ck_assert_ptr_null(cg_platform_resolve(scratch_path("missing")));
}
END_TEST

START_TEST(splits_paths)
{
    ck_assert_uint_eq(cg_platform_folder_length("a/b/c"), 4);
    ck_assert_uint_eq(cg_platform_folder_length("/c"), 1);
    ck_assert_uint_eq(cg_platform_folder_length("c"), 0);
    ck_assert(cg_platform_is_separator('/') && !cg_platform_is_separator('a'));
}
END_TEST

START_TEST(knows_the_machine)
{
    enum { BYTES = 1 << 24, PAGE = 4096 };
    char name[64];
    volatile char *memory = malloc(BYTES);
    double start = cg_platform_clock();
    cg_platform_sleep(0.01);
    double seconds = cg_platform_clock() - start;
    ck_assert(seconds >= 0.009 && seconds < 5);
    ck_assert(cg_platform_wall_time() > 1.7e9);
    cg_platform_host_name(name, sizeof name);
    ck_assert_str_ne(name, "");
    cg_platform_host_name(name, 4);
    ck_assert_uint_lt(strlen(name), sizeof "localhost");
    for (size_t i = 0; i < BYTES; i += PAGE)
        memory[i] = 1;
    ck_assert_uint_gt(cg_platform_resident_peak(), BYTES);
    free((void *)memory);
    FILE *file = fopen(scratch_path("file"), "wb");
    ck_assert(!cg_platform_is_terminal(file));
    fclose(file);
}
END_TEST

static void count_call(void *calls, size_t i)
{
    ((int *)calls)[i]++;
}

/* Each part is done once, however many threads there are for how many parts. */
START_TEST(shares_work_out)
{
    enum { MOST = 1000 };
    ck_assert_uint_ge(cg_platform_processors(), 1);
    for (size_t count = 0; count <= MOST; count = count < 40 ? count + 1 : count + 480) {
        int calls[MOST + 1] = {0};
        if (count <= CG_PLATFORM_THREADS)
            cg_platform_run_together(count, count_call, calls);
        else
            cg_parallel_run(count, count_call, calls);
        for (size_t i = 0; i <= MOST; i++)
            ck_assert_int_eq(calls[i], i < count);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("platform");
    tcase_add_test(tests, writes_and_reads_bytes);
    tcase_add_test(tests, replaces);
    tcase_add_test(tests, locks_alone);
    tcase_add_test(tests, tells_what_is_there);
    tcase_add_test(tests, takes_names_beyond_ascii);
    tcase_add_test(tests, splits_paths);
    tcase_add_test(tests, knows_the_machine);
    tcase_add_test(tests, shares_work_out);
    return run_case(tests, "platform");
}
