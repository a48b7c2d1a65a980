/* Choices of algorithms as text: what each item means, what is refused, and that a choice and its
 * text are the same thing. */
#include "nn/choice.h"
#include "nn/plan.h"
#include "ocl/runtime.h"
#include "device.h"

#include <string.h>

static cg_choice parsed(const char *text)
{
    cg_choice choice;
    ck_assert_int_eq(cg_choice_parse(&choice, device, text, false), CG_OK);
    return choice;
}

static const char *of(const cg_choice *choice, const char *name, const char *pass)
{
    for (size_t i = 0; i < CG_STAGES; i++)
        if (strcmp(cg_stages[i].name, name) == 0 &&
            strcmp(cg_pass_names[cg_stages[i].pass], pass) == 0)
            return choice->algorithms[i];
    return "no such stage";
}

/* A width that is not the device's native one, 0 where there is none. */
static size_t other_width(void)
{
    return cg_runtime_widths(device)[1];
}

START_TEST(items)
{
    cg_choice c = parsed("plain, g.convt1=tiled:32x64 g.convt1/bwd_data=tiled,g.dense/fwd=clblast");
    ck_assert_str_eq(of(&c, "g.convt3", "fwd"), "plain");
    ck_assert_str_eq(of(&c, "g.convt1", "fwd"), "tiled:32x64");
    ck_assert_str_eq(of(&c, "g.convt1", "bwd_weight"), "tiled:32x64");
    ck_assert_str_eq(of(&c, "g.convt1", "bwd_data"), "tiled");
    ck_assert_str_eq(of(&c, "g.dense", "fwd"), "clblast");
    ck_assert_ptr_null(of(&c, "g.dense", "bwd_weight"));
    ck_assert_ptr_null(of(&c, "g.bn0", "fwd"));
    ck_assert_uint_eq(c.vec, 0);
    c = parsed(NULL);
    ck_assert_ptr_null(of(&c, "g.convt1", "fwd"));
}
END_TEST

START_TEST(widths)
{
    char text[32];
    for (const size_t *width = cg_runtime_widths(device); *width; width++) {
        snprintf(text, sizeof text, "vec=%zu", *width);
        ck_assert_uint_eq(parsed(text).vec, *width);
    }
}
END_TEST

START_TEST(refusals)
{
    static const char *const wrong[] = {
        "fast",  "tiled:", "tiled:7x7", "g.dense=direct", "g.convt9=plain", "g.convt1/up=plain",
        "vec=5", "vec=",   "vec",       "vec=08",         "g.bn0=plain",    "=plain"};
    cg_choice choice;
    for (size_t i = 0; i < CG_COUNT(wrong); i++) {
        ck_assert_int_eq(cg_choice_parse(&choice, device, wrong[i], false), CG_ERR_ARGUMENT);
        ck_assert_msg(!cg_choice_is_usable(device, wrong[i]), "%s is usable", wrong[i]);
    }
    ck_assert(!cg_choice_is_usable(device, "g.convt1=image")); /* does not serve it */
    ck_assert(!cg_choice_is_usable(device, "g.convt3/bwd_data=tiled"));
    ck_assert(cg_choice_is_usable(device, "plain"));
    ck_assert(cg_choice_is_usable(device, ""));
}
END_TEST

/* text = what a network takes that was made from `wanted`. Whatever its width is, the runtime keeps
 * its own. */
static void describe_network(char text[CG_CHOICE_TEXT], const char *wanted, size_t width)
{
    const cg_choice choice = parsed(wanted);
    cg_network *net;
    ck_assert_int_eq(cg_network_create(&net, device, 1, 1, 1, &choice), CG_OK);
    ck_assert_uint_eq(cg_choice_width(&net->choice, device), width);
    ck_assert_uint_eq(device->vec, *cg_runtime_widths(device));
    ck_assert_int_eq(cg_choice_describe(text, device, &net->choice), CG_OK);
    ck_assert_uint_eq(device->vec, *cg_runtime_widths(device));
    cg_network_release(net);
}

