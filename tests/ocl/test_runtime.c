/* The runtime: devices, buffers, launches and what they refuse, kernels from a folder. */
#include "verify/harness.h"
#include "ocl/cl_types.h"
#include "ocl/group_size.h"
#include "ocl/gemm.h"
#include "ocl/profile.h"
#include "ocl/program.h"
#include "ocl/rehearsal.h"
#include "device.h"
#include "support.h"

#include "base/try.h"

#include <limits.h>

/* ---- devices --------------------------------------------------------------------------------- */

START_TEST(unknown_device)
{
    cg_runtime *rt = device;
    ck_assert_int_eq(cg_runtime_create_selected(&rt, "no such device"), CG_ERR_DEVICE);
    ck_assert_ptr_null(rt);
}
END_TEST

START_TEST(devices_describe_themselves)
{
    cg_devices *devices;
    ck_assert_int_eq(cg_devices_create(&devices), CG_OK);
    ck_assert_uint_ge(cg_devices_count(devices), 1);
    for (size_t i = 0; i < cg_devices_count(devices); i++) {
        const cg_device_info *info = cg_devices_info(devices, i);
        ck_assert_ptr_nonnull(strchr(info->id, ':'));
        ck_assert_uint_gt(strlen(info->name), 0);
        ck_assert_uint_ge(info->vector_width, 1);
        ck_assert_uint_ge(info->alignment_bytes, 1);
    }
    cg_devices_release(devices);
    cg_devices_release(NULL);
    cg_runtime_release(NULL);
}
END_TEST

/* ---- buffers --------------------------------------------------------------------------------- */

START_TEST(buffers_and_views)
{
    size_t offset = cg_round_up(16, device->info.alignment_bytes), held = device->memory_bytes;
    uint32_t words[4] = {0}, last = 7;
    cg_buffer *buffer, *view;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, offset + 16), CG_OK);
    ck_assert_int_eq(cg_buffer_create_view(&view, buffer, offset, 16), CG_OK);
    ck_assert_uint_eq(device->memory_bytes, held + offset + 16);
    ck_assert_int_eq(cg_buffer_fill(buffer, 0x01020304u), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(view, 12, &last, sizeof last), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, offset, words, sizeof words), CG_OK);
    ck_assert_uint_eq(words[0], 0x01020304u);
    ck_assert_uint_eq(words[3], 7);
    ck_assert_int_eq(cg_buffer_fill_part(view, 4, 8, 9), CG_OK);
    ck_assert_int_eq(cg_buffer_download(view, 0, words, sizeof words), CG_OK);
    ck_assert(words[0] == 0x01020304u && words[1] == 9 && words[2] == 9 && words[3] == 7);
    cg_buffer_release(view);
    cg_buffer_release(buffer);
    cg_buffer_release(NULL);
    ck_assert_uint_eq(device->memory_bytes, held);
    ck_assert_uint_ge(device->memory_peak, held + offset + 16);
}
END_TEST

/* Transfers of 0 bytes never reach the driver, at the buffer's end and for views as well; buffers
 * and views of 0 bytes are refused. */
START_TEST(sizes_of_zero)
{
    const size_t bytes = device->info.alignment_bytes + 16;
    const cg_matrix none = {0};
    cg_buffer *buffer, *view = (cg_buffer *)&none;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, bytes), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(buffer, 0, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(buffer, bytes, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, bytes, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_create_view(&view, buffer, 0, 0), CG_ERR_SHAPE);
    ck_assert_ptr_null(view);
    cg_buffer_release(buffer);
    ck_assert_int_eq(cg_buffer_create(&buffer, device, 0), CG_ERR_SHAPE);
    ck_assert_ptr_null(buffer);
    ck_assert_int_eq(cg_buffer_create(&buffer, device, 3), CG_OK);
    ck_assert_int_eq(cg_buffer_fill(buffer, 7), CG_OK); /* it holds no whole word */
    cg_buffer_release(buffer);
    ck_assert_int_eq(cg_gemm(device, 0, 1, 1, none, none, none, 1), CG_OK);
    ck_assert_int_eq(cg_gemm(device, 1, 0, 1, none, none, none, 1), CG_OK);
    ck_assert_int_eq(cg_gemm(device, 1, 1, 1, none, none, none, 0), CG_OK);
    ck_assert_int_eq(cg_gemm(device, 1, 1, 0, none, none, none, 1), CG_ERR_SHAPE);
}
END_TEST

START_TEST(products_with_groups_too_small_for_clblast)
{
    const cg_matrix none = {0};
    const size_t most = device->info.max_work_group;
    device->info.max_work_group = 1;
    ck_assert_int_eq(cg_gemm(device, 1, 1, 1, none, none, none, 1), CG_ERR_CL);
    device->info.max_work_group = most;
}
END_TEST

