// SPDX-License-Identifier: GPL-2.0-or-later
/* Port tables: what is compiled in is what is looked up, in little memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ports.h"

static struct ps_ports *compile(const u8 *map)
{
	struct ps_ports *ports = malloc(ps_ports_bytes(map));

	ps_ports_build(ports, map);
	return ports;
}

static void test_empty_table_has_no_port(void **state)
{
	u32 port;

	for (port = 0; port < PS_PORTS; port++)
		assert_int_equal(ps_ports_class(&ps_ports_empty, port), PS_PORT_NONE);
}

static void test_every_class_at_every_edge(void **state)
{
	static const u16 edge[] = { 0, 1, 3, 4, 255, 256, 257, 32767, 32768, 65279, 65280, 65535 };
	u8 *map = calloc(1, PS_PORTS);
	struct ps_ports *ports;
	u32 i, port;

	for (i = 0; i < ARRAY_SIZE(edge); i++)
		map[edge[i]] = 1 + i % 3;
	ports = compile(map);
	for (port = 0; port < PS_PORTS; port++)
		assert_int_equal(ps_ports_class(ports, port), map[port]);
	free(ports);
	free(map);
}

static void test_a_class_is_found_wherever_it_is(void **state)
{
	static const u16 edge[] = { 0, 255, 256, 32768, 65535 };
	u8 *map = calloc(1, PS_PORTS);
	struct ps_ports *ports;
	u32 i;

	assert_false(ps_ports_has(&ps_ports_empty, PS_PORT_PROTECT_P));
	for (i = 0; i < ARRAY_SIZE(edge); i++) {
		map[edge[i]] = PS_PORT_PROTECT_P;
		ports = compile(map);
		assert_true(ps_ports_has(ports, PS_PORT_PROTECT_P));
		assert_false(ps_ports_has(ports, PS_PORT_PROTECT_X));
		assert_false(ps_ports_has(ports, PS_PORT_ALLOW));
		map[edge[i]] = PS_PORT_NONE;
		free(ports);
	}
	free(map);
}

static void test_equal_pages_are_stored_once(void **state)
{
	u8 *map = calloc(1, PS_PORTS);

	assert_int_equal(ps_ports_bytes(map), sizeof(struct ps_ports) + PS_PORTS_PAGE);
	map[80] = PS_PORT_ALLOW;
	assert_int_equal(ps_ports_bytes(map), sizeof(struct ps_ports) + 2 * PS_PORTS_PAGE);
	/* The same port of another page: the same contents. */
	map[256 * 7 + 80] = PS_PORT_ALLOW;
	assert_int_equal(ps_ports_bytes(map), sizeof(struct ps_ports) + 2 * PS_PORTS_PAGE);
	free(map);
}

static void test_flatten_is_the_inverse_of_build(void **state)
{
	u8 *map = malloc(PS_PORTS), *back = malloc(PS_PORTS);
	struct ps_ports *ports;
	u32 i;

	srandom(1);
	for (i = 0; i < PS_PORTS; i++)
		map[i] = random() & 3;
	ports = compile(map);
	assert_int_equal(ports->pages, 256);
	ps_ports_flatten(ports, back);
	assert_memory_equal(map, back, PS_PORTS);
	free(ports);
	free(back);
	free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_table_has_no_port),
		cmocka_unit_test(test_every_class_at_every_edge),
		cmocka_unit_test(test_a_class_is_found_wherever_it_is),
		cmocka_unit_test(test_equal_pages_are_stored_once),
		cmocka_unit_test(test_flatten_is_the_inverse_of_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
