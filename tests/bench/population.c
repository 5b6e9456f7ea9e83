// SPDX-License-Identifier: GPL-2.0-or-later
/* population N: prints the N networks of population.h as CIDR blocks, one a line. */
#include <stdio.h>
#include <stdlib.h>

#include "population.h"

int main(int argc, char **argv)
{
	unsigned long n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	u32 i, stride;

	if (!n || n > POPULATION_MAX) {
		fprintf(stderr, "usage: population N   up to %u\n", POPULATION_MAX);
		return 2;
	}
	stride = population_stride((u32)n);
	for (i = 0; i < n; i++) {
		struct population_network network = population_network(i, stride);

		printf("%u.%u.%u.%u/%u\n", network.first >> 24, network.first >> 16 & 255,
		       network.first >> 8 & 255, network.first & 255, 32 - network.bits);
	}
	return 0;
}
