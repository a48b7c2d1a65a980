/* The audit of a training: it changes no bit, and finds what is not as it was put on the device. */
#include "train/audit.h"

#include "nn/plan.h"
#include "nn/stages.h"
#include "device.h"

#include <string.h>

enum { FAKES = 4, COUNT = 6, SEED = 1 };

static unsigned char pixels[COUNT * CG_PIXELS];
static const cg_dataset data = {.count = COUNT, .images = pixels};
static cg_buffer *images;
static cg_network *net;
static cg_audit audit;

static void setup(void)
{
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * 37 % 251);
    ck_assert_int_eq(cg_network_create(&net, device, FAKES, FAKES, 2, NULL), CG_OK);
    ck_assert_int_eq(cg_network_init(net, SEED, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_create(&images, device, sizeof pixels), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(images, 0, pixels, sizeof pixels), CG_OK);
    ck_assert_int_eq(cg_audit_create(&audit, net), CG_OK);
    ck_assert_int_eq(cg_audit_begin(&audit, images, &data, SEED, 0), CG_OK);
}

static void teardown(void)
{
    cg_audit_deinit(&audit);
    cg_buffer_release(images);
    cg_network_release(net);
}

START_TEST(audited_steps_have_the_same_bits)
{
    const cg_step_source source = {SEED, images, COUNT, FAKES};
    const size_t bytes = net->arenas[CG_ARENA_PARAMS].whole->bytes;
    unsigned char *params[2] = {malloc(bytes), malloc(bytes)};
    for (size_t turn = 0; turn < 2; turn++) {
        ck_assert_int_eq(cg_network_init(net, SEED, 0), CG_OK);
        for (uint64_t step = 1; step <= 3; step++) { /* the second one has half of the images */
            const cg_step_place place = cg_step_locate(&source, step);
            ck_assert_int_eq(turn ? cg_audit_step(&audit, &source, &place)
                                  : cg_step_run(net, &source, &place),
                             CG_OK);
        }
        ck_assert_int_eq(
            cg_buffer_download(net->arenas[CG_ARENA_PARAMS].whole, 0, params[turn], bytes), CG_OK);
    }
    ck_assert_mem_eq(params[0], params[1], bytes);
    ck_assert_uint_eq(audit.passed, 3);
    free(params[0]);
    free(params[1]);
}
END_TEST

START_TEST(images_that_changed)
{
    const unsigned char other = 255;
    ck_assert_int_eq(cg_audit_data(&audit, 1), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(images, sizeof pixels - 1, &other, 1), CG_OK);
    ck_assert_int_eq(cg_audit_data(&audit, 2), CG_ERR_WRONG);
    ck_assert_int_eq(cg_audit_begin(&audit, images, &data, SEED, 0), CG_ERR_WRONG);
}
END_TEST

START_TEST(state_that_changed)
{
    const float other = 2;
    ck_assert_int_eq(cg_audit_hold(&audit), CG_OK);
    ck_assert_int_eq(cg_network_generate(net), CG_OK);
    ck_assert_int_eq(cg_audit_compare(&audit, 1, "pictures were drawn"), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(net->stats.view[0], 0, &other, sizeof other), CG_OK);
    ck_assert_int_eq(cg_audit_compare(&audit, 1, "pictures were drawn"), CG_ERR_WRONG);
}
END_TEST

START_TEST(metrics_that_were_not_written)
{
    cg_metrics metrics[2];
    const cg_step_source source = {SEED, images, COUNT, FAKES};
    const cg_step_place place = cg_step_locate(&source, 1);
    ck_assert_int_eq(cg_audit_clear_metrics(net), CG_OK);
    ck_assert_int_eq(cg_step_run(net, &source, &place), CG_OK);
    ck_assert_int_eq(cg_buffer_download(net->metrics, 0, metrics, sizeof metrics), CG_OK);
    ck_assert_int_eq(cg_audit_metrics(&audit, &metrics[0], 1), CG_OK);
    ck_assert_int_eq(cg_audit_metrics(&audit, &metrics[1], 2), CG_ERR_WRONG);
}
END_TEST

START_TEST(steps_follow_from_the_seed)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint64_t first = 1;
        while (!cg_audit_is_due(seed, first))
            first++;
        ck_assert_uint_le(first, CG_AUDIT_FIRST);
        for (uint64_t step = first; step < 2000; step++)
            ck_assert_int_eq(cg_audit_is_due(seed, step), (step - first) % CG_AUDIT_EVERY == 0);
        ck_assert_int_eq(cg_audit_begin(&audit, images, &data, seed, first + 700), CG_OK);
        ck_assert_uint_eq(audit.passed, first + CG_AUDIT_EVERY);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("audit");
    tcase_set_timeout(tests, 600);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, audited_steps_have_the_same_bits);
    tcase_add_test(tests, images_that_changed);
    tcase_add_test(tests, state_that_changed);
    tcase_add_test(tests, metrics_that_were_not_written);
    tcase_add_test(tests, steps_follow_from_the_seed);
    return device_run_case(tests, "audit");
}
