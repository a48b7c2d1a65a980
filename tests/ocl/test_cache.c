/* The program cache: hits and misses, every flipped byte and every truncation, its limit, and files
 * that are not its own. No device is needed. */
#include "ocl/cache.h"

#include "support.h"

#include <sys/stat.h>

static const char key[] = "source 1\nflags -D A\n", payload[] = "a program\0with bytes";

static cg_cache cache;

/* A cache in the scratch folder; limit in MiB, NULL: the default. */
static void open_cache(const char *limit)
{
    setenv("CLGAN_CACHE_DIR", scratch_path("cache"), 1);
    limit ? setenv("CLGAN_CACHE_LIMIT", limit, 1) : unsetenv("CLGAN_CACHE_LIMIT");
    ck_assert_int_eq(cg_cache_init(&cache), CG_OK);
}

static void close_cache(void)
{
    cg_cache_deinit(&cache);
}

static void check_hit(const char *wanted_key, const void *wanted, size_t wanted_size)
{
    void *data;
    size_t size;
    ck_assert(cg_cache_get(&cache, wanted_key, &data, &size));
    ck_assert_uint_eq(size, wanted_size);
    ck_assert_mem_eq(data, wanted, size);
    free(data);
}

static void check_miss(const char *wanted_key)
{
    void *data = &data;
    size_t size = 1;
    ck_assert(!cg_cache_get(&cache, wanted_key, &data, &size));
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(size, 0);
}

/* The path of the one entry, as the folder has it. */
static const char *only_entry(void)
{
    static char path[512];
    int count = 0;
    DIR *folder = opendir(cache.folder);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));)
        if (strstr(e->d_name, ".program")) {
            snprintf(path, sizeof path, "%s/%s", cache.folder, e->d_name);
            count++;
        }
    closedir(folder);
    ck_assert_int_eq(count, 1);
    return path;
}

static cg_cache_info get_info(void)
{
    cg_cache_info info;
    ck_assert_int_eq(cg_cache_get_info(&info), CG_OK);
    return info;
}

START_TEST(keeps_and_replaces)
{
    open_cache(NULL);
    check_miss(key);
    cg_cache_put(&cache, key, payload, sizeof payload);
    check_hit(key, payload, sizeof payload);
    check_miss("source 1\nflags -D B\n");
    cg_cache_put(&cache, key, "new", 3);
    check_hit(key, "new", 3);
    cg_cache_put(&cache, key, payload, 0);
    check_hit(key, payload, 0);
    ck_assert_uint_eq(get_info().files, 1);
}
END_TEST

START_TEST(notices_every_byte_and_every_length)
{
    open_cache(NULL);
    size_t size;
    cg_cache_put(&cache, key, payload, sizeof payload);
    const char *path = only_entry();
    unsigned char *bytes = get_file(path, &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x10;
        put_file(path, bytes, size);
        check_miss(key);
        bytes[i] ^= 0x10;
    }
    for (size_t i = 0; i < size; i++) {
        put_file(path, bytes, i);
        check_miss(key);
    }
    put_file(path, bytes, size + 1); /* get_file() leaves a NUL behind */
    check_miss(key);
    put_file(path, bytes, size);
    check_hit(key, payload, sizeof payload);
    free(bytes);
}
END_TEST

/* A sound file whose name is another key's, as after a collision. */
START_TEST(refuses_another_key_under_its_name)
{
    open_cache(NULL);
    size_t size;
    char path[512];
    cg_cache_put(&cache, key, payload, sizeof payload);
    snprintf(path, sizeof path, "%s", only_entry());
    unsigned char *bytes = get_file(path, &size);
    unlink(path);
    cg_cache_put(&cache, "source 1\nflags -D B\n", "other", 5);
    put_file(only_entry(), bytes, size);
    check_miss("source 1\nflags -D B\n");
    free(bytes);
}
END_TEST

