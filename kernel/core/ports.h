/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port -> class, for one protocol of one context.
 *
 * A table is 256 pages of 256 ports at two bits each, equal pages stored once:
 * 320 bytes for what nearly everybody has, and two loads a look-up. Tables are
 * immutable once published and live in the caller's memory; edits go through
 * a flat map of 65,536 classes.
 */
#ifndef PS_CORE_PORTS_H
#define PS_CORE_PORTS_H

#include "platform.h"

#define PS_PORTS	65536
#define PS_PORTS_PAGE	64	/* bytes of a page: 256 ports, two bits each */

enum ps_port_class {
	PS_PORT_NONE,
	PS_PORT_ALLOW,		/* w_tcp_ports, w_udp_ports */
	PS_PORT_PROTECT_P,	/* p_tcp_ports: connections end on this host */
	PS_PORT_PROTECT_X,	/* x_tcp_ports: on a server behind it, by SYNPROXY */
};

/**
 * struct ps_ports - a compiled table
 * @pages: number of different pages
 * @index: the page of ports 256 * i to 256 * i + 255
 * @page: the pages
 */
struct ps_ports {
	u32 pages;
	u8 index[256];
	u8 page[][PS_PORTS_PAGE];
};

/* The table without a port. */
extern const struct ps_ports ps_ports_empty;

/**
 * ps_ports_class() - the class of a port
 * @ports: the table
 * @port: host order
 *
 * Return: enum ps_port_class.
 */
static __always_inline u8 ps_ports_class(const struct ps_ports *ports, u16 port)
{
	const u8 *page = ports->page[ports->index[port >> 8]];

	return (page[(port & 0xff) >> 2] >> ((port & 3) * 2)) & 3;
}

/**
 * ps_ports_has() - whether a table has ports of a class
 * @ports: the table
 * @class: the class
 */
bool ps_ports_has(const struct ps_ports *ports, enum ps_port_class class);

/**
 * ps_ports_flatten() - a table as one byte a port
 * @ports: the table
 * @map: PS_PORTS bytes
 */
void ps_ports_flatten(const struct ps_ports *ports, u8 *map);

/**
 * ps_ports_bytes() - the size of a table
 * @map: PS_PORTS classes
 *
 * Return: bytes that ps_ports_build() needs for @map.
 */
size_t ps_ports_bytes(const u8 *map);

/**
 * ps_ports_build() - compile a table
 * @ports: memory of ps_ports_bytes() bytes
 * @map: PS_PORTS classes
 */
void ps_ports_build(struct ps_ports *ports, const u8 *map);

#endif
