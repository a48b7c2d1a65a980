/* log.jsonl: appended records, and the way back for a resume. */
#include <clgan/log.h>
#include <clgan/runlog.h>

#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>

static void check_file(const char *expected)
{
    size_t size;
    unsigned char *data = get_file(scratch_path("log"), &size);
    ck_assert_str_eq((char *)data, expected);
    free(data);
}

static void put_log(const char *text)
{
    put_file(scratch_path("log"), text, strlen(text));
}

START_TEST(appends)
{
    cg_runlog *log;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(cg_runlog_open(&log, scratch_path("log")), CG_OK);
        ck_assert_int_eq(cg_runlog_append(log, "{\"step\":1}"), CG_OK);
        check_file(i == 0 ? "{\"step\":1}\n" : "{\"step\":1}\n{\"step\":1}\n");
        cg_runlog_release(log);
    }
    cg_runlog_release(NULL);
}
END_TEST

START_TEST(refuses_what_is_no_record)
{
    cg_runlog *log;
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("log")), CG_OK);
    ck_assert_int_eq(cg_runlog_append(log, ""), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":1}\n"), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":1,\"loss\":nan}"), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":1} and"), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "{\"epoch\":1}"), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":\"1\"}"), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_runlog_append(log, "[1]"), CG_ERR_ARGUMENT);
    cg_runlog_release(log);
    check_file("");
}
END_TEST

START_TEST(refuses_bad_places)
{
    cg_runlog *log;
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("none/log")), CG_ERR_WRITE);
    ck_assert_ptr_null(log);
    ck_assert_int_eq(cg_runlog_open(&log, scratch_folder), CG_ERR_WRITE);
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("pipe")), CG_ERR_WRITE);
    const int reader = open(scratch_path("pipe"), O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("pipe")), CG_ERR_WRITE);
    close(reader);
    ck_assert_int_eq(cg_runlog_truncate(scratch_folder, &(cg_runlog_end){1, 0, 1}), CG_ERR_INPUT);
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("log")), CG_OK);
    limit_file_size(4);
    cg_status status = cg_runlog_append(log, "{\"step\":1}");
    limit_file_size(0);
    ck_assert_int_eq(status, CG_ERR_WRITE);
    cg_runlog_release(log);
}
END_TEST

static char warned[512];

static void keep_warning(void *user, cg_log_level level, const char *line)
{
    (void)user;
    if (level == CG_LOG_WARNING)
        snprintf(warned, sizeof warned, "%s", line);
}

/* Somebody removes the file, or puts another in its place, while it is open. */
START_TEST(follows_its_path)
{
    cg_runlog *log;
    char moved[80];
    snprintf(moved, sizeof moved, "%s.moved", scratch_folder);
    cg_log_set_handler(keep_warning, NULL);
    ck_assert_int_eq(cg_runlog_open(&log, scratch_path("log")), CG_OK);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":1}"), CG_OK);
    ck_assert_str_eq(warned, "");
    ck_assert_int_eq(unlink(scratch_path("log")), 0);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":2}"), CG_OK);
    check_file("{\"step\":2}\n");
    ck_assert_ptr_nonnull(strstr(warned, "removed or replaced"));
    put_file(scratch_path("other"), "{\"step\":7}\n", 11);
    ck_assert_int_eq(rename(scratch_path("other"), scratch_path("log")), 0);
    ck_assert_int_eq(cg_runlog_append(log, "{\"step\":8}"), CG_OK);
    check_file("{\"step\":7}\n{\"step\":8}\n");
    ck_assert_int_eq(unlink(scratch_path("log")), 0);
    ck_assert_int_eq(rename(scratch_folder, moved), 0);
    cg_status status = cg_runlog_append(log, "{\"step\":9}");
    ck_assert_int_eq(rename(moved, scratch_folder), 0);
    ck_assert_int_eq(status, CG_ERR_WRITE);
    cg_runlog_release(log);
    cg_log_set_handler(NULL, NULL);
}
END_TEST

