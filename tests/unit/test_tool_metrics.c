// SPDX-License-Identifier: GPL-2.0-or-later
/* The text for Prometheus: what is told of a few views, to the letter. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../kernel/version.h"
#include "metrics.h"
#include "protection.h"

static struct ps_view instance = { .name = "web", .contexts = 7 };
static struct ps_view other = { .name = "web", .place.context = "Other" };
static struct ps_view *view[] = { &instance, &other };
static const struct ps_views views = { .view = view, .count = 2, .version = "1.2.3" };

static char *printed(const struct ps_views *of, const struct ps_applied *applied)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	ps_metrics_print(to, of, applied);
	fclose(to);
	return text;
}

/* Whether it has this line. */
static bool has(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
		if (!strncmp(text, line, length) && text[length] == '\n')
			return true;
	return false;
}

static void counters(void **state)
{
	char *text;

	instance.counter[PS_INSTANCE_COUNTER_rx_total] = ~0ULL;
	instance.table[0] = (struct ps_netlink_table){ .slots = 1024, .used = 7 };
	other.counter[PS_CONTEXT_COUNTER_rx_total] = 12;
	other.counter[PS_CONTEXT_COUNTER_newconns] = 3;
	other.drop[PS_REASON_surge] = (struct ps_netlink_count){ 5, 500 };
	/* Not a drop: never told, whatever stands there. */
	other.drop[PS_REASON_sent] = (struct ps_netlink_count){ 5, 500 };
	text = printed(&views, NULL);
	assert_true(has(text, "packetshield_build_info{version=\"1.2.3\",tool=\"" PS_VERSION
			      "\"} 1"));
	assert_true(has(text,
			"packetshield_instance_rx_total{shield=\"web\"} 18446744073709551615"));
	assert_true(has(text, "packetshield_instance_capmissed_total{shield=\"web\"} 0"));
	assert_true(has(text, "packetshield_instance_contexts{shield=\"web\"} 7"));
	assert_true(has(text, "packetshield_instance_session_table_slots{shield=\"web\",table="
			      "\"tcp\"} 1024"));
	assert_true(has(text, "packetshield_instance_session_table_used{shield=\"web\",table="
			      "\"tcp\"} 7"));
	assert_null(strstr(text, "table=\"udp\""));
	assert_true(has(text, "# TYPE packetshield_context_newconns_total counter"));
	assert_true(has(text,
			"packetshield_context_newconns_total{shield=\"web\",context=\"Other\"} 3"));
	assert_true(has(text, "packetshield_context_rx_total{shield=\"web\",context=\"Other\"} "
			      "12"));
	assert_true(has(text, "packetshield_dropped_packets_total{shield=\"web\",context=\"Other\","
			      "reason=\"surge\"} 5"));
	assert_true(has(text, "packetshield_dropped_bytes_total{shield=\"web\",context=\"Other\","
			      "reason=\"surge\"} 500"));
	assert_null(strstr(text, "reason=\"sent\""));
	assert_null(strstr(text, "tcp_checksum"));
	assert_null(strstr(text, "last_apply"));
	free(text);
}

static void gauges(void **state)
{
	static const char labels[] = "{shield=\"web\",context=\"Other\",protection=\"unmatch_drop\"}";
	static const struct {
		const char *name;
		const char *value;
	} expected[] = {
		{ "context_protection_active", "1" },
		{ "context_protection_by_hand", "0" },
		{ "context_threshold_on", "900" },
		{ "context_threshold_off", "4294967295" },
		{ "context_threshold_rate", "5000000000" },
	};
	char line[256], *text;
	size_t i;

	other.status = 1U << PS_PROTECT_UNMATCHED | PS_STATUS_NO_COOKIES;
	other.rate[PS_PROTECT_UNMATCHED] = 5000000000ULL;
	other.measured = 1U << PS_PROTECT_UNMATCHED;
	other.option[PS_OPTION_unmatch_drop_threshold] = 900LL << 32 | 0xffffffff;
	text = printed(&views, NULL);
	for (i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		snprintf(line, sizeof(line), "packetshield_%s%s %s", expected[i].name, labels,
			 expected[i].value);
		assert_true(has(text, line));
	}
	assert_true(has(text, "packetshield_context_cookies_refused{shield=\"web\",context="
			      "\"Other\"} 1"));
	assert_true(has(text, "packetshield_context_retries_refused{shield=\"web\",context="
			      "\"Other\"} 0"));
	assert_null(strstr(text, "threshold_rate{shield=\"web\",context=\"Other\",protection=\"new"));
	assert_null(strstr(text, "threshold_on{shield=\"web\",context=\"Other\",protection=\"new"));
	free(text);
	other.status = PS_STATUS_NO_RETRY;
	text = printed(&views, NULL);
	assert_true(has(text, "packetshield_context_retries_refused{shield=\"web\",context="
			      "\"Other\"} 1"));
	assert_true(has(text, "packetshield_context_cookies_refused{shield=\"web\",context="
			      "\"Other\"} 0"));
	free(text);
}

static void apply(void **state)
{
	struct ps_applied applied = { .successful = false, .last = 1700000001, .success = 17 };
	static const struct ps_views none = { .version = "1" };
	char *text = printed(&none, &applied);

	assert_true(has(text, "packetshield_last_apply_successful 0"));
	assert_true(has(text, "packetshield_last_apply_timestamp_seconds 1700000001"));
	assert_true(has(text, "packetshield_last_apply_success_timestamp_seconds 17"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters),
		cmocka_unit_test(gauges),
		cmocka_unit_test(apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
