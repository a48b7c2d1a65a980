/* Records of a run's log: what is written is read back, is what the program always wrote, and is
 * what docs/file-formats.md says. */
#include "run/record.h"

#include "support.h"

#include <math.h>

static bool reads(cg_record *record, const char *line)
{
    bool sound;
    ck_assert_int_eq(cg_record_read(&sound, record, line, strlen(line)), CG_OK);
    return sound;
}

static void expect_line(const cg_record *record, const char *wanted)
{
    cg_text line = {0};
    cg_record_print(&line, record);
    ck_assert_int_eq(line.status, CG_OK);
    ck_assert_str_eq(line.data, wanted);
    cg_text_deinit(&line);
}

START_TEST(lines_are_as_they_always_were)
{
    cg_record step = cg_record_make(CG_RECORD_STEP), epoch = cg_record_make(CG_RECORD_EPOCH);
    step.step = 50, step.epoch = 1;
    step.loss_d = 1.25, step.loss_d_real = 0.5, step.loss_d_fake = 0.75, step.loss_g = 1.0 / 3;
    step.d_real = 0.5, step.d_fake = 1e-12;
    step.images_per_second = 1234.567, step.seconds = 0.0125;
    expect_line(&step, "{\"type\":\"step\",\"step\":50,\"epoch\":1,\"loss_d\":1.25,"
                       "\"loss_d_real\":0.5,\"loss_d_fake\":0.75,\"loss_g\":0.333333333,"
                       "\"d_real\":0.5,\"d_fake\":1e-12,\"images_per_second\":1234.6,"
                       "\"seconds\":0.013}");
    epoch.step = 11750, epoch.epoch = 50, epoch.loss_d = 1, epoch.loss_g = 2, epoch.seconds = 3;
    expect_line(&epoch, "{\"type\":\"epoch\",\"epoch\":50,\"step\":11750,\"loss_d\":1,"
                        "\"loss_g\":2,\"seconds\":3.000}");
}
END_TEST

START_TEST(texts_are_escaped)
{
    cg_record warning = cg_record_make(CG_RECORD_WARNING), cleared, got;
    warning.step = 470, warning.epoch = 2;
    snprintf(warning.warning, sizeof warning.warning, "d_wins");
    snprintf(warning.message, sizeof warning.message, "a \"word\"");
    const char *line = "{\"type\":\"warning\",\"step\":470,\"epoch\":2,\"kind\":\"d_wins\","
                       "\"message\":\"a \\\"word\\\"\"}";
    expect_line(&warning, line);
    ck_assert(reads(&got, line));
    ck_assert_str_eq(got.message, warning.message);
    cleared = warning;
    cleared.kind = CG_RECORD_CLEARED;
    expect_line(&cleared, "{\"type\":\"cleared\",\"step\":470,\"epoch\":2,\"kind\":\"d_wins\"}");
}
END_TEST

/* Gives every field of a kind another value. */
static void fill(cg_record *record)
{
    const cg_record_field *fields = cg_record_specs[record->kind].fields;
    for (size_t i = 0; fields[i].key; i++) {
        char *member = (char *)record + fields[i].offset;
        if (fields[i].type == CG_FIELD_TEXT)
            snprintf(member, fields[i].size, "text %zu", i);
        else
            for (size_t k = 0; k < fields[i].size / sizeof(double); k++)
                ((double *)member)[k] = (double)(10 * i + k + 1);
    }
}

START_TEST(each_kind_comes_back)
{
    for (size_t kind = 0; kind < CG_RECORD_KINDS; kind++) {
        cg_record record = cg_record_make((cg_record_kind)kind), got;
        cg_text line = {0};
        fill(&record);
        cg_record_print(&line, &record);
        ck_assert(reads(&got, line.data));
        ck_assert_int_eq(got.kind, (int)kind);
        const cg_record_field *fields = cg_record_specs[kind].fields;
        for (size_t i = 0; fields[i].key; i++)
            ck_assert_msg(memcmp((char *)&got + fields[i].offset,
                                 (char *)&record + fields[i].offset,
                                 fields[i].type == CG_FIELD_TEXT ? 7 : fields[i].size) == 0,
                          "%s of %s", fields[i].key, cg_record_specs[kind].type);
        cg_text_deinit(&line);
    }
}
END_TEST

