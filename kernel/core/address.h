/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses. Every address is 128 bits; an IPv4 address is held IPv4-mapped
 * (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so that no code after the parser needs
 * an IPv4 and an IPv6 twin. IPv6 packets that carry mapped addresses are
 * invalid, which keeps the two spaces apart.
 */
#ifndef PS_CORE_ADDRESS_H
#define PS_CORE_ADDRESS_H

#include "platform.h"

/**
 * struct ps_addr - an IPv4 or IPv6 address
 * @word: 32-bit words in host order, most significant first, so that addresses
 *	  compare word by word
 */
struct ps_addr {
	u32 word[4];
};

#define PS_ADDR_MAPPED	0xffffU	/* word[2] of an IPv4-mapped address */

static inline struct ps_addr ps_addr_from_ipv4(u32 addr)
{
	return (struct ps_addr){ { 0, 0, PS_ADDR_MAPPED, addr } };
}

static inline bool ps_addr_is_ipv4(const struct ps_addr *a)
{
	return a->word[2] == PS_ADDR_MAPPED && !(a->word[0] | a->word[1]);
}

static inline bool ps_addr_equal(const struct ps_addr *a, const struct ps_addr *b)
{
	return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) |
		 (a->word[2] ^ b->word[2]) | (a->word[3] ^ b->word[3]));
}

/**
 * ps_addr_compare() - order two addresses
 * @a: one address
 * @b: the other
 *
 * Return: negative, 0 or positive as @a is below, equal to or above @b.
 */
static inline int ps_addr_compare(const struct ps_addr *a, const struct ps_addr *b)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	return 0;
}

/**
 * struct ps_range - some addresses of one family
 * @first: the lowest
 * @last: the highest, itself included
 */
struct ps_range {
	struct ps_addr first;
	struct ps_addr last;
};

#endif
