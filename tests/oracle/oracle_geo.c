// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of countries against an array with a country for every address of a
 * small block: random lines, in any order, with repetitions and contradictions,
 * few ones and many leaves full, in both families. What the table says of each
 * address, how many ranges it has, and the lines it is printed as must agree.
 *
 * PS_SEED in the environment repeats a run.
 */
#include "geo_table.h"

#define SPACE	4096U	/* addresses */
#define ROUNDS	400
#define CODES	6

static const char *const codes[CODES] = { "-", "AU", "CO", "NZ", "zz", "AS-64500" };

struct naive {
	const char *line[SPACE];	/* the code said to begin here, or NULL */
	const char *country[SPACE];
	bool contradiction;
};

/* The last address of the space is the last of the family in every other round. */
static struct ps_addr address(u32 words, bool high, u32 i)
{
	u32 low = high ? i - SPACE : i;

	if (words == 1)
		return ps_addr_from_ipv4(low);
	return high ? (struct ps_addr){ { ~0U, ~0U, ~0U, low } } :
		      (struct ps_addr){ { 0, 0, 0, low } };
}

static u32 below(u32 n)
{
	return (u32)random() % n;
}

static void random_lines(struct geo *geo, struct naive *naive, u32 words, bool high)
{
	u32 n = below(2) ? below(10) : below(2 * SPACE), i, at;
	bool ordered = below(2);
	const char *code;
	char text[PS_ITEM_MAX];
	struct ps_addr addr;
	size_t length;

	for (i = 0; i < n; i++) {
		at = ordered ? (u32)((u64)i * SPACE / n) : below(SPACE);
		code = codes[below(CODES)];
		/* Mostly what has been said before. */
		if (naive->line[at] && below(20000))
			code = naive->line[at];
		naive->contradiction |= naive->line[at] && naive->line[at] != code;
		naive->line[at] = code;
		addr = address(words, high, at);
		length = ps_format_address(text, &addr);
		snprintf(text + length, sizeof(text) - length, " %s", code);
		geo_add(geo, text);
	}
	code = codes[0];
	for (i = 0; i < SPACE; i++) {
		code = naive->line[i] ? naive->line[i] : code;
		naive->country[i] = code;
	}
}

static void assert_agrees(struct geo *geo, const struct naive *naive, u32 words, bool high)
{
	const char *before = codes[0];
	u32 i, lines = 0, ranges = 0;

	for (i = 0; i < SPACE; i++) {
		assert_string_equal(geo_country(geo, address(words, high, i)), naive->country[i]);
		if (naive->country[i] == before)
			continue;
		before = naive->country[i];
		ranges += before != codes[0];
		assert_true(lines < geo->n);
		assert_int_equal(geo->line[lines].first.word[3], address(words, high, i).word[3]);
		assert_string_equal(geo->line[lines].country.text,
				    before == codes[0] ? "" : before);
		lines++;
	}
	assert_int_equal(geo->n, lines);
	assert_int_equal(geo->table->ranges, ranges);
}

static void assert_walk_is_canonical(const struct geo *geo)
{
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	u32 segments = 0;
	u16 last = 0;

	ps_sources_seek(&cursor, geo->table, NULL);
	while (ps_sources_next(&cursor, &segment)) {
		assert_true(!segments || segment.value != last);
		last = segment.value;
		segments++;
	}
	assert_in_range(segments, geo->n, geo->n + 1);
}

static void one_round(u32 words, bool high)
{
	struct naive *naive = calloc(1, sizeof(*naive));
	struct geo *geo = calloc(1, sizeof(*geo));

	random_lines(geo, naive, words, high);
	assert_int_equal(geo_tidy(geo), naive->contradiction ? PS_MALFORMED : PS_OK);
	if (!naive->contradiction) {
		geo_build(geo, words);
		assert_agrees(geo, naive, words, high);
		assert_walk_is_canonical(geo);
	}
	geo_free(geo);
	free(geo);
	free(naive);
}

static void test_tables_agree(void **state)
{
	const char *seed = getenv("PS_SEED");
	u32 i;

	srandom(seed ? (unsigned int)strtoul(seed, NULL, 0) : 1);
	for (i = 0; i < ROUNDS; i++)
		one_round(i & 1 ? 4 : 1, i & 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
