/* The file of tunings: what is stored comes back, for its own device and kernels only; other
 * entries stay; what is damaged or foreign is passed over and never replaced; what counts before
 * what. */
#include "nn/tuning.h"
#include "ocl/kernel_source.h"
#include "device.h"
#include "support.h"

#include <sys/stat.h>

static const cg_tuning tuning = {.algorithms = "g.convt1/fwd=plain g.dense/fwd=clblast",
                                 .batch = 8,
                                 .step_seconds = 1.5,
                                 .default_seconds = 2};

static char *path;

static void setup(void)
{
    scratch_setup();
    setenv("CLGAN_TUNING", scratch_path("folder/tuning.json"), 1);
    ck_assert_int_eq(cg_tuning_path(&path), CG_OK);
}

static void teardown(void)
{
    free(path);
    scratch_teardown();
}

static void store(const char *algorithms)
{
    cg_tuning other = tuning;
    snprintf(other.algorithms, sizeof other.algorithms, "%s", algorithms);
    ck_assert_int_eq(cg_tuning_store(path, device, &other), CG_OK);
}

/* The stored text is this one; NULL: none is found. */
static void expect_found(const char *wanted)
{
    char text[CG_CHOICE_TEXT] = "left over";
    bool found;
    ck_assert_int_eq(cg_tuning_find(&found, text, device), CG_OK);
    ck_assert_int_eq(found, wanted != NULL);
    ck_assert_str_eq(text, wanted ? wanted : "");
}

static void put_text(const char *text)
{
    put_file(path, text, strlen(text));
}

START_TEST(where_it_is)
{
    static const struct {
        const char *own, *xdg, *home, *wanted;
    } cases[] = {{"/a/b.json", "/x", "/h", "/a/b.json"},
                 {"", "/x", "/h", NULL},
                 {NULL, "/x", "/h", "/x/clgan/tuning.json"},
                 {NULL, "relative", "/h", "/h/.config/clgan/tuning.json"},
                 {NULL, NULL, "/h", "/h/.config/clgan/tuning.json"},
                 {NULL, NULL, NULL, NULL}};
    static const char *const names[] = {"CLGAN_TUNING", "XDG_CONFIG_HOME", "HOME"};
    for (size_t i = 0; i < CG_COUNT(cases); i++) {
        const char *const values[] = {cases[i].own, cases[i].xdg, cases[i].home};
        char *found;
        for (size_t v = 0; v < 3; v++)
            values[v] ? setenv(names[v], values[v], 1) : unsetenv(names[v]);
        ck_assert_int_eq(cg_tuning_path(&found), CG_OK);
        if (cases[i].wanted)
            ck_assert_str_eq(found, cases[i].wanted);
        else
            ck_assert_ptr_null(found);
        free(found);
    }
}
END_TEST

START_TEST(comes_back)
{
    expect_found(NULL);
    ck_assert_int_eq(cg_tuning_probe(path), CG_OK);
    expect_found(NULL); /* and the probe leaves nothing behind */
    store(tuning.algorithms);
    expect_found(tuning.algorithms);
    store("d.conv1/fwd=plain");
    expect_found("d.conv1/fwd=plain");
    ck_assert_int_eq(cg_tuning_probe(path), CG_OK);
    setenv("CLGAN_TUNING", "", 1);
    expect_found(NULL);
}
END_TEST

/* Each of the four things that an entry is for. */
START_TEST(is_for_its_own_device)
{
    cg_device_info own = device->info;
    char *const fields[] = {device->info.name, device->info.platform, device->info.driver};
    store(tuning.algorithms);
    for (size_t i = 0; i < CG_COUNT(fields); i++) {
        fields[i][0] ^= 1;
        expect_found(NULL);
        store("d.conv1/fwd=plain");
        expect_found("d.conv1/fwd=plain");
        device->info = own;
        expect_found(tuning.algorithms); /* others stay */
    }
}
END_TEST

