/* The history that a log tells: evaluations, and which checkpoints stay for them. */
#include "train/history.h"

#include "support.h"
#include "run/numbered.h"

#include <sys/stat.h>

static void take(cg_history *h, uint64_t step, double fid, int samples, const char *classifier)
{
    char line[512];
    snprintf(line, sizeof line,
             "{\"type\":\"evaluation\",\"step\":%d,\"fid\":%g,\"recall\":%g,\"coverage\":0.1,"
             "\"classes_covered\":%d,\"samples\":%d,\"classifier\":\"%s\"}",
             (int)step, fid, fid / 1000, step < 5 ? 9 : 10, samples, classifier);
    cg_record record;
    bool sound;
    ck_assert_int_eq(cg_record_read(&sound, &record, line, strlen(line)), CG_OK);
    ck_assert(sound);
    ck_assert_int_eq(cg_history_add(h, &record), CG_OK);
}

START_TEST(remembers_the_best)
{
    cg_history h = {0};
    ck_assert_uint_eq(cg_history_best(&h), 0);
    take(&h, 3, 90, 100, "a");
    ck_assert_uint_eq(h.past.classes, 9);
    take(&h, 6, 70, 100, "a");
    take(&h, 9, 80, 100, "a");
    take(&h, 12, 70, 100, "a"); /* as good is no better */
    ck_assert_uint_eq(cg_history_best(&h), 6);
    ck_assert_uint_eq(h.best_count, 2);
    ck_assert_double_eq(h.past.recall, 0.09);
    ck_assert_double_eq(h.past.coverage, 0.1);
    ck_assert_uint_eq(h.past.classes, 10);
    cg_history_deinit(&h);
}
END_TEST

/* Distances by another classifier, or of another number of samples, are another measure. */
START_TEST(begins_anew_with_another_measure)
{
    cg_history h = {0};
    take(&h, 3, 10, 100, "a");
    take(&h, 6, 700, 100, "b");
    ck_assert_uint_eq(cg_history_best(&h), 6);
    ck_assert_double_eq(h.past.recall, 0.7);
    ck_assert_double_eq(h.before.recall, 0); /* what warnings compare with */
    take(&h, 9, 800, 200, "b");
    ck_assert_uint_eq(cg_history_best(&h), 9);
    take(&h, 12, 900, 200, "b");
    ck_assert_double_eq(h.before.recall, 0.8);
    ck_assert_uint_eq(cg_history_best(&h), 9);
    cg_history_deinit(&h);
}
END_TEST

START_TEST(reads_a_log)
{
    static const char log[] =
        "{\"type\":\"step\",\"step\":1,\"fid\":1}\n"
        "{\"type\":\"warning\",\"step\":2,\"kind\":\"alike\",\"message\":\"m\"}\n"
        "{\"type\":\"warning\",\"step\":2,\"kind\":\"d_wins\",\"message\":\"m\"}\n"
        "damaged\n"
        "{\"type\":\"evaluation\",\"step\":4,\"fid\":5,\"samples\":9,\"classifier\":\"a\"}\n"
        "{\"type\":\"cleared\",\"step\":4,\"kind\":\"alike\"}\n"
        "{\"type\":\"warning\",\"step\":4,\"kind\":\"of the future\",\"message\":\"m\"}\n"
        "{\"type\":\"evaluation\",\"step\":6,\"fid\":3,";
    cg_history h;
    put_file(scratch_path("log"), log, strlen(log));
    ck_assert_int_eq(cg_history_read(&h, scratch_path("log")), CG_OK);
    ck_assert_uint_eq(cg_history_best(&h), 4);
    ck_assert(!h.warned[CG_WARNING_ALIKE]);
    ck_assert(h.warned[CG_WARNING_D_WINS]);
    ck_assert(!h.warned[CG_WARNING_CLASSES]);
    cg_history_deinit(&h);

    ck_assert_int_eq(cg_history_read(&h, scratch_path("none")), CG_OK);
    ck_assert_uint_eq(cg_history_best(&h), 0);
    ck_assert_int_eq(cg_history_read(&h, scratch_folder), CG_ERR_INPUT);
    cg_history_deinit(&h);
}
END_TEST

/* Makes checkpoints of the steps 1 .. 14, with best.safetensors, and prunes: what stays, as text.
 */
static const char *pruned(const cg_keep_rule *rule)
{
    static char text[128];
    const cg_run run = {.path = scratch_folder, .lock = -1};
    char name[64];
    uint64_t *steps;
    size_t count, used = 0;
    mkdir(scratch_path("checkpoints"), 0777);
    put_file(scratch_path("checkpoints/best.safetensors"), "b", 1);
    for (int i = 1; i <= 14; i++) {
        snprintf(name, sizeof name, "checkpoints/step_%08d.safetensors", i);
        put_file(scratch_path(name), "c", 1);
    }
    ck_assert_int_eq(cg_run_prune(&run, rule), CG_OK);
    ck_assert_int_eq(cg_run_checkpoints(&steps, &count, &run), CG_OK);
    for (size_t i = 0; i < count; i++)
        used += (size_t)sprintf(text + used, "%s%d", i ? " " : "", (int)steps[i]);
    free(steps);
    ck_assert_int_eq(access(scratch_path("checkpoints/best.safetensors"), F_OK), 0);
    return text;
}

/* A resume may go back to any checkpoint that is there, and finds the best of then. */
START_TEST(the_best_of_each_time_stays)
{
    const uint64_t bests[] = {2, 4, 7, 13};
    ck_assert_str_eq(pruned(&(cg_keep_rule){14, 2, 1, 0, NULL, 0}), "10 13 14");
    ck_assert_str_eq(pruned(&(cg_keep_rule){14, 2, 1, 0, bests, 4}), "7 10 13 14");
    ck_assert_str_eq(pruned(&(cg_keep_rule){14, 4, 1, 0, bests, 3}), "7 10 11 12 13 14");
    ck_assert_str_eq(pruned(&(cg_keep_rule){14, 4, 1, 0, bests, 2}), "4 10 11 12 13 14");
    ck_assert_str_eq(pruned(&(cg_keep_rule){14, 1, 1, 0, bests, 1}), "2 10 14");
    /* A resume from 9, which found the later ones damaged. */
    ck_assert_str_eq(pruned(&(cg_keep_rule){9, 2, 1, 0, bests, 2}), "4 8 9 10 11 12 13 14");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("history");
    tcase_add_test(tests, remembers_the_best);
    tcase_add_test(tests, begins_anew_with_another_measure);
    tcase_add_test(tests, reads_a_log);
    tcase_add_test(tests, the_best_of_each_time_stays);
    return run_case(tests, "history");
}
