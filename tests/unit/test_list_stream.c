// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes to a list, as transcripts: every write of a sequence and what came of
 * it. "{" begin, "}" commit, "+x" add, "-x" remove, "=x" item, "!" malformed;
 * "|" ends a write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parse.h"

static char transcript[4096];

static void record(const char *event, const char *item)
{
	size_t used = strlen(transcript);

	snprintf(transcript + used, sizeof(transcript) - used, "%s%s", event, item);
}

static void feed(struct ps_list_stream *stream, const char *text, size_t length)
{
	static const char *const sign[] = {
		[PS_LIST_MORE] = "", [PS_LIST_ADD] = "+", [PS_LIST_REMOVE] = "-",
		[PS_LIST_BEGIN] = "{", [PS_LIST_ITEM] = "=", [PS_LIST_COMMIT] = "}",
		[PS_LIST_MALFORMED] = "!",
	};
	char *copy = malloc(length);	/* its exact size, so that reading on is caught */
	enum ps_list_event event;
	size_t at = 0, used;

	memcpy(copy, text, length);
	do {
		const char *item = "";
		size_t item_length = 0;

		event = ps_list_feed(stream, copy + at, length - at, &used, &item, &item_length);
		assert_int_equal(strlen(item), item_length);
		record(sign[event], item);
		at += used;
	} while (event == PS_LIST_BEGIN || event == PS_LIST_ITEM);
	assert_int_equal(at, length);
	record("|", "");
	free(copy);
}

/* Feeds the texts as one write each, up to NULL, and compares the transcript. */
static void assert_transcript(const char *expected, ...)
{
	struct ps_list_stream stream = { .open = false };
	const char *text;
	va_list texts;

	transcript[0] = 0;
	va_start(texts, expected);
	while ((text = va_arg(texts, const char *)) != NULL)
		feed(&stream, text, strlen(text));
	va_end(texts);
	assert_string_equal(transcript, expected);
}

static void an_edit_is_one_write(void **state)
{
	(void)state;
	assert_transcript("+80|", "+80", NULL);
	assert_transcript("+80|", "+80\n", NULL);
	assert_transcript("-80|", "-80\n", NULL);
	assert_transcript("+80|-10.0.0.1|", "+80", "-10.0.0.1\n", NULL);
	assert_transcript("+10.0.0.0 CO|", "+10.0.0.0 CO\n", NULL);
	assert_transcript("+{|", "+{", NULL);
}

