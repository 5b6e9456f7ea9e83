// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors, colours, aligned columns and JSON; see print.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "print.h"

struct ps_cell {
	enum ps_colour colour;
	char *text;
};

bool ps_print_is_coloured(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return isatty(fileno(stream)) && term && strcmp(term, "dumb");
}

void ps_print_coloured(FILE *stream, enum ps_colour colour, const char *text)
{
	static const char *const code[] = {
		[PS_BOLD] = "1",   [PS_DIM] = "2",     [PS_RED] = "31",
		[PS_GREEN] = "32", [PS_YELLOW] = "33",
	};

	if (colour == PS_PLAIN || !ps_print_is_coloured(stream))
		fputs(text, stream);
	else
		fprintf(stream, "\033[%sm%s\033[0m", code[colour], text);
}

static void say(enum ps_colour colour, const char *what, const char *format, va_list list)
{
	fflush(stdout);
	ps_print_coloured(stderr, colour, what);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
}

void ps_print_error(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(PS_RED, "packetshield: ", format, list);
	va_end(list);
}

void ps_print_warning(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(PS_YELLOW, "packetshield: warning: ", format, list);
	va_end(list);
}

void ps_print_hint(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(PS_DIM, "hint: ", format, list);
	va_end(list);
}

int ps_print_finish(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return PS_EXIT_OK;
	/* Who reads a pipe no more has seen enough. */
	if (errno != EPIPE)
		ps_print_error("standard output: %s", strerror(errno));
	return PS_EXIT_FAILED;
}

int ps_print_json(json_t *json, bool line)
{
	size_t flags = line ? JSON_COMPACT : JSON_INDENT(2);

	bool made = json && !json_dumpf(json, stdout, flags);

	json_decref(json);
	if (made)
		putchar('\n');
	else if (!ferror(stdout))
		ps_print_error("the JSON can't be made");
	return ps_print_finish() || !made ? PS_EXIT_FAILED : PS_EXIT_OK;
}

static void no_memory(void)
{
	ps_print_error("out of memory");
	exit(PS_EXIT_FAILED);
}

void *ps_print_allocate(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes);

	if (!memory)
		no_memory();
	return memory;
}

void ps_table_add(struct ps_table *table, enum ps_colour colour, const char *format, ...)
{
	struct ps_cell *cell;
	va_list list;

	if (table->count == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->cells = ps_print_allocate(table->cells, table->room * sizeof(*cell));
	}
	cell = &table->cells[table->count++];
	cell->colour = colour;
	va_start(list, format);
	if (vasprintf(&cell->text, format, list) < 0)
		no_memory();
	va_end(list);
}

/* A row; no blanks at its end. */
static void print_row(const struct ps_table *table, const struct ps_cell *row, const int *width)
{
	int column, blanks, pending = 0;

	for (column = 0; column < table->columns; column++) {
		blanks = width[column] - (int)strlen(row[column].text);
		if (row[column].text[0]) {
			if (column && !(table->left >> column & 1)) {
				pending += blanks;
				blanks = 0;
			}
			printf("%*s", pending, "");
			ps_print_coloured(stdout, row[column].colour, row[column].text);
			pending = 0;
		}
		pending += blanks + 2;
	}
	putchar('\n');
}

void ps_table_print(struct ps_table *table)
{
	int width[PS_COLUMNS_MAX] = {}, column, length;
	size_t i;

	for (i = 0; i < table->count; i++) {
		column = (int)(i % table->columns);
		length = (int)strlen(table->cells[i].text);
		if (length > width[column])
			width[column] = length;
	}
	for (i = 0; i < table->count; i += (size_t)table->columns)
		print_row(table, &table->cells[i], width);
	for (i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
	table->room = 0;
}
