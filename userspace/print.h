/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool prints: results on standard output, as aligned columns or JSON;
 * errors and hints on standard error. Colours appear on a terminal only, and
 * not where NO_COLOR is set.
 */
#ifndef PS_PRINT_H
#define PS_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum ps_colour {
	PS_PLAIN,
	PS_BOLD,
	PS_DIM,
	PS_RED,
	PS_GREEN,
	PS_YELLOW,
};

/* Whether this stream is shown in colours. */
bool ps_print_is_coloured(FILE *stream);

/* A text in a colour, if its stream has colours. */
void ps_print_coloured(FILE *stream, enum ps_colour colour, const char *text);

/* "packetshield: ..." and a newline, on standard error. */
void ps_print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ps_print_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What to do about the error just told: "hint: ...". */
void ps_print_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Print as JSON, indented, or in one line and at once where @line; takes the
 * reference. Returns enum ps_exit, since the output may be full or closed.
 */
int ps_print_json(json_t *json, bool line);

#define PS_COLUMNS_MAX	8

/**
 * struct ps_table - rows of cells that are printed in aligned columns
 * @columns: of a row; the first is aligned to the left, and those below in @left
 * @left: bit n: column n is aligned to the left
 * @cells: @columns * @rows cells, row by row
 * @count: of cells
 * @room: cells that @cells has room for
 */
struct ps_table {
	int columns;
	unsigned int left;
	struct ps_cell *cells;
	size_t count;
	size_t room;
};

/* The next cell, row by row. */
void ps_table_add(struct ps_table *table, enum ps_colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Print and empty it. */
void ps_table_print(struct ps_table *table);

/* Memory, or an end with a message: the tool has no use for less. */
void *ps_print_allocate(void *old, size_t bytes);

/* Flush standard output: enum ps_exit. */
int ps_print_finish(void);

#endif
