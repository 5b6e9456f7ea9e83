// SPDX-License-Identifier: GPL-2.0-or-later
/* See capture_print.h. */
#include <string.h>
#include <time.h>

#include "capture_filter.h"
#include "capture_print.h"
#include "replay_print.h"

static const char *reason_of(const struct ps_slot_packet *packet)
{
	return packet->reason ? ps_reason_info[packet->reason].name : "unknown";
}

/* As tcpdump has them: [S.], [R]. */
static void print_flags(u8 flags)
{
	static const struct {
		u8 flag;
		char letter;
	} letters[] = {
		{ PS_TCP_SYN, 'S' }, { PS_TCP_FIN, 'F' }, { PS_TCP_RST, 'R' },
		{ PS_TCP_PSH, 'P' }, { PS_TCP_URG, 'U' }, { PS_TCP_ACK, '.' },
	};
	size_t i;

	printf(" [");
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (flags & letters[i].flag)
			putchar(letters[i].letter);
	putchar(']');
}

static void print_protocol(const struct ps_packet *ip)
{
	switch (ip->protocol) {
	case PS_PROTOCOL_TCP:
		printf(" TCP");
		if (ip->transport)
			print_flags(ip->tcp_flags);
		break;
	case PS_PROTOCOL_UDP:
		printf(" UDP");
		break;
	case PS_PROTOCOL_ICMP:
	case PS_PROTOCOL_ICMPV6:
		printf(ip->protocol == PS_PROTOCOL_ICMP ? " ICMP" : " ICMPv6");
		if (ip->transport)
			printf(" type %u", ip->icmp_type);
		break;
	default:
		printf(" protocol %u", ip->protocol);
	}
	if (ip->fragment != PS_FRAGMENT_NONE)
		printf(" fragment");
}

/* What kind of packet it is, as far as its headers can be read. */
static void print_headers(const struct ps_capture_frame *frame)
{
	char from[PS_ITEM_MAX], to[PS_ITEM_MAX];
	struct ps_view view = ps_replay_view(frame);
	static const struct ps_addr none;
	struct ps_packet ip = {};

	ps_packet_parse(&ip, &view);
	if (!ip.wants && !ps_addr_equal(&ip.dst, &none)) {
		printf(" %s > %s", ps_replay_end(from, &ip, &ip.src, ip.sport),
		       ps_replay_end(to, &ip, &ip.dst, ip.dport));
		print_protocol(&ip);
	} else if (frame->captured >= PS_ETHERNET) {
		printf(" ethertype 0x%04x", view.ethertype);
	}
	printf(" length %u\n", frame->length);
}

void ps_capture_print(const struct ps_slot_packet *packet, const char *instance,
		      const char *interface)
{
	time_t seconds = (time_t)(packet->frame.time / 1000000000);
	struct tm local;
	char text[32];

	localtime_r(&seconds, &local);
	strftime(text, sizeof(text), "%H:%M:%S", &local);
	printf("%s.%06u %s %s/%s ", text, (u32)(packet->frame.time / 1000 % 1000000), interface,
	       instance, packet->context);
	ps_print_coloured(stdout, ps_replay_colour[packet->verdict],
			  ps_capture_filter_word(packet->verdict));
	printf(" %s", reason_of(packet));
	print_headers(&packet->frame);
}

void ps_capture_comment(char text[PS_CAPTURE_COMMENT_MAX], const struct ps_slot_packet *packet,
			const char *instance)
{
	int length = snprintf(text, PS_CAPTURE_COMMENT_MAX,
			      "verdict=%s reason=%s context=%s instance=%s",
			      ps_capture_filter_word(packet->verdict), reason_of(packet),
			      packet->context, instance);

	if (packet->segments > 1)
		snprintf(text + length, (size_t)(PS_CAPTURE_COMMENT_MAX - length), " segments=%u",
			 packet->segments);
}