START_TEST(transfers_beyond_a_buffer)
{
    char data[32] = {0};
    cg_buffer *buffer, *view;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, 16), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(buffer, 0, data, 17), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_buffer_upload(buffer, 17, data, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_buffer_download(buffer, 8, data, 9), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_buffer_download(buffer, SIZE_MAX, data, 2), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_buffer_fill_part(buffer, 12, 8, 0), CG_ERR_SHAPE);
    ck_assert_int_eq(cg_buffer_create_view(&view, buffer, 0, 17), CG_ERR_SHAPE);
    ck_assert_ptr_null(view);
    cg_buffer_release(buffer);
}
END_TEST

/* ---- launches -------------------------------------------------------------------------------- */

static const cg_launch loss = {
    .file = "step.cl", .kernel = "loss_logits", .global = {1}, .local = {1}};

START_TEST(wrong_number_of_arguments)
{
    size_t before = device->launches;
    ck_assert_int_eq(CG_LAUNCH(device, &loss, cg_arg_buffer(NULL), cg_arg_int(1)), CG_ERR_CL);
    ck_assert_uint_eq(device->launches, before);
}
END_TEST

START_TEST(number_that_no_kernel_can_count)
{
    const cg_launch reduce = {.file = "step.cl", .kernel = "sum_partials", .global = {1}};
    ck_assert_int_eq(CG_LAUNCH(device, &reduce, cg_arg_buffer(NULL), cg_arg_buffer(NULL),
                               cg_arg_int((size_t)1 << 31), cg_arg_int(0)),
                     CG_ERR_SHAPE);
}
END_TEST

START_TEST(argument_of_the_wrong_size)
{
    const cg_launch reduce = {.file = "step.cl", .kernel = "sum_partials", .global = {1}};
    const double wide = 1;
    ck_assert_int_eq(CG_LAUNCH(device, &reduce, cg_arg_local(0), cg_arg_buffer(NULL), cg_arg_int(0),
                               cg_arg_int(0)),
                     CG_ERR_SHAPE); /* not the driver's answer, which differs */
    ck_assert_int_eq(CG_LAUNCH(device, &reduce, cg_arg_buffer(NULL), cg_arg_buffer(NULL),
                               cg_arg_bytes(&wide, sizeof wide), cg_arg_int(0)),
                     CG_ERR_CL);
}
END_TEST

START_TEST(unknown_kernels)
{
    const cg_launch file = {.file = "nothing.cl", .kernel = "loss_logits", .global = {1}};
    const cg_launch kernel = {.file = "step.cl", .kernel = "nothing", .global = {1}};
    ck_assert_int_eq(CG_LAUNCH(device, &file, cg_arg_int(1)), CG_ERR_CL);
    ck_assert_int_eq(CG_LAUNCH(device, &kernel, cg_arg_int(1)), CG_ERR_CL);
}
END_TEST

static void check_local(const size_t asked[3], size_t max_local, cg_status status,
                        const size_t wanted[3])
{
    const cg_launch launch = {.kernel = "k", .local = {asked[0], asked[1], asked[2]}};
    size_t local[3];
    ck_assert_int_eq(cg_launch_choose_local(local, device, &launch, max_local), status);
    for (size_t d = 0; d < 3; d++)
        ck_assert_uint_eq(local[d], wanted[d]);
}

/* The default gives way to what the kernel allows, a size that was asked for does not. */
START_TEST(local_size_that_the_kernel_allows)
{
    const size_t open[3] = {0, 0, 0}, rows[3] = {0, 4, 2}, fixed[3] = {32, 0, 2};
    check_local(open, 4096, CG_OK, (const size_t[]){64, 1, 1});
    check_local(open, 64, CG_OK, (const size_t[]){64, 1, 1});
    check_local(open, 63, CG_OK, (const size_t[]){32, 1, 1});
    check_local(open, 1, CG_OK, (const size_t[]){1, 1, 1});
    check_local(open, 0, CG_OK, (const size_t[]){64, 1, 1}); /* not known */
    check_local(rows, 100, CG_OK, (const size_t[]){8, 4, 2});
    check_local(rows, 8, CG_OK, (const size_t[]){1, 4, 2});
    check_local(rows, 7, CG_ERR_CL, (const size_t[]){1, 4, 2});
    check_local(fixed, 64, CG_OK, (const size_t[]){32, 1, 2});
    check_local(fixed, 63, CG_ERR_CL, (const size_t[]){32, 1, 2});
    check_local(fixed, 0, CG_OK, (const size_t[]){32, 1, 2});
}
END_TEST