static void an_edit_has_nothing_around_it(void **state)
{
	static const char *const malformed[] = {
		"", "\n", " ", "+", "-", "+\n", "+ 80", "+\t80", "+80 ", "+80 \n", " +80", "\n+80",
		"+80\n\n", "+1\n+2\n", "+1\n+2", "80", "80\n", "}", "}\n", "*80", "+ \n",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_transcript("!|+7|", malformed[i], "+7", NULL);
}

static void an_edit_has_no_nul_in_it(void **state)
{
	struct ps_list_stream stream = { .open = false };

	(void)state;
	transcript[0] = 0;
	feed(&stream, "+8\0", 3);
	feed(&stream, "+\0", 2);
	feed(&stream, "\0", 1);
	assert_string_equal(transcript, "!|!|!|");
}

static void a_transaction_replaces_the_list(void **state)
{
	(void)state;
	assert_transcript("{=80=443}|", "{\n80\n443\n}\n", NULL);
	assert_transcript("{=80}|", "{\n80\n}", NULL);
	assert_transcript("{}|", "{\n}\n", NULL);
	assert_transcript("{=80}|+1|{=2}|", "{\n80\n}\n", "+1", "{\n2\n}", NULL);
}

static void blanks_and_empty_lines_mean_nothing(void **state)
{
	(void)state;
	assert_transcript("{=80=443}|", " \t{ \t\n\n  80\t\n \n\t\n443 \n\n } \n\n", NULL);
	assert_transcript("{=10.0.0.0 CO}|", "{\n 10.0.0.0 CO \n}\n", NULL);
	assert_transcript("{}|", "{\n\n\n}  ", NULL);
}

static void lines_may_be_split_anywhere(void **state)
{
	(void)state;
	assert_transcript("{||||=80||=443|}|", "{", " ", "\n8", "0", "\n44", "3", "\n", "}\n",
			  NULL);
	assert_transcript("{||=80|}|", "{\n", "", "80\n", "}", NULL);
	assert_transcript("{|||=a|}|", "{\n", " a", " ", " \n", "}", NULL);
}

static void the_end_of_the_last_line_may_come_late(void **state)
{
	(void)state;
	assert_transcript("{}|||+7|!|", "{\n}", " ", "\n", "+7", "\n", NULL);
	assert_transcript("{}||{}|", "{\n}", "\n", "{\n}", NULL);
	assert_transcript("{}|!|!|", "{\n}", "\n}", "\n", NULL);
}

static void nothing_may_follow_the_end(void **state)
{
	(void)state;
	assert_transcript("{!|", "{\n}x", NULL);
	assert_transcript("{!|", "{\n}\n80\n", NULL);
	assert_transcript("{!|", "{\n}}", NULL);
	assert_transcript("{!|", "{\n}\n{\n}\n", NULL);
	assert_transcript("{!|", "{\n}\r\n", NULL);
	assert_transcript("{=80!|+7|", "{\n80\n}\n+7", "+7", NULL);
}

static void braces_stand_alone(void **state)
{
	(void)state;
	assert_transcript("{!|", "{ 80\n}\n", NULL);
	assert_transcript("{!|", "{}\n", NULL);
	assert_transcript("{!|", "{\r\n}\n", NULL);
	assert_transcript("{|!|", "{", "}", NULL);
	assert_transcript("{!|", "{\n{\n}\n", NULL);
	assert_transcript("{!|", "{\n {80\n}\n", NULL);
	assert_transcript("{!|", "{{\n", NULL);
	/* what the item's parser will refuse */
	assert_transcript("{=80}}|", "{\n80}\n}\n", NULL);
	assert_transcript("{=+80}|", "{\n+80\n}\n", NULL);
	assert_transcript("{=80\r}|", "{\n80\r\n}\n", NULL);
}

static void malformed_text_ends_a_transaction(void **state)
{
	struct ps_list_stream stream = { .open = false };

	(void)state;
	assert_transcript("{=80!|!|+7|", "{\n80\n{\n", "443\n", "+7", NULL);
	transcript[0] = 0;
	feed(&stream, "{\n8\0", 4);
	feed(&stream, "{\0", 2);
	feed(&stream, "{\n\0", 3);
	feed(&stream, "{\n}\0", 4);
	feed(&stream, "+7", 2);
	assert_string_equal(transcript, "{!|{!|{!|{!|+7|");
}

static void an_item_has_a_maximal_length(void **state)
{
	char item[PS_ITEM_MAX + 2], text[3 * PS_ITEM_MAX], expected[3 * PS_ITEM_MAX];

	(void)state;
	memset(item, 'x', sizeof(item) - 1);
	item[PS_ITEM_MAX + 1] = 0;
	snprintf(text, sizeof(text), "+%s\n", item);
	assert_transcript("!|", text, NULL);
	snprintf(text, sizeof(text), "{\n%s\n}", item);
	assert_transcript("{!|", text, NULL);

	item[PS_ITEM_MAX] = 0;
	snprintf(text, sizeof(text), "-%s\n", item);
	snprintf(expected, sizeof(expected), "-%s|", item);
	assert_transcript(expected, text, NULL);
	/* blanks around it don't count */
	snprintf(text, sizeof(text), "{\n%20s%s%20s\n}", "", item, "");
	snprintf(expected, sizeof(expected), "{=%s}|", item);
	assert_transcript(expected, text, NULL);
	snprintf(text, sizeof(text), "{\n%s%200s\n}", "x", "");
	assert_transcript("{=x}|", text, NULL);
	/* those inside it do */
	snprintf(text, sizeof(text), "{\n%s %s\n}", item, "x");
	assert_transcript("{!|", text, NULL);
	snprintf(text, sizeof(text), "{\nx%200sx\n}", "");
	assert_transcript("{!|", text, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edit_is_one_write),
		cmocka_unit_test(an_edit_has_nothing_around_it),
		cmocka_unit_test(an_edit_has_no_nul_in_it),
		cmocka_unit_test(a_transaction_replaces_the_list),
		cmocka_unit_test(blanks_and_empty_lines_mean_nothing),
		cmocka_unit_test(lines_may_be_split_anywhere),
		cmocka_unit_test(the_end_of_the_last_line_may_come_late),
		cmocka_unit_test(nothing_may_follow_the_end),
		cmocka_unit_test(braces_stand_alone),
		cmocka_unit_test(malformed_text_ends_a_transaction),
		cmocka_unit_test(an_item_has_a_maximal_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
