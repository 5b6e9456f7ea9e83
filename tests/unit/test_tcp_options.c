// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP options of SYNs and their cookies: what is read, what is agreed to, how
 * it is written, and the window. Expected bytes and numbers are those that
 * Linux puts on the wire.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tcp_options.h"

#define HEADER	20
#define ECE	0x40
#define CWR	0x80

/* A TCP header with these options; without padding. */
static struct ps_tcp_options parse(u8 flags, const void *bytes, u32 length)
{
	struct ps_tcp_options options;
	u8 *header = calloc(1, HEADER + length);

	header[13] = flags;
	if (length)
		memcpy(header + HEADER, bytes, length);
	ps_tcp_options_parse(&options, header, HEADER + length);
	free(header);
	return options;
}

#define PARSE(...)                                             \
	({                                                     \
		const u8 bytes[] = { __VA_ARGS__ };            \
		parse(0, bytes, sizeof(bytes));                \
	})

static void test_a_header_without_options_offers_nothing(void **state)
{
	struct ps_tcp_options options = parse(0, NULL, 0);

	assert_int_equal(options.mss, 0);
	assert_int_equal(options.wscale, PS_WSCALE_NONE);
	assert_false(options.timestamps);
	assert_false(options.sack);
	assert_false(options.ecn);
}

static void test_all_options_of_a_linux_syn(void **state)
{
	struct ps_tcp_options options = PARSE(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8,
					      1, 3, 3, 7);

	assert_int_equal(options.mss, 1460);
	assert_int_equal(options.wscale, 7);
	assert_true(options.timestamps);
	assert_int_equal(options.tsval, 0x01020304);
	assert_int_equal(options.tsecr, 0x05060708);
	assert_true(options.sack);
}

static void test_ecn_takes_both_flags(void **state)
{
	assert_true(parse(ECE | CWR | 2, NULL, 0).ecn);
	assert_false(parse(ECE | 2, NULL, 0).ecn);
	assert_false(parse(CWR | 2, NULL, 0).ecn);
	assert_false(parse(2, NULL, 0).ecn);
}

