/* Waits are told of when they are unusually long, and seldom; time is the test's own. Times
 * are a quarter of a second beyond the limits, as sums with the clock are rounded. */
#include "base/waiting.h"

#include "base/clock.h"
#include "support.h"

#include <pthread.h>

/* Returns what is told at `now`, "" for nothing; "(...)" when it is not due. */
static const char *look(double now)
{
    static char told[CG_WAITING_TEXT + 2];
    cg_waiting_line line;
    told[0] = '\0';
    if (cg_waiting_look_at(&line, now))
        snprintf(told, sizeof told, line.due ? "%s" : "(%s)", line.text);
    return told;
}

START_TEST(is_told_of_seldom)
{
    cg_wait wait;
    ck_assert_str_eq(look(1e9), "");
    cg_wait_begin(&wait, 60, "compiling %s", "adam");
    const double t = wait.since;
    ck_assert_str_eq(look(t + 59), "");
    ck_assert_str_eq(look(t + 62.25), "still compiling adam after 1:02");
    ck_assert_str_eq(look(t + 63.25), "(still compiling adam after 1:03)");
    ck_assert_str_eq(look(t + 123.25), "(still compiling adam after 2:03)");
    ck_assert_str_eq(look(t + 125.25), "still compiling adam after 2:05");
    ck_assert_str_eq(look(t + 247.25), "(still compiling adam after 4:07)");
    ck_assert_str_eq(look(t + 251.25), "still compiling adam after 4:11");
    cg_wait_end(&wait);
    ck_assert_str_eq(look(t + 1e6), "");
}
END_TEST

/* The step is what is judged, the transfer is what it is at; while a kernel is compiled the step's
 * time is stopped, and that is judged alone. */
START_TEST(lie_within_each_other)
{
    cg_wait step, transfer, compiling, within;
    cg_wait_begin(&step, 3, "at step 8");
    double t = step.since;
    cg_wait_begin(&transfer, CG_WAIT_USUAL, "reading");
    ck_assert_str_eq(look(t + 2), "");
    ck_assert_str_eq(look(t + 4.25), "still at step 8 after 0:04: reading");
    cg_wait_end(&transfer);
    ck_assert_str_eq(look(t + 9.25), "still at step 8 after 0:09");
    cg_wait_begin(&compiling, 60, "compiling");
    cg_wait_begin(&within, CG_WAIT_USUAL, "reading");
    ck_assert_str_eq(look(t + 40), "");
    compiling.since -= 100; /* it has lasted so long */
    ck_assert_str_eq(look(compiling.since + 100.25), "still compiling after 1:40: reading");
    cg_wait_end(&within);
    cg_wait_end(&compiling);
    ck_assert_double_ge(step.since, t + 100);
    ck_assert_str_eq(look(step.since + 2), "");
    cg_wait_end(&step);
}
END_TEST

/* Two waits with the same words are told of as one would be, unless another was between. */
START_TEST(begin_again)
{
    cg_wait step, other;
    cg_wait_begin(&step, 10, "at step %d", 8);
    ck_assert_str_eq(look(step.since + 12.25), "still at step 8 after 0:12");
    cg_wait_end(&step);
    cg_wait_begin(&step, 10, "at step %d", 8);
    ck_assert_str_eq(look(step.since + 23.25), "(still at step 8 after 0:23)");
    ck_assert_str_eq(look(step.since + 25.25), "still at step 8 after 0:25");
    cg_wait_end(&step);
    cg_wait_begin(&other, 10, "at step %d", 9);
    ck_assert_str_eq(look(other.since + 10.25), "still at step 9 after 0:10");
    cg_wait_end(&other);
    cg_wait_begin(&other, CG_WAIT_USUAL, "writing");
    cg_wait_end(&other);
    cg_wait_begin(&step, 10, "at step %d", 9);
    ck_assert_str_eq(look(step.since + 10.25), "still at step 9 after 0:10");
    cg_wait_end(&step);
}
END_TEST

/* Without one around it a wait has a patience of its own. */
START_TEST(usual_ones)
{
    cg_wait outer, inner;
    cg_wait_begin(&outer, CG_WAIT_USUAL, "writing a");
    cg_wait_begin(&inner, CG_WAIT_USUAL, "writing b");
    ck_assert_str_eq(look(outer.since + CG_WAIT_SECONDS - 1), "");
    /* A sum with the time of a clock may be less than the minute. */
    ck_assert_str_eq(look(outer.since + CG_WAIT_SECONDS + 0.25),
                     "still writing a after 1:00: writing b");
    cg_wait_end(&inner);
    cg_wait_end(&outer);
}
END_TEST

static cg_wait others[3];
static pthread_barrier_t begun, ended;

static void *wait_elsewhere(void *index)
{
    const size_t i = (size_t)index;
    cg_wait inner;
    cg_wait_begin(&others[i], 10, "thread %zu", i);
    cg_wait_begin(&inner, CG_WAIT_USUAL, "inside");
    others[i].since = 1000 - 100 * (double)(i + 1);
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&ended);
    cg_wait_end(&inner);
    cg_wait_end(&others[i]);
    return NULL;
}

/* The longest of several threads' waits is told of. */
START_TEST(threads)
{
    pthread_t thread[3];
    pthread_barrier_init(&begun, NULL, 4);
    pthread_barrier_init(&ended, NULL, 4);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, wait_elsewhere, (void *)i), 0);
    pthread_barrier_wait(&begun);
    ck_assert_str_eq(look(1000), "still thread 2 after 5:00: inside");
    others[2].since = others[0].since = 995;
    ck_assert_str_eq(look(1000), "still thread 1 after 3:20: inside");
    pthread_barrier_wait(&ended);
    for (size_t i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    ck_assert_str_eq(look(1e9), "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("waiting");
    tcase_add_test(tests, is_told_of_seldom);
    tcase_add_test(tests, lie_within_each_other);
    tcase_add_test(tests, begin_again);
    tcase_add_test(tests, usual_ones);
    tcase_add_test(tests, threads);
    return run_case(tests, "base/waiting");
}
