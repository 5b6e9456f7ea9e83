// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the attacks look like: one row in the table at the end for each, and a
 * function that builds its n-th frame.
 *
 * Invariant: but for the one thing an attack is about, its frames are valid,
 * so that nothing else is a reason to drop them; and none of them is a packet
 * that the service on OPEN_PORT should get. Of the floods each frame alone could
 * be a client's: there it is only how many there are.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "attacks.h"

#define OPEN_PORT	80	/* the service that is not under attack */
#define QUIC_PORT	443	/* likewise, of HTTP/3 */
#define QUIC_INITIAL	1200	/* bytes of its datagram */
#define DENIED_NET	0xc6336400U	/* 198.51.100.0/24, RFC 5737 */

#define TCP_FIN		0x01
#define TCP_SYN		0x02
#define TCP_RST		0x04
#define TCP_PSH		0x08
#define TCP_ACK		0x10
#define TCP_URG		0x20

struct attack {
	const char *name;
	/* fill in the n-th frame; all up to the addresses is there */
	void (*build)(struct frame *frame, unsigned int n);
};

/* xorshift64*: every run sends the same frames. */
static uint32_t random_u32(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15ULL;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 32);
}

static uint32_t random_in(uint32_t first, uint32_t last)
{
	return first + random_u32() % (last - first + 1);
}

