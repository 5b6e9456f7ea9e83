// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Port tables against a plain array: random ranges written one after another,
 * the table compiled anew after each and compared port by port.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ports.h"

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void test_random_ranges(void **state)
{
	unsigned long seed = from_environment("PS_SEED", 1);
	unsigned long rounds = from_environment("PS_ROUNDS", 300);
	u8 *plain = calloc(1, PS_PORTS), *map = calloc(1, PS_PORTS);
	struct ps_ports *ports;
	u32 a, b, port;

	print_message("# seed %lu, %lu rounds\n", seed, rounds);
	srandom(seed);
	while (rounds--) {
		a = random() % PS_PORTS;
		b = a + random() % (rounds % 2 ? 8 : PS_PORTS - a);
		memset(plain + a, random() & 3, (b < PS_PORTS ? b : PS_PORTS - 1) - a + 1);
		ports = malloc(ps_ports_bytes(plain));
		ps_ports_build(ports, plain);
		for (port = 0; port < PS_PORTS; port++)
			assert_int_equal(ps_ports_class(ports, port), plain[port]);
		ps_ports_flatten(ports, map);
		assert_memory_equal(map, plain, PS_PORTS);
		free(ports);
	}
	free(map);
	free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_ranges) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
