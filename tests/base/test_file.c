/* Paths, whole-file reads, atomic writes; the digests and the clock, too. */
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "support.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_join(const char *folder, const char *name, const char *expected)
{
    char *path = NULL;
    ck_assert_int_eq(cg_path_join(&path, folder, name), CG_OK);
    ck_assert_str_eq(path, expected);
    free(path);
}

START_TEST(joins_paths)
{
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("/", "b", "/b");
    check_join("", "b", "b");
}
END_TEST

START_TEST(creates_folders)
{
    const char *deep = scratch_path("a/b//c/");
    ck_assert_int_eq(cg_dir_create(deep), CG_OK);
    ck_assert(cg_file_exists(deep));
    ck_assert_int_eq(cg_dir_create(deep), CG_OK);
    put_file(scratch_path("file"), "x", 1);
    ck_assert_int_eq(cg_dir_create(scratch_path("file")), CG_ERR_WRITE);
    ck_assert_int_eq(cg_dir_create(scratch_path("file/below")), CG_ERR_WRITE);
}
END_TEST

/* The reason is that of the folder above which cannot be made, not that this one is missing. */
START_TEST(tells_why_there_is_no_folder)
{
    ck_assert_int_eq(mkdir(scratch_path("locked"), 0555), 0);
    if (!POSIX_FILES)
        return;
    ck_assert(become_nobody());
    ck_assert(!cg_dir_make(scratch_path("locked/a/b")));
    ck_assert_int_eq(errno, EACCES);
    ck_assert(become_root());
}
END_TEST

