/* Kernels from a folder, by CLGAN_KERNEL_DIR: right ones, and ones that are wrong in some way. */
#include "ocl/launch.h"
#include "ocl/program.h"
#include "ocl/rehearsal.h"
#include "device.h"
#include "support.h"

#include "base/try.h"

#include <limits.h>

static void kernel_dir_setup(void)
{
    scratch_setup();
    setenv("CLGAN_KERNEL_DIR", scratch_folder, 1);
}

static void kernel_dir_teardown(void)
{
    unsetenv("CLGAN_KERNEL_DIR");
    scratch_teardown();
}

static void put_text(const char *name, const char *text)
{
    put_file(scratch_path(name), text, strlen(text));
}

START_TEST(kernel_from_folder)
{
    cg_build_options options = {0};
    const cg_launch launch = {
        .file = "fill.cl", .kernel = "fill", .options = &options, .global = {4}};
    int got[4];
    cg_buffer *buffer;
    cg_build_options_add(&options, "-D VALUE=%d", 40);
    put_text("more.clh", "#define MORE 2\n");
    put_text("fill.cl", "#include \"more.clh\"\n"
                        "__kernel void fill(__global int *out, int count)\n"
                        "{ const int i = (int)get_global_id(0);\n"
                        "  if (i < count) out[i] = VALUE + MORE + i; }\n");
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    ck_assert_int_eq(cg_buffer_fill(buffer, 0), CG_OK);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(buffer), cg_arg_int(3)), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, got, sizeof got), CG_OK);
    ck_assert_int_eq(got[0], 42);
    ck_assert_int_eq(got[2], 44);
    ck_assert_int_eq(got[3], 0);
    cg_buffer_release(buffer);
}
END_TEST

/* Options of exactly as many characters as there is room for, the last of which is a macro's only
 * digit; with a character more the macro would be gone, or another one. */
START_TEST(options_that_do_not_fit)
{
    cg_build_options options = {0}, fuller;
    cg_launch launch = {.file = "value.cl", .kernel = "value", .options = &options, .global = {1}};
    int got, room = CG_BUILD_OPTIONS_SIZE - 1, macro = (int)strlen("-D VALUE=7");
    size_t before = device->launches;
    cg_buffer *buffer;
    put_text("value.cl", "#ifndef VALUE\n#define VALUE 1\n#endif\n"
                         "__kernel void value(__global int *out) { out[0] = VALUE; }\n");
    cg_build_options_add(&options, "-D LONG=1%0*d", room - macro - 1 - (int)strlen("-D LONG=1"), 0);
    fuller = options;
    cg_build_options_add(&options, "-D VALUE=%d", 7);
    ck_assert_int_eq(options.status, CG_OK);
    ck_assert_uint_eq(options.size, CG_BUILD_OPTIONS_SIZE - 1);
    ck_assert_uint_eq(strlen(options.text), options.size);
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(buffer)), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, &got, sizeof got), CG_OK);
    ck_assert_int_eq(got, 7);

    launch.options = &fuller;
    cg_build_options_add(&fuller, "-D VALUE=%d", 77);
    ck_assert_int_eq(fuller.status, CG_ERR_CL);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(buffer)), CG_ERR_CL);
    cg_build_options_add(&fuller, "-g"); /* would fit, and does not heal */
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(buffer)), CG_ERR_CL);
    ck_assert_uint_eq(device->launches, before + 1);
    cg_buffer_release(buffer);
}
END_TEST

