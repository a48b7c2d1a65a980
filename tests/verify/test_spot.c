/* Spot checks of a step's stages: each passes with every algorithm that may be chosen for it, and
 * finds a planted error. */
#include "verify/spot.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "ocl/runtime.h"
#include "device.h"

enum { FAKES = 5, REALS = 3 };

static cg_network *create_network(const char *algorithms)
{
    cg_network *net;
    cg_choice choice;
    float reals[REALS * CG_PIXELS];
    for (size_t i = 0; i < CG_COUNT(reals); i++)
        reals[i] = (float)(i * 37 % 256) / 127.5f - 1;
    ck_assert_int_eq(cg_choice_parse(&choice, device, algorithms), CG_OK);
    ck_assert_int_eq(cg_network_create(&net, device, FAKES, REALS, 2, &choice), CG_OK);
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(net->images.buffer, FAKES * CG_PIXELS * sizeof *reals, reals,
                                      sizeof reals),
                     CG_OK);
    ck_assert_int_eq(cg_network_sample_inputs(net, 1, 1), CG_OK);
    net->step = 1;
    net->row = 1;
    return net;
}

static void check_stages(const char *algorithms)
{
    cg_network *net = create_network(algorithms);
    for (size_t i = 0; i < CG_STAGES; i++) {
        cg_verify_result result;
        ck_assert_int_eq(cg_spot_run(&result, net, &cg_stages[i], i), CG_OK);
        ck_assert_msg(result.ok, "%s %s", result.name, result.message);
        if (getenv("V"))
            printf("%s %d: %g of %g\n", result.name, cg_stages[i].pass, result.max_error,
                   result.bound);
    }
    cg_network_release(net);
}

START_TEST(stages_pass)
{
    check_stages("");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("spot");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, stages_pass);
    return device_run_case(tests, "spot");
}
