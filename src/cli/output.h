/* Results on stdout, within the terminal's width: text in lines, tables without the columns that
 * have no room. */
#ifndef CLGAN_CLI_OUTPUT_H
#define CLGAN_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* True when stdout has no room for two columns of text beside each other. */
bool cg_output_is_narrow(void);

/* Prints the text from column `at` on, which the caller has come to, and a line break. A blank that
 * it begins with is left out where the first word begins a line. It goes on
 * in column `indent` of further lines, whose forerunners end in `mark`. Blanks in brackets do not
 * break a line. */
void cg_output_wrap(const char *text, size_t at, size_t indent, const char *mark);

/* The same of a result, which is one line where stdout is no terminal, as programs read it, unless
 * COLUMNS is set. */
void cg_output_result(const char *text, size_t at, size_t indent);

enum { CG_TABLE_COLUMNS = 16, CG_TABLE_CELL = 192 };

/* A column: its titles, in up to two lines, NULL: one line; how wide; the least worth is left out
 * first where there is no room, 0 never. */
typedef struct cg_table_column {
    const char *title, *below;
    size_t width;
    unsigned worth;
    bool is_text; /* to the left, cut to the width; else a number, to the right */
    bool whole;   /* a text that is never cut: its width is enough for all cells */
} cg_table_column;

typedef struct cg_table {
    const cg_table_column *columns;
    size_t count;
    size_t widths[CG_TABLE_COLUMNS]; /* 0: left out */
} cg_table;

/* Chooses the columns for stdout, all where that is no terminal and COLUMNS is not set, and prints
 * their titles. */
void cg_table_begin(cg_table *table, const cg_table_column *columns, size_t count);

/* A row's cells, one a column. */
typedef char cg_cells[CG_TABLE_COLUMNS][CG_TABLE_CELL];

/* cells = those of a row. */
typedef void cg_row_filler(cg_cells cells, const void *user, size_t row);

/* wide = the columns, each as wide as its widest cell, or its title, and a blank. */
void cg_table_fit(cg_table_column wide[CG_TABLE_COLUMNS], const cg_table_column *columns,
                  size_t count, cg_row_filler *fill, const void *user, size_t rows);

void cg_table_print(const cg_table *table, cg_cells cells);

/* The same with a text behind the last cell that is not empty, in further lines where it has no
 * room. */
void cg_table_print_with(const cg_table *table, cg_cells cells, const char *text);

/* A cell's number, a dash where it is not more than 0. */
void cg_cell_number(char cell[CG_TABLE_CELL], int decimals, double number);

#endif
