// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames of a capture through the engine; see replay.h. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "judging.h"
#include "quic_retry.h"
#include "replay.h"

#define SECOND	       1000000000ULL
#define COOKIE_SECONDS 128

/* What platform.h asks of the kernel is answered by the capture. */
struct ps_frame {
	struct ps_replay *replay;
	const u8 *data;
};

static u32 sequence_of(const struct ps_packet *packet, const u8 *data)
{
	return ps_bytes_u32(data + packet->transport + 4);
}

static u32 acknowledged_by(const struct ps_packet *packet, const u8 *data)
{
	return ps_bytes_u32(data + packet->transport + 8);
}

static u64 session_hash(const struct ps_replay *replay, const struct ps_packet *packet,
			bool incoming)
{
	enum ps_session_protocol protocol = packet->protocol == PS_PROTOCOL_TCP ? PS_SESSION_TCP :
										  PS_SESSION_QUIC;
	struct ps_session_key key = ps_session_key_make(packet, incoming, protocol, packet->vlan);

	return ps_sessions_hash(&replay->host.engine.secret, &key);
}

static struct ps_replay_cookie *cookie_slot(struct ps_replay *replay, u64 hash)
{
	return &replay->cookie[hash & (PS_REPLAY_COOKIES - 1)];
}

/* Somebody listens, and takes cookies. */
bool ps_platform_cookie_offer(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	(void)frame;
	(void)packet;
	(void)forwarded;
	return true;
}

bool ps_platform_retry_offer(struct ps_frame *frame, const struct ps_packet *packet)
{
	(void)frame;
	(void)packet;
	return true;
}

bool ps_platform_cookie_check(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	struct ps_replay *replay = frame->replay;
	u64 hash = session_hash(replay, packet, true);
	const struct ps_replay_cookie *cookie = cookie_slot(replay, hash);

	(void)forwarded;
	return cookie->answered && cookie->hash == hash &&
	       replay->now - cookie->time <= COOKIE_SECONDS * SECOND &&
	       acknowledged_by(packet, frame->data) == cookie->cookie + 1;
}

static void note_cookie(struct ps_replay *replay, const struct ps_packet *packet, const u8 *data)
{
	u64 hash = session_hash(replay, packet, true);

	*cookie_slot(replay, hash) = (struct ps_replay_cookie){
		.hash = hash,
		.time = replay->now,
		.syn = sequence_of(packet, data),
	};
}

/* Whether it is a Retry to where an Initial got one from. */
static bool is_retry(struct ps_replay *replay, const struct ps_packet *packet, const u8 *data)
{
	struct ps_quic_header header;
	u64 hash;

	if (packet->reason || packet->protocol != PS_PROTOCOL_UDP ||
	    packet->fragment != PS_FRAGMENT_NONE ||
	    ps_quic_parse(&header, data + packet->payload, packet->readable,
			  ps_quic_datagram(packet, data)) ||
	    header.type != PS_QUIC_RETRY)
		return false;
	hash = session_hash(replay, packet, false);
	return cookie_slot(replay, hash)->hash == hash;
}

/* Whether it is the answer to a SYN that got a cookie. */
static bool is_syn_ack(struct ps_replay *replay, const struct ps_packet *packet, const u8 *data)
{
	struct ps_replay_cookie *cookie;
	u64 hash;

	if (packet->reason || packet->protocol != PS_PROTOCOL_TCP ||
	    packet->fragment != PS_FRAGMENT_NONE ||
	    (packet->tcp_flags & (PS_TCP_SYN | PS_TCP_ACK)) != (PS_TCP_SYN | PS_TCP_ACK))
		return false;
	hash = session_hash(replay, packet, false);
	cookie = cookie_slot(replay, hash);
	if (cookie->hash != hash || acknowledged_by(packet, data) != cookie->syn + 1)
		return false;
	if (cookie->answered)
		return sequence_of(packet, data) == cookie->cookie;
	cookie->answered = true;
	cookie->cookie = sequence_of(packet, data);
	return true;
}

void ps_replay_make(struct ps_replay *replay, const struct ps_model_instance *instance)
{
	*replay = (struct ps_replay){ .mtu = PS_REPLAY_MTU, .random = 1 };
	ps_host_make(&replay->host, instance);
	replay->cookie = ps_host_allocate(PS_REPLAY_COOKIES, sizeof(*replay->cookie));
}

void ps_replay_free(struct ps_replay *replay)
{
	ps_host_free(&replay->host);
	free(replay->cookie);
}

/* As the kernel hands frames to the module: one tag is taken off. */
struct ps_view ps_replay_view(const struct ps_capture_frame *frame)
{
	struct ps_view view = {
		.data = frame->data,
		.available = frame->captured,
		.length = frame->length,
		.segments = 1,
	};

	if (frame->captured < PS_ETHERNET)
		return view;
	view.ethertype = ps_bytes_u16(frame->data + PS_ETHERNET - 2);
	view.data += PS_ETHERNET;
	view.available -= PS_ETHERNET;
	view.length -= PS_ETHERNET;
	if ((view.ethertype != 0x8100 && view.ethertype != 0x88a8) || view.available < 4)
		return view;
	view.vlan = ps_bytes_u16(view.data) & 0xfff;
	view.ethertype = ps_bytes_u16(view.data + 2);
	view.data += 4;
	view.available -= 4;
	view.length -= 4;
	return view;
}

