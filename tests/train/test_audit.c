/* The audit of a training: it changes no bit, and finds what is not as it was put on the device. */
#include "train/audit_due.h"
#include "train/audit_step.h"
#include "train/audit_unchanged.h"
#include "train/retry.h"

#include "nn/plan.h"
#include "nn/stages.h"
#include "device.h"

#include <math.h>
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
    ck_assert_int_eq(cg_audit_create(&audit, net, NULL), CG_OK);
    ck_assert_int_eq(cg_audit_begin(&audit, images, &data, 0), CG_OK);
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
                                  : cg_step_run(net, NULL, &source, &place),
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
    ck_assert_int_eq(cg_audit_begin(&audit, images, &data, 0), CG_ERR_WRONG);
}
END_TEST

START_TEST(images_that_others_took)
{
    const float other = 0;
    const cg_step_source source = {SEED, images, COUNT, FAKES};
    const cg_step_place first = cg_step_locate(&source, 1), second = cg_step_locate(&source, 2);
    ck_assert_int_eq(cg_step_run(net, NULL, &source, &first), CG_OK);
    ck_assert_int_eq(cg_audit_batch(&audit, &source, &first), CG_OK);
    ck_assert_int_eq(cg_audit_batch(&audit, &source, &second), CG_ERR_WRONG);
    ck_assert_int_eq(cg_buffer_upload(net->images.buffer, net->images.buffer->bytes - sizeof other,
                                      &other, sizeof other),
                     CG_OK);
    ck_assert_int_eq(cg_audit_batch(&audit, &source, &first), CG_ERR_WRONG);
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
    ck_assert_int_eq(cg_step_run(net, NULL, &source, &place), CG_OK);
    ck_assert_int_eq(cg_buffer_download(net->metrics, 0, metrics, sizeof metrics), CG_OK);
    ck_assert_int_eq(cg_audit_metrics(&audit, &metrics[0], 1), CG_OK);
    ck_assert_int_eq(cg_audit_metrics(&audit, &metrics[1], 2), CG_ERR_WRONG);
}
END_TEST

/* Calls with the time that audits took: none, or all. */
static bool is_due(const cg_step_source *source, uint64_t step, bool costly)
{
    audit.spent = costly ? 1e9 : 0;
    return cg_audit_is_due(&audit, source, step);
}

/* The steps under audit are at most 500 apart, even ones and odd ones in turn; each third of them
 * is for certain. */
START_TEST(steps_follow_from_the_seed)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        const cg_step_source source = {seed, images, FAKES * 300, FAKES};
        size_t number = 0;
        uint64_t last = 0, certain = 0;
        for (uint64_t step = 1; step < 20000; step++) {
            const bool due = is_due(&source, step, false);
            ck_assert_int_eq(is_due(&source, step, true), due && number % CG_AUDIT_CERTAIN == 0);
            ck_assert_uint_le(step - last, last ? 500 : CG_AUDIT_FIRST);
            ck_assert(!due || !last || (step - last) % 2 == 1);
            if (due && number++ % CG_AUDIT_CERTAIN == 0) {
                ck_assert(!certain || (step - certain) % 2 == 1);
                certain = step;
            }
            last = due ? step : last;
            ck_assert_uint_eq(cg_audit_find_passed(&audit, &source, step), certain);
        }
    }
}
END_TEST

/* The end of the first epoch is audited where its batch is smaller, before the first other audit,
 * between two, and behind many. */
START_TEST(a_smaller_batch_is_due)
{
    const size_t epochs[] = {1, 201, 5000};
    for (size_t i = 0; i < 3; i++) {
        const uint64_t last = epochs[i];
        const cg_step_source whole = {SEED, images, last * FAKES, FAKES};
        const cg_step_source source = {SEED, images, last * FAKES - 1, FAKES};
        for (uint64_t step = 1; step < 6000; step++) {
            const bool due = is_due(&whole, step, true);
            const uint64_t passed = cg_audit_find_passed(&audit, &whole, step);
            ck_assert_int_eq(is_due(&source, step, true), due || step == last);
            ck_assert_uint_eq(cg_audit_find_passed(&audit, &source, step),
                              step >= last && passed < last ? last : passed);
        }
    }
}
END_TEST