/* The limit is the kernel's own, and the sentence names kernel, size and limit. */
START_TEST(local_size_that_is_too_large)
{
    const cg_launch launch = {
        .file = "step.cl", .kernel = "sum_partials", .global = {1}, .local = {(size_t)1 << 24, 2}};
    cg_kernel *kernel;
    size_t before = device->launches, size;
    char wanted[128];
    ck_assert_int_eq(cg_program_get_kernel(&kernel, device, launch.file, launch.kernel, NULL),
                     CG_OK);
    ck_assert_uint_ge(kernel->max_local, 1);
    ck_assert_uint_le(kernel->max_local, device->info.max_work_group);

    int terminal = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(freopen(scratch_path("said"), "w", stderr));
    cg_status status = CG_LAUNCH(device, &launch, cg_arg_buffer(NULL), cg_arg_buffer(NULL),
                                 cg_arg_int(1), cg_arg_int(1));
    fflush(stderr);
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    ck_assert_int_eq(status, CG_ERR_CL);
    ck_assert_uint_eq(device->launches, before);
    char *said = (char *)get_file(scratch_path("said"), &size);
    snprintf(wanted, sizeof wanted,
             "sum_partials needs work-groups of 16777216 x 2 x 1 work-items, the device allows "
             "it %zu\n",
             kernel->max_local);
    ck_assert_msg(strstr(said, wanted) != NULL, "said: %s", said);
    free(said);
}
END_TEST

/* Larger than the device's groups: not even built. Larger than the kernel's: passed over. */
START_TEST(form_that_the_kernel_allows)
{
    size_t most = device->info.max_work_group;
    const cg_group_size sizes[] = {{.items = most + 1, .options = "-not-an-option"},
                                   {.items = most, .options = "-D FORM=1"},
                                   {.items = 1, .options = "-D FORM=2"},
                                   {0}};
    const cg_group_size *group;
    cg_launch launch = {.file = "step.cl", .kernel = "sum_partials"};
    cg_build_options options = {0}, first = {0};
    union {
        cg_kernel *borrowed;
        cg_kernel *own;
    } kernel;

    ck_assert_uint_eq(cg_group_size_least(sizes), 1);
    cg_build_options_add(&options, "-D TEST");
    cg_build_options_add(&first, "-D TEST -D FORM=1");
    ck_assert_int_eq(
        cg_program_get_kernel(&kernel.borrowed, device, launch.file, launch.kernel, &first), CG_OK);
    kernel.own->max_local = most;
    ck_assert_int_eq(cg_group_size_choose(&group, device, &launch, &options, sizes), CG_OK);
    ck_assert_ptr_eq(group, &sizes[1]);
    ck_assert_str_eq(launch.options->text, "-D TEST -D FORM=1");
    ck_assert_uint_eq(launch.local[0], most);

    kernel.own->max_local = most - 1;
    options = (cg_build_options){0};
    cg_build_options_add(&options, "-D TEST");
    ck_assert_int_eq(cg_group_size_choose(&group, device, &launch, &options, sizes), CG_OK);
    ck_assert_ptr_eq(group, &sizes[2]);
    ck_assert_str_eq(launch.options->text, "-D TEST -D FORM=2");

    const cg_group_size large[] = {sizes[0], {0}};
    ck_assert_int_eq(cg_group_size_choose(&group, device, &launch, &options, large), CG_ERR_CL);
}
END_TEST

START_TEST(nothing_to_do)
{
    const cg_launch empty = {.file = "step.cl", .kernel = "loss_logits", .global = {0}};
    size_t before = device->launches;
    ck_assert_int_eq(CG_LAUNCH(device, &empty, cg_arg_int(1)), CG_OK);
    ck_assert_uint_eq(device->launches, before);
}
END_TEST

/* ---- times of launches ----------------------------------------------------------------------- */

static cg_status enqueue_fill_and_sum(cg_buffer *buffer)
{
    const cg_launch sum = {.file = "step.cl", .kernel = "sum_partials", .global = {1}};
    ck_assert_int_eq(cg_buffer_fill(buffer, 7), CG_OK);
    return CG_LAUNCH(device, &sum, cg_arg_buffer(NULL), cg_arg_buffer(NULL), cg_arg_int(0),
                     cg_arg_int(0));
}

