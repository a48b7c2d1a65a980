/* The runtime: devices, buffers, launches and what they refuse, times of launches. */
#include "verify/harness.h"
#include "ocl/cl_types.h"
#include "ocl/group_size.h"
#include "ocl/gemm.h"
#include "ocl/profile.h"
#include "ocl/program.h"
#include "device.h"
#include "support.h"

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

int main(void)
{
    TCase *tests = tcase_create("runtime");
    TCase *scratch = tcase_create("messages");
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
    return device_run_cases((TCase *[]){tests, scratch}, 2, "ocl/runtime");
}
