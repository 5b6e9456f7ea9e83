// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines: flags and their values, words, how many; the table of commands. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static const struct ps_command command = {
	.name = "try",
	.arguments = "A [B]",
	.min = 1,
	.max = 3,
	.flags = { { .name = "--json" },
		   { .name = "--watch", .value = "SECONDS", .is_optional = true },
		   { .name = "--count", .value = "N" } },
};

static struct ps_arguments arguments;

/* Parse words that stand apart by blanks. */
static int parse(const char *line)
{
	static char text[256];
	static char *words[16];
	int count = 0;
	char *word;

	snprintf(text, sizeof(text), "%s", line);
	for (word = strtok(text, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	return ps_command_parse(&command, count, words, &arguments);
}

static void flags(void **state)
{
	assert_int_equal(parse("--json a --watch b"), PS_EXIT_OK);
	assert_int_equal(arguments.count, 2);
	assert_string_equal(arguments.text[0], "a");
	assert_string_equal(arguments.text[1], "b");
	assert_string_equal(ps_command_flag(&arguments, "--json"), "");
	assert_string_equal(ps_command_flag(&arguments, "--watch"), "");
	assert_null(ps_command_flag(&arguments, "--count"));
}

static void values(void **state)
{
	assert_int_equal(parse("a --watch 0.5 --count 3"), PS_EXIT_OK);
	assert_int_equal(arguments.count, 1);
	assert_string_equal(ps_command_flag(&arguments, "--watch"), "0.5");
	assert_string_equal(ps_command_flag(&arguments, "--count"), "3");
	assert_int_equal(parse("a --watch=2 --count=x"), PS_EXIT_OK);
	assert_string_equal(ps_command_flag(&arguments, "--watch"), "2");
	assert_string_equal(ps_command_flag(&arguments, "--count"), "x");
	assert_int_equal(parse("a --watch"), PS_EXIT_OK);
	assert_int_equal(parse("a --count"), PS_EXIT_USAGE);
	assert_int_equal(parse("a --json=1"), PS_EXIT_USAGE);
}

static void words(void **state)
{
	assert_int_equal(parse("a -300 -"), PS_EXIT_OK);
	assert_int_equal(arguments.count, 3);
	assert_string_equal(arguments.text[1], "-300");
	assert_string_equal(arguments.text[2], "-");
	assert_int_equal(parse("a -- --json"), PS_EXIT_OK);
	assert_string_equal(arguments.text[1], "--json");
	assert_null(ps_command_flag(&arguments, "--json"));
	assert_int_equal(parse(""), PS_EXIT_USAGE);
	assert_int_equal(parse("a b c d"), PS_EXIT_USAGE);
	assert_int_equal(parse("a --jsn"), PS_EXIT_USAGE);
	assert_int_equal(parse("a -j"), PS_EXIT_USAGE);
}

/* What the rules of struct ps_command ask of every row. */
static void table(void **state)
{
	const struct ps_command *const *row;
	const char *line;
	int i;

	for (row = ps_commands; *row; row++) {
		assert_ptr_equal(ps_command_find((*row)->name), *row);
		assert_non_null((*row)->run);
		assert_true(!row[1] || strcmp((*row)->name, row[1]->name) < 0);
		assert_true((*row)->summary[strlen((*row)->summary) - 1] != '.');
		for (line = (*row)->help; *line; line += strcspn(line, "\n") + (*line == '\n'))
			assert_in_range(strcspn(line, "\n"), 0, 78);
		for (i = 0; (*row)->flags[i].name; i++)
			/* -w, or --word. */
			assert_memory_equal((*row)->flags[i].name, "--",
					    strlen((*row)->flags[i].name) == 2 ? 1 : 2);
	}
	assert_null(ps_command_find("sta"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags),
		cmocka_unit_test(values),
		cmocka_unit_test(words),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