static void test_other_lengths_count_for_nothing(void **state)
{
	struct ps_tcp_options options;

	options = PARSE(2, 3, 5, 2, 5, 5, 5, 5, 3, 4, 7, 7, 3, 2, 4, 3, 0, 8, 9, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(options.mss, 0);
	assert_int_equal(options.wscale, PS_WSCALE_NONE);
	assert_false(options.sack);
	assert_false(options.timestamps);
}

static void test_the_last_of_a_kind_counts(void **state)
{
	assert_int_equal(PARSE(2, 4, 2, 0, 2, 4, 3, 0).mss, 0x300);
	assert_int_equal(PARSE(3, 3, 1, 3, 3, 2).wscale, 2);
	assert_int_equal(PARSE(8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 8, 10, 0, 0, 0, 2, 0, 0, 0, 0).tsval, 2);
}

static void test_an_mss_of_zero_is_none(void **state)
{
	assert_int_equal(PARSE(2, 4, 0, 0).mss, 0);
	assert_int_equal(PARSE(2, 4, 5, 0, 2, 4, 0, 0).mss, 0x500);
}

static void test_scales_end_at_14(void **state)
{
	assert_int_equal(PARSE(3, 3, 0).wscale, 0);
	assert_int_equal(PARSE(3, 3, 14).wscale, 14);
	assert_int_equal(PARSE(3, 3, 15).wscale, 14);
	assert_int_equal(PARSE(3, 3, 255).wscale, 14);
}

static void test_nothing_counts_behind_the_end_or_a_broken_option(void **state)
{
	assert_int_equal(PARSE(4, 2, 0, 2, 4, 5, 0).mss, 0);
	assert_true(PARSE(4, 2, 0, 2, 4, 5, 0).sack);
	assert_int_equal(PARSE(77, 1, 2, 4, 5, 0).mss, 0);
	assert_int_equal(PARSE(1, 1, 2, 4, 5).mss, 0);
	assert_int_equal(PARSE(77, 3, 9, 2, 4, 5, 0).mss, 0x500);
}

static const struct ps_tcp_options full_syn = {
	.tsval = 77, .tsecr = 5, .mss = 1400, .wscale = 9, .timestamps = true, .sack = true, .ecn = true,
};

static const struct ps_tcp_offer full_offer = {
	.mss = 1460, .wscale = 7, .timestamps = true, .sack = true, .ecn = true,
};

static struct ps_tcp_options answer(const struct ps_tcp_options *syn,
				    const struct ps_tcp_offer *offer, u64 now)
{
	struct ps_tcp_options answer;

	memset(&answer, 0xee, sizeof(answer));
	ps_tcp_options_answer(&answer, syn, offer, now);
	return answer;
}

static void test_all_that_both_want_is_agreed(void **state)
{
	struct ps_tcp_options options = answer(&full_syn, &full_offer, 6400 + 63);

	assert_int_equal(options.mss, 1460);
	assert_int_equal(options.wscale, 7);
	assert_true(options.timestamps);
	assert_true(options.sack);
	assert_true(options.ecn);
	assert_int_equal(options.tsecr, 77);
	assert_int_equal(options.tsval, 6400 + 0x30 + 9);
}

static void test_without_timestamps_only_the_mss_remains(void **state)
{
	struct ps_tcp_options syn = full_syn, options;
	struct ps_tcp_offer offer = full_offer;
	int side;

	for (side = 0; side < 2; side++) {
		syn.timestamps = side;
		offer.timestamps = !side;
		options = answer(&syn, &offer, 6400);
		assert_int_equal(options.mss, 1460);
		assert_int_equal(options.wscale, PS_WSCALE_NONE);
		assert_false(options.timestamps);
		assert_false(options.sack);
		assert_false(options.ecn);
	}
}

/* Whatever one side doesn't want is neither said nor in the code of the timestamp. */
static void test_each_option_takes_two(void **state)
{
	struct ps_tcp_options syn = full_syn, options;
	struct ps_tcp_offer offer = full_offer;
	u32 bits;

	for (bits = 0; bits < 64; bits++) {
		syn.sack = bits & 1;
		syn.ecn = bits & 2;
		syn.wscale = bits & 4 ? 9 : PS_WSCALE_NONE;
		offer.sack = bits & 8;
		offer.ecn = bits & 16;
		offer.wscale = bits & 32 ? 0 : PS_WSCALE_NONE;
		options = answer(&syn, &offer, 6400 + 63);
		assert_int_equal(options.sack, (bits & 9) == 9);
		assert_int_equal(options.ecn, (bits & 18) == 18);
		assert_int_equal(options.wscale, (bits & 36) == 36 ? 0 : PS_WSCALE_NONE);
		assert_int_equal(options.tsval, 6400 + ((bits & 36) == 36 ? 9 : 15) +
							16 * ((bits & 9) == 9) +
							32 * ((bits & 18) == 18));
	}
}

/* The code is 9 + SACK + ECN = 57: times of 57 to 63 are in this period, earlier ones before. */
static void test_the_timestamp_is_never_in_the_future(void **state)
{
	u64 now;

	for (now = 6400; now < 6400 + 57; now++)
		assert_int_equal(answer(&full_syn, &full_offer, now).tsval, 6400 - 64 + 57);
	for (; now < 6400 + 64; now++)
		assert_int_equal(answer(&full_syn, &full_offer, now).tsval, 6400 + 57);
}

static void test_the_timestamp_is_shifted_and_wraps(void **state)
{
	struct ps_tcp_offer offer = full_offer;

	offer.shift = 0xfffffff0;
	assert_int_equal(answer(&full_syn, &offer, 6400 + 60).tsval, 6400 + 57 - 16);
	offer.shift = 0;
	assert_int_equal(answer(&full_syn, &offer, 1ULL << 32).tsval, (u32)-64 + 57);
}

static void check_bytes(const struct ps_tcp_options *options, const u8 *bytes, u32 length)
{
	u8 written[PS_TCP_OPTIONS_MAX];

	memset(written, 0xee, sizeof(written));
	assert_int_equal(ps_tcp_options_build(written, options), length);
	assert_memory_equal(written, bytes, length);
	assert_int_equal(written[length], 0xee);
}

#define BUILDS(options, ...)                                   \
	do {                                                   \
		const u8 bytes[] = { __VA_ARGS__ };            \
		check_bytes(&(options), bytes, sizeof(bytes)); \
	} while (0)

static void test_options_are_laid_out_as_linux_does(void **state)
{
	struct ps_tcp_options options = { .mss = 1460, .wscale = PS_WSCALE_NONE };

	BUILDS(options, 2, 4, 0x05, 0xb4);
	options.sack = true;
	BUILDS(options, 2, 4, 0x05, 0xb4, 1, 1, 4, 2);
	options.sack = false;
	options.timestamps = true;
	options.tsval = 0x01020304;
	options.tsecr = 0xf5060708;
	BUILDS(options, 2, 4, 0x05, 0xb4, 1, 1, 8, 10, 1, 2, 3, 4, 0xf5, 6, 7, 8);
	options.wscale = 14;
	BUILDS(options, 2, 4, 0x05, 0xb4, 1, 1, 8, 10, 1, 2, 3, 4, 0xf5, 6, 7, 8, 1, 3, 3, 14);
	options.sack = true;
	BUILDS(options, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0xf5, 6, 7, 8, 1, 3, 3, 14);
	options.mss = 0;
	options.wscale = 0;
	BUILDS(options, 4, 2, 8, 10, 1, 2, 3, 4, 0xf5, 6, 7, 8, 1, 3, 3, 0);
}

static void check_window(u32 space, u32 clamp, u32 growth, u32 mss, u32 window, u32 scale)
{
	struct ps_tcp_space limits = { .space = space, .clamp = clamp, .growth = growth };
	struct ps_tcp_window found = ps_tcp_options_window(&limits, mss);

	assert_int_equal(found.window, window);
	assert_int_equal(found.scale, scale);
}

static void test_windows_of_listeners(void **state)
{
	/* What Linux announces with its default buffers: 128 KiB now, 6 MiB some day. */
	check_window(65536, 0, 6291456, 1460, 64240, 7);
	check_window(65536, 0, 6291456, 1448, 65160, 7);
	/* Large buffers: the field has 16 bits. */
	check_window(1 << 20, 0, 6291456, 1460, 65535, 7);
	/* Small ones: whole segments, if one fits. */
	check_window(4000, 0, 4000, 1460, 2920, 0);
	check_window(1000, 0, 1000, 1460, 1000, 0);
	check_window(0, 0, 0, 1460, 0, 0);
	/* A clamp holds for both. */
	check_window(65536, 20000, 6291456, 1460, 18980, 0);
	check_window(65536, 70000, 6291456, 1460, 64240, 1);
}

static void test_scales_of_listeners(void **state)
{
	check_window(0, 0, 65535, 1, 0, 0);
	check_window(0, 0, 65536, 1, 0, 1);
	check_window(0, 0, 131071, 1, 0, 1);
	check_window(0, 0, 131072, 1, 0, 2);
	check_window(131072, 0, 1, 1, 65535, 2);
	check_window(0, 0, 0xffffffff, 1, 0, 14);
}

static void test_signed_windows_end_below_32k(void **state)
{
	struct ps_tcp_space limits = { .space = 65536, .growth = 6291456, .signed_windows = true };
	struct ps_tcp_window found = ps_tcp_options_window(&limits, 1460);

	assert_int_equal(found.window, 32767);
	assert_int_equal(found.scale, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_header_without_options_offers_nothing),
		cmocka_unit_test(test_all_options_of_a_linux_syn),
		cmocka_unit_test(test_ecn_takes_both_flags),
		cmocka_unit_test(test_other_lengths_count_for_nothing),
		cmocka_unit_test(test_the_last_of_a_kind_counts),
		cmocka_unit_test(test_an_mss_of_zero_is_none),
		cmocka_unit_test(test_scales_end_at_14),
		cmocka_unit_test(test_nothing_counts_behind_the_end_or_a_broken_option),
		cmocka_unit_test(test_all_that_both_want_is_agreed),
		cmocka_unit_test(test_without_timestamps_only_the_mss_remains),
		cmocka_unit_test(test_each_option_takes_two),
		cmocka_unit_test(test_the_timestamp_is_never_in_the_future),
		cmocka_unit_test(test_the_timestamp_is_shifted_and_wraps),
		cmocka_unit_test(test_options_are_laid_out_as_linux_does),
		cmocka_unit_test(test_windows_of_listeners),
		cmocka_unit_test(test_scales_of_listeners),
		cmocka_unit_test(test_signed_windows_end_below_32k),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
