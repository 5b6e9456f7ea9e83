// SPDX-License-Identifier: GPL-2.0-or-later
/* Options and reasons: the tables agree with themselves, and values with rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "config.h"
#include "engine.h"
#include "parse.h"
#include "reasons.h"

static void test_option_values_round_trip(void **state)
{
	char text[PS_ITEM_MAX];
	u32 i, j;
	s64 back;

	for (i = 0; i < PS_OPTIONS; i++) {
		const struct ps_option *option = &ps_option[i];
		const s64 value[] = { option->initial, option->min, option->max };

		for (j = 0; j < ARRAY_SIZE(value); j++) {
			size_t length = ps_option_format(option, text, value[j]);

			/* Which one is never shown. */
			if (option->type == PS_OPTION_SECRET && value[j])
				continue;
			assert_int_equal(ps_option_parse(option, text, length, &back), PS_OK);
			assert_int_equal(back, value[j]);
		}
	}
}

static void test_option_values_out_of_range(void **state)
{
	char text[PS_ITEM_MAX];
	s64 value;
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++) {
		const struct ps_option *option = &ps_option[i];

		/* A secret may be nearly any text. */
		assert_int_equal(ps_option_parse(option, "x", 1, &value),
				 option->type == PS_OPTION_SECRET ? PS_OK : PS_MALFORMED);
		assert_int_equal(ps_option_parse(option, "", 0, &value), PS_MALFORMED);
		/* Of the other types test_option_text.c tells. */
		if (option->type != PS_OPTION_INTEGER)
			continue;
		assert_int_equal(ps_option_parse(option, text,
						 ps_format_integer(text, option->max + 1), &value),
				 PS_OUT_OF_RANGE);
		assert_int_equal(ps_option_parse(option, text,
						 ps_format_integer(text, option->min - 1), &value),
				 PS_OUT_OF_RANGE);
	}
}

static void test_time_outs_are_options_in_seconds(void **state)
{
	u32 i;

	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		assert_string_equal(ps_option[ps_engine_timeout[i]].unit, "seconds");
}

/* SPEC 4: documented to the letter. */
static void test_documented_defaults(void **state)
{
	static const struct {
		const char *name, *initial;
	} documented[] = {
		{ "ack_session_timeout", "60" },
		{ "syn_session_timeout", "10" },
		{ "rst_session_timeout", "60" },
		{ "dns_session_timeout", "60" },
		{ "udp_session_timeout", "60" },
		{ "session_table_size", "1048576" },
		{ "drop_empty_ack", "0" },
		{ "gateway", "ff:ff:ff:ff:ff:ff" },
		{ "new_cookie_threshold", "0-0" },
		{ "unmatch_drop_threshold", "0-0" },
		{ "unknown_ttlfilter_threshold", "0-0" },
		{ "deliver_block_threshold", "0-0" },
		{ "x_tcp_ecn", "0" },
		{ "x_tcp_sack", "0" },
		{ "x_tcp_timestamps", "0" },
		{ "x_tcp_mss", "1460" },
		{ "x_tcp_wscale", "none" },
		{ "icmp_rate_max", "0" },
		{ "dsr_mode", "0" },
		{ "geoip_policy", "none" },
	};
	char text[PS_ITEM_MAX];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(documented); i++) {
		for (j = 0; j < PS_OPTIONS; j++)
			if (!strcmp(ps_option[j].name, documented[i].name))
				break;
		assert_in_range(j, 0, PS_OPTIONS - 1);
		ps_option_format(&ps_option[j], text, ps_option[j].initial);
		assert_string_equal(text, documented[i].initial);
	}
}

/* The bits of the status, SPEC 5.2 to 5.5, and the files they belong to. */
static void test_protections(void **state)
{
	static const char *const name[] = { "new_cookie", "unknown_ttlfilter", "unmatch_drop",
					    "deliver_block" };
	char text[PS_ITEM_MAX];
	u32 bit, i, lists = 0;

	assert_int_equal(PS_PROTECTIONS, ARRAY_SIZE(name));
	for (bit = 0; bit < PS_PROTECTIONS; bit++) {
		snprintf(text, sizeof(text), "%s_threshold", name[bit]);
		assert_string_equal(ps_option[ps_protection_option[bit]].name, text);
		snprintf(text, sizeof(text), "%s_toggled", name[bit]);
		for (i = 0; i < PS_LISTS; i++) {
			if (strcmp(ps_list[i].name, text))
				continue;
			assert_int_equal(ps_list[i].value, bit);
			assert_int_equal(ps_list[i].scope, PS_SCOPE_OTHER);
			lists++;
		}
	}
	assert_int_equal(lists, PS_PROTECTIONS);
}

static void test_ids_are_unique_in_their_scope(void **state)
{
	u8 taken[PS_SCOPE_OTHER + 1][256] = { 0 };
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++)
		assert_int_equal(taken[ps_option[i].scope][ps_option[i].id]++, 0);
	for (i = 0; i < PS_LISTS; i++) {
		u8 scope = ps_list[i].scope;

		scope = scope == PS_SCOPE_SHARED ? PS_SCOPE_INSTANCE : scope;
		assert_int_equal(taken[scope][ps_list[i].id]++, 0);
	}
}

static void test_reasons(void **state)
{
	const u32 rx_total = 1U << PS_CONTEXT_COUNTER_rx_total;
	const u32 delivered = 1U << PS_CONTEXT_COUNTER_delivered;
	const u32 tx_total = 1U << PS_CONTEXT_COUNTER_tx_total;
	u8 taken[256] = { 0 };
	u32 i;

	for (i = 1; i < PS_REASONS; i++) {
		const struct ps_reason_info *info = &ps_reason_info[i];

		assert_int_equal(taken[info->id]++, 0);
		/* rx_total = delivered + drops + replies: a reason is in one of them. */
		switch (info->action) {
		case PS_PASS:
		case PS_WITHHOLD:
			assert_int_equal(info->counters, 0);
			break;
		case PS_SEND:
			assert_int_equal(info->counters, tx_total);
			break;
		case PS_DELIVER:
			assert_int_equal(info->counters & (rx_total | delivered),
					 rx_total | delivered);
			break;
		default:
			assert_int_equal(info->counters & (rx_total | delivered | tx_total),
					 rx_total);
		}
	}
}

static void test_initial_rules_allow_nothing(void **state)
{
	u32 i;

	for (i = 0; i < 256; i++)
		assert_false(ps_config_has_protocol(&ps_config_initial, i));
	for (i = 0; i < PS_PORTS; i++) {
		assert_int_equal(ps_ports_class(ps_config_initial.ports[PS_PORTS_TCP], i), 0);
		assert_int_equal(ps_ports_class(ps_config_initial.ports[PS_PORTS_UDP], i), 0);
	}
	for (i = 0; i < PS_OPTIONS; i++)
		assert_int_equal(ps_config_initial.option[i], ps_option[i].initial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option_values_round_trip),
		cmocka_unit_test(test_option_values_out_of_range),
		cmocka_unit_test(test_time_outs_are_options_in_seconds),
		cmocka_unit_test(test_documented_defaults),
		cmocka_unit_test(test_protections),
		cmocka_unit_test(test_ids_are_unique_in_their_scope),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_initial_rules_allow_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
