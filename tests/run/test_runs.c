/* Which run was written last, what a run's files say, and runs/latest; nothing that they say is
 * trusted. */
#include "run/latest.h"

#include "support.h"

#include <clgan/runs.h>
#include <clgan/safetensors.h>
#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char config[] =
    "{\"format\":1,\"seed\":1,\"epochs\":%d,\"keep\":3,\"checkpoint_every\":0,\"log_every\":50,"
    "\"images\":60,\"batch\":20,\"data\":\"somewhere\",\"data_sha256\":\"ba89\",\"learning_rate\":"
    "1,"
    "\"device\":{\"name\":\"GPU\\u001b[31m \\u202e9\",\"platform\":\"\",\"driver\":\"\"},"
    "\"algorithms\":{\"g.convt1/fwd\":\"plain\"}}";

static void put_text(const char *path, const char *text)
{
    put_file(path, text, strlen(text));
}

/* Sets the time of a file of the run, in seconds of 1970. */
static void set_time(const char *run, const char *name, int seconds)
{
    char path[512];
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    snprintf(path, sizeof path, "runs/%s/%s", run, name);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void put_checkpoint(const char *run, const char *name)
{
    char path[512];
    float number = 1;
    const cg_host_tensor tensor = {.name = "x", .data = &number};
    snprintf(path, sizeof path, "runs/%s/checkpoints/%s.safetensors", run, name);
    ck_assert_int_eq(cg_safetensors_write(path, &tensor, 1, NULL, 0), CG_OK);
}

/* A run of 3 steps an epoch, written at that time. */
static void put_run(const char *name, int epochs, int seconds)
{
    char path[512], text[512];
    snprintf(path, sizeof path, "runs/%s", name);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "runs/%s/checkpoints", name);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "runs/%s/config.json", name);
    snprintf(text, sizeof text, config, epochs);
    put_text(path, text);
    set_time(name, "config.json", seconds);
}

/* Makes the scratch folder the current one, with runs/ in it. */
static void enter_scratch(void)
{
    ck_assert_int_eq(chdir(scratch_folder), 0);
    ck_assert_int_eq(mkdir("runs", 0777), 0);
}

static void expect_latest(const char *wanted)
{
    char *path;
    ck_assert_int_eq(cg_runs_find_latest(&path, "runs"), CG_OK);
    if (wanted)
        ck_assert_str_eq(path, wanted);
    else
        ck_assert_ptr_null(path);
    free(path);
}

/* The one run of the folder. */
static cg_run_info describe(const char *name)
{
    cg_runs runs;
    cg_run_info info = {0};
    char path[512];
    snprintf(path, sizeof path, "runs/%s", name);
    ck_assert_int_eq(cg_runs_list(&runs, path), CG_OK);
    ck_assert_uint_eq(runs.count, 1);
    ck_assert_str_eq(runs.items[0].path, path);
    info = runs.items[0];
    info.path = NULL;
    cg_runs_deinit(&runs);
    return info;
}

/* ---- which was written last ------------------------------------------------------------------ */

START_TEST(names_say_nothing)
{
    enter_scratch();
    expect_latest(NULL);
    put_run("999", 2, 100);
    put_run("7", 2, 300);
    put_run("a name with spaces", 2, 200);
    expect_latest("runs/7");
    put_run("zweite", 2, 400);
    expect_latest("runs/zweite");
    put_checkpoint("a name with spaces", "best");
    set_time("a name with spaces", "checkpoints/best.safetensors", 500);
    expect_latest("runs/a name with spaces");
    put_text("runs/999/log.jsonl", "");
    set_time("999", "log.jsonl", 600);
    expect_latest("runs/999");
}
END_TEST

/* Pictures, leftovers of writers and folders change when somebody looks or tidies up. */
START_TEST(other_files_have_no_time)
{
    enter_scratch();
    put_run("1", 2, 100);
    put_run("2", 2, 200);
    put_text("runs/1/dcgan.gif", "GIF");
    put_text("runs/1/.lock", "");
    put_text("runs/1/checkpoints/.step_00000003.safetensors.7-0.tmp", "");
    put_text("runs/1/checkpoints/notes.txt", "");
    expect_latest("runs/2");
}
END_TEST