START_TEST(launches_are_recorded)
{
    cg_profile profile;
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, 16), CG_OK);
    ck_assert_int_eq(cg_profile_begin(&profile, device, 3), CG_OK);
    ck_assert_int_eq(enqueue_fill_and_sum(buffer), CG_OK);
    ck_assert_int_eq(cg_profile_end(&profile, device), CG_OK);
    ck_assert_int_eq(enqueue_fill_and_sum(buffer), CG_OK); /* after the end */
    ck_assert_uint_eq(profile.count, 2);
    ck_assert_str_eq(profile.launches[0].kernel, "fill");
    ck_assert_str_eq(profile.launches[1].kernel, "sum_partials");
    ck_assert(profile.launches[0].seconds >= 0 && profile.launches[1].seconds >= 0);
    cg_profile_deinit(&profile, device);
    cg_buffer_release(buffer);
}
END_TEST

START_TEST(recording_without_room)
{
    cg_profile profile;
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, 16), CG_OK);
    ck_assert_int_eq(cg_profile_begin(&profile, device, 1), CG_OK);
    ck_assert_int_eq(enqueue_fill_and_sum(buffer), CG_OK);
    ck_assert_int_eq(cg_profile_end(&profile, device), CG_ERR_SHAPE);
    cg_profile_deinit(&profile, device);
    cg_buffer_release(buffer);
}
END_TEST

/* A recording that is given up leaves the runtime as it was. */
START_TEST(recording_that_is_given_up)
{
    uint32_t words[4];
    cg_profile profile;
    cg_buffer *buffer;
    cl_command_queue queue = device->cl->queue;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof words), CG_OK);
    ck_assert_int_eq(cg_profile_begin(&profile, device, 8), CG_OK);
    ck_assert_ptr_ne(device->cl->queue, queue);
    ck_assert_int_eq(enqueue_fill_and_sum(buffer), CG_OK);
    cg_profile_deinit(&profile, device);
    ck_assert_ptr_eq(device->cl->queue, queue);
    ck_assert_int_eq(enqueue_fill_and_sum(buffer), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, words, sizeof words), CG_OK);
    ck_assert_uint_eq(words[3], 7);
    cg_profile_deinit(&profile, device); /* zeroed */
    cg_buffer_release(buffer);
}
END_TEST

/* ---- kernels from a folder ------------------------------------------------------------------- */

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

START_TEST(kernel_that_does_not_compile)
{
    const cg_launch launch = {.file = "bad.cl", .kernel = "bad", .global = {1}};
    put_text("bad.cl", "__kernel void bad(__global int *out) { out[0] = no_such_name; }\n");
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_CL);
    cg_log_set_handler(count_line, NULL);
    ck_assert_int_eq(CG_LAUNCH(device, &launch, cg_arg_buffer(NULL)), CG_ERR_CL);
    cg_log_set_handler(NULL, NULL);
    ck_assert_uint_ge(lines_of_compiler, 1);
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
    TCase *tests = tcase_create("runtime");
    TCase *scratch = tcase_create("messages");
    TCase *folder = tcase_create("kernels from a folder");
    tcase_add_test(tests, unknown_device);
    tcase_add_test(tests, devices_describe_themselves);
    tcase_add_test(tests, buffers_and_views);
    tcase_add_test(tests, sizes_of_zero);
    tcase_add_test(tests, products_with_groups_too_small_for_clblast);
    tcase_add_test(tests, transfers_beyond_a_buffer);
    tcase_add_test(tests, wrong_number_of_arguments);
    tcase_add_test(tests, number_that_no_kernel_can_count);
    tcase_add_test(tests, argument_of_the_wrong_size);
    tcase_add_test(tests, unknown_kernels);
    tcase_add_test(tests, local_size_that_the_kernel_allows);
    tcase_add_test(tests, form_that_the_kernel_allows);
    tcase_add_test(tests, nothing_to_do);
    tcase_add_test(tests, launches_are_recorded);
    tcase_add_test(tests, recording_without_room);
    tcase_add_test(tests, recording_that_is_given_up);
    tcase_add_checked_fixture(scratch, scratch_setup, scratch_teardown);
    tcase_add_test(scratch, local_size_that_is_too_large);
    tcase_add_checked_fixture(folder, kernel_dir_setup, kernel_dir_teardown);
    tcase_add_test(folder, kernel_from_folder);
    tcase_add_test(folder, options_that_do_not_fit);
    tcase_add_test(folder, structs_by_value);
    tcase_add_test(folder, shared_header_is_the_hosts);
    tcase_add_test(folder, kernel_that_does_not_compile);
    tcase_add_test(folder, programs_are_loaded_ahead);
    tcase_add_test(folder, kernel_file_is_missing);
    tcase_add_test(folder, checks_notice_a_wrong_kernel);
    return device_run_cases((TCase *[]){tests, scratch, folder}, 3, "ocl/runtime");
}
