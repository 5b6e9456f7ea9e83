// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration file: what is refused, where and why; what comes of what is
 * taken; and that what is written says the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "rules.h"

/* Parse and, without errors, check; the text stands in memory of its exact size. */
static struct ps_config_file_errors read_text(struct ps_model *model, const char *text)
{
	struct ps_config_file_errors errors = {};
	size_t length = strlen(text);
	char *copy = malloc(length ? length : 1);

	memcpy(copy, text, length);
	*model = (struct ps_model){};
	ps_config_file_parse(model, copy, length, &errors);
	if (!errors.count)
		ps_config_file_check(model, &errors);
	free(copy);
	return errors;
}

/* The canonical file, without its first lines; the caller frees. */
static char *written(const struct ps_model *model)
{
	char *text = NULL, *body;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	assert_true(ps_config_file_write(model, to));
	fclose(to);
	body = strdup(strstr(text, "instances") ? strstr(text, "instances") : "");
	free(text);
	return body;
}

/* What is written of it, and of that again. */
static void assert_becomes(const char *text, const char *expected)
{
	struct ps_model model;
	struct ps_config_file_errors errors = read_text(&model, text);
	char *once, *twice;

	if (errors.count)
		fail_msg("%u:%u: %s", errors.error[0].line, errors.error[0].column,
			 errors.error[0].reason);
	once = written(&model);
	ps_model_free(&model);
	assert_string_equal(once, expected);
	errors = read_text(&model, once);
	assert_int_equal(errors.count, 0);
	twice = written(&model);
	ps_model_free(&model);
	assert_string_equal(twice, once);
	free(once);
	free(twice);
}

static void assert_refused(const char *text, u32 line, u32 column, const char *reason,
			   const char *hint)
{
	struct ps_model model;
	struct ps_config_file_errors errors = read_text(&model, text);
	const struct ps_config_file_error *error = &errors.error[0];

	ps_model_free(&model);
	assert_int_equal(errors.count, 1);
	if (error->line != line || error->column != column || !strstr(error->reason, reason) ||
	    !strstr(error->hint, hint))
		fail_msg("%s\n%u:%u: %s (%s)", text, error->line, error->column, error->reason,
			 error->hint);
}

static void taken(void **state)
{
	assert_becomes("", "");
	assert_becomes("# nothing\n\n \t \r\n", "");
	assert_becomes("instances a", "instances a\n");
	assert_becomes("instances b,a\r\n  instances\ta # again\n", "instances a\n\ninstances b\n");
	assert_becomes("a/Other/x_tcp_mss 1460\ninstances a\na/ack_session_timeout 30\n"
		       "a/rst_session_timeout 60\n",
		       "instances a\na/ack_session_timeout 30\n");
	assert_becomes("instances i\ni/contexts 10.0.0.2@5, 10.0.0.2,::2\n"
		       "i/10.0.0.2@5/gateway 02:00:00:00:00:0A\ni/contexts ::2\n",
		       "instances i\ni/contexts ::2\ni/contexts 10.0.0.2\ni/contexts 10.0.0.2@5\n"
		       "i/10.0.0.2@5/gateway 02:00:00:00:00:0a\n");
	assert_becomes("instances i\ni/ifaces eth1,a#b\ni/ifaces eth0\ni/ifaces eth1 #eth2",
		       "instances i\ni/ifaces a#b\ni/ifaces eth0\ni/ifaces eth1\n");
	assert_becomes("instances i\ni/Other/countries RU,CO, CO\ni/Other/geoip_policy deny_countries\n"
		       "i/Other/geoip4 2.0.0.0 -\ni/geoip4 1.0.0.0  CO,1.5.0.0 CO\n",
		       "instances i\ni/geoip4 1.0.0.0 CO\ni/geoip4 2.0.0.0 -\n"
		       "i/Other/geoip_policy deny_countries\ni/Other/countries CO\n"
		       "i/Other/countries RU\n");
	assert_becomes("instances i\ni/geoip6 keep\n", "instances i\ni/geoip6 keep\n");
	assert_becomes("instances i\ni/Other/cluster_secret keep\n",
		       "instances i\ni/Other/cluster_secret keep\n");
	assert_becomes("instances i\ni/Other/cluster_secret  a, b#c \n",
		       "instances i\ni/Other/cluster_secret a, b#c\n");
	assert_becomes("instances i\ni/Other/cluster_secret none\n", "instances i\n");
	assert_becomes("instances i\ni/contexts 10.0.0.1\ni/Other/new_cookie_toggled 10.0.0.1,Other\n",
		       "instances i\ni/contexts 10.0.0.1\ni/Other/new_cookie_toggled Other\n"
		       "i/Other/new_cookie_toggled 10.0.0.1\n");
}

