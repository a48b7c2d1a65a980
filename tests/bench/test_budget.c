/* The time of a tuning, by a clock that stands still unless it is moved: what is begun, when it
 * ends, and that the result is sound whenever it does. */
#include "bench/budget.h"
#include "bench/candidates.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static double now;
static volatile sig_atomic_t stop;

static double read_clock(void)
{
    return now;
}

enum { MOST = 64 };

/* Candidates that take some time each and are so fast; the best is sought as the tuner does. */
typedef struct search {
    double costs[MOST], speeds[MOST];
    size_t begun, best, stop_in; /* stop_in: the attempt during which a stop is asked for */
    cg_status status;            /* of the last one */
} search;

static cg_status attempt(void *user, size_t i)
{
    search *s = user;
    ck_assert_uint_eq(i, s->begun);
    s->begun++;
    now += s->costs[i];
    if (s->begun == s->stop_in)
        stop = 2;
    if (s->speeds[i] > s->speeds[s->best])
        s->best = i;
    return s->status;
}

static void begin(void)
{
    now = 1000;
    stop = 0;
}

START_TEST(all_are_tried_while_there_is_time)
{
    size_t tried;
    search s = {.costs = {3, 3, 3}};
    begin();
    cg_budget budget = cg_budget_start(10, read_clock, &stop);
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, 3, attempt, &s), CG_OK);
    ck_assert_uint_eq(tried, 3);
    ck_assert_double_eq(cg_budget_left(&budget), 1);
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, 0, attempt, &s), CG_OK);
    ck_assert_uint_eq(tried, 0);
}
END_TEST

/* The third might take 4 s, and 3 s are left. */
START_TEST(what_may_not_fit_is_not_begun)
{
    size_t tried;
    search s = {.costs = {4, 3, 1, 1}};
    begin();
    cg_budget budget = cg_budget_start(10, read_clock, NULL);
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, 4, attempt, &s), CG_OK);
    ck_assert_uint_eq(tried, 2);
    s.begun = 0;
    begin();
    budget = cg_budget_start(10, read_clock, NULL);
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 11, 4, attempt, &s), CG_OK);
    ck_assert_uint_eq(tried, 0);
}
END_TEST

START_TEST(a_stop_ends_it)
{
    size_t tried;
    search s = {.costs = {1, 1, 1}, .stop_in = 2};
    begin();
    cg_budget budget = cg_budget_start(10, read_clock, &stop);
    ck_assert(!cg_budget_is_over(&budget));
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, 3, attempt, &s), CG_OK);
    ck_assert_uint_eq(tried, 2);
    ck_assert(cg_budget_is_over(&budget));
    cg_budget part = cg_budget_share(&budget, 1);
    ck_assert(cg_budget_is_over(&part));
}
END_TEST

START_TEST(a_failure_ends_it)
{
    size_t tried;
    search s = {.costs = {1, 1}, .status = CG_ERR_CL};
    begin();
    cg_budget budget = cg_budget_start(10, read_clock, NULL);
    ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, 2, attempt, &s), CG_ERR_CL);
    ck_assert_uint_eq(tried, 1);
}
END_TEST

START_TEST(shares_and_reserves)
{
    begin();
    cg_budget budget = cg_budget_start(10, read_clock, NULL);
    budget.reserve = 2;
    ck_assert_double_eq(cg_budget_left(&budget), 8);
    cg_budget part = cg_budget_share(&budget, 0.25);
    ck_assert_double_eq(cg_budget_left(&part), 2);
    now += 3;
    ck_assert(cg_budget_is_over(&part));
    ck_assert_double_eq(cg_budget_left(&budget), 5);
    now += 5;
    ck_assert(cg_budget_is_over(&budget));
    budget.reserve = 0;
    ck_assert_double_eq(cg_budget_left(&budget), 2);
    now += 100;
    ck_assert_double_eq(cg_budget_left(&budget), 0);
}
END_TEST

static uint32_t random_state = 1;

static double draw(double most)
{
    random_state = random_state * 1664525 + 1013904223;
    return most * (random_state >> 8) / (1 << 24);
}

/* Whatever the attempts take: the end is late by less than the longest of them, nothing that fits
 * is left out, and the best is the best of those that were tried. */
START_TEST(any_search_ends_in_time_with_a_sound_result)
{
    for (int round = 0; round < 2000; round++) {
        search s = {.stop_in = round % 3 ? 0 : 1 + (size_t)draw(MOST)};
        size_t tried;
        double longest = 0, best = 0, seconds = draw(100);
        for (size_t i = 0; i < MOST; i++) {
            s.costs[i] = draw(round % 2 ? 10 : 1);
            s.speeds[i] = draw(1);
        }
        begin();
        cg_budget budget = cg_budget_start(seconds, read_clock, &stop);
        ck_assert_int_eq(cg_budget_spend(&tried, &budget, 0, MOST, attempt, &s), CG_OK);
        ck_assert_uint_eq(tried, s.begun);
        for (size_t i = 0; i < tried; i++) {
            longest = s.costs[i] > longest ? s.costs[i] : longest;
            best = s.speeds[i] > best ? s.speeds[i] : best;
        }
        ck_assert_double_lt(now - 1000, seconds + longest);
        ck_assert(tried == MOST || stop || now - 1000 + longest > seconds);
        ck_assert(tried == 0 || s.speeds[s.best] == best);
    }
}
END_TEST

/* ---- the order ------------------------------------------------------------------------------- */

START_TEST(promise)
{
    static const struct {
        const char *name, *shipped;
        int promise;
    } cases[] = {
        {"fourier:panels2", "fourier", 0},
        {"fourier", "fourier:panels2", 0},
        {"plain", "plain", 0},
        {"direct", "fourier", 1},
        {"fourier_tiled", "fourier", 1},
        {"fourier_tiled:8", "fourier", 2},
        {"tiled:32x64", "canvas:64", 2},
        {"plain", "fourier", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_int_eq(cg_candidate_promise(cases[i].name, cases[i].shipped), cases[i].promise);
}
END_TEST

START_TEST(order)
{
    static const cg_stage stages[2];
    cg_candidate list[] = {
        {.layer = 0, .weight = 1, .promise = 3, .name = 0},
        {.layer = 0, .weight = 1, .promise = 0, .name = 1, .only = &stages[1]},
        {.layer = 0, .weight = 1, .promise = 0, .name = 2, .only = &stages[0]},
        {.layer = 0, .weight = 1, .promise = 0, .name = 3},
        {.layer = 1, .weight = 2, .promise = 0, .name = 4},
        {.layer = 1, .weight = 2, .promise = 1, .name = 5},
        {.layer = 0, .weight = 1, .promise = 0, .name = 6},
    };
    static const size_t wanted[] = {4, 3, 6, 2, 1, 5, 0};
    cg_candidates_sort(list, sizeof list / sizeof list[0]);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        ck_assert_uint_eq(list[i].name, wanted[i]);
    cg_candidates_sort(list, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *tests = tcase_create("budget");
    tcase_add_test(tests, all_are_tried_while_there_is_time);
    tcase_add_test(tests, what_may_not_fit_is_not_begun);
    tcase_add_test(tests, a_stop_ends_it);
    tcase_add_test(tests, a_failure_ends_it);
    tcase_add_test(tests, shares_and_reserves);
    tcase_add_test(tests, any_search_ends_in_time_with_a_sound_result);
    tcase_add_test(tests, promise);
    tcase_add_test(tests, order);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
