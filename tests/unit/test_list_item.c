// SPDX-License-Identifier: GPL-2.0-or-later
/* Items of lists: which text is one of which list, and what walking a list gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "list_item.h"
#include "sources_set.h"

static void assert_item(enum ps_list_index list, const char *text, const char *printed)
{
	union ps_list_item item;
	char again[PS_ITEM_MAX];
	size_t length;

	memset(&item, 0xee, sizeof(item));
	assert_int_equal(ps_list_item_parse(&ps_list[list], text, strlen(text), &item), PS_OK);
	length = ps_list_item_format(&ps_list[list], again, &item);
	assert_string_equal(again, printed);
	assert_int_equal(length, strlen(printed));
}

static void assert_no_item(enum ps_list_index list, const char *text, enum ps_status status)
{
	union ps_list_item item;

	assert_int_equal(ps_list_item_parse(&ps_list[list], text, strlen(text), &item), status);
}

static void each_kind(void **state)
{
	assert_item(PS_LIST_ifaces, "eth0", "eth0");
	assert_item(PS_LIST_ifaces, "fifteen_bytes__", "fifteen_bytes__");
	assert_no_item(PS_LIST_ifaces, "sixteen_bytes___", PS_MALFORMED);
	assert_item(PS_LIST_contexts, "10.0.0.1@5", "10.0.0.1@5");
	assert_item(PS_LIST_contexts, "Other", "Other");
	assert_item(PS_LIST_new_cookie_toggled, "Other", "Other");
	assert_no_item(PS_LIST_contexts, "other", PS_MALFORMED);
	assert_no_item(PS_LIST_contexts, "10.0.0.1@4095", PS_OUT_OF_RANGE);
	assert_item(PS_LIST_b_sources, "10.0.0.0-10.0.0.255", "10.0.0.0/24");
	assert_item(PS_LIST_w_sources, "2001:DB8::/32", "2001:db8::/32");
	assert_item(PS_LIST_w_protocols, "47", "47");
	assert_no_item(PS_LIST_w_protocols, "256", PS_OUT_OF_RANGE);
	assert_no_item(PS_LIST_w_protocols, "1-2", PS_MALFORMED);
	assert_item(PS_LIST_p_tcp_ports, "80-80", "80");
	assert_item(PS_LIST_w_udp_ports, "1-65535", "1-65535");
	assert_no_item(PS_LIST_w_udp_ports, "0", PS_OUT_OF_RANGE);
	assert_item(PS_LIST_countries, "CO", "CO");
	assert_no_item(PS_LIST_countries, "-", PS_MALFORMED);
	assert_item(PS_LIST_geoip4, "1.0.0.0 \t CO", "1.0.0.0 CO");
	assert_item(PS_LIST_geoip6, "::1 -", "::1 -");
	assert_no_item(PS_LIST_geoip4, "::1 CO", PS_MALFORMED);
	assert_no_item(PS_LIST_geoip6, "1.0.0.0 CO", PS_MALFORMED);
}

/* The whole list, with a comma behind each item. */
static const char *listed(enum ps_list_index list, const struct ps_config *config,
			  const struct ps_countries *countries)
{
	static char text[1000];
	struct ps_listing listing;
	union ps_list_item item;
	size_t length = 0;

	text[0] = 0;
	ps_listing_start(&listing, &ps_list[list], config, countries);
	while (ps_listing_next(&listing, &item)) {
		length += ps_list_item_format(&ps_list[list], text + length, &item);
		text[length++] = ',';
		text[length] = 0;
	}
	assert_false(ps_listing_next(&listing, &item));
	return text;
}

static void empty_lists(void **state)
{
	enum ps_list_index i;

	for (i = 0; i < PS_LISTS; i++)
		assert_string_equal(listed(i, &ps_config_initial, NULL), "");
}

