// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of options.def and the values of options; see config.h. */
#include "config.h"
#include "option_text.h"
#include "parse.h"

#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc) \
	static_assert((min) <= (def) && (def) <= (max), #name);    \
	static_assert((id) > 0 && (id) < 256, #name);
#define PS_LIST(scope, name, type, value, id, limit, unit, doc) \
	static_assert((id) > 0 && (id) < 256, #name);
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST

const struct ps_option ps_option[PS_OPTIONS] = {
#define PS_OPTION(where, text, kind, number, def, lowest, highest, of, about) \
	[PS_OPTION_##text] = { .name = #text,                                 \
			       .scope = PS_SCOPE_##where,                     \
			       .type = PS_OPTION_##kind,                      \
			       .id = number,                                  \
			       .initial = def,                                \
			       .min = lowest,                                 \
			       .max = highest,                                \
			       .unit = of,                                    \
			       .doc = about },
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
};

const struct ps_list ps_list[PS_LISTS] = {
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc)
#define PS_LIST(where, text, kind, entry, number, most, of, about) \
	[PS_LIST_##text] = { .name = #text,                        \
			     .scope = PS_SCOPE_##where,            \
			     .type = PS_LIST_##kind,               \
			     .id = number,                         \
			     .limit = most,                        \
			     .unit = of,                           \
			     .doc = about,                         \
			     .value = PS_##entry },
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
};

static_assert(PS_OPTIONS <= 256, "option numbers are bytes");

const u8 ps_protection_option[PS_PROTECTIONS] = {
	[PS_PROTECT_NEW_COOKIE] = PS_OPTION_new_cookie_threshold,
	[PS_PROTECT_UNKNOWN_TTL] = PS_OPTION_unknown_ttlfilter_threshold,
	[PS_PROTECT_UNMATCHED] = PS_OPTION_unmatch_drop_threshold,
	[PS_PROTECT_SURGE] = PS_OPTION_deliver_block_threshold,
};

const struct ps_config ps_config_initial = {
	.option = {
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc) [PS_OPTION_##name] = def,
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
	},
	.sources = { &ps_sources_empty_ipv4, &ps_sources_empty_ipv6 },
	.ports = { &ps_ports_empty, &ps_ports_empty },
	.countries = &ps_country_set_empty,
};

enum ps_status ps_option_parse(const struct ps_option *option, const char *text, size_t length,
			       s64 *value)
{
	switch (option->type) {
	case PS_OPTION_INTEGER:
		return ps_parse_integer(text, length, option->min, option->max, value);
	case PS_OPTION_BOOLEAN:
		return ps_option_parse_boolean(text, length, value);
	case PS_OPTION_RATES:
		return ps_option_parse_rates(text, length, value);
	case PS_OPTION_MAC:
		return ps_option_parse_mac(text, length, value);
	case PS_OPTION_WSCALE:
		return ps_option_parse_wscale(text, length, value);
	case PS_OPTION_GEOIP_POLICY:
		return ps_option_parse_geoip_policy(text, length, value);
	case PS_OPTION_SECRET:
		return ps_option_parse_secret(text, length, value);
	default:
		return PS_MALFORMED;
	}
}

size_t ps_option_format(const struct ps_option *option, char *text, s64 value)
{
	switch (option->type) {
	case PS_OPTION_INTEGER:
	case PS_OPTION_BOOLEAN:
		return ps_format_integer(text, value);
	case PS_OPTION_RATES:
		return ps_option_format_rates(text, value);
	case PS_OPTION_MAC:
		return ps_option_format_mac(text, value);
	case PS_OPTION_WSCALE:
		return ps_option_format_wscale(text, value);
	case PS_OPTION_GEOIP_POLICY:
		return ps_option_format_geoip_policy(text, value);
	case PS_OPTION_SECRET:
		return ps_option_format_secret(text, value);
	default:
		return 0;
	}
}
