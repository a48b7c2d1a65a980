/* A log that lacks what a checkpoint stands behind is told of. */
#include "train/log_check.h"

#include "support.h"

#include <clgan/log.h>

static char warned[512];

static void keep_warning(void *user, cg_log_level level, const char *line)
{
    (void)user, (void)level;
    snprintf(warned, sizeof warned, "%s", line);
}

/* The log: s of a step, e of an epoch's end, at its step: "s2 e3". */
static const char *check(const char *records, const cg_runlog_end *end)
{
    FILE *file = fopen(scratch_path("log"), "wb");
    char kind;
    int step, read;
    for (; sscanf(records, " %c%d%n", &kind, &step, &read) == 2; records += read)
        fprintf(file, "{\"type\":\"%s\",\"step\":%d,\"epoch\":1}\n", kind == 's' ? "step" : "epoch",
                step);
    fclose(file);
    warned[0] = '\0';
    cg_log_set_handler(keep_warning, NULL);
    ck_assert_int_eq(cg_log_check(scratch_path("log"), end, 3), CG_OK);
    cg_log_set_handler(NULL, NULL);
    return warned;
}

START_TEST(whole_logs)
{
    ck_assert_str_eq(check("", &(cg_runlog_end){.step = 0, .every = 1}), "");
    ck_assert_str_eq(check("", &(cg_runlog_end){.step = 2, .every = 50}), "");
    ck_assert_str_eq(check("s2 e3 s4 s6 e6", &(cg_runlog_end){.step = 7, .every = 2}), "");
    /* The process before wrote each 5 up to step 5. */
    ck_assert_str_eq(check("e3 s5 s6 e6", &(cg_runlog_end){.step = 7, .first = 5, .every = 2}), "");
    ck_assert_str_eq(check("e3 s5 e6", &(cg_runlog_end){.step = 7, .first = 9, .every = 2}), "");
}
END_TEST

START_TEST(logs_that_lack_records)
{
    const cg_runlog_end end = {.step = 7, .every = 2};
    ck_assert_ptr_nonnull(strstr(check("", &end), "missing: 5)"));
    ck_assert_ptr_nonnull(strstr(check("s2 e3 s4 s6", &end), "missing: 1)"));
    ck_assert_ptr_nonnull(strstr(check("s4 s6 e6", &end), "missing: 2)"));
    ck_assert_ptr_nonnull(strstr(check("s2 s2 s2 s4 e3 e6", &end), "missing: 1)"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log_check");
    tcase_add_test(tests, whole_logs);
    tcase_add_test(tests, logs_that_lack_records);
    return run_case(tests, "train/log_check");
}
