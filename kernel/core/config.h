/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a context as an immutable value, and the tables made from
 * options.def. A configuration is published as a whole and never changed
 * afterwards; it doesn't own the tables it points to (snapshot.c does).
 */
#ifndef PS_CORE_CONFIG_H
#define PS_CORE_CONFIG_H

#include "countries.h"
#include "platform.h"
#include "ports.h"
#include "protection.h"
#include "quic_token.h"
#include "sources.h"
#include "status.h"

enum ps_scope {
	PS_SCOPE_INSTANCE,
	PS_SCOPE_CONTEXT,
	PS_SCOPE_OTHER,		/* the context Other only */
	PS_SCOPE_SHARED,	/* the instance; Other has the same file */
};

enum ps_option_type {
	PS_OPTION_INTEGER,
	PS_OPTION_BOOLEAN,
	PS_OPTION_RATES,
	PS_OPTION_MAC,
	PS_OPTION_WSCALE,
	PS_OPTION_GEOIP_POLICY,
	PS_OPTION_SECRET,
};

enum ps_list_type {
	PS_LIST_IFACES,
	PS_LIST_CONTEXTS,
	PS_LIST_SOURCES,
	PS_LIST_PROTOCOLS,
	PS_LIST_TCP_PORTS,
	PS_LIST_UDP_PORTS,
	PS_LIST_TOGGLED,
	PS_LIST_COUNTRIES,
	PS_LIST_GEOIP4,
	PS_LIST_GEOIP6,
};

#define PS_MEMBER	1	/* the value of items in a table of one list */

/* PS_OPTION_<name> and PS_LIST_<name>: the rows of options.def, both scopes. */
enum ps_option_index {
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc) PS_OPTION_##name,
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
	PS_OPTIONS,
};

enum ps_list_index {
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc)
#define PS_LIST(scope, name, type, value, id, limit, unit, doc) PS_LIST_##name,
#include "../../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
	PS_LISTS,
};

/**
 * struct ps_option - one PS_OPTION() row
 * @name:	of its file
 * @initial:	default
 * @min:	lowest value
 * @max:	highest value
 * @unit:	for people
 * @doc:	what it is for
 * @scope:	enum ps_scope
 * @type:	enum ps_option_type
 * @id:		netlink attribute
 */
struct ps_option {
	const char *name;
	s64 initial;
	s64 min;
	s64 max;
	const char *unit;
	const char *doc;
	u8 scope;
	u8 type;
	u8 id;
};

/**
 * struct ps_list - one PS_LIST() row
 * @name:	of its file
 * @limit:	items (disjoint ranges) at most, 0: no limit of its own
 * @unit:	what an item is, for people
 * @doc:	what it is for
 * @scope:	enum ps_scope
 * @type:	enum ps_list_type
 * @id:		netlink attribute
 * @value:	what an item gets in the table of its type: enum
 *		ps_source_value, enum ps_port_class, enum ps_protection_index,
 *		enum ps_family or PS_MEMBER
 */
struct ps_list {
	const char *name;
	u32 limit;
	const char *unit;
	const char *doc;
	u8 scope;
	u8 type;
	u8 id;
	u8 value;
};

extern const struct ps_option ps_option[PS_OPTIONS];
extern const struct ps_list ps_list[PS_LISTS];

/* The options that hold the rates of the protections. */
extern const u8 ps_protection_option[PS_PROTECTIONS];

/* The address families of the source tables. */
enum ps_family {
	PS_IPV4,
	PS_IPV6,
	PS_FAMILIES,
};

enum ps_port_protocol {
	PS_PORTS_TCP,
	PS_PORTS_UDP,
	PS_PORT_PROTOCOLS,
};

/**
 * struct ps_config - the rules of one context
 * @option:	value of every option of the scope CONTEXT; others unused
 * @protocols:	bit n set: protocol n in w_protocols
 * @sources:	b_sources and w_sources in one table a family
 * @ports:	all port lists in one table a protocol
 * @countries:	those of the list, by their numbers in the instance
 * @quic_key:	made of cluster_secret; valid where that option is 1
 */
struct ps_config {
	s64 option[PS_OPTIONS];
	u64 protocols[256 / 64];
	const struct ps_sources *sources[PS_FAMILIES];
	const struct ps_ports *ports[PS_PORT_PROTOCOLS];
	const struct ps_country_set *countries;
	struct ps_quic_key quic_key;
};

/* The rules of a context at its birth. */
extern const struct ps_config ps_config_initial;

static inline enum ps_family ps_addr_family(const struct ps_addr *addr)
{
	return ps_addr_is_ipv4(addr) ? PS_IPV4 : PS_IPV6;
}

static inline bool ps_config_has_protocol(const struct ps_config *config, u8 protocol)
{
	return config->protocols[protocol / 64] >> (protocol % 64) & 1;
}

/* Whether there are ports of QUIC, but nothing to make Retries with. */
static inline bool ps_config_lacks_retry(const struct ps_config *config)
{
	return !config->option[PS_OPTION_cluster_secret] &&
	       ps_ports_has(config->ports[PS_PORTS_UDP], PS_PORT_PROTECT_P);
}

/**
 * ps_option_parse() - check a text as the value of an option
 * @option: the option
 * @text: the text, without newline
 * @length: its bytes
 * @value: out
 *
 * Return: PS_OK, PS_MALFORMED or PS_OUT_OF_RANGE.
 */
enum ps_status ps_option_parse(const struct ps_option *option, const char *text, size_t length,
			       s64 *value);

/**
 * ps_option_format() - the text of a value, which parses to the same value
 * @option: the option
 * @text: room for PS_ITEM_MAX bytes
 * @value: the value
 *
 * Return: its length.
 */
size_t ps_option_format(const struct ps_option *option, char *text, s64 value);

#endif