START_TEST(writes_and_reads)
{
    const char *path = scratch_path("file");
    void *data = NULL;
    size_t size = 0;
    ck_assert(!cg_file_exists(path));
    ck_assert_int_eq(cg_file_write(path, "first", 5), CG_OK);
    ck_assert_int_eq(cg_file_write(path, "second", 6), CG_OK);
    ck_assert_int_eq(cg_file_read(&data, &size, path, 6), CG_OK);
    ck_assert_uint_eq(size, 6);
    ck_assert_str_eq(data, "second");
    free(data);
    ck_assert_int_eq(cg_file_write(path, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_file_read(&data, &size, path, 6), CG_OK);
    ck_assert_uint_eq(size, 0);
    free(data);
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

START_TEST(refuses_to_read)
{
    void *data = &data;
    size_t size = 1;
    put_file(scratch_path("large"), "1234567", 7);
    if (POSIX_FILES)
        ck_assert(make_pipe(scratch_path("pipe")));
    ck_assert_int_eq(cg_file_read(&data, &size, scratch_path("large"), 6), CG_ERR_INPUT);
    ck_assert_int_eq(cg_file_read(&data, &size, scratch_path("missing"), 6), CG_ERR_INPUT);
    ck_assert_int_eq(cg_file_read(&data, &size, scratch_folder, 6), CG_ERR_INPUT);
    ck_assert_int_eq(cg_file_read(&data, &size, scratch_path("pipe"), 6), CG_ERR_INPUT);
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(size, 0);
    ck_assert_ptr_null(cg_file_try(scratch_path("large"), &size, 6));
    ck_assert_ptr_null(cg_file_try(scratch_path("missing"), &size, 6));
    ck_assert_ptr_null(cg_file_try(scratch_folder, &size, 6));
    ck_assert_ptr_null(cg_file_try(scratch_path("pipe"), &size, 6));
    ck_assert_uint_eq(size, 0);
    data = cg_file_try(scratch_path("large"), &size, 7);
    ck_assert_str_eq(data, "1234567");
    ck_assert_uint_eq(size, 7);
    free(data);
}
END_TEST

/* The names of temporary files are told from those that only look like them. */
START_TEST(names_of_temporary_files)
{
    const char *target;
    size_t length;
    const char *const others[] = {"",           ".tmp",      ".x.tmp",      ".x-1.tmp",
                                  ".1-0.tmp",   ".x.-0.tmp", ".x.1-.tmp",   "x.1-0.tmp",
                                  ".x.1-0tmp",  "..1-0.tmp", ".x.1-0.tmp~", ".x1-0.tmp",
                                  ".x.1a-0.tmp"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_msg(!cg_file_is_temporary(&target, &length, others[i]), "%s", others[i]);
    ck_assert(cg_file_is_temporary(&target, &length, ".a.b-1.png.12-34.tmp"));
    ck_assert_uint_eq(length, strlen("a.b-1.png"));
    ck_assert_int_eq(memcmp(target, "a.b-1.png", length), 0);
}
END_TEST

START_TEST(abandons)
{
    cg_writer writer = {0};
    const char *target;
    size_t length;
    cg_writer_abandon(&writer);
    put_file(scratch_path("file"), "old", 3);
    ck_assert_int_eq(cg_writer_open(&writer, scratch_path("file")), CG_OK);
    ck_assert_int_eq(scratch_count(), 2);
    ck_assert_ptr_nonnull(strstr(writer.temp, "/.file."));
    ck_assert(cg_file_is_temporary(&target, &length, strrchr(writer.temp, '/') + 1));
    ck_assert(length == 4 && strncmp(target, "file", 4) == 0);
    ck_assert_int_eq(cg_writer_write(&writer, "new", 3), CG_OK);
    cg_writer_abandon(&writer);
    ck_assert_int_eq(scratch_count(), 1);
    ck_assert_int_eq(cg_file_write(scratch_path("file"), "newer", 5), CG_OK);
    cg_writer_abandon(&writer);
    ck_assert(cg_file_exists(scratch_path("file")));
}
END_TEST

START_TEST(refuses_to_write)
{
    ck_assert_int_eq(cg_file_write(scratch_path("missing/file"), "x", 1), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_write(scratch_folder, "x", 1), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_write("/dev/null", "x", 1), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_write("", "x", 1), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_probe(scratch_path("missing/file")), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_probe(scratch_folder), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_probe(scratch_path("file")), CG_OK);
    ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

START_TEST(writes_through_links)
{
    size_t size;
    if (!POSIX_FILES)
        return;
    put_file(scratch_path("file"), "old", 3);
    ck_assert(make_link("file", scratch_path("link")));
    ck_assert_int_eq(cg_file_write(scratch_path("link"), "new", 3), CG_OK);
    ck_assert(is_link(scratch_path("link")));
    unsigned char *data = get_file(scratch_path("file"), &size);
    ck_assert_str_eq((char *)data, "new");
    free(data);
}
END_TEST

/* A link to nothing stays one; /dev/stdout is such a link where that is a pipe. */
START_TEST(refuses_links_to_nothing)
{
    if (!POSIX_FILES)
        return;
    ck_assert(make_link("none/file", scratch_path("link")));
    ck_assert_int_eq(cg_file_write(scratch_path("link"), "x", 1), CG_ERR_WRITE);
    ck_assert_int_eq(cg_file_probe(scratch_path("link")), CG_ERR_WRITE);
    ck_assert(is_link(scratch_path("link")));
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

/* A file-size limit stands in for a full disk: small data fail in the flush, large in the write. */
START_TEST(disk_full)
{
    static const size_t sizes[] = {2000, 200000};
    static unsigned char data[200000];
    size_t size;
    put_file(scratch_path("file"), "old", 3);
    for (size_t i = 0; POSIX_FILES && i < 2; i++) {
        limit_file_size(1000);
        cg_status status = cg_file_write(scratch_path("file"), data, sizes[i]);
        limit_file_size(0);
        ck_assert_int_eq(status, CG_ERR_WRITE);
        ck_assert_int_eq(scratch_count(), 1);
        unsigned char *kept = get_file(scratch_path("file"), &size);
        ck_assert_str_eq((char *)kept, "old");
        free(kept);
    }
}
END_TEST

START_TEST(digests)
{
    char sha[65], xxh[33];
    cg_sha256_hex(sha, "abc", 3);
    ck_assert_str_eq(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cg_xxh3_128_hex(xxh, "", 0);
    ck_assert_str_eq(xxh, "99aa06d3014798d86001c324468d497f");
}
END_TEST

START_TEST(clock_runs)
{
    double before = cg_clock_seconds();
    usleep(2000);
    ck_assert_double_ge(cg_clock_seconds() - before, 0.001);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("file");
    tcase_add_test(tests, joins_paths);
    tcase_add_test(tests, creates_folders);
    tcase_add_test(tests, tells_why_there_is_no_folder);
    tcase_add_test(tests, writes_and_reads);
    tcase_add_test(tests, refuses_to_read);
    tcase_add_test(tests, names_of_temporary_files);
    tcase_add_test(tests, abandons);
    tcase_add_test(tests, refuses_to_write);
    tcase_add_test(tests, writes_through_links);
    tcase_add_test(tests, refuses_links_to_nothing);
    tcase_add_test(tests, disk_full);
    tcase_add_test(tests, digests);
    tcase_add_test(tests, clock_runs);
    return run_case(tests, "base/file");
}
