// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP and ICMPv6 errors, step 4a: they are let in when what they quote is a
 * packet of a known session, sent from here (SPEC 2.3). Path MTU discovery
 * depends on it.
 *
 * Routers quote the IP header and eight bytes behind it, or more: enough for the
 * ports. The id of a DNS query lies beyond, so an error about a query is known
 * by its ports only where the quote is longer.
 */
#include "bucket.h"
#include "bytes.h"
#include "judging.h"

#define PS_ICMP_RATE	   1000U /* errors a second where icmp_rate_max doesn't say */
#define PS_QUOTE_IPV4	   20U	 /* bytes of the headers */
#define PS_QUOTE_IPV6	   40U
#define PS_QUOTE_PORTS	   4U
#define PS_QUOTE_UDP	   8U
#define PS_QUOTE_EXTENSION 8U
#define PS_QUOTE_FRAGMENT  44 /* IPv6 fragment header */

/**
 * struct ps_quote - the quoted packet
 * @data:	its first byte
 * @readable:	bytes of it
 * @transport:	offset of its transport header
 * @protocol:	its transport protocol
 * @src:	its source
 * @dst:	its destination
 */
struct ps_quote {
	const u8 *data;
	u32 readable;
	u32 transport;
	u8 protocol;
	struct ps_addr src;
	struct ps_addr dst;
};

static struct ps_addr ps_quote_ipv6_address(const u8 *at)
{
	return (struct ps_addr){ { ps_bytes_u32(at), ps_bytes_u32(at + 4), ps_bytes_u32(at + 8),
				   ps_bytes_u32(at + 12) } };
}

static bool ps_quote_parse_ipv4(struct ps_quote *quote)
{
	const u8 *header = quote->data;

	/* Later fragments have no ports. */
	if (quote->readable < PS_QUOTE_IPV4 || header[0] >> 4 != 4 ||
	    ps_bytes_u16(header + 6) & 0x1fff)
		return false;
	quote->transport = (header[0] & 15) * 4U;
	quote->protocol = header[9];
	quote->src = ps_addr_from_ipv4(ps_bytes_u32(header + 12));
	quote->dst = ps_addr_from_ipv4(ps_bytes_u32(header + 16));
	return quote->transport >= PS_QUOTE_IPV4;
}

static bool ps_quote_is_extension(u8 protocol)
{
	return protocol == 0 || protocol == 43 || protocol == PS_QUOTE_FRAGMENT || protocol == 60;
}

static bool ps_quote_parse_ipv6(struct ps_quote *quote)
{
	const u8 *header = quote->data;

	if (quote->readable < PS_QUOTE_IPV6 || header[0] >> 4 != 6)
		return false;
	quote->transport = PS_QUOTE_IPV6;
	quote->protocol = header[6];
	quote->src = ps_quote_ipv6_address(header + 8);
	quote->dst = ps_quote_ipv6_address(header + 24);
	while (ps_quote_is_extension(quote->protocol)) {
		if (quote->transport + PS_QUOTE_EXTENSION > quote->readable)
			return false;
		header = quote->data + quote->transport;
		if (quote->protocol == PS_QUOTE_FRAGMENT && ps_bytes_u16(header + 2) & 0xfff8)
			return false;
		/* The byte that is a length elsewhere is reserved in a fragment header. */
		quote->transport += quote->protocol == PS_QUOTE_FRAGMENT ? 8U :
									   (header[1] + 1U) * 8;
		quote->protocol = header[0];
	}
	return true;
}

/* The key of the session whose packet is quoted; false where it can't have one. */
static bool ps_quote_key(const struct ps_quote *quote, struct ps_session_key *key)
{
	const u8 *header = quote->data + quote->transport;

	if (quote->transport + PS_QUOTE_PORTS > quote->readable)
		return false;
	key->local = quote->src;
	key->remote = quote->dst;
	key->local_port = ps_bytes_u16(header);
	key->remote_port = ps_bytes_u16(header + 2);
	switch (quote->protocol) {
	case PS_PROTOCOL_TCP:
		key->protocol = PS_SESSION_TCP;
		return true;
	case PS_PROTOCOL_UDP:
		key->protocol = PS_SESSION_UDP;
		if (key->remote_port != PS_PORT_DNS)
			return true;
		key->protocol = PS_SESSION_DNS;
		if (quote->transport + PS_QUOTE_UDP + 2 > quote->readable)
			return false;
		key->query = ps_bytes_u16(header + PS_QUOTE_UDP);
		return true;
	default:
		return false;
	}
}

static bool ps_icmp_is_related(const struct ps_judging *judging)
{
	struct ps_session_key key = { .vlan = judging->verdict->context->id.vlan };
	const struct ps_packet *packet = judging->packet;
	const struct ps_engine *engine = judging->engine;
	struct ps_quote quote = {
		.data = judging->arrival->data + packet->payload,
		.readable = min((u32)packet->readable, PS_QUOTE_MAX),
	};
	bool ipv4 = ps_addr_is_ipv4(&packet->src);
	struct ps_slots *table;

	if (!(ipv4 ? ps_quote_parse_ipv4(&quote) : ps_quote_parse_ipv6(&quote)))
		return false;
	/* An error goes to who sent the packet. */
	if (!ps_addr_equal(&quote.src, &packet->dst) || !ps_quote_key(&quote, &key))
		return false;
	table = key.protocol == PS_SESSION_TCP ? ps_platform_dereference(engine->tcp) :
						 ps_platform_dereference(engine->udp);
	return ps_sessions_known(table, ps_sessions_hash(&engine->secret, &key), &engine->timeouts,
				 judging->arrival->instant.seconds);
}

enum ps_reason ps_icmp_judge(struct ps_judging *judging)
{
	u32 rate = (u32)judging->config->option[PS_OPTION_icmp_rate_max];

	if (!judging->packet->icmp_error || !ps_icmp_is_related(judging))
		return PS_REASON_closed_protocol;
	/* Where icmp_rate_max is 0 nothing else takes from this bucket. */
	rate = rate ? rate : PS_ICMP_RATE;
	if (!ps_bucket_take(&judging->verdict->context->icmp, judging->arrival->instant.now, rate,
			    ps_bucket_burst(rate), judging->packet->segments))
		return PS_REASON_related_icmp_rate;
	return PS_REASON_related_icmp;
}