/* What a later line adds to a list it takes from the others. */
static void order_of_lines(void **state)
{
	assert_becomes("instances i\ni/Other/p_tcp_ports 80-90\ni/Other/w_tcp_ports 85\n"
		       "i/Other/w_udp_ports 85\n",
		       "instances i\ni/Other/w_tcp_ports 85\ni/Other/w_udp_ports 85\n"
		       "i/Other/p_tcp_ports 80-84\ni/Other/p_tcp_ports 86-90\n");
	assert_becomes("instances i\ni/Other/b_sources 10.0.0.0/8\ni/Other/w_sources 10.0.0.5\n",
		       "instances i\ni/Other/b_sources 10.0.0.0-4\n"
		       "i/Other/b_sources 10.0.0.6-10.255.255.255\ni/Other/w_sources 10.0.0.5\n");
	assert_becomes("instances i\ni/Other/w_sources 10.0.0.5\ni/Other/b_sources 10.0.0.0/8\n",
		       "instances i\ni/Other/b_sources 10.0.0.0/8\n");
}

static void names_refused(void **state)
{
	assert_refused("instances .a", 1, 11, "no instance", "letters");
	assert_refused("foo 5", 1, 1, "no \"foo\"", "INSTANCE/NAME");
	assert_refused("version 1", 1, 1, "version", "");
	assert_refused("instances myinst\nmyints/ifaces eth0", 2, 1, "no line says",
		       "did you mean \"myinst\"?");
	assert_refused("a/ifaces eth0", 1, 1, "no line says", "say \"instances a\"");
	assert_refused("a/contexts 10.0.0.1", 1, 1, "no line says", "say \"instances a\"");
	assert_refused("instances a\n\na/1.2.3.4/dsr_mode 1", 3, 3, "has a context",
		       "say \"a/contexts 1.2.3.4\"");
	assert_refused("instances a\na/1.2.3/dsr_mode 1", 2, 3, "no context can be called", "Other");
	assert_refused("instances a\na/Other/b_source 1.2.3.4", 2, 9, "no option and no list",
		       "did you mean \"b_sources\"?");
	assert_refused("instances a\na/b_sources 1.2.3.4", 2, 3, "doesn't belong here",
		       "INSTANCE/CONTEXT/b_sources");
	assert_refused("instances a\na/Other/ifaces eth0", 2, 9, "doesn't belong here",
		       "INSTANCE/ifaces");
	assert_refused("instances a\na/contexts 1.2.3.4\na/1.2.3.4/surge_toggled Other", 3, 11,
		       "no option", "");
	assert_refused("instances a\na/contexts 1.2.3.4\na/1.2.3.4/new_cookie_toggled Other", 3, 11,
		       "doesn't belong here", "INSTANCE/Other/new_cookie_toggled");
	assert_refused("instances a\na/Other/x/y 5", 2, 1, "a path is", "");
	assert_refused("instances a\na//x 5", 2, 1, "a path is", "");
}

static void values_refused(void **state)
{
	assert_refused("instances", 1, 10, "a value is missing", "");
	assert_refused("instances a\na/ack_session_timeout # 5", 2, 22, "a value is missing", "");
	assert_refused("instances a\na/ack_session_timeout 0", 2, 23, "out of range", "1 to 32767");
	assert_refused("instances a\na/ack_session_timeout 1 2", 2, 23, "malformed", "1 to 32767");
	assert_refused("instances a\na/Other/dsr_mode yes", 2, 18, "malformed", "0 or 1");
	assert_refused("instances a\na/Other/new_cookie_threshold 5-9", 2, 30, "out of range", "X-Y");
	assert_refused("instances a\na/Other/b_sources 1.2.3.4,1.2.3.256,1.2.3.5", 2, 27,
		       "\"1.2.3.256\" is malformed", "CIDR");
	assert_refused("instances a\na/Other/b_sources 1.2.3.4,", 2, 27, "missing", "");
	assert_refused("instances a\na/ifaces eth0,#eth1", 2, 15, "missing", "");
	assert_refused("instances a\na/Other/w_protocols 256", 2, 21, "out of range", "IANA");
	assert_refused("instances a\na/contexts Other", 2, 12, "has the context Other", "");
	assert_refused("instances a\na/geoip4 ::1 CO", 2, 10, "malformed", "");
	assert_refused("instances a\na/dns_session_timeout 5\na/dns_session_timeout 6", 3, 1,
		       "line 2 sets", "");
}