/* Members keep their places, with arguments before and behind; what is too large is refused. */
START_TEST(structs_by_value)
{
    typedef struct three {
        int first, second, third;
    } three;
    const cg_launch launch = {.file = "three.cl", .kernel = "take", .global = {1}, .local = {1}};
    size_t sizes[] = {[CG_INT_OF(three, first)] = 11,
                      [CG_INT_OF(three, second)] = 22,
                      [CG_INT_OF(three, third)] = INT_MAX};
    int got[4] = {0};
    cg_buffer *buffer;
    put_text("three.cl", "typedef struct { int first, second, third; } three;\n"
                         "__kernel void take(__global int *out, const three t, int behind)\n"
                         "{ out[0] = t.first; out[1] = t.second; out[2] = t.third;\n"
                         "  out[3] = behind; }\n");
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    ck_assert_int_eq(
        CG_LAUNCH(device, &launch, cg_arg_buffer(buffer), cg_arg_ints(sizes, 3), cg_arg_int(44)),
        CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, got, sizeof got), CG_OK);
    ck_assert_int_eq(got[0], 11);
    ck_assert_int_eq(got[1], 22);
    ck_assert_int_eq(got[2], INT_MAX);
    ck_assert_int_eq(got[3], 44);
    sizes[1] = (size_t)INT_MAX + 1;
    ck_assert_int_eq(
        CG_LAUNCH(device, &launch, cg_arg_buffer(buffer), cg_arg_ints(sizes, 3), cg_arg_int(44)),
        CG_ERR_SHAPE);
    cg_buffer_release(buffer);
}
END_TEST

/* Host code has its numbers built in: kernels with others are refused before they run. */
START_TEST(shared_header_is_the_hosts)
{
    const cg_launch launch = {.file = "size.cl", .kernel = "size", .global = {1}};
    static const char kernel[] = "#include \"shared.h\"\n"
                                 "__kernel void size(__global int *out) { out[0] = CG_BLOCK; }\n";
    char command[512];
    int got = 0;
    cg_buffer *buffer;
    put_text("size.cl", kernel);
    snprintf(command, sizeof command, "cp %s/../cl/shared.h %s", CLGAN_TEST_DIR,
             scratch_path("shared.h"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(buffer)), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, &got, sizeof got), CG_OK);
    ck_assert_int_eq(got, 32);
    cg_buffer_release(buffer);
    put_text("shared.h", "#define CG_BLOCK 16\n");
    put_text("other.cl", kernel);
    const cg_launch other = {.file = "other.cl", .kernel = "size", .global = {1}};
    ck_assert_int_eq(CG_LAUNCH(device, &other, cg_arg_buffer(NULL)), CG_ERR_INPUT);
}
END_TEST

static size_t lines_of_compiler;

static void count_line(void *user, cg_log_level level, const char *line)
{
    (void)user;
    lines_of_compiler += level == CG_LOG_ERROR && strstr(line, "no_such_name");
}

/* A kernel of which a compiler tells more than 16 KiB, and many lines. */
static void put_many_words(void)
{
    static const char line[] = "#warning no_such_name is what a compiler may tell of many times\n";
    enum { LINES = 400 };
    char text[LINES * sizeof line + 16];
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line);
    strcpy(text + LINES * (sizeof line - 1), "no_such_name\n");
    put_text("bad.cl", text);
    lines_of_compiler = 0;
}

START_TEST(kernel_that_does_not_compile)
{
    const cg_launch launch = {.file = "bad.cl", .kernel = "bad", .global = {1}};
    put_text("bad.cl", "__kernel void bad(__global int *out) { out[0] = no_such_name; }\n");
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_CL);
    cg_log_set_handler(count_line, NULL);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_CL);
    cg_log_set_handler(NULL, NULL);
    ck_assert_uint_ge(lines_of_compiler, 1);
    put_many_words();
    cg_log_set_handler(count_line, NULL);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_CL);
    cg_log_set_handler(NULL, NULL);
    ck_assert_uint_ge(lines_of_compiler, 10);
    ck_assert_uint_le(lines_of_compiler, 101);
    put_text("bad.cl", "__kernel void bad(__global int *out) { out[0] = 1; }\n");
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_OK);
}
END_TEST

static cg_status launch_good_and_bad(void *buffer)
{
    cg_status status = CG_OK;
    const cg_launch good = {.file = "good.cl", .kernel = "good", .global = {1}};
    const cg_launch bad = {.file = "wrong.cl", .kernel = "wrong", .global = {1}};
    CG_TRY(CG_LAUNCH(device, &good, cg_arg_buffer(buffer)));
    CG_TRY(CG_LAUNCH(device, &bad, cg_arg_buffer(buffer)));
done:
    return status;
}

