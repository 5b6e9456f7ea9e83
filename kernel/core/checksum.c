// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Internet checksum over bytes, and over a transport packet with its
 * pseudo header (RFC 9293 3.1, RFC 768, RFC 8200 8.1).
 */
#include "bytes.h"
#include "checksum.h"
#include "packet.h"

u64 ps_checksum_add(u64 sum, const u8 *data, u32 length)
{
	for (; length >= 4; data += 4, length -= 4)
		sum += ps_bytes_u32(data);
	if (length >= 2)
		sum += ps_bytes_u16(data);
	if (length & 1)
		sum += (u32)data[length - 1] << 8;
	return sum;
}

/*
 * One sum for both families: the pseudo headers differ in layout only, and the
 * 0xffff in an IPv4-mapped address is zero in one's complement arithmetic. The
 * protocol is never 0, so this cannot turn a sum of 0 into one that verifies.
 */
static u64 ps_checksum_pseudo(const struct ps_packet *packet, u32 length)
{
	u64 sum = (u64)length + packet->protocol;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(packet->src.word); i++)
		sum += (u64)packet->src.word[i] + packet->dst.word[i];
	return sum;
}

bool ps_packet_checksum(const struct ps_packet *packet, const u8 *data)
{
	u32 length = packet->checksum_end - packet->transport;
	u64 sum = 0;

	if (packet->protocol != PS_PROTOCOL_ICMP)
		sum = ps_checksum_pseudo(packet, length);
	sum = ps_checksum_add(sum, data + packet->transport, length);
	return ps_checksum_fold(sum) == PS_CHECKSUM_VALID;
}