START_TEST(what_is_no_run_is_passed_over)
{
    cg_runs runs;
    enter_scratch();
    put_run("good", 2, 100);
    ck_assert_int_eq(mkdir("runs/empty", 0777), 0);
    ck_assert_int_eq(mkdir("runs/began", 0777), 0);
    ck_assert_int_eq(mkdir("runs/began/checkpoints", 0777), 0);
    put_text("runs/began/.lock", "");
    put_text("runs/notes.txt", "config.json");
    put_run(".hidden", 2, 900);
    ck_assert_int_eq(symlink("nowhere", "runs/dangling"), 0);
    ck_assert_int_eq(symlink("round", "runs/round"), 0);
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_OK);
    ck_assert_uint_eq(runs.count, 1);
    ck_assert_uint_eq(runs.latest, 0);
    cg_runs_deinit(&runs);
    expect_latest("runs/good");
}
END_TEST

START_TEST(damaged_runs_are_listed_and_passed_over)
{
    static const char *const texts[] = {"", "{", "[]", "{\"epochs\":2}", "\xff\xfe"};
    cg_runs runs;
    enter_scratch();
    put_run("good", 2, 100);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[16], path[64];
        snprintf(name, sizeof name, "bad%zu", i);
        snprintf(path, sizeof path, "runs/%s/config.json", name);
        put_run(name, 2, 200);
        put_text(path, texts[i]);
    }
    ck_assert_int_eq(mkdir("runs/logged", 0777), 0);
    put_text("runs/logged/log.jsonl", "");
    put_run("cut", 2, 300);
    put_checkpoint("cut", "step_00000003");
    ck_assert_int_eq(truncate("runs/cut/checkpoints/step_00000003.safetensors", 100), 0);
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_OK);
    ck_assert_uint_eq(runs.count, 8);
    ck_assert_uint_eq(runs.latest, 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_int_eq(runs.items[i].state, CG_RUN_DAMAGED);
    cg_runs_deinit(&runs);
    expect_latest("runs/good");
}
END_TEST

/* A link to a run elsewhere is a run; one to a neighbour is that run under another name. */
START_TEST(links_are_followed_once)
{
    cg_runs runs;
    enter_scratch();
    put_run("1", 2, 100);
    ck_assert_int_eq(symlink("1", "runs/latest"), 0);
    ck_assert_int_eq(symlink("1", "runs/mine"), 0);
    expect_latest("runs/1");
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_OK);
    ck_assert_uint_eq(runs.count, 1);
    cg_runs_deinit(&runs);
    ck_assert_int_eq(unlink("runs/mine"), 0);
    ck_assert_int_eq(mkdir("disk", 0777), 0);
    ck_assert_int_eq(rename("runs/1", "disk/1"), 0);
    expect_latest(NULL);
    ck_assert_int_eq(symlink("../disk/1", "runs/1"), 0);
    expect_latest("runs/1");
    ck_assert_int_eq(rename("runs", "disk/runs"), 0);
    ck_assert_int_eq(unlink("disk/runs/1"), 0);
    ck_assert_int_eq(rename("disk/1", "disk/runs/1"), 0);
    ck_assert_int_eq(symlink("disk/runs", "runs"), 0);
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_OK);
    ck_assert_uint_eq(runs.count, 1);
    ck_assert_str_eq(runs.items[0].path, "runs/1");
    cg_runs_deinit(&runs);
}
END_TEST

/* As `cp -a` makes them. */
START_TEST(copies_of_the_same_time_go_by_name)
{
    enter_scratch();
    put_run("9", 2, 100);
    put_run("10", 2, 100);
    expect_latest("runs/10");
    put_run("8", 2, 101);
    expect_latest("runs/8");
}
END_TEST