START_TEST(is_for_its_own_kernels)
{
    char command[512], before[33], after[33];
    store(tuning.algorithms);
    snprintf(command, sizeof command, "cp -r %s/../cl %s", CLGAN_TEST_DIR, scratch_path("cl"));
    ck_assert_int_eq(system(command), 0);
    setenv("CLGAN_KERNEL_DIR", scratch_path("cl"), 1);
    expect_found(tuning.algorithms); /* the same text */
    ck_assert_int_eq(cg_kernel_source_hash_all(before), CG_OK);
    snprintf(command, sizeof command, "echo >>%s", scratch_path("cl/tile.clh"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(cg_kernel_source_hash_all(after), CG_OK);
    ck_assert_str_ne(before, after);
    expect_found(NULL);
    unsetenv("CLGAN_KERNEL_DIR");
}
END_TEST

START_TEST(foreign_files_stay)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{\"format\": 1}",
                                        "{\"format\": 2, \"entries\": []}",
                                        "{\"format\": \"1\", \"entries\": []}",
                                        "{\"format\": 1, \"entries\": {}}",
                                        "my own words\n"};
    ck_assert_int_eq(cg_tuning_probe(path), CG_OK);
    for (size_t i = 0; i < CG_COUNT(texts); i++) {
        size_t size;
        put_text(texts[i]);
        expect_found(NULL);
        ck_assert_int_eq(cg_tuning_probe(path), CG_ERR_INPUT);
        ck_assert_int_eq(cg_tuning_store(path, device, &tuning), CG_ERR_INPUT);
        unsigned char *still = get_file(path, &size);
        ck_assert_str_eq((const char *)still, texts[i]);
        free(still);
    }
    setenv("CLGAN_TUNING", scratch_path("."), 1); /* a folder */
    expect_found(NULL);
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    setenv("CLGAN_TUNING", scratch_path("pipe"), 1); /* nobody writes into it */
    expect_found(NULL);
}
END_TEST

/* Entries with anything in them are passed over; the device's own is not taken unless all serves.
 */
START_TEST(damaged_entries)
{
    static const char *const algorithms[] = {"g.convt1/fwd=fast", "g.convt1/fwd=image", "vec=5",
                                             "g.convt9/fwd=plain"};
    size_t size;
    for (size_t i = 0; i < CG_COUNT(algorithms); i++) {
        store(algorithms[i]);
        expect_found(NULL);
    }
    ck_assert_int_eq(remove(path), 0);
    put_text(
        "{\"format\": 1, \"entries\": [1, \"x\", null, [], {}, {\"device\": 3}], \"more\": 7}");
    expect_found(NULL);
    store(tuning.algorithms);
    expect_found(tuning.algorithms);
    char *text = (char *)get_file(path, &size);
    ck_assert_ptr_nonnull(strstr(text, "\"more\""));
    ck_assert_ptr_nonnull(strstr(text, "null"));
    char *at = strstr(text, "\"plain\"");
    ck_assert_ptr_nonnull(at);
    memcpy(at, "[1,2,3]", 7); /* no text */
    put_text(text);
    expect_found(NULL);
    free(text);
}
END_TEST

START_TEST(what_counts_before_what)
{
    char text[CG_TUNING_TEXT];
    const char *from;
    const struct {
        const char *recorded, *options, *from, *convt1, *dense;
    } cases[] = {{NULL, NULL, "tuning", "plain", "clblast"},
                 {NULL, "g.convt1=tiled", "options", "tiled", "clblast"},
                 {"g.convt1/fwd=canvas", NULL, "run", "canvas", NULL},
                 {"g.convt1/fwd=canvas", "g.dense=own", "options", "canvas", "own"}};
    store(tuning.algorithms);
    for (size_t i = 0; i <= CG_COUNT(cases); i++) {
        cg_choice choice;
        bool last = i == CG_COUNT(cases);
        if (last)
            setenv("CLGAN_TUNING", "", 1);
        ck_assert_int_eq(cg_tuning_join(text, &from, device, last ? NULL : cases[i].recorded,
                                        last ? NULL : cases[i].options, false),
                         CG_OK);
        ck_assert_str_eq(from, last ? "defaults" : cases[i].from);
        ck_assert_int_eq(cg_choice_parse(&choice, device, text, false), CG_OK);
        const char *dense = choice.algorithms[0], *convt1 = choice.algorithms[2];
        ck_assert_pstr_eq(convt1, last ? NULL : cases[i].convt1);
        ck_assert_pstr_eq(dense, last ? NULL : cases[i].dense);
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    char joined[CG_TUNING_TEXT];
    ck_assert_int_eq(cg_tuning_join(joined, &from, device, NULL, text, false), CG_ERR_ARGUMENT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tuning");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, where_it_is);
    tcase_add_test(tests, comes_back);
    tcase_add_test(tests, is_for_its_own_device);
    tcase_add_test(tests, is_for_its_own_kernels);
    tcase_add_test(tests, foreign_files_stay);
    tcase_add_test(tests, damaged_entries);
    tcase_add_test(tests, what_counts_before_what);
    return device_run_case(tests, "nn/tuning");
}
