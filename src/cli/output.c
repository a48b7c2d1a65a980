/* Lines and tables that fit the terminal. */
#include "cli/output.h"

#include <clgan/terminal.h>
#include <stdio.h>
#include <string.h>

enum { NARROWEST = 20, DEFAULT_WIDTH = 80, WIDEST_TEXT = 100, TWO_COLUMNS = 60 };

/* ---- text ------------------------------------------------------------------------------------ */

static size_t text_width(void)
{
    size_t columns = cg_terminal_columns(stdout);
    if (!columns)
        return DEFAULT_WIDTH;
    return columns < NARROWEST ? NARROWEST : columns < WIDEST_TEXT ? columns : WIDEST_TEXT;
}

bool cg_output_is_narrow(void)
{
    return text_width() < TWO_COLUMNS;
}

/* The bytes up to the next blank that is in no brackets. */
static size_t word_length(const char *text)
{
    size_t length = 0;
    for (int depth = 0; text[length] && (text[length] != ' ' || depth > 0); length++)
        depth += (text[length] == '[') - (text[length] == ']');
    return length;
}

void cg_output_wrap(const char *text, size_t at, size_t indent, const char *mark)
{
    size_t width = text_width(), room = width - cg_text_columns(mark);
    bool first = *text != ' ';
    for (text += strspn(text, " "); *text; first = false) {
        size_t length = word_length(text);
        char word[256];
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        size_t columns = cg_text_columns(word);
        if (at > indent && at + !first + columns > room) {
            printf("%s\n%*s%.*s", mark, (int)indent, "", (int)length, text);
            at = indent + columns;
        } else {
            printf("%s%.*s", first ? "" : " ", (int)length, text);
            at += columns + !first;
        }
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

void cg_output_result(const char *text, size_t at, size_t indent)
{
    if (cg_terminal_columns(stdout))
        cg_output_wrap(text, at, indent, "");
    else
        puts(text);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static size_t table_width(const cg_table *t)
{
    size_t width = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->widths[i])
            width += (width > 0) + t->widths[i];
    return width;
}

/* The column of the least worth that is there; t->count: none may go. */
static size_t find_least(const cg_table *t)
{
    size_t least = t->count;
    for (size_t i = 0; i < t->count; i++)
        if (t->widths[i] && t->columns[i].worth &&
            (least == t->count || t->columns[i].worth < t->columns[least].worth))
            least = i;
    return least;
}

/* The widest column of text that may be cut; t->count where there is none. */
static size_t find_widest(const cg_table *t)
{
    size_t widest = t->count;
    for (size_t i = 0; i < t->count; i++)
        if (t->columns[i].is_text && !t->columns[i].whole &&
            (widest == t->count || t->widths[i] > t->widths[widest]))
            widest = i;
    return widest;
}

/* Fits the table into so many columns: the widest text becomes narrower, down to a third of them,
 * and where that is not enough columns go. */
static void fit_table(cg_table *t, size_t room)
{
    size_t widest, least, width, most = room / 3;
    for (;;) {
        width = table_width(t);
        widest = find_widest(t);
        size_t spare = widest < t->count && t->widths[widest] > most ? t->widths[widest] - most : 0;
        least = find_least(t);
        if (width <= room + spare || least == t->count)
            break;
        t->widths[least] = 0;
    }
    if (width > room && widest < t->count && t->widths[widest] > width - room)
        t->widths[widest] -= width - room;
}

static void widen(cg_table_column *column, const char *text)
{
    const size_t width = cg_text_columns(text) + 1;
    column->width = width > column->width ? width : column->width;
}

void cg_table_fit(cg_table_column wide[CG_TABLE_COLUMNS], const cg_table_column *columns,
                  size_t count, cg_row_filler *fill, const void *user, size_t rows)
{
    cg_cells cells;
    memcpy(wide, columns, count * sizeof *wide);
    for (size_t c = 0; c < count; c++)
        widen(&wide[c], columns[c].title);
    for (size_t i = 0; i < rows; i++) {
        fill(cells, user, i);
        for (size_t c = 0; c < count; c++)
            widen(&wide[c], cells[c]);
    }
}

void cg_table_begin(cg_table *table, const cg_table_column *columns, size_t count)
{
    size_t room = cg_terminal_columns(stdout);
    cg_cells titles, below;
    bool two = false;
    *table = (cg_table){.columns = columns, .count = count};
    for (size_t i = 0; i < count; i++)
        table->widths[i] = columns[i].width;
    if (room)
        fit_table(table, room);
    for (size_t i = 0; i < count; i++) {
        snprintf(titles[i], sizeof titles[i], "%s", columns[i].title);
        snprintf(below[i], sizeof below[i], "%s", columns[i].below ? columns[i].below : "");
        two |= columns[i].below && table->widths[i];
    }
    cg_table_print(table, titles);
    if (two)
        cg_table_print(table, below);
}

/* A row that is being printed. Blanks go before what comes, so that none is at a line's end. */
typedef struct row {
    size_t at, owed; /* columns */
} row;

static void add_blanks(row *r, size_t columns)
{
    r->owed += columns;
}

static void add_text(row *r, const char *text)
{
    printf("%*s%s", (int)r->owed, "", text);
    r->at += r->owed + cg_text_columns(text);
    r->owed = 0;
}

static void add_cell(row *r, bool is_text, size_t width, const char *text)
{
    char cell[CG_TABLE_CELL];
    size_t bytes = is_text ? cg_text_fit(text, width) : strlen(text);
    snprintf(cell, sizeof cell, "%.*s", (int)bytes, text);
    size_t columns = cg_text_columns(cell), rest = width > columns ? width - columns : 0;
    add_blanks(r, is_text ? 0 : rest);
    if (*cell)
        add_text(r, cell);
    add_blanks(r, is_text ? rest : 0);
}

/* Prints the first `count` cells of those that are there, without the line's end. */
static row print_cells(const cg_table *table, cg_cells cells, size_t count)
{
    row r = {0};
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (!table->widths[i])
            continue;
        add_blanks(&r, !first);
        add_cell(&r, table->columns[i].is_text, table->widths[i], cells[i]);
        first = false;
    }
    return r;
}

void cg_table_print(const cg_table *table, cg_cells cells)
{
    print_cells(table, cells, table->count);
    putchar('\n');
}

void cg_table_print_with(const cg_table *table, cg_cells cells, const char *text)
{
    size_t filled = table->count;
    while (filled && !cells[filled - 1][0])
        filled--;
    row r = print_cells(table, cells, filled);
    add_blanks(&r, 2);
    size_t room = cg_terminal_columns(stdout), wanted = r.at + r.owed + cg_text_columns(text);
    if (!room || wanted <= room) {
        add_text(&r, text);
        putchar('\n');
    } else {
        printf("\n  ");
        cg_output_wrap(text, 2, 2, "");
    }
}

void cg_cell_number(char cell[CG_TABLE_CELL], int decimals, double number)
{
    if (number > 0)
        snprintf(cell, CG_TABLE_CELL, "%.*f", decimals, number);
    else
        snprintf(cell, CG_TABLE_CELL, "-");
}