START_TEST(a_folder_that_is_not_there)
{
    cg_runs runs;
    enter_scratch();
    ck_assert_int_eq(cg_runs_list(&runs, "elsewhere"), CG_ERR_INPUT);
    cg_runs_deinit(&runs);
    ck_assert_int_eq(rmdir("runs"), 0);
    expect_latest(NULL);
    put_text("runs", "");
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_ERR_INPUT);
    cg_runs_deinit(&runs);
}
END_TEST

/* ---- what a run's files say ------------------------------------------------------------------ */

START_TEST(states)
{
    enter_scratch();
    put_run("1", 2, 100);
    ck_assert_int_eq(describe("1").state, CG_RUN_NEVER_BEGAN);
    put_checkpoint("1", "step_00000003");
    put_text("runs/1/checkpoints/step_00000005.safetensors", "half");
    cg_run_info info = describe("1");
    ck_assert_int_eq(info.state, CG_RUN_STOPPED);
    ck_assert_uint_eq(info.step, 3);
    ck_assert_uint_eq(info.epochs_done, 1);
    ck_assert_uint_eq(info.epochs, 2);
    ck_assert(isnan(info.best_fid));
    ck_assert_str_eq(info.device, "GPU [31m  9");
    ck_assert_uint_gt(info.bytes, sizeof config);

    put_text("runs/1/.lock", "");
    int lock = open("runs/1/.lock", O_RDWR);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert_int_eq(describe("1").state, CG_RUN_RUNNING);
    ck_assert_int_eq(flock(lock, LOCK_UN), 0);
    ck_assert_int_eq(flock(lock, LOCK_SH), 0); /* another that asks */
    ck_assert_int_eq(describe("1").state, CG_RUN_STOPPED);
    close(lock);

    put_checkpoint("1", "step_00000006");
    ck_assert_int_eq(describe("1").state, CG_RUN_FINISHED);
    put_checkpoint("1", "step_999999999999999999");
    info = describe("1");
    ck_assert_int_eq(info.state, CG_RUN_FINISHED);
    ck_assert_uint_le(info.epochs_done, 1000000);
}
END_TEST

#define EVALUATION(samples, fid) \
    "{\"type\":\"evaluation\",\"step\":3,\"epoch\":1,\"samples\":" #samples ",\"fid\":" #fid "}\n"

START_TEST(the_best_distance)
{
    static const struct {
        const char *log;
        double best; /* NAN: none */
    } logs[] = {
        {"", NAN},
        {"no JSON\n[]\n{\"type\":7}\n", NAN},
        {EVALUATION(100, 90) EVALUATION(100, 70) EVALUATION(100, 80), 70},
        {EVALUATION(100, 10) EVALUATION(200, 90) EVALUATION(200, 95), 90},
        {EVALUATION(100, 90) EVALUATION(100, null) EVALUATION(100, -1), 90},
        {EVALUATION(100, 1e300) EVALUATION(100, "none"), NAN},
        {EVALUATION(null, 5), 5},
        {EVALUATION(100, 90) "{\"type\":\"evaluation\",\"step\":6,\"samples\":100,\"fid\":1", 90},
        {"{\"type\":\"step\",\"step\":1e300,\"fid\":1}\n", NAN},
    };
    enter_scratch();
    put_run("1", 2, 100);
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        put_text("runs/1/log.jsonl", logs[i].log);
        double best = describe("1").best_fid;
        ck_assert_msg(isnan(logs[i].best) ? isnan(best) : best == logs[i].best, "%zu: %g", i, best);
    }
    ck_assert_int_eq(unlink("runs/1/log.jsonl"), 0);
    ck_assert_int_eq(mkdir("runs/1/log.jsonl", 0777), 0);
    ck_assert(isnan(describe("1").best_fid));
}
END_TEST