START_TEST(truncates)
{
    put_log("{\"type\":\"step\",\"step\":7,\"loss\":1.25}\n" /* of a program before, each 7 */
            "{\"type\":\"step\",\"step\":35}\n"
            "{\"type\":\"step\",\"step\":50}\n"
            "{\"type\":\"epoch\", \"step\": 60}\n"
            "{\"type\":\"step\",\"step\":65}\n" /* it stopped here */
            "{\"type\":\"step\",\"step\":100}\n"
            "{\"type\":\"step\",\"step\":150}\n"
            "{\"type\":\"step\",\"step\":20}\n");
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){100, 35, 50}), CG_OK);
    check_file("{\"type\":\"step\",\"step\":7,\"loss\":1.25}\n"
               "{\"type\":\"step\",\"step\":35}\n"
               "{\"type\":\"step\",\"step\":50}\n"
               "{\"type\":\"epoch\", \"step\": 60}\n"
               "{\"type\":\"step\",\"step\":100}\n"
               "{\"type\":\"step\",\"step\":20}\n");
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

START_TEST(drops_damaged_lines)
{
    cg_log_set_handler(keep_warning, NULL);
    put_log("{\"step\":1}\n\n{\"step\":2}{\n[1]\n7\nnonsense\n{\"step\":\"3\"}\n{\"step\":4}\n"
            "{\"step\":5}");
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){100, 0, 1}), CG_OK);
    check_file("{\"step\":1}\n{\"step\":4}\n");
    ck_assert_ptr_nonnull(strstr(warned, "6 of its lines were no records"));
    warned[0] = '\0';
    put_log("{\"step\":1}\n{\"ste");
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){100, 0, 1}), CG_OK);
    check_file("{\"step\":1}\n");
    ck_assert_str_eq(warned, "");
    static const char zero[] = "{\"step\":1}\n{\"step\":2,\"a\":\"\0\"}\n{\"step\":3}\n";
    put_file(scratch_path("log"), zero, sizeof zero - 1);
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){100, 0, 1}), CG_OK);
    check_file("{\"step\":1}\n{\"step\":3}\n");
}
END_TEST

/* An epoch is judged in one write, of which a power cut may leave a part. */
START_TEST(drops_a_part_of_a_verdict)
{
    static const char before[] =
        "{\"type\":\"evaluation\",\"step\":3}\n{\"type\":\"epoch\",\"step\":6}\n";
    static const char verdict[] = "{\"type\":\"evaluation\",\"step\":6}\n"
                                  "{\"type\":\"warning\",\"step\":6}\n"
                                  "{\"type\":\"cleared\",\"step\":6}\n";
    const cg_runlog_end end = {100, 0, 1};
    char log[sizeof before + sizeof verdict];
    for (size_t left = 0; left < sizeof verdict; left++) {
        snprintf(log, sizeof log, "%s%.*s", before, (int)left, verdict);
        put_log(log);
        ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &end), CG_OK);
        check_file(log[strlen(log) - 1] == '\n' ? log : before);
    }
    snprintf(log, sizeof log, "%s{\"ste", before); /* of a step that follows */
    put_log(log);
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &end), CG_OK);
    check_file(before);
}
END_TEST

START_TEST(truncates_nothing)
{
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){1, 0, 1}), CG_OK);
    ck_assert_int_eq(scratch_count(), 0);
    put_log("");
    ck_assert_int_eq(cg_runlog_truncate(scratch_path("log"), &(cg_runlog_end){1, 0, 1}), CG_OK);
    check_file("");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runlog");
    tcase_add_test(tests, appends);
    tcase_add_test(tests, refuses_what_is_no_record);
    tcase_add_test(tests, refuses_bad_places);
    tcase_add_test(tests, follows_its_path);
    tcase_add_test(tests, truncates);
    tcase_add_test(tests, drops_damaged_lines);
    tcase_add_test(tests, drops_a_part_of_a_verdict);
    tcase_add_test(tests, truncates_nothing);
    return run_case(tests, "io/runlog");
}
