// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiling port tables; what they are is told in ports.h. */
#include "ports.h"

#define PS_PORTS_PER_PAGE 256

const struct ps_ports ps_ports_empty = {
	.pages = 1,
	/* A zeroed page: PS_PORT_NONE for every port. */
	.page = { { 0 } },
};

bool ps_ports_has(const struct ps_ports *ports, enum ps_port_class class)
{
	u32 port;

	for (port = 0; port < PS_PORTS; port++)
		if (ps_ports_class(ports, (u16)port) == class)
			return true;
	return false;
}

void ps_ports_flatten(const struct ps_ports *ports, u8 *map)
{
	u32 port;

	for (port = 0; port < PS_PORTS; port++)
		map[port] = ps_ports_class(ports, port);
}

static void ps_ports_pack(u8 *page, const u8 *map)
{
	unsigned int i;

	memset(page, 0, PS_PORTS_PAGE);
	for (i = 0; i < PS_PORTS_PER_PAGE; i++)
		page[i >> 2] |= map[i] << ((i & 3) * 2);
}

/* The first page in @map with the contents of page @page. */
static unsigned int ps_ports_first_equal(const u8 *map, unsigned int page)
{
	unsigned int i;

	for (i = 0; i < page; i++)
		if (!memcmp(map + i * PS_PORTS_PER_PAGE, map + page * PS_PORTS_PER_PAGE,
			    PS_PORTS_PER_PAGE))
			return i;
	return page;
}

size_t ps_ports_bytes(const u8 *map)
{
	unsigned int i, pages = 0;

	for (i = 0; i < PS_PORTS / PS_PORTS_PER_PAGE; i++)
		pages += ps_ports_first_equal(map, i) == i;
	return sizeof(struct ps_ports) + pages * PS_PORTS_PAGE;
}

void ps_ports_build(struct ps_ports *ports, const u8 *map)
{
	unsigned int i;

	ports->pages = 0;
	for (i = 0; i < PS_PORTS / PS_PORTS_PER_PAGE; i++) {
		unsigned int first = ps_ports_first_equal(map, i);

		if (first < i) {
			ports->index[i] = ports->index[first];
			continue;
		}
		ps_ports_pack(ports->page[ports->pages], map + i * PS_PORTS_PER_PAGE);
		ports->index[i] = ports->pages++;
	}
}