START_TEST(the_epoch_of_the_best_and_the_speed)
{
    enter_scratch();
    put_run("1", 2, 100);
    ck_assert(isnan(describe("1").best_epoch) && isnan(describe("1").images_per_second));
    ck_assert_str_eq(describe("1").platform, "");
    put_text("runs/1/log.jsonl",
             "{\"type\":\"step\",\"step\":1,\"images_per_second\":50}\n"
             "{\"type\":\"evaluation\",\"step\":3,\"epoch\":1,\"samples\":100,\"fid\":9}\n"
             "{\"type\":\"step\",\"step\":4,\"images_per_second\":70}\n"
             "{\"type\":\"evaluation\",\"step\":6,\"epoch\":2,\"samples\":100,\"fid\":9}\n"
             "{\"type\":\"step\",\"step\":7,\"images_per_second\":-1}\n");
    ck_assert_double_eq(describe("1").best_epoch, 1);
    ck_assert_double_eq(describe("1").images_per_second, 70);
}
END_TEST

/* ---- runs/latest ----------------------------------------------------------------------------- */

static void expect_link(const char *wanted)
{
    char target[256] = "";
    ck_assert_int_ge(readlink("runs/latest", target, sizeof target - 1), 0);
    ck_assert_str_eq(target, wanted);
}

static void mark(const char *path)
{
    cg_run_mark_latest(&(cg_run){.path = (char *)path, .lock = -1});
}

START_TEST(the_link)
{
    char full[256];
    enter_scratch();
    put_run("1", 2, 100);
    put_run("a b", 2, 100);
    mark("runs/1");
    expect_link("1");
    mark("runs/1");
    mark("runs/a b/");
    expect_link("a b");
    mark("runs/latest"); /* a resume by the link itself */
    expect_link("a b");
    snprintf(full, sizeof full, "%s/runs/1", scratch_folder);
    mark(full);
    expect_link("1");
    mark("./runs/a b");
    expect_link("a b");
    ck_assert_int_eq(mkdir("other", 0777), 0);
    mark("other/run");
    mark("runs/.");
    mark("..");
    mark("runs");
    expect_link("a b");
    ck_assert_int_eq(unlink("runs/latest"), 0);
    put_text("runs/latest", "mine");
    mark("runs/1");
    struct stat info;
    ck_assert_int_eq(lstat("runs/latest", &info), 0);
    ck_assert(S_ISREG(info.st_mode));
    cg_run_clear_latest(); /* a file is none of ours */
    ck_assert_int_eq(unlink("runs/latest"), 0);
    mark("runs/1");
    cg_run_clear_latest();
    expect_link("1");
    ck_assert_int_eq(rename("runs/1", "taken away"), 0);
    cg_run_clear_latest();
    ck_assert_int_ne(lstat("runs/latest", &info), 0);
    cg_run_clear_latest();
    ck_assert_int_eq(rename("taken away", "runs/1"), 0);
    ck_assert_int_eq(rename("runs", "gone"), 0);
    mark("runs/1");
    mark("gone/1");
    ck_assert_int_ne(lstat("gone/latest", &info), 0);
}
END_TEST

START_TEST(json_is_json)
{
    cg_runs runs;
    char *text;
    enter_scratch();
    put_run("bad\n\xff\033[31m", 2, 100);
    ck_assert_int_eq(cg_runs_list(&runs, "runs"), CG_OK);
    ck_assert_int_eq(cg_runs_json(&text, &runs), CG_OK);
    ck_assert_ptr_nonnull(strstr(text, "\"runs/bad ? [31m\""));
    ck_assert_ptr_nonnull(strstr(text, "\"never began\""));
    ck_assert_ptr_nonnull(strstr(text, "null"));
    free(text);
    cg_runs_deinit(&runs);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runs");
    tcase_add_test(tests, names_say_nothing);
    tcase_add_test(tests, other_files_have_no_time);
    tcase_add_test(tests, what_is_no_run_is_passed_over);
    tcase_add_test(tests, damaged_runs_are_listed_and_passed_over);
    tcase_add_test(tests, links_are_followed_once);
    tcase_add_test(tests, copies_of_the_same_time_go_by_name);
    tcase_add_test(tests, a_folder_that_is_not_there);
    tcase_add_test(tests, states);
    tcase_add_test(tests, the_best_distance);
    tcase_add_test(tests, the_epoch_of_the_best_and_the_speed);
    tcase_add_test(tests, the_link);
    tcase_add_test(tests, json_is_json);
    return run_case(tests, "runs");
}
