/* The grammar of --device (contracts.md) on a list of devices that no machine has. */
#include "base/memory.h"

#include <check.h>
#include <clgan/device.h>
#include <stdlib.h>

static const cg_device_info devices[] = {
    {.id = "0:0",
     .name = "pthread-skylake-AMD EPYC",
     .platform = "Portable Computing Language",
     .vendor = "AuthenticAMD",
     .type = CG_DEVICE_CPU,
     .compute_units = 8,
     .clock_mhz = 2000},
    {.id = "1:0",
     .name = "gfx1100",
     .platform = "AMD Accelerated Parallel Processing",
     .vendor = "Advanced Micro Devices, Inc.",
     .type = CG_DEVICE_GPU,
     .compute_units = 48,
     .clock_mhz = 2300},
    {.id = "1:1",
     .name = "gfx90a",
     .platform = "AMD Accelerated Parallel Processing",
     .vendor = "Advanced Micro Devices, Inc.",
     .type = CG_DEVICE_GPU,
     .compute_units = 104,
     .clock_mhz = 1700},
    {.id = "2:0",
     .name = "Intel(R) Arc(TM) A770 Graphics",
     .platform = "Intel(R) OpenCL Graphics",
     .vendor = "Intel(R) Corporation",
     .type = CG_DEVICE_GPU,
     .compute_units = 32,
     .clock_mhz = 2400},
    {.id = "3:0",
     .name = "Intel(R) Xeon(R) Platinum",
     .platform = "Intel(R) OpenCL",
     .vendor = "Intel(R) Corporation",
     .type = CG_DEVICE_CPU,
     .compute_units = 16,
     .clock_mhz = 3000},
    {.id = "4:0",
     .name = "FPGA board",
     .platform = "Acme",
     .vendor = "Acme",
     .type = CG_DEVICE_ACCELERATOR,
     .compute_units = 1,
     .clock_mhz = 200},
    {.id = "5:0",
     .name = "NVIDIA A100",
     .platform = "NVIDIA CUDA",
     .vendor = "NVIDIA Corporation",
     .type = CG_DEVICE_GPU,
     .compute_units = 108,
     .clock_mhz = 1410},
    {.id = "6:0",
     .name = "llvmpipe (LLVM 15, 256 bits)",
     .platform = "rusticl",
     .vendor = "Intel Open Source Technology Center",
     .type = CG_DEVICE_CPU,
     .compute_units = 2,
     .clock_mhz = 100},
    {.id = "7:10",
     .name = "Mali-G78",
     .platform = "ARM Platform",
     .vendor = "ARM",
     .type = CG_DEVICE_GPU,
     .compute_units = 20,
     .clock_mhz = 800},
    {.id = "8:0",
     .name = "NVIDIA H100",
     .platform = "NVIDIA CUDA",
     .vendor = "NVIDIA Corporation",
     .type = CG_DEVICE_GPU,
     .compute_units = 132,
     .clock_mhz = 1980,
     .unusable = "its driver has no compiler"},
};

enum { COUNT = sizeof devices / sizeof devices[0], NONE = -1 };

