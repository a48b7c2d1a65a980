/* The line on the screen, with what it has room for and leaves behind; columns, commands, words. */
#include "base/phase.h"
#include "base/screen.h"
#include "support.h"

#include <clgan/log.h>
#include <clgan/terminal.h>
#include <pty.h>
#include <sys/ioctl.h>

/* ---- composing ------------------------------------------------------------------------------- */

static const cg_part parts[] = {
    {.text = "epoch 3/50", .worth = 1},
    {.share = .5, .worth = 6, .gap = 1},
    {.text = "120/235", .worth = 2, .gap = 1},
    {.text = "2310 images/s", .worth = 4, .gap = 2},
    {.text = "loss D 1.234 G 0.712", .worth = 5, .gap = 2},
    {.text = "D(x) 0.60 D(G(z)) 0.40", .worth = 7, .gap = 2},
    {.text = "nothing", .worth = 0, .gap = 2},
    {.text = "left 1:02:03", .worth = 3, .gap = 2},
};

START_TEST(parts_go_by_worth)
{
    static const struct {
        size_t columns;
        const char *line;
    } cases[] = {
        {200,
         "epoch 3/50 [##########..........] 120/235  2310 images/s  loss D 1.234 G 0.712  D(x) "
         "0.60 D(G(z)) 0.40  left 1:02:03"},
        {100,
         "epoch 3/50 [##########..........] 120/235  2310 images/s  loss D 1.234 G 0.712  left "
         "1:02:03"},
        {80, "epoch 3/50 [####....] 120/235  2310 images/s  loss D 1.234 G 0.712  left 1:02:03"},
        {77, "epoch 3/50 120/235  2310 images/s  loss D 1.234 G 0.712  left 1:02:03"},
        {40, "epoch 3/50 120/235  left 1:02:03"},
        {20, "epoch 3/50 120/235"},
        {12, "epoch 3/50"},
        {9, "120/235"},
        {6, ""},
        {0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[CG_SCREEN_LINE];
        size_t columns =
            cg_screen_compose(line, parts, sizeof parts / sizeof parts[0], cases[i].columns);
        ck_assert_str_eq(line, cases[i].line);
        ck_assert_uint_eq(columns, strlen(line));
    }
}
END_TEST

START_TEST(no_line_is_too_wide)
{
    const cg_part wide[] = {
        {.text = "\u6d4b\u91cf e\u0301 \u30c7\u30fc\u30bf", .worth = 2, .cut = true},
        {.text = "7/12", .worth = 1, .gap = 1},
        {.share = 1, .worth = 3, .gap = 2},
    };
    for (size_t columns = 0; columns < 60; columns++) {
        char line[CG_SCREEN_LINE];
        ck_assert_uint_eq(cg_screen_compose(line, wide, 3, columns), cg_text_columns(line));
        ck_assert_uint_le(cg_text_columns(line), columns);
        ck_assert((strstr(line, "7/12") != NULL) == (columns >= 5));
    }
}
END_TEST

/* ---- a terminal ------------------------------------------------------------------------------ */

static int terminal;

static void resize(unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

/* Has stderr go to a terminal so wide. */
static void open_terminal(unsigned short columns)
{
    int theirs;
    ck_assert_int_eq(openpty(&terminal, &theirs, NULL, NULL, NULL), 0);
    resize(columns);
    ck_assert_int_ge(dup2(theirs, STDERR_FILENO), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("COLUMNS");
}

/* Returns what the terminal was sent since the last call: all up to a mark that is sent now. */
static const char *sent(void)
{
    static char text[4096];
    size_t size = 0;
    ck_assert_int_eq(write(STDERR_FILENO, "\001", 1), 1);
    while (size == 0 || text[size - 1] != '\001') {
        ssize_t n = read(terminal, text + size, sizeof text - 1 - size);
        ck_assert_int_gt(n, 0);
        size += (size_t)n;
    }
    text[size - 1] = '\0';
    return text;
}

static void draw(void)
{
    usleep(110000); /* not more often than ten times a second */
    cg_screen_draw(parts, sizeof parts / sizeof parts[0]);
}

START_TEST(the_line_is_taken_away)
{
    open_terminal(41);
    draw();
    ck_assert_str_eq(sent(), "\r\033[Kepoch 3/50 120/235  left 1:02:03\r");
    resize(20); /* the old line may be broken in two by now */
    draw();
    ck_assert_str_eq(sent(), "\r\033[J\r\033[Kepoch 3/50 120/235\r");
    cg_log(CG_LOG_INFO, "a message");
    ck_assert_str_eq(sent(), "\r\033[Kclgan: a message\r\n");
    cg_screen_clear();
    ck_assert_str_eq(sent(), "");
}
END_TEST

START_TEST(levels_and_colors)
{
    open_terminal(80);
    unsetenv("NO_COLOR");
    cg_log(CG_LOG_WARNING, "w");
    ck_assert_str_eq(sent(), "clgan: \033[1;33mwarning: \033[0mw\r\n");
    setenv("NO_COLOR", "", 1);
    cg_log(CG_LOG_ERROR, "e");
    ck_assert_str_eq(sent(), "clgan: \033[1;31merror: \033[0me\r\n");
    setenv("NO_COLOR", "1", 1);
    cg_log(CG_LOG_ERROR, "e");
    ck_assert_str_eq(sent(), "clgan: error: e\r\n");
    setenv("TERM", "dumb", 1);
    draw();
    ck_assert_str_eq(sent(), "");
    setenv("TERM", "xterm", 1);
    cg_log_set_level(CG_LOG_WARNING);
    draw();
    ck_assert_str_eq(sent(), "");
}
END_TEST

static bool begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

START_TEST(phases_stand_in_each_other)
{
    cg_phase outer = {.words = "judging epoch 2"}, inner = {.words = "measuring", .total = 10};
    open_terminal(80);
    usleep(110000);
    cg_phase_begin(&outer);
    ck_assert(begins(sent(), "\r\033[Kjudging epoch 2  0:"));
    cg_phase_begin(&inner);
    sent(); /* it may have been drawn already */
    usleep(110000);
    cg_phase_advance(&inner, 4);
    ck_assert(begins(sent(), "\r\033[Kjudging epoch 2: measuring 4/10  0:"));
    cg_phase_end(&inner);
    cg_phase_end(&inner);
    ck_assert_str_eq(sent(), "\r\033[K");
    usleep(110000);
    cg_phase_advance(&outer, 1);
    ck_assert(begins(sent(), "\r\033[Kjudging epoch 2  0:"));
    cg_phase_end(&outer);
}
END_TEST

/* A short phase is not worth a line where nothing is redrawn, also when it is the first. */
START_TEST(short_phases_are_silent)
{
    open_terminal(80);
    setenv("TERM", "dumb", 1);
    for (int i = 0; i < 2; i++) {
        cg_phase phase = {.words = "compiling kernels"};
        cg_phase_begin(&phase);
        cg_phase_end(&phase);
        ck_assert_str_eq(sent(), "");
    }
}
END_TEST

/* ---- columns, commands, words ---------------------------------------------------------------- */

START_TEST(counts_columns)
{
    ck_assert_uint_eq(cg_text_columns("abc"), 3);
    ck_assert_uint_eq(cg_text_columns("\u00e4\u6587\uff21\U0001f600"), 7);
    ck_assert_uint_eq(cg_text_columns("e\u0301\u200d"), 1);
    ck_assert_uint_eq(cg_text_columns("\xff\xe6\x96"), 3);
    ck_assert_uint_eq(cg_text_fit("\u6587\u6587", 3), 3);
    ck_assert_uint_eq(cg_text_fit("e\u0301x", 1), 3);
    ck_assert_uint_eq(cg_text_fit("abc", 9), 3);
}
END_TEST

/* A shell reads back each word as it was. */
START_TEST(commands_can_be_pasted)
{
    static const char *const words[] = {"%s|",       "a",        "",       "my run", "it's",
                                        "$HOME `x`", "a\nb\\'c", "\u65e5", "!x",     "*",
                                        "~",         "-x",       "a=b",    NULL};
    char line[CG_COMMAND_LINE], output[256];
    cg_terminal_set_program("printf");
    FILE *script = fopen(scratch_path("script"), "w");
    fputs(cg_command_line(line, words), script);
    fclose(script);
    char command[512];
    snprintf(command, sizeof command, "bash %s", scratch_path("script"));
    FILE *pipe = popen(command, "r");
    output[fread(output, 1, sizeof output - 1, pipe)] = '\0';
    ck_assert_int_eq(pclose(pipe), 0);
    ck_assert_str_eq(output, "a||my run|it's|$HOME `x`|a\nb\\'c|\u65e5|!x|*|~|-x|a=b|");
    ck_assert_int_eq(strncmp(line, "printf '%s|' a '' 'my run' ", 27), 0);
    cg_terminal_set_program("the program/clgan");
    ck_assert_str_eq(cg_command_line(line, (const char *const[]){"train", NULL}),
                     "'the program/clgan' train");
}
END_TEST

START_TEST(finds_the_word_that_was_meant)
{
    static const char *const names[] = {
        "epochs", "evaluate-every", "evaluate-samples", "seed", "keep", "out", "recompute"};
    static const char *const pairs[][2] = {
        {"epoch", "epochs"},  {"epcohs", "epochs"},
        {"Epochs", "epochs"}, {"sed", "seed"},
        {"kep", "keep"},      {"evaluate", "evaluate-every"},
        {"oud", "out"},       {"recomptue", "recompute"},
    };
    static const char *const strangers[] = {"", "x", "nonsense", "zz", "learning-rate"};
    char text[CG_HINT], wanted[CG_HINT];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        snprintf(wanted, sizeof wanted, "; did you mean --%s?", pairs[i][1]);
        ck_assert_str_eq(cg_did_you_mean(text, "--", pairs[i][0], names, 7), wanted);
    }
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        ck_assert_str_eq(cg_did_you_mean(text, "--", strangers[i], names, 7), "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("screen");
    tcase_add_checked_fixture(tests, scratch_setup, scratch_teardown);
    tcase_add_test(tests, parts_go_by_worth);
    tcase_add_test(tests, no_line_is_too_wide);
    tcase_add_test(tests, the_line_is_taken_away);
    tcase_add_test(tests, levels_and_colors);
    tcase_add_test(tests, phases_stand_in_each_other);
    tcase_add_test(tests, short_phases_are_silent);
    tcase_add_test(tests, counts_columns);
    tcase_add_test(tests, commands_can_be_pasted);
    tcase_add_test(tests, finds_the_word_that_was_meant);
    return run_case(tests, "base/screen");
}