static bool is_mine(const struct ps_replay *replay, const u8 *mac)
{
	u32 i;

	for (i = 0; i < replay->macs; i++)
		if (!memcmp(replay->mac[i], mac, PS_MAC_BYTES))
			return true;
	return false;
}

/* How many packets a frame over the MTU stands for. */
static u16 segments_of(const struct ps_replay *replay, const struct ps_packet *packet)
{
	u32 headers = packet->payload - packet->network;

	if (packet->reason || packet->fragment != PS_FRAGMENT_NONE || !packet->payload ||
	    packet->end - packet->network <= replay->mtu || headers >= replay->mtu)
		return 1;
	return (u16)min((packet->end - packet->payload + replay->mtu - headers - 1) /
				(replay->mtu - headers),
			0xffffU);
}

static bool parse(const struct ps_replay *replay, struct ps_view *view, struct ps_packet *packet)
{
	if (view->length > replay->mtu)
		view->flags |= PS_VIEW_SUPER;
	ps_packet_parse(packet, view);
	if (packet->wants)
		return false;
	packet->segments = segments_of(replay, packet);
	return true;
}

/* What was put together from several packets, or cut off, can't be verified. */
static bool is_verifiable(const struct ps_replay *replay, const struct ps_view *view,
			  const struct ps_packet *packet)
{
	return !replay->trust && !packet->reason && packet->checksum && packet->segments == 1 &&
	       packet->checksum_end <= view->available;
}

static struct ps_instant instant_of(const struct ps_replay *replay)
{
	return (struct ps_instant){
		.now = replay->now,
		.seconds = (u32)(replay->now / SECOND),
		/* What the capture's clock said: tokens have it in them. */
		.wall = (u32)(replay->now / SECOND),
		.cpus = 1,
	};
}

static void receive(struct ps_replay *replay, const struct ps_capture_frame *captured,
		    struct ps_view *view, struct ps_replay_told *told)
{
	struct ps_packet *packet = &told->packet;
	struct ps_frame frame = { replay, view->data };
	const struct ps_arrival arrival = { packet, view->data, &frame, instant_of(replay) };

	if (!(captured->data[0] & 1) && !is_mine(replay, captured->data))
		view->flags |= PS_VIEW_OTHER_HOST;
	if (!parse(replay, view, packet)) {
		told->end = PS_REPLAY_CUT;
		return;
	}
	if (is_verifiable(replay, view, packet) && !ps_packet_checksum(packet, view->data))
		packet->reason = packet->checksum_reason;
	ps_judge(&replay->host.engine, &arrival, &told->verdict);
	if (ps_reason_info[told->verdict.reason].action == PS_REPLY)
		note_cookie(replay, packet, view->data);
	ps_host_count(&replay->host, packet, &told->verdict, PS_INSTANCE_COUNTER_rx_total);
}

static enum ps_sender sender_of(const struct ps_replay *replay, const struct ps_packet *packet)
{
	const struct ps_context *context =
		ps_contexts_match(replay->host.contexts, &packet->src, packet->vlan);

	return ps_ports_class(context->config->ports[PS_PORTS_TCP], packet->sport) ==
			       PS_PORT_PROTECT_X ?
		       PS_SENDER_FORWARDED :
		       PS_SENDER_CONNECTED;
}

static void send_out(struct ps_replay *replay, const struct ps_capture_frame *captured,
		     struct ps_view *view, struct ps_replay_told *told)
{
	struct ps_packet *packet = &told->packet;
	struct ps_departure departure = { .packet = packet, .data = view->data };

	if (!parse(replay, view, packet)) {
		told->end = PS_REPLAY_CUT;
		return;
	}
	if (is_syn_ack(replay, packet, view->data) || is_retry(replay, packet, view->data)) {
		told->end = PS_REPLAY_REPLY;
		return;
	}
	departure.sender = sender_of(replay, packet);
	departure.group = captured->data[0] & 1;
	replay->random = replay->random * 1664525 + 1013904223;
	departure.random = replay->random;
	departure.instant = instant_of(replay);
	told->verdict = ps_learn(&replay->host.engine, &departure);
	ps_host_count(&replay->host, packet, &told->verdict, PS_INSTANCE_COUNTER_tx_total);
}

static void pass_time(struct ps_replay *replay, u64 time)
{
	if (!replay->now) {
		/* Time 0 is before all times in the engine. */
		replay->now = replay->first = max(time, SECOND);
		ps_host_toggle(&replay->host, replay->now);
	}
	replay->now = max(replay->now, time);
	ps_host_pass(&replay->host, (u32)(replay->now / SECOND));
}

void ps_replay_frame(struct ps_replay *replay, const struct ps_capture_frame *frame,
		     struct ps_replay_told *told)
{
	struct ps_view view = ps_replay_view(frame);

	*told = (struct ps_replay_told){ .end = PS_REPLAY_JUDGED };
	pass_time(replay, frame->time);
	if (frame->captured < PS_ETHERNET) {
		told->end = PS_REPLAY_CUT;
	} else {
		told->incoming = !is_mine(replay, frame->data + PS_MAC_BYTES);
		if (told->incoming)
			receive(replay, frame, &view, told);
		else
			send_out(replay, frame, &view, told);
	}
	replay->incoming += told->incoming && told->end == PS_REPLAY_JUDGED;
	replay->outgoing += !told->incoming && told->end == PS_REPLAY_JUDGED;
	replay->replies += told->end == PS_REPLAY_REPLY;
	replay->cut += told->end == PS_REPLAY_CUT;
}
