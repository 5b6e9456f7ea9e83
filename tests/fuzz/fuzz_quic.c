// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The QUIC header walk over any bytes, in a memory that ends with them.
 *
 * Properties: the answer depends on the first PS_QUIC_LOOK bytes and the length
 * alone; ids and token lie in the datagram, where they can be read they are
 * there; a well-formed packet stays so when the datagram gets longer.
 */
#include <stdlib.h>

#include "quic_header.h"

static void require(bool property)
{
	if (!property)
		__builtin_trap();
}

static enum ps_reason parse(struct ps_quic_header *header, const u8 *data, u32 length, u8 fill)
{
	u32 readable = min(length, PS_QUIC_LOOK);
	u8 *copy = malloc(readable ? readable : 1);
	enum ps_reason reason;

	memcpy(copy, data, readable);
	memset(header, fill, sizeof(*header));
	reason = ps_quic_parse(header, copy, readable, length);
	if (header->dcid) {
		require(header->dcid + header->dcid_length <= copy + readable);
		header->dcid = data + (header->dcid - copy);
	}
	if (header->scid) {
		require(header->dcid && header->scid + header->scid_length <= copy + readable);
		header->scid = data + (header->scid - copy);
	}
	if (header->token) {
		require(header->type == PS_QUIC_INITIAL && header->scid);
		require(header->token - copy + header->token_length <= length);
		header->token = data + (header->token - copy);
	}
	free(copy);
	return reason;
}

static void check_fit(const struct ps_quic_header *header)
{
	require(header->type <= PS_QUIC_SHORT);
	require(header->token || !header->token_length);
	if (header->type == PS_QUIC_SHORT) {
		require(!header->version && !header->dcid && !header->scid);
		return;
	}
	require((header->type == PS_QUIC_NEGOTIATION) == !header->version);
	if (header->type > PS_QUIC_RETRY)
		return;
	require(header->dcid && header->dcid_length <= PS_QUIC_CID_MAX);
	require(header->scid && header->scid_length <= PS_QUIC_CID_MAX);
	require(!!header->token == (header->type == PS_QUIC_INITIAL));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ps_quic_header header, again;
	enum ps_reason reason;
	u8 *longer;

	reason = parse(&header, data, (u32)size, 0x00);
	require(parse(&again, data, (u32)size, 0xff) == reason);
	require(header.type == again.type && header.version == again.version &&
		header.token == again.token && header.token_length == again.token_length &&
		header.dcid == again.dcid && header.scid == again.scid);
	if (reason) {
		require(ps_reason_info[reason].action == PS_DROP);
		return 0;
	}
	check_fit(&header);
	longer = calloc(size + 7, 1);
	memcpy(longer, data, size);
	require(!parse(&again, longer, (u32)size + 7, 0));
	free(longer);
	return 0;
}