/* A program that a thread has built is the one that would have been built; where that failed it is
 * built again, and the reason told. */
START_TEST(programs_are_loaded_ahead)
{
    int got = 0;
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    put_text("good.cl", "__kernel void good(__global int *out) { out[0] = 5; }\n");
    put_text("wrong.cl", "__kernel void wrong(__global int *out) { out[0] = no_such_name; }\n");
    const size_t built = device->programs_built + device->programs_loaded;
    ck_assert_int_eq(cg_rehearse(device, launch_good_and_bad, buffer), CG_OK);
    cg_programs_load(device);
    lines_of_compiler = 0;
    cg_log_set_handler(count_line, NULL);
    ck_assert_int_eq(launch_good_and_bad(buffer), CG_ERR_CL);
    cg_log_set_handler(NULL, NULL);
    ck_assert_uint_ge(lines_of_compiler, 1);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, &got, sizeof got), CG_OK);
    ck_assert_int_eq(got, 5);
    put_text("wrong.cl", "__kernel void wrong(__global int *out) { out[0] = 6; }\n");
    ck_assert_int_eq(launch_good_and_bad(buffer), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, &got, sizeof got), CG_OK);
    ck_assert_int_eq(got, 6);
    ck_assert_uint_eq(device->programs_built + device->programs_loaded, built + 2);
    cg_buffer_release(buffer);
}
END_TEST

START_TEST(kernel_file_is_missing)
{
    const cg_launch launch = {.file = "missing.cl", .kernel = "missing", .global = {1}};
    const cg_launch includes = {.file = "includes.cl", .kernel = "includes", .global = {1}};
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_INPUT);
    put_text("includes.cl", "#include \"missing.clh\"\n");
    ck_assert_int_eq(CG_LAUNCH(device, &includes, cg_arg_buffer(NULL)), CG_ERR_INPUT);
    put_text("includes.cl", "#include \"again.clh\"\n");
    put_text("again.clh", "/* once more */\n#include \"again.clh\"\n");
    ck_assert_int_eq(CG_LAUNCH(device, &includes, cg_arg_buffer(NULL)), CG_ERR_CL);
}
END_TEST

/* A wrong kernel is noticed by the checks: what the bench's and the self-test's word rests on. */
START_TEST(checks_notice_a_wrong_kernel)
{
    cg_runtime *rt;
    cg_verify_result result;
    const cg_verify_case check = {
        .name = "adam", .run = cg_verify_adam, .array = {.count = 64, .other = 1}};
    put_text("step.cl",
             "__kernel void adam_step(__global float *p, __global float *m, __global float *v,\n"
             "    __global float *average, __global const float *g, int begin, int end,\n"
             "    int first, float rate, float rate_d, float c1, float c2, float e, float follow)\n"
             "{ const int i = begin + (int)get_global_id(0);\n"
             "  if (i < end) p[i] -= rate * g[i]; }\n");
    ck_assert_int_eq(cg_runtime_create_selected(&rt, getenv("CLGAN_DEVICE")), CG_OK);
    ck_assert_int_eq(cg_verify_run(&result, rt, &check), CG_OK);
    ck_assert(!result.ok);
    ck_assert_str_eq(result.name, "adam");
    ck_assert_uint_gt(strlen(result.message), 0);
    cg_runtime_release(rt);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("kernel folder");
    tcase_add_checked_fixture(tests, kernel_dir_setup, kernel_dir_teardown);
    tcase_add_test(tests, kernel_from_folder);
    tcase_add_test(tests, options_that_do_not_fit);
    tcase_add_test(tests, structs_by_value);
    tcase_add_test(tests, shared_header_is_the_hosts);
    tcase_add_test(tests, kernel_that_does_not_compile);
    tcase_add_test(tests, programs_are_loaded_ahead);
    tcase_add_test(tests, kernel_file_is_missing);
    tcase_add_test(tests, checks_notice_a_wrong_kernel);
    return device_run_case(tests, "ocl/kernel_folder");
}