/* A field that is not given is NAN or empty, never 0. */
START_TEST(absent_fields_are_not_zero)
{
    cg_record got;
    ck_assert(reads(&got, "{\"type\":\"evaluation\",\"step\":4,\"fid\":\"5\",\"histogram\":[1]}"));
    ck_assert(isnan(got.fid) && isnan(got.recall) && isnan(got.epoch));
    ck_assert(got.histogram[0] == 1 && isnan(got.histogram[1]));
    ck_assert_str_eq(got.classifier, "");
    ck_assert(isnan(cg_record_number(&got, "loss_g")));
    ck_assert(isnan(cg_record_number(&got, "nothing")));
    ck_assert_double_eq(cg_record_number(&got, "step"), 4);
}
END_TEST

START_TEST(lines_that_are_no_records)
{
    cg_record got;
    ck_assert(!reads(&got, ""));
    ck_assert(!reads(&got, "[]"));
    ck_assert(!reads(&got, "{\"type\":\"step\"}"));
    ck_assert(!reads(&got, "{\"step\":1}"));
    ck_assert(!reads(&got, "{\"type\":\"step\",\"step\":-1}"));
    ck_assert(!reads(&got, "{\"type\":\"step\",\"step\":1"));
    ck_assert(reads(&got, "{\"type\":\"of the future\",\"step\":1,\"fid\":3}"));
    ck_assert_int_eq(got.kind, CG_RECORD_KINDS);
    ck_assert(isnan(cg_record_number(&got, "fid")));
}
END_TEST

/* Rounding gives what the text says, and the text stays. */
START_TEST(rounding_is_what_the_log_says)
{
    cg_record record = cg_record_make(CG_RECORD_STEP), got;
    cg_text line = {0}, again = {0};
    record.step = 1, record.epoch = 1, record.loss_g = 1.0 / 3, record.images_per_second = 23.404;
    record.loss_d = record.loss_d_real = record.loss_d_fake = record.d_real = record.d_fake = 2e-7;
    record.seconds = 0.12349;
    cg_record_print(&line, &record);
    cg_record_round(&record);
    cg_record_print(&again, &record);
    ck_assert_str_eq(line.data, again.data);
    ck_assert(reads(&got, line.data));
    ck_assert(got.images_per_second == record.images_per_second && got.loss_g == record.loss_g);
    ck_assert(record.images_per_second == 23.4 && record.seconds == 0.123);
    cg_text_deinit(&line);
    cg_text_deinit(&again);
}
END_TEST

/* The document's table is this one: a row for each field, in the records' order. */
START_TEST(the_document_has_the_table)
{
    size_t size;
    char *page = (char *)get_file(CLGAN_SOURCE_DIR "/docs/file-formats.md", &size);
    const char *at = page;
    ck_assert_ptr_nonnull(page);
    for (size_t kind = 0; kind < CG_RECORD_KINDS; kind++) {
        const cg_record_spec *spec = &cg_record_specs[kind];
        char row[512];
        snprintf(row, sizeof row, "\n| `%s` | | %s |\n", spec->type, spec->when);
        at = strstr(at, row);
        ck_assert_msg(at != NULL, "docs/file-formats.md lacks, or has elsewhere: %s", row);
        for (const cg_record_field *f = spec->fields; f->key; f++) {
            at = strchr(at + 1, '\n');
            snprintf(row, sizeof row, "\n| | `%s` | %s |\n", f->key, f->meaning);
            ck_assert_msg(at && strncmp(at, row, strlen(row)) == 0,
                          "docs/file-formats.md lacks: %s", row);
        }
    }
    free(page);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("record");
    tcase_add_test(tests, lines_are_as_they_always_were);
    tcase_add_test(tests, texts_are_escaped);
    tcase_add_test(tests, each_kind_comes_back);
    tcase_add_test(tests, absent_fields_are_not_zero);
    tcase_add_test(tests, lines_that_are_no_records);
    tcase_add_test(tests, rounding_is_what_the_log_says);
    tcase_add_test(tests, the_document_has_the_table);
    return run_case(tests, "record");
}
