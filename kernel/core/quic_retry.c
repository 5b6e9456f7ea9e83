// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Retry packets and their cookies; see quic_retry.h.
 *
 * A cookie is the number of the time slot it was made in and 56 bits of a hash of
 * that and of all that makes the client: one hash tells whether it is right,
 * whatever slot it is from.
 */
#include "bytes.h"
#include "quic_retry.h"

#define PS_QUIC_SLOT_SECONDS 5U /* a cookie counts in its time slot and in the next one */
#define PS_QUIC_UDP_LENGTH   4	/* offsets in the UDP header */
#define PS_QUIC_UDP_HEADER   8U
#define PS_QUIC_CID_WORDS    3

static void ps_quic_cookie_put(u8 *cookie, const struct ps_engine *engine,
			       const struct ps_packet *packet, const struct ps_quic_header *header,
			       u8 slot)
{
	const struct ps_addr *src = &packet->src, *dst = &packet->dst;
	u8 scid[8 * PS_QUIC_CID_WORDS] = {};
	u64 word[6 + PS_QUIC_CID_WORDS];
	u64 hash;
	u32 i;

	memcpy(scid, header->scid, header->scid_length);
	word[0] = (u64)src->word[0] << 32 | src->word[1];
	word[1] = (u64)src->word[2] << 32 | src->word[3];
	word[2] = (u64)dst->word[0] << 32 | dst->word[1];
	word[3] = (u64)dst->word[2] << 32 | dst->word[3];
	word[4] = (u64)packet->sport << 48 | (u64)packet->dport << 32 | header->version;
	word[5] = (u64)header->scid_length << 8 | slot;
	for (i = 0; i < PS_QUIC_CID_WORDS; i++)
		word[6 + i] = (u64)ps_bytes_u32(scid + 8 * i) << 32 |
			      ps_bytes_u32(scid + 8 * i + 4);
	hash = ps_siphash_public(&engine->quic_secret, word, ARRAY_SIZE(word));
	ps_bytes_put_u32(cookie, (u32)(hash >> 32));
	ps_bytes_put_u32(cookie + 4, (u32)hash);
	cookie[0] = slot;
}

bool ps_quic_cookie_check(const struct ps_engine *engine, const struct ps_packet *packet,
			  const struct ps_quic_header *header, u32 seconds)
{
	u8 slot = (u8)(seconds / PS_QUIC_SLOT_SECONDS);
	u8 cookie[PS_QUIC_COOKIE];

	if (header->dcid_length != PS_QUIC_COOKIE || (u8)(slot - header->dcid[0]) > 1)
		return false;
	ps_quic_cookie_put(cookie, engine, packet, header, header->dcid[0]);
	return !memcmp(cookie, header->dcid, sizeof(cookie));
}

struct ps_quic_client ps_quic_client_of(const struct ps_packet *packet,
					const struct ps_quic_header *header,
					const struct ps_config *config)
{
	return (struct ps_quic_client){
		.addr = &packet->src,
		.scid = header->scid,
		.version = header->version,
		.port = packet->sport,
		.scid_length = header->scid_length,
		.mapped = config->option[PS_OPTION_quic_v4_mapped],
	};
}

u32 ps_quic_datagram(const struct ps_packet *packet, const u8 *data)
{
	u32 length = ps_bytes_u16(data + packet->transport + PS_QUIC_UDP_LENGTH);

	if (packet->segments > 1 || length < PS_QUIC_UDP_HEADER)
		return packet->end - packet->payload;
	return length - PS_QUIC_UDP_HEADER;
}

static u8 *ps_quic_put_cid(u8 *at, const u8 *cid, u8 length)
{
	*at++ = length;
	memcpy(at, cid, length);
	return at + length;
}

static u8 *ps_quic_put_header(u8 *at, const struct ps_engine *engine,
			      const struct ps_arrival *arrival, const struct ps_quic_header *header,
			      const struct ps_quic_random *random)
{
	/* RFC 9369 3.2: type 0 in version 2, else 3. */
	u8 type = header->version == PS_QUIC_VERSION_2 ? 0xc0 : 0xf0;
	u8 slot = (u8)(arrival->instant.seconds / PS_QUIC_SLOT_SECONDS);
	u8 cookie[PS_QUIC_COOKIE];

	*at++ = type | (random->bits & 0xf);
	ps_bytes_put_u32(at, header->version);
	at = ps_quic_put_cid(at + 4, header->scid, header->scid_length);
	ps_quic_cookie_put(cookie, engine, arrival->packet, header, slot);
	/* The id must change (RFC 9000 17.2.5.1): a cookie of the former slot counts, too. */
	if (header->dcid_length == sizeof(cookie) && !memcmp(cookie, header->dcid, sizeof(cookie)))
		ps_quic_cookie_put(cookie, engine, arrival->packet, header, (u8)(slot - 1));
	return ps_quic_put_cid(at, cookie, sizeof(cookie));
}

u32 ps_quic_retry_make(u8 *retry, const struct ps_engine *engine, const struct ps_arrival *arrival,
		       const struct ps_config *config, const struct ps_quic_random *random)
{
	const struct ps_packet *packet = arrival->packet;
	const u8 *data = arrival->data;
	struct ps_quic_origin origin;
	struct ps_quic_header header;
	struct ps_quic_client client;
	u8 *at;

	ps_quic_parse(&header, data + packet->payload, packet->readable,
		      ps_quic_datagram(packet, data));
	origin.odcid_length = header.dcid_length;
	origin.time = arrival->instant.wall;
	memcpy(origin.odcid, header.dcid, header.dcid_length);
	at = ps_quic_put_header(retry, engine, arrival, &header, random);
	client = ps_quic_client_of(packet, &header, config);
	at += ps_quic_token_seal(at, &config->quic_key, &client, &origin, &random->salt);
	ps_quic_retry_tag(at, header.version, &origin, retry, (u32)(at - retry));
	return (u32)(at - retry) + PS_QUIC_TAG;
}