static void together_refused(void **state)
{
	assert_refused("instances a,b\na/ifaces eth0,eth1\nb/ifaces eth2, eth1", 3, 16,
		       "one instance", "line 2 attaches it to \"a\"");
	assert_refused("instances a\na/Other/new_cookie_toggled 10.0.0.1", 2, 28,
		       "no such context", "");
	assert_refused("instances a\na/Other/deliver_block_toggled Other", 2, 31, "nothing at all",
		       "deliver_block_threshold");
	assert_refused("instances a\na/geoip4 1.0.0.0 CO\na/geoip4 1.0.0.0 RU", 3, 10,
		       "another country", "");
	assert_refused("instances a\na/Other/cluster_secret set", 2, 24, "malformed", "keep");
	assert_refused("instances a\na/geoip4 keep\na/geoip4 1.0.0.0 RU", 3, 10, "keep", "");
}

static void many_errors(void **state)
{
	char *text = calloc(1000, 64);
	struct ps_config_file_errors errors;
	struct ps_model model;
	size_t length = 0;
	u32 i;

	length += (size_t)sprintf(text, "instances a\n");
	for (i = 0; i < 1000; i++)
		length += (size_t)sprintf(text + length, "a/Other/b_sources 1.2.3.%u\n", i);
	errors = read_text(&model, text);
	ps_model_free(&model);
	free(text);
	assert_int_equal(errors.count, 1000 - 256);
	assert_int_equal(errors.error[0].line, 258);
	assert_int_equal(errors.error[PS_CONFIG_FILE_ERRORS - 1].line,
			 257 + PS_CONFIG_FILE_ERRORS);
}

/* Limits that the module has as well. */
static void limits(void **state)
{
	char *text = calloc(2000, 80);
	struct ps_config_file_errors errors;
	struct ps_model model;
	size_t length = 0;
	u32 i;

	for (i = 0; i < 64; i++)
		length += (size_t)sprintf(text + length, "instances %063u\n", i);
	errors = read_text(&model, text);
	ps_model_free(&model);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.error[0].line, 64);
	length = (size_t)sprintf(text, "instances a\n");
	for (i = 0; i < PS_COUNTRIES - 1; i++)
		length += (size_t)sprintf(text + length, "a/Other/countries C%u\n", i);
	errors = read_text(&model, text);
	ps_model_free(&model);
	assert_int_equal(errors.count, 0);
	sprintf(text + length, "a/geoip4 1.0.0.0 ONE_MORE\n");
	errors = read_text(&model, text);
	ps_model_free(&model);
	free(text);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.error[0].reason, "country codes"));
}

/* Against a byte an address: random lines over 1,024 addresses of each family. */
static void sources_at_random(void **state)
{
	static const char *const name[] = { [PS_SOURCE_DENY] = "b", [PS_SOURCE_ALLOW] = "w" };
	char *text = malloc(100000);
	u8 naive[1024];
	u32 round, i, at, lines, first, last, value;

	srand(1);
	for (round = 0; round < 60; round++) {
		struct ps_config_file_errors errors;
		struct ps_model model;
		struct ps_rules rules;
		struct ps_addr addr;
		size_t length = (size_t)sprintf(text, "instances a\n");

		memset(naive, 0, sizeof(naive));
		lines = (u32)rand() % 600;
		value = PS_SOURCE_DENY;
		for (i = 0; i < lines; i++) {
			first = (u32)rand() % 1024;
			last = first + (u32)rand() % 8;
			last = min(last, 1023U);
			/* Runs of all lengths. */
			if (!(rand() % (1 << round % 8)))
				value = PS_SOURCE_DENY + PS_SOURCE_ALLOW - value;
			memset(naive + first, (int)value, last - first + 1);
			length += (size_t)sprintf(
				text + length,
				round % 2 ? "a/Other/%s_sources 10.0.%u.%u-10.0.%u.%u\n" :
					    "a/Other/%s_sources 2001:db8::%x:%x-2001:db8::%x:%x\n",
				name[value], first / 256, first % 256, last / 256, last % 256);
		}
		errors = read_text(&model, text);
		assert_int_equal(errors.count, 0);
		ps_rules_make(&rules, &model.instance[0]);
		for (at = 0; at < 1024; at++) {
			addr = round % 2 ? ps_addr_from_ipv4(0x0a000000 + at) :
					   (struct ps_addr){ { 0x20010db8, 0, 0,
							       at / 256 << 16 | at % 256 } };
			assert_int_equal(
				ps_sources_find(rules.context[0].config.sources[round % 2 ? PS_IPV4 :
											  PS_IPV6],
						&addr),
				naive[at]);
		}
		ps_rules_free(&rules);
		ps_model_free(&model);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),	    cmocka_unit_test(order_of_lines),
		cmocka_unit_test(names_refused),    cmocka_unit_test(values_refused),
		cmocka_unit_test(together_refused), cmocka_unit_test(many_errors),
		cmocka_unit_test(limits),	    cmocka_unit_test(sources_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
