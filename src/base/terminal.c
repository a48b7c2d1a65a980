/* Terminals, and words for those who sit before them. */
#include <clgan/terminal.h>

#include "base/platform.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_COLUMNS = 80, WORD = 64 /* letters of a name, at most */ };

/* ---- the terminal ---------------------------------------------------------------------------- */

static size_t columns_by_environment(void)
{
    const char *text = getenv("COLUMNS");
    unsigned long columns = text ? strtoul(text, NULL, 10) : 0;
    return columns < 10000 ? columns : 0;
}

size_t cg_terminal_columns(FILE *stream)
{
    size_t columns = stream ? cg_platform_columns(stream) : 0;
    if (!columns)
        columns = columns_by_environment();
    return columns || !cg_terminal_obeys(stream) ? columns : DEFAULT_COLUMNS;
}

bool cg_terminal_obeys(FILE *stream)
{
    return stream && cg_platform_is_terminal(stream);
}

bool cg_terminal_has_colors(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    return !(refused && *refused) && cg_terminal_obeys(stream);
}

/* ---- columns --------------------------------------------------------------------------------- */

typedef struct range {
    uint32_t first, last;
} range;

/* East Asian Wide and Fullwidth of Unicode 14; among pictures some that are narrow count, too. */
static const range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x23F0, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},
    {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},   {0x26D4, 0x26D4},
    {0x26EA, 0x26EA},   {0x26F2, 0x26F5},   {0x26FA, 0x26FD},   {0x2705, 0x2705},
    {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274E},   {0x2753, 0x2757},
    {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
    {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF},
    {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7F0},
    {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/* Combining marks and joiners; those that are missing here count as if they took a column. */
static const range empty[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x64B, 0x65F},   {0x1160, 0x11FF},
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20F0}, {0x302A, 0x302D},
    {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

static bool is_in(uint32_t c, const range *ranges, size_t count)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= ranges[low].first;
}

/* The character at the text, not its end; *bytes = how many it has. A byte that begins none is one
 * character. */
static uint32_t decode(const char *text, size_t *bytes)
{
    uint32_t c = 0;
    *bytes = cg_utf8_read(&c, text);
    if (*bytes)
        return c;
    *bytes = 1;
    return (unsigned char)*text;
}

static size_t character_columns(uint32_t c)
{
    if (c < 0x300)
        return 1;
    if (is_in(c, empty, sizeof empty / sizeof empty[0]))
        return 0;
    return is_in(c, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

size_t cg_text_columns(const char *text)
{
    size_t columns = 0, bytes;
    for (; text && *text; text += bytes)
        columns += character_columns(decode(text, &bytes));
    return columns;
}

size_t cg_text_fit(const char *text, size_t columns)
{
    size_t fit = 0, bytes;
    for (; text && text[fit]; fit += bytes) {
        size_t taken = character_columns(decode(text + fit, &bytes));
        if (taken > columns)
            break;
        columns -= taken;
    }
    return fit;
}

/* ---- commands -------------------------------------------------------------------------------- */

static const char *program_name = "clgan";

void cg_terminal_set_program(const char *program)
{
    program_name = program ? program : "clgan";
}

const char *cg_command_line(char line[CG_COMMAND_LINE], const char *const words[])
{
    if (!line)
        return "";
    size_t used = cg_platform_quote(line, CG_COMMAND_LINE, program_name);
    for (size_t i = 0; words && words[i] && used + 1 < CG_COMMAND_LINE; i++) {
        /* A file's name that looks like an option has to stand with its own one. */
        const bool joined = i && strcmp(words[i - 1], "--out") == 0 && !strncmp(words[i], "--", 2);
        line[used++] = joined ? '=' : ' ';
        used += cg_platform_quote(line + used, CG_COMMAND_LINE - used, words[i]);
    }
    return line;
}

/* ---- words ----------------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The fewest letters to be put in, taken out, changed, or swapped with their neighbour (Damerau
 * 1964), no letter twice: by rows of the table of Wagner and Fischer 1974. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][WORD + 1], n = strlen(a), m = strlen(b);
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *swapped = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], swapped[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

static const char *find_closest(const char *word, const char *const names[], size_t count)
{
    size_t length = strlen(word), best = length / 3 + 1;
    const char *closest = NULL, *longer = NULL;
    if (length < 2 || length > WORD)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = strlen(names[i]) <= WORD ? edit_distance(word, names[i]) : WORD;
        if (distance < best + !closest && distance < length) {
            best = distance;
            closest = names[i];
        }
        if (!longer && strncmp(names[i], word, length) == 0)
            longer = names[i];
    }
    return longer && best > 1 ? longer : closest;
}

const char *cg_did_you_mean(char text[CG_HINT], const char *before, const char *word,
                            const char *const names[], size_t count)
{
    if (!text)
        return "";
    const char *closest = word && names ? find_closest(word, names, count) : NULL;
    text[0] = '\0';
    if (closest)
        snprintf(text, CG_HINT, "; did you mean %s%s?", before ? before : "", closest);
    return text;
}