/* Dates every entry back to that year. */
static void age_entries(int year)
{
    char command[300];
    snprintf(command, sizeof command,
             "find %s -type f -newermt 2010-01-01 -exec touch -d %d-01-01 {} +", cache.folder,
             year);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(least_recently_used_goes)
{
    enum { SIZE = 400 << 10 };
    char *large = calloc(SIZE, 1);
    open_cache("1");
    cg_cache_put(&cache, "a", large, SIZE);
    age_entries(2001);
    cg_cache_put(&cache, "b", large, SIZE);
    age_entries(2002);
    check_hit("a", large, SIZE); /* used now: "b" is the oldest */
    put_file(scratch_path("cache/not ours"), large, SIZE);
    cg_cache_put(&cache, "c", large, SIZE);
    check_hit("a", large, SIZE);
    check_miss("b");
    check_hit("c", large, SIZE);
    ck_assert_int_eq(access(scratch_path("cache/not ours"), F_OK), 0);
    free(large);
}
END_TEST

START_TEST(too_large_to_keep)
{
    open_cache("0");
    cg_cache_put(&cache, key, payload, sizeof payload);
    check_miss(key);
    ck_assert_uint_eq(get_info().files, 0);
}
END_TEST

START_TEST(folder_that_cannot_be)
{
    put_file(scratch_path("file"), "x", 1);
    setenv("CLGAN_CACHE_DIR", scratch_path("file/below"), 1);
    ck_assert_int_eq(cg_cache_init(&cache), CG_OK);
    cg_cache_put(&cache, key, payload, sizeof payload);
    check_miss(key);
    ck_assert_uint_eq(get_info().files, 0);
}
END_TEST

START_TEST(full_disk)
{
    open_cache(NULL);
    limit_file_size(64);
    cg_cache_put(&cache, key, payload, sizeof payload);
    limit_file_size(0);
    check_miss(key);
    ck_assert_uint_eq(get_info().files, 0);
}
END_TEST

START_TEST(clear_takes_ours_alone)
{
    open_cache(NULL);
    static const char *const theirs[] = {
        "notes.program",
        "0123456789abcdef0123456789abcde.program",
        "0123456789ABCDEF0123456789abcdef.program",
        "0123456789abcdef0123456789abcdef.programs",
        "0123456789abcdef0123456789abcdef.program.a1B2c3",
        ".0123456789abcdef0123456789abcdef.program",
        "short",
    };
    size_t removed;
    cg_cache_put(&cache, key, payload, sizeof payload);
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", cache.folder, theirs[i]);
        put_file(path, "x", 1);
    }
    put_file(scratch_path("cache/.0123456789abcdef0123456789abcdef.program.a1B2c3"), "x", 1);
    ck_assert_int_eq(mkdir(scratch_path("cache/0123456789abcdef0123456789abcdef.program"), 0777),
                     0);
    ck_assert_uint_eq(get_info().files, 2);
    ck_assert_int_eq(cg_cache_clear(&removed), CG_OK);
    ck_assert_uint_eq(removed, 2);
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", cache.folder, theirs[i]);
        ck_assert_int_eq(access(path, F_OK), 0);
    }
    ck_assert_int_eq(cg_cache_clear(&removed), CG_OK);
    ck_assert_uint_eq(removed, 0);
}
END_TEST

static void check_folder(const char *own, const char *xdg, const char *home, const char *wanted)
{
    const char *const names[] = {"CLGAN_CACHE_DIR", "XDG_CACHE_HOME", "HOME"};
    const char *const values[] = {own, xdg, home};
    for (int i = 0; i < 3; i++)
        values[i] ? setenv(names[i], values[i], 1) : unsetenv(names[i]);
    ck_assert_str_eq(get_info().folder, wanted);
}

START_TEST(folder_from_the_environment)
{
    check_folder("/own", "/xdg", "/home/me", "/own");
    check_folder(NULL, "/xdg", "/home/me", "/xdg/clgan");
    check_folder(NULL, NULL, "/home/me", "/home/me/.cache/clgan");
    check_folder(NULL, "relative", "/home/me", "/home/me/.cache/clgan");
    check_folder(NULL, NULL, NULL, "");
    check_folder("", "/xdg", "/home/me", "");
    check_folder("off", "/xdg", "/home/me", "");
    cg_cache none = {0};
    void *data;
    size_t size;
    cg_cache_put(&none, key, payload, sizeof payload);
    ck_assert(!cg_cache_get(&none, key, &data, &size));
}
END_TEST

START_TEST(limit_from_the_environment)
{
    open_cache(NULL);
    ck_assert_uint_eq(get_info().limit_bytes, (uint64_t)256 << 20);
    setenv("CLGAN_CACHE_LIMIT", "3", 1);
    ck_assert_uint_eq(get_info().limit_bytes, (uint64_t)3 << 20);
    static const char *const wrong[] = {"-1", "1x", "many", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("CLGAN_CACHE_LIMIT", wrong[i], 1);
        ck_assert_uint_eq(get_info().limit_bytes, (uint64_t)256 << 20);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("cache");
    tcase_add_checked_fixture(tests, NULL, close_cache);
    tcase_add_test(tests, keeps_and_replaces);
    tcase_add_test(tests, notices_every_byte_and_every_length);
    tcase_add_test(tests, refuses_another_key_under_its_name);
    tcase_add_test(tests, least_recently_used_goes);
    tcase_add_test(tests, too_large_to_keep);
    tcase_add_test(tests, folder_that_cannot_be);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, clear_takes_ours_alone);
    tcase_add_test(tests, folder_from_the_environment);
    tcase_add_test(tests, limit_from_the_environment);
    return run_case(tests, "ocl/cache");
}