/* The head of a small batch in many shards may have no image: nothing is audited then. */
START_TEST(a_batch_without_a_part_is_not)
{
    cg_shards shards = {.count = FAKES};
    const cg_step_source one = {SEED, images, 2 * FAKES + 1, FAKES};
    const cg_step_source all = {SEED, images, 3 * FAKES, FAKES};
    shards.nets[0] = net;
    audit.shards = &shards;
    ck_assert(!is_due(&one, 3, true));
    ck_assert_uint_eq(cg_audit_find_passed(&audit, &one, 5), 0);
    for (uint64_t step = 1; step < 3000; step++)
        ck_assert_int_eq(is_due(&one, step, false), is_due(&all, step, false) && step % 3 != 0);
    audit.shards = NULL;
    ck_assert(is_due(&one, 3, true));
}
END_TEST

/* ---- losses that are not finite -------------------------------------------------------------- */

static bool stop_at_once(void *user)
{
    ++*(int *)user;
    return true;
}

static cg_status retry(const cg_step_source *source, uint64_t step, const cg_train_options *options)
{
    cg_trainer trainer = {
        .options = options, .rt = net->rt, .net = net, .audit = audit, .source = *source};
    return cg_retry(&trainer, step);
}

/* Does steps until the loss is not finite, at the latest the 4th, and returns the last one. */
static uint64_t run_steps(const cg_step_source *source)
{
    cg_metrics m = {0};
    uint64_t step = 0;
    while (step < 4 && isfinite(m.loss_g)) {
        const cg_step_place place = cg_step_locate(source, ++step);
        ck_assert_int_eq(cg_step_run(net, NULL, source, &place), CG_OK);
        ck_assert_int_eq(cg_buffer_download(net->metrics, place.row * sizeof m, &m, sizeof m),
                         CG_OK);
    }
    return step;
}

/* The device is wrong where the same steps have a finite loss the second time. */
START_TEST(losses_that_are_finite_again)
{
    int asked = 0;
    const cg_step_source source = {SEED, images, COUNT, FAKES};
    ck_assert_uint_eq(run_steps(&source), 4);
    const cg_train_options stopped = {.cancel = stop_at_once, .user = &asked}, usual = {0};
    ck_assert_int_eq(retry(&source, 4, &stopped), CG_OK);
    ck_assert_int_eq(asked, 1);
    ck_assert_int_eq(retry(&source, 4, &usual), CG_ERR_WRONG);
}
END_TEST

/* A training that diverges does so again, whatever overflows on the way. */
START_TEST(losses_that_are_not)
{
    const float rates[] = {1e3F, 1e6F, 1e12F, 1e20F, 1e30F, INFINITY};
    const cg_step_source source = {SEED, images, COUNT, FAKES};
    net->adam.rate = net->adam.rate_d = rates[_i];
    const uint64_t step = run_steps(&source);
    if (step == 4)
        return;
    ck_assert_int_eq(retry(&source, step, &(cg_train_options){0}), CG_OK);
    ck_assert_uint_eq(audit.kept, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("audit");
    tcase_set_timeout(tests, 600);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, audited_steps_have_the_same_bits);
    tcase_add_test(tests, images_that_changed);
    tcase_add_test(tests, images_that_others_took);
    tcase_add_test(tests, state_that_changed);
    tcase_add_test(tests, metrics_that_were_not_written);
    tcase_add_test(tests, steps_follow_from_the_seed);
    tcase_add_test(tests, a_smaller_batch_is_due);
    tcase_add_test(tests, a_batch_without_a_part_is_not);
    tcase_add_test(tests, losses_that_are_finite_again);
    tcase_add_loop_test(tests, losses_that_are_not, 0, 6);
    return device_run_case(tests, "audit");
}
