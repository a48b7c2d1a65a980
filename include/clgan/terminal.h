/* Talking to a person: how wide a terminal is and whether it has colours, the columns of a text,
 * commands that can be pasted into a shell, and the word that a misspelt one may stand for.
 *
 *     char line[CG_COMMAND_LINE];
 *     cg_terminal_set_program("build/release/clgan");
 *     puts(cg_command_line(line, (const char *const[]){"train", "--out", "my run", NULL}));
 *
 * prints build/release/clgan train --out 'my run'. NULL is an empty text, a stream that goes
 * nowhere, no room for an answer, which is then "".
 *
 * Threads: set the program before the first call; all else may be called by any thread. */
#ifndef CLGAN_TERMINAL_H
#define CLGAN_TERMINAL_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The columns of the terminal that the stream goes to, as wide as it is now; where the terminal
 * does not say, or the stream goes to none, what COLUMNS says; else 80 for a terminal and 0, no
 * limit, for what is none. */
CG_API size_t cg_terminal_columns(FILE *stream);

/* True when the stream goes to a terminal that obeys control sequences. */
CG_API bool cg_terminal_obeys(FILE *stream);

/* True when colours are welcome there, too: NO_COLOR is not set, or is empty. */
CG_API bool cg_terminal_has_colors(FILE *stream);

/* The columns that UTF-8 text takes on a terminal: wide characters (Chinese, Japanese, Korean,
 * pictures) take two, combining ones none, a byte that is no UTF-8 one. */
CG_API size_t cg_text_columns(const char *text);

/* The bytes at the text's beginning that take this many columns at most: whole characters. */
CG_API size_t cg_text_fit(const char *text, size_t columns);

enum { CG_COMMAND_LINE = 1536 };

/* Sets how the user starts this program, for messages that tell what to do next; "clgan" at first.
 * Borrowed. It is quoted where a shell asks for it. */
CG_API void cg_terminal_set_program(const char *program);

/* Returns `line`: the program and the words, up to a NULL, each quoted for the system's shell where
 * it needs that. It is cut where there is no room. */
CG_API const char *cg_command_line(char line[CG_COMMAND_LINE], const char *const words[]);

enum { CG_HINT = 128 };

/* Returns `text`: "; did you mean FAST?", the `before` and the one of the `count` names that the
 * word was probably meant to be: with the fewest letters that are missing, too many, others or
 * swapped, if they are few; else one that begins with the word. "" when there is none. */
CG_API const char *cg_did_you_mean(char text[CG_HINT], const char *before, const char *word,
                                   const char *const names[], size_t count);

#ifdef __cplusplus
}
#endif
#endif
