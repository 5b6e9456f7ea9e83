/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A context for tests of the engine, with rules that are easily changed, all
 * protections allocated, and its statistics. When it is freed, what it has
 * received must be what it has delivered, dropped and answered.
 */
#ifndef PS_TESTS_ENGINE_SITE_H
#define PS_TESTS_ENGINE_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "contexts.h"
#include "reasons.h"
#include "sources_set.h"

#define CPUS	2

/* A context and what belongs to it. */
struct site {
	struct ps_context context;
	struct ps_config config;
	struct set sources[PS_FAMILIES];
	struct ps_ports *ports[PS_PORT_PROTOCOLS];
	struct ps_country_set countries;
	u8 class[PS_PORT_PROTOCOLS][PS_PORTS];
	u64 counter[PS_CONTEXT_COUNTERS];
	u64 dropped, answered;
};

static inline void *zeroed(size_t size)
{
	void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

	memset(memory, 0, size);
	return memory;
}

static inline struct site *site_new(struct ps_addr addr, u16 vlan)
{
	struct site *site = zeroed(sizeof(*site));
	u32 i;

	site->context.id.addr = addr;
	site->context.id.vlan = vlan;
	site->config = ps_config_initial;
	site->config.countries = &site->countries;
	site->context.config = &site->config;
	for (i = 0; i < PS_FAMILIES; i++)
		site->sources[i].now = ps_config_initial.sources[i];
	for (i = 0; i < PS_PROTECTIONS; i++)
		site->context.protection[i] =
			zeroed(sizeof(struct ps_protection) +
			       CPUS * sizeof(struct ps_protection_cpu));
	return site;
}

static inline void site_free(struct site *site)
{
	u32 i;

	assert_int_equal(site->counter[PS_CONTEXT_COUNTER_rx_total],
			 site->counter[PS_CONTEXT_COUNTER_delivered] + site->dropped +
				 site->answered);
	for (i = 0; i < PS_FAMILIES; i++)
		set_free(&site->sources[i]);
	for (i = 0; i < PS_PROTECTIONS; i++)
		free(site->context.protection[i]);
	for (i = 0; i < PS_PORT_PROTOCOLS; i++)
		free(site->ports[i]);
	free(site);
}

static inline struct ps_addr parsed(const char *text)
{
	struct ps_addr addr;

	assert_int_equal(ps_parse_address(text, strlen(text), &addr), PS_OK);
	return addr;
}

static inline void set_ports(struct site *site, enum ps_port_protocol protocol, u16 first,
			     u16 last, enum ps_port_class class)
{
	memset(&site->class[protocol][first], class, last - first + 1U);
	free(site->ports[protocol]);
	site->ports[protocol] = malloc(ps_ports_bytes(site->class[protocol]));
	ps_ports_build(site->ports[protocol], site->class[protocol]);
	site->config.ports[protocol] = site->ports[protocol];
}

static inline void set_tcp_port(struct site *site, u16 port, enum ps_port_class class)
{
	set_ports(site, PS_PORTS_TCP, port, port, class);
}

static inline void set_udp_port(struct site *site, u16 port, enum ps_port_class class)
{
	set_ports(site, PS_PORTS_UDP, port, port, class);
}

static inline void allow_protocol(struct site *site, u8 protocol)
{
	site->config.protocols[protocol / 64] |= 1ULL << protocol % 64;
}

static inline void list_source(struct site *site, const char *addr, enum ps_source_value value)
{
	const struct ps_range range = { parsed(addr), parsed(addr) };
	enum ps_family family = ps_addr_family(&range.first);

	set_assign(&site->sources[family], range, value);
	site->config.sources[family] = site->sources[family].now;
}

static inline void list_country(struct site *site, u16 number, bool listed)
{
	ps_country_set_put(&site->countries, number, listed);
}

static inline void set_rates(struct site *site, enum ps_protection_index which, u32 above,
			     u32 below)
{
	site->config.option[ps_protection_option[which]] =
		ps_rates_pack((struct ps_rates){ above, below });
}

static inline struct ps_rates rates_of(const struct site *site, enum ps_protection_index which)
{
	return ps_rates_unpack(site->config.option[ps_protection_option[which]]);
}

#endif
