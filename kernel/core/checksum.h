/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet checksum (RFC 1071): the one's complement sum of 16-bit words.
 * Any way of adding that only carries between words gives the same sum, so
 * 32-bit words are added into 64 bits and folded once, at the end.
 */
#ifndef PS_CORE_CHECKSUM_H
#define PS_CORE_CHECKSUM_H

#include "platform.h"

#define PS_CHECKSUM_VALID	0xffff	/* sum of words that include a right checksum */

/**
 * ps_checksum_fold() - make a sum of 32-bit words one of 16-bit words
 * @sum: at most 2^32 words
 *
 * Return: the one's complement sum, PS_CHECKSUM_VALID if it verifies.
 */
static __always_inline u16 ps_checksum_fold(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)((sum & 0xffff) + (sum >> 16));
}

/**
 * ps_checksum_add() - add bytes to a sum
 * @sum: the sum so far
 * @data: the bytes
 * @length: how many; an odd last byte counts as the high byte of its word
 *
 * Return: the new sum, for ps_checksum_fold().
 */
u64 ps_checksum_add(u64 sum, const u8 *data, u32 length);

#endif