static uint32_t add_bytes(uint32_t sum, const void *data, size_t length)
{
	const unsigned char *byte = data;
	size_t i;

	for (i = 0; i < length; i++)
		sum += i & 1 ? byte[i] : (uint32_t)byte[i] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The zeros behind the frame add nothing. */
static uint16_t checksum_of_transport(const struct frame *frame, size_t length)
{
	const size_t held = sizeof(*frame) - offsetof(struct frame, tcp);
	uint32_t sum = add_bytes(0, &frame->tcp, length < held ? length : held);

	if (frame->ip.protocol != IPPROTO_ICMP) {
		sum = add_bytes(sum, &frame->ip.saddr, 8);
		sum += frame->ip.protocol + (uint32_t)length;
	}
	return checksum(sum);
}

static void build_ip(struct frame *frame, unsigned int protocol, size_t length)
{
	frame->ip.protocol = (uint8_t)protocol;
	frame->ip.tot_len = htons((uint16_t)(sizeof(frame->ip) + length));
	frame->ip.check = checksum(add_bytes(0, &frame->ip, sizeof(frame->ip)));
}

static void build_tcp(struct frame *frame, unsigned int port, unsigned int flags)
{
	unsigned char *bytes = (unsigned char *)&frame->tcp;

	build_ip(frame, IPPROTO_TCP, sizeof(frame->tcp));
	frame->tcp.source = htons((uint16_t)random_in(1024, 65535));
	frame->tcp.dest = htons((uint16_t)port);
	frame->tcp.seq = random_u32();
	frame->tcp.ack_seq = flags & TCP_ACK ? random_u32() : 0;
	frame->tcp.doff = sizeof(frame->tcp) / 4;
	frame->tcp.window = htons(64240);
	bytes[13] = (unsigned char)flags;
	frame->tcp.check = checksum_of_transport(frame, sizeof(frame->tcp));
}

/* Of @bytes behind the UDP header. */
static void build_udp(struct frame *frame, unsigned int port, size_t bytes)
{
	uint16_t sum;

	build_ip(frame, IPPROTO_UDP, sizeof(frame->udp) + bytes);
	frame->udp.source = htons((uint16_t)random_in(1024, 65535));
	frame->udp.dest = htons((uint16_t)port);
	frame->udp.len = htons((uint16_t)(sizeof(frame->udp) + bytes));
	sum = checksum_of_transport(frame, sizeof(frame->udp) + bytes);
	frame->udp.check = sum ? sum : 0xffff;
}

static void build_echo(struct frame *frame)
{
	build_ip(frame, IPPROTO_ICMP, sizeof(frame->icmp) + PAYLOAD);
	frame->icmp.type = ICMP_ECHO;
	frame->icmp.un.echo.id = (uint16_t)random_u32();
	frame->icmp.checksum = checksum_of_transport(frame, sizeof(frame->icmp) + PAYLOAD);
}

static void build_invalid_flags(struct frame *frame, unsigned int n)
{
	static const unsigned char flags[] = {
		0, TCP_SYN | TCP_FIN, TCP_SYN | TCP_RST, TCP_FIN | TCP_RST,
		TCP_FIN | TCP_PSH | TCP_URG,
	};

	build_tcp(frame, OPEN_PORT, flags[n % sizeof(flags)]);
}

/* A sum that is off by one bit is wrong whatever it was. */
static void build_bad_checksum(struct frame *frame, unsigned int n)
{
	switch (n % 4) {
	case 0:
		build_tcp(frame, OPEN_PORT, TCP_SYN);
		frame->tcp.check ^= htons(0x0100);
		break;
	case 1:
		build_tcp(frame, OPEN_PORT, TCP_SYN);
		frame->ip.check ^= htons(0x0100);
		break;
	case 2:
		build_udp(frame, random_in(1, 65535), PAYLOAD);
		frame->udp.check ^= frame->udp.check == htons(0x0100) ? 0x1111 : htons(0x0100);
		break;
	default:
		build_echo(frame);
		frame->icmp.checksum ^= htons(0x0100);
	}
}

static void build_land(struct frame *frame, unsigned int n)
{
	(void)n;
	frame->ip.saddr = frame->ip.daddr;
	build_tcp(frame, OPEN_PORT, TCP_SYN);
}

static void build_denied_source(struct frame *frame, unsigned int n)
{
	frame->ip.saddr = htonl(DENIED_NET + n % 254 + 1);
	build_tcp(frame, OPEN_PORT, TCP_ACK);
}

static void build_closed_port(struct frame *frame, unsigned int n)
{
	(void)n;
	build_tcp(frame, random_in(OPEN_PORT + 1, 65535), TCP_SYN);
}

static void build_udp_flood(struct frame *frame, unsigned int n)
{
	(void)n;
	build_udp(frame, random_in(1, 65535), PAYLOAD);
}

static void build_syn_flood(struct frame *frame, unsigned int n)
{
	(void)n;
	build_tcp(frame, OPEN_PORT, TCP_SYN);
}

static void build_ack_flood(struct frame *frame, unsigned int n)
{
	(void)n;
	build_tcp(frame, OPEN_PORT, TCP_ACK);
}

static void build_rst_flood(struct frame *frame, unsigned int n)
{
	(void)n;
	build_tcp(frame, OPEN_PORT, TCP_RST);
}

static void fill_payload(struct frame *frame)
{
	size_t i;

	for (i = 0; i < PAYLOAD; i++)
		frame->udp_payload[i] = (unsigned char)random_u32();
}

/* Version 1, two ids of 8 bytes, no token. */
static void build_quic_initial(struct frame *frame, unsigned int n)
{
	static const unsigned char head[] = { 0xc3, 0, 0, 0, 1, 8 };
	const unsigned int rest = QUIC_INITIAL - 26;
	unsigned char *at = frame->udp_payload;

	(void)n;
	fill_payload(frame);
	memcpy(at, head, sizeof(head));
	at[14] = 8;
	at[23] = 0;
	at[24] = (unsigned char)(0x40 | rest >> 8);
	at[25] = (unsigned char)rest;
	build_udp(frame, QUIC_PORT, QUIC_INITIAL);
}

static void build_quic_short(struct frame *frame, unsigned int n)
{
	(void)n;
	fill_payload(frame);
	frame->udp_payload[0] = 0x41;
	build_udp(frame, QUIC_PORT, PAYLOAD);
}

static const struct attack attacks[] = {
	{ "invalid_flags", build_invalid_flags },
	{ "bad_checksum", build_bad_checksum },
	{ "land", build_land },
	{ "denied_source", build_denied_source },
	{ "closed_port", build_closed_port },
	{ "udp_flood", build_udp_flood },
	{ "syn_flood", build_syn_flood },
	{ "ack_flood", build_ack_flood },
	{ "rst_flood", build_rst_flood },
	{ "quic_initial_flood", build_quic_initial },
	{ "quic_short_flood", build_quic_short },
};

const struct attack *attack_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (!strcmp(attacks[i].name, name))
			return &attacks[i];
	return NULL;
}

/* Sources are of 11.0.0.0 to 99.255.255.255: none is special, none is denied. */
void attack_build(const struct attack *attack, struct frame *frame, unsigned int n,
		  const struct ethhdr *link, uint32_t destination)
{
	memset(frame, 0, sizeof(*frame));
	frame->link = *link;
	frame->ip.version = 4;
	frame->ip.ihl = sizeof(frame->ip) / 4;
	frame->ip.id = (uint16_t)random_u32();
	frame->ip.ttl = (uint8_t)random_in(32, 128);
	frame->ip.saddr = htonl(random_in(11U << 24, (100U << 24) - 1));
	frame->ip.daddr = destination;
	attack->build(frame, n);
}

size_t attack_frame_length(const struct frame *frame)
{
	return sizeof(frame->link) + ntohs(frame->ip.tot_len);
}

size_t attack_frame_zeros(const struct frame *frame)
{
	const size_t held = sizeof(*frame) - offsetof(struct frame, link);
	size_t length = attack_frame_length(frame);

	return length > held ? length - held : 0;
}