static void sources(void **state)
{
	struct ps_config config = ps_config_initial;
	struct set set[PS_FAMILIES] = { { .now = config.sources[PS_IPV4] },
					{ .now = config.sources[PS_IPV6] } };
	const struct ps_range everything = { ipv6(0, 0, 0, 0), ipv6(~0U, ~0U, ~0U, ~0U) };
	const struct ps_range mapped = { ps_addr_from_ipv4(0), ps_addr_from_ipv4(~0U) };

	set_assign(&set[PS_IPV4], ipv4(0x0a000000, 0x0a0000ff), PS_SOURCE_DENY);
	set_assign(&set[PS_IPV4], ipv4(0x0a000005, 0x0a000005), PS_SOURCE_ALLOW);
	config.sources[PS_IPV4] = set[PS_IPV4].now;
	assert_string_equal(listed(PS_LIST_b_sources, &config, NULL), "10.0.0.0-4,10.0.0.6-255,");
	assert_string_equal(listed(PS_LIST_w_sources, &config, NULL), "10.0.0.5,");
	set_assign(&set[PS_IPV6], everything, PS_SOURCE_ALLOW);
	config.sources[PS_IPV6] = set[PS_IPV6].now;
	assert_string_equal(listed(PS_LIST_w_sources, &config, NULL), "10.0.0.5,::/0,");
	/* No text begins or ends in the mapped block, and it alone is no item. */
	set_assign(&set[PS_IPV6], mapped, PS_SOURCE_DENY);
	config.sources[PS_IPV6] = set[PS_IPV6].now;
	assert_string_equal(listed(PS_LIST_b_sources, &config, NULL), "10.0.0.0-4,10.0.0.6-255,");
	assert_string_equal(listed(PS_LIST_w_sources, &config, NULL),
			    "10.0.0.5,::-::fffe:ffff:ffff,"
			    "::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,");
	set_free(&set[PS_IPV4]);
	set_free(&set[PS_IPV6]);
}

static void protocols_and_countries(void **state)
{
	static struct ps_countries countries;
	struct ps_country country = { "ZZ" };
	struct ps_country_set set = { { 0 } };
	struct ps_config config = ps_config_initial;

	config.protocols[0] = 1ULL << 0 | 1ULL << 63;
	config.protocols[3] = 1ULL << 63;
	assert_string_equal(listed(PS_LIST_w_protocols, &config, NULL), "0,63,255,");
	ps_country_set_put(&set, ps_countries_add(&countries, &country), true);
	country = (struct ps_country){ "BB" };
	ps_countries_add(&countries, &country);
	country = (struct ps_country){ "AA" };
	ps_country_set_put(&set, ps_countries_add(&countries, &country), true);
	config.countries = &set;
	assert_string_equal(listed(PS_LIST_countries, &config, &countries), "AA,ZZ,");
}

/* Random maps of pages that are often equal, walked and compared port by port. */
static void ports(void **state)
{
	static u8 map[PS_PORTS], seen[PS_PORTS];
	static const enum ps_list_index list[] = { PS_LIST_w_tcp_ports, PS_LIST_p_tcp_ports,
						   PS_LIST_x_tcp_ports };
	u32 round, i, n, last;

	srand(2);
	for (round = 0; round < 40; round++) {
		struct ps_config config = ps_config_initial;
		struct ps_listing listing;
		union ps_list_item item;
		struct ps_ports *built;

		memset(map, 0, sizeof(map));
		memset(seen, 0, sizeof(seen));
		for (i = 0; i < round; i++) {
			u32 first = 1 + (u32)rand() % 65535, length = (u32)rand() % (1U << i % 12);

			memset(map + first, rand() % 4, min(length + 1, PS_PORTS - first));
		}
		map[PS_PORTS - 1] = round % 4;
		built = malloc(ps_ports_bytes(map));
		ps_ports_build(built, map);
		config.ports[PS_PORTS_TCP] = built;
		for (n = 0; n < ARRAY_SIZE(list); n++) {
			last = 0;
			ps_listing_start(&listing, &ps_list[list[n]], &config, NULL);
			while (ps_listing_next(&listing, &item)) {
				/* Each interval stands apart from the one before. */
				assert_true(!last || item.interval.first > last + 1);
				last = item.interval.last;
				memset(seen + item.interval.first, ps_list[list[n]].value,
				       last - item.interval.first + 1);
			}
		}
		assert_memory_equal(seen, map, sizeof(map));
		free(built);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind), cmocka_unit_test(empty_lists),
		cmocka_unit_test(sources),   cmocka_unit_test(protocols_and_countries),
		cmocka_unit_test(ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