/* A network's text makes the same network again, and the width stands in it unless it is native. */
START_TEST(text_and_choice)
{
    char wanted[64], text[CG_CHOICE_TEXT], again[CG_CHOICE_TEXT];
    size_t native = *cg_runtime_widths(device), other = other_width() ? other_width() : native;
    snprintf(wanted, sizeof wanted, other_width() ? "plain,g.convt1=tiled:32x64,vec=%zu" : "plain",
             other_width());
    describe_network(text, wanted, other);
    ck_assert_ptr_nonnull(strstr(text, "d.conv1/bwd_weight=plain"));
    ck_assert_int_eq(strncmp(text, "vec=", 4) == 0, other_width() != 0);

    describe_network(again, NULL, native);
    ck_assert_ptr_null(strstr(again, "vec="));

    describe_network(again, text, other);
    ck_assert_str_eq(again, text);
}
END_TEST

/* An algorithm that does not serve is found without a network, and named. */
START_TEST(what_does_not_serve)
{
    char text[CG_CHOICE_TEXT];
    const cg_choice choice = parsed("g.convt3/bwd_data=tiled");
    const cg_stage *convt3 = cg_stage_of_layer(CG_G_CONVT3, CG_BWD_DATA);
    ck_assert_ptr_null(cg_choice_name(device, &choice, convt3));
    ck_assert_str_eq(
        cg_choice_name(device, &choice, cg_stage_of_layer(CG_G_CONVT3, CG_FWD)),
        cg_choice_name(device, &(cg_choice){.vec = 0}, cg_stage_of_layer(CG_G_CONVT3, CG_FWD)));
    ck_assert(!cg_choice_suits(device, &choice, convt3, "tiled"));
    ck_assert_int_eq(cg_choice_describe(text, device, &choice), CG_ERR_ARGUMENT);
}
END_TEST

START_TEST(names_of_a_stage)
{
    size_t names = 0;
    ck_assert_str_eq(cg_stages[0].name, "g.dense");
    ck_assert_str_eq(cg_choice_name_at(&cg_stages[0], 0), "own");
    while (cg_choice_name_at(&cg_stages[0], names))
        names++;
    ck_assert_str_eq(cg_choice_name_at(&cg_stages[0], names - 1), "plain");
    ck_assert_str_eq(cg_stages[1].name, "g.bn0");
    ck_assert_ptr_null(cg_choice_name_at(&cg_stages[1], 0));
}
END_TEST

/* A runtime is strict while it serves a strict choice, and as it was afterwards. */
START_TEST(strictness_is_the_choices)
{
    char text[CG_CHOICE_TEXT];
    cg_choice strict, other = parsed("plain");
    ck_assert_int_eq(cg_choice_parse(&strict, device, "direct", true), CG_OK);
    ck_assert_int_eq(cg_choice_describe(text, device, &strict), CG_ERR_ARGUMENT);
    ck_assert(!device->strict);
    ck_assert_int_eq(cg_choice_parse(&strict, device, NULL, true), CG_OK);
    ck_assert_int_eq(cg_choice_describe(text, device, &strict), CG_OK);
    ck_assert(strict.strict && !other.strict && !device->strict);

    const cg_mode before = cg_choice_enter(&strict, device);
    ck_assert(device->strict);
    ck_assert_str_eq(cg_choice_name(device, &other, cg_stage_of_layer(CG_G_CONVT1, CG_FWD)),
                     "plain");
    ck_assert(device->strict);
    cg_runtime_set_mode(device, before);
    ck_assert(!device->strict);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("choice");
    tcase_add_test(tests, items);
    tcase_add_test(tests, widths);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, text_and_choice);
    tcase_add_test(tests, what_does_not_serve);
    tcase_add_test(tests, names_of_a_stage);
    tcase_add_test(tests, strictness_is_the_choices);
    tcase_set_timeout(tests, 0);
    return device_run_case(tests, "nn/choice");
}