static const struct {
    const char *selector;
    int index;
} selections[] = {
    /* the best of all: GPUs first, then by units x clock */
    {NULL, 2},
    {"", 2},
    {" , ", 2},
    /* P:D, and lines of the list */
    {"0:0", 0},
    {"1:1", 2},
    {"7:10", 8},
    {"7:1", NONE},
    {"0:1", NONE},
    {"1:", NONE},
    {":1", NONE},
    {"0", 0},
    {"4", 4},
    {"8", 8},
    {"10", NONE},
    {"99999999999999999999999", NONE},
    {"-1", NONE},
    /* types */
    {"gpu", 2},
    {"cpu", 4},
    {"accelerator", 5},
    {"GPU", 2},
    {" Cpu ", 4},
    /* parts of names and platforms, whatever the case; marks may be left out */
    {"gfx1100", 1},
    {"mali", 8},
    {"FPGA", 5},
    {"a100", 6},
    {"cuda", 6},
    {"a770 graphics", 3},
    {"arc a770", 3},
    {"Arc(TM) A770", 3},
    {"intel arc", 3},
    {"Acme", 5},
    {"portable", 0},
    {"llvmpipe", 7},
    {"no such device", NONE},
    {"gfx1100 gfx90a", NONE},
    /* vendors; who made the driver counts, not the chip under it */
    {"vendor:amd", 2},
    {"vendor:intel", 3},
    {"vendor:nvidia", 6},
    {"vendor:arm", 8},
    {"vendor:pocl", 0},
    {"vendor:mesa", 7},
    {"VENDOR:AMD", 2},
    {"vendor:acme", 5},
    {"vendor:advanced micro", 2},
    {"vendor:nobody", NONE},
    {"vendor:", NONE},
    {"vendor:amd,!gpu", NONE},
    {"vendor:intel,!gpu", 4},
    /* aliases without "vendor:" */
    {"pocl", 0},
    {"mesa", 7},
    {"amd", 2},
    {"nvidia", 6},
    {"arm", 8},
    {"intel", 3},
    /* exclusions: from the whole list, wherever they stand */
    {"!gpu", 5},
    {"!gpu,!accelerator", 4},
    {"!1:1", 6},
    {"!2", 6},
    {"!vendor:amd", 6},
    {"gpu,!vendor:amd", 6},
    {"!vendor:amd,gpu", 6},
    {"gpu,!vendor:amd,!nvidia", 3},
    {"cpu,!intel", 0},
    {"1:1,!gfx90a", NONE},
    {"!gfx90a,1:1", NONE},
    {"!gfx", 6},
    {"!gpu,!cpu,!accelerator", NONE},
    {"!no such device", 2},
    {"!", 2},
    {"! ", 2},
    /* what is unusable, whoever asks for it */
    {"9", NONE},
    {"8:0", NONE},
    {"h100", NONE},
    {"h100,!gpu", NONE},
    {"h100,a100", 6},
    {"cuda", 6},
    /* preferences, the first that there is */
    {"no such device,cpu", 4},
    {"cpu,gpu", 4},
    {"gpu,cpu", 2},
    {"pocl,gpu", 0},
    {"vendor:nobody,99,a100", 6},
    {" a770 , cpu", 3},
    {"cpu,gpu,!cpu", 2},
    {"xx,yy,zz", NONE},
};

START_TEST(selects)
{
    size_t index = 99;
    cg_status status = cg_device_select(&index, devices, COUNT, selections[_i].selector);
    int got = status == CG_OK ? (int)index : NONE;
    ck_assert_msg(got == selections[_i].index, "'%s' means %d, not %d",
                  selections[_i].selector ? selections[_i].selector : "NULL", got,
                  selections[_i].index);
    if (status != CG_OK)
        ck_assert_int_eq(status, CG_ERR_DEVICE);
}
END_TEST

static const struct {
    const char *selector;
    const char *admitted; /* a digit for each device */
} admissions[] = {
    {"all", "1111111110"},          {"ALL", "1111111110"},   {"", "1111111110"},
    {"gpu", "0111001010"},          {"cpu", "1000100100"},   {"all,!cpu", "0111011010"},
    {"!cpu", "0111011010"},         {"1:0,5", "0100010000"}, {"gpu,!amd", "0001001010"},
    {"vendor:intel", "0001100000"}, {"nothing", NULL},       {"gpu,!gpu", NULL},
    {"nothing,0", "1000000000"},    {"h100", NULL},          {"h100,0", "1000000000"},
};

START_TEST(selects_all)
{
    bool selected[COUNT];
    const char *admitted = admissions[_i].admitted;
    cg_status status = cg_device_select_all(selected, devices, COUNT, admissions[_i].selector);
    ck_assert_int_eq(status, admitted ? CG_OK : CG_ERR_DEVICE);
    for (size_t i = 0; admitted && i < COUNT; i++)
        ck_assert_msg(selected[i] == (admitted[i] == '1'), "'%s': device %zu",
                      admissions[_i].selector, i);
}
END_TEST

START_TEST(empty_list)
{
    size_t index;
    bool selected[1];
    const char *const selectors[] = {NULL, "", "gpu", "0", "0:0", "!cpu", "pocl"};
    for (size_t i = 0; i < CG_COUNT(selectors); i++)
        ck_assert_int_eq(cg_device_select(&index, devices, 0, selectors[i]), CG_ERR_DEVICE);
    ck_assert_int_eq(cg_device_select_all(selected, devices, 0, "all"), CG_ERR_DEVICE);
}
END_TEST

START_TEST(type_names)
{
    ck_assert_str_eq(cg_device_type_name(CG_DEVICE_CPU), "cpu");
    ck_assert_str_eq(cg_device_type_name(CG_DEVICE_ACCELERATOR), "accelerator");
    ck_assert_str_eq(cg_device_type_name(CG_DEVICE_GPU), "gpu");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("select");
    tcase_add_loop_test(tests, selects, 0, (int)CG_COUNT(selections));
    tcase_add_loop_test(tests, selects_all, 0, (int)CG_COUNT(admissions));
    tcase_add_test(tests, empty_list);
    tcase_add_test(tests, type_names);
    Suite *suite = suite_create("ocl/select");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
