/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The naive half of oracle_packet.c: taking headers off a packet. What breaks
 * a link or IP header is known on the spot; of the rest only facts are
 * collected.
 */
#ifndef PS_TESTS_PACKET_NAIVE_H
#define PS_TESTS_PACKET_NAIVE_H

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "packet.h"

/* Bytes not yet taken, and how many were taken before them. */
struct slice {
	const u8 *at;
	u32 left;
	u32 taken;
};

/* What is known of a packet. */
struct facts {
	const struct ps_view *view;
	struct ps_packet p;		/* the expected answer but for the reason */
	enum ps_reason broken;		/* link and IP headers */
	bool four;
	bool ip;			/* the link headers lead to IP */
	int extensions;
	int first_extension;
	bool detour;
	struct slice payload;		/* of the IP packet, behind extension headers */
	bool has_tcp, has_udp, has_icmp;
	bool icmp_type_known;
	struct tcphdr tcp;
	struct udphdr udp;
	u32 udp_length;
	bool options_bad, fast_open;
	u32 data;			/* bytes behind the TCP header */
	u32 wanted;			/* bytes of the payload that rules look at */
};

static bool take(struct slice *s, void *out, u32 size)
{
	if (s->left < size)
		return false;
	if (out)
		memcpy(out, s->at, size);
	s->at += size;
	s->left -= size;
	s->taken += size;
	return true;
}

static u16 be16(const void *at)
{
	u16 value;

	memcpy(&value, at, 2);
	return ntohs(value);
}

/* Take link headers until there is IP. */
static enum ps_reason take_link(struct facts *f, struct slice *s)
{
	u16 type = f->view->ethertype, tag[2];
	u8 ppp[6], protocol[2] = { 0 };
	int headers = 0;

	f->p.vlan = f->view->vlan;
	for (; type == 0x8100 || type == 0x88a8 || type == 0x8864; headers++) {
		if (headers == PS_LINK_HEADERS_MAX)
			return PS_REASON_link_header;
		if (type != 0x8864) {
			if (!take(s, tag, 4))
				return PS_REASON_link_header;
			if (!f->p.vlan)
				f->p.vlan = ntohs(tag[0]) % 4096;
			type = ntohs(tag[1]);
			continue;
		}
		if (!take(s, ppp, 6) || memcmp(ppp, "\x11\x00", 2) || be16(ppp + 4) > s->left)
			return PS_REASON_link_header;
		s->left = be16(ppp + 4);
		if (!s->left || !take(s, s->at[0] % 2 ? protocol + 1 : protocol,
				      s->at[0] % 2 ? 1 : 2))
			return PS_REASON_link_header;
		type = be16(protocol) == 0x21 ? 0x800 : be16(protocol) == 0x57 ? 0x86dd : 0;
	}
	f->four = type == 0x800;
	f->ip = f->four || type == 0x86dd;
	f->p.network = f->ip ? (u16)s->taken : 0;
	return f->ip ? PS_REASON_UNDECIDED : PS_REASON_not_ip;
}

/* The one's complement sum of an even number of bytes, RFC 1071, word by word. */
static bool sum_is_right(const u8 *at, u32 size)
{
	unsigned long sum = 0;
	u32 i;

	for (i = 0; i < size; i += 2)
		sum += be16(at + i);
	while (sum > 0xffff)
		sum = sum / 0x10000 + sum % 0x10000;
	return sum == 0xffff;
}

/* Visit the options; the visitor returns a reason to stop. */
static enum ps_reason visit_options(struct slice s, enum ps_reason malformed, void *context,
				    enum ps_reason (*visit)(const u8 *option, void *context))
{
	enum ps_reason reason = PS_REASON_UNDECIDED;
	u8 kind, length;
	const u8 *option;

	while (!reason && (option = s.at, take(&s, &kind, 1)) && kind != 0) {
		if (kind == 1)
			continue;
		if (!take(&s, &length, 1) || length < 2 || !take(&s, NULL, length - 2))
			return malformed;
		reason = visit(option, context);
	}
	return reason;
}

static enum ps_reason visit_ipv4_option(const u8 *option, void *context)
{
	(void)context;
	return IPOPT_NUMBER(option[0]) == (IPOPT_LSRR & 31) && IPOPT_COPIED(option[0]) &&
	       !IPOPT_CLASS(option[0]) ? PS_REASON_ip_source_route :
	       option[0] == IPOPT_SSRR ? PS_REASON_ip_source_route : PS_REASON_UNDECIDED;
}

static enum ps_reason visit_tcp_option(const u8 *option, void *context)
{
	bool *fast_open = context;

	if (option[0] == 34)
		*fast_open = true;
	if (option[0] == 254 && option[1] >= 4 && !memcmp(option + 2, "\xf9\x89", 2))
		*fast_open = true;
	return PS_REASON_UNDECIDED;
}

static struct ps_addr address(const void *at, bool four)
{
	struct ps_addr a = { { 0, 0, 0xffff, 0 } };
	int i;

	for (i = 0; i < 4; i++)
		if (!four || i == 3)
			a.word[i] = (u32)be16((const u8 *)at + 4 * (four ? 0 : i)) << 16 |
				    be16((const u8 *)at + 4 * (four ? 0 : i) + 2);
	return a;
}

static enum ps_reason take_fragment(struct facts *f, u32 offset, bool more, u32 counted)
{
	u32 size = f->payload.left;

	f->p.fragment = offset ? PS_FRAGMENT_LATER : PS_FRAGMENT_FIRST;
	if ((u64)counted + offset + size > 65535 || (more && size % 8 != 0))
		return PS_REASON_fragment_length;
	if (f->p.protocol == IPPROTO_TCP && offset == 8)
		return PS_REASON_fragment_offset1;
	return PS_REASON_UNDECIDED;
}

static enum ps_reason take_ipv4(struct facts *f, struct slice s)
{
	struct slice whole = s, options;
	enum ps_reason reason;
	struct iphdr ip;
	u32 size, field;

	if (!take(&s, &ip, sizeof(ip)))
		return PS_REASON_ip_header_length;
	if (ip.version != 4)
		return PS_REASON_ip_version;
	options = s;
	if (ip.ihl < 5 || !take(&s, NULL, ip.ihl * 4U - 20))
		return PS_REASON_ip_header_length;
	options.left = ip.ihl * 4U - 20;
	f->p.src = address(&ip.saddr, true);
	f->p.dst = address(&ip.daddr, true);
	f->p.ttl = ip.ttl;
	f->p.protocol = ip.protocol;
	f->p.fragment_id = ntohs(ip.id);
	size = ntohs(ip.tot_len);
	if (!size && (f->view->flags & PS_VIEW_SUPER))
		size = whole.left;
	if (size < ip.ihl * 4U || size > whole.left)
		return PS_REASON_ip_length;
	f->p.end = whole.taken + size;
	s.left = size - ip.ihl * 4U;
	if (!sum_is_right(whole.at, ip.ihl * 4U))
		return PS_REASON_ip_checksum;
	reason = visit_options(options, PS_REASON_ip_options, NULL, visit_ipv4_option);
	if (reason)
		return reason;
	f->payload = s;
	field = ntohs(ip.frag_off);
	if (field & (IP_MF | IP_OFFMASK))
		return take_fragment(f, (field & IP_OFFMASK) * 8, field & IP_MF, ip.ihl * 4U);
	return PS_REASON_UNDECIDED;
}

/* Take one extension header off f->payload. */
static enum ps_reason take_extension(struct facts *f, bool *fragmented)
{
	enum ps_reason short_of = f->p.fragment == PS_FRAGMENT_FIRST ?
				  PS_REASON_fragment_tiny : PS_REASON_ipv6_extension;
	u32 before = f->payload.taken - f->p.network - 40, size;
	u8 kind = f->p.protocol;
	struct ip6_frag frag;
	struct ip6_rthdr head;

	if (f->extensions == 8)
		return PS_REASON_ipv6_extension_count;
	if (kind == IPPROTO_HOPOPTS ? f->extensions > 0 : kind == IPPROTO_FRAGMENT && *fragmented)
		return PS_REASON_ipv6_extension;
	memcpy(&head, f->payload.at, f->payload.left < 4 ? f->payload.left : 4);
	memcpy(&frag, f->payload.at, f->payload.left < 8 ? f->payload.left : 8);
	if (f->payload.left < 8)
		return short_of;
	if (f->payload.taken + 8 > PS_HEADERS_MAX)
		return PS_REASON_ipv6_extension_count;
	size = kind == IPPROTO_FRAGMENT ? 8 : 8 * (1U + head.ip6r_len);
	if (!take(&f->payload, NULL, size))
		return short_of;
	if (f->payload.taken > PS_HEADERS_MAX)
		return PS_REASON_ipv6_extension_count;
	if (!f->extensions++)
		f->first_extension = kind;
	f->p.protocol = head.ip6r_nxt;
	if (kind == IPPROTO_ROUTING && head.ip6r_type == 0)
		return PS_REASON_ipv6_routing_type0;
	f->detour |= kind == IPPROTO_ROUTING && head.ip6r_segleft > 0;
	if (kind != IPPROTO_FRAGMENT)
		return PS_REASON_UNDECIDED;
	*fragmented = true;
	f->p.fragment_id = ntohl(frag.ip6f_ident);
	if (!(frag.ip6f_offlg & (IP6F_OFF_MASK | IP6F_MORE_FRAG)))
		return PS_REASON_UNDECIDED;
	return take_fragment(f, ntohs(frag.ip6f_offlg & IP6F_OFF_MASK),
			     frag.ip6f_offlg & IP6F_MORE_FRAG, before);
}

static enum ps_reason take_ipv6(struct facts *f, struct slice s)
{
	enum ps_reason reason = PS_REASON_UNDECIDED;
	bool fragmented = false;
	struct ip6_hdr ip;
	u32 size;

	if (!take(&s, &ip, sizeof(ip)))
		return PS_REASON_ip_header_length;
	if (ip.ip6_vfc >> 4 != 6)
		return PS_REASON_ip_version;
	f->p.src = address(&ip.ip6_src, false);
	f->p.dst = address(&ip.ip6_dst, false);
	f->p.ttl = ip.ip6_hlim;
	f->p.protocol = ip.ip6_nxt;
	size = ntohs(ip.ip6_plen);
	if (!size && (f->view->flags & PS_VIEW_SUPER))
		size = s.left;
	if (size > s.left)
		return PS_REASON_ip_length;
	s.left = size;
	f->p.end = s.taken + size;
	f->payload = s;
	while (!reason && f->p.fragment != PS_FRAGMENT_LATER &&
	       (f->p.protocol == IPPROTO_HOPOPTS || f->p.protocol == IPPROTO_ROUTING ||
		f->p.protocol == IPPROTO_FRAGMENT || f->p.protocol == IPPROTO_DSTOPTS))
		reason = take_extension(f, &fragmented);
	return reason;
}

/* Of a header past the bytes that are looked at nothing is reported. */
static bool is_looked_at(const struct facts *f, u32 size)
{
	return f->payload.taken + size <= PS_HEADERS_MAX;
}

static void collect_tcp(struct facts *f, struct slice s)
{
	struct slice options;

	f->has_tcp = take(&s, &f->tcp, sizeof(f->tcp));
	if (!f->has_tcp || !is_looked_at(f, sizeof(f->tcp)))
		return;
	f->p.sport = ntohs(f->tcp.source);
	f->p.dport = ntohs(f->tcp.dest);
	f->p.tcp_flags = f->payload.at[13] & 0x3f;
	options = s;
	if (f->tcp.doff < 5 || !take(&s, NULL, f->tcp.doff * 4U - 20))
		return;
	options.left = f->tcp.doff * 4U - 20;
	f->p.payload = (u16)s.taken;
	f->data = s.left + (f->p.fragment == PS_FRAGMENT_FIRST);
	f->options_bad = visit_options(options, PS_REASON_tcp_options, &f->fast_open,
				       visit_tcp_option);
}

static void collect_udp(struct facts *f, struct slice s)
{
	f->has_udp = take(&s, &f->udp, sizeof(f->udp));
	if (!f->has_udp || !is_looked_at(f, sizeof(f->udp)))
		return;
	f->p.sport = ntohs(f->udp.source);
	f->p.dport = ntohs(f->udp.dest);
	f->p.payload = (u16)s.taken;
	f->wanted = 128;
	f->udp_length = ntohs(f->udp.len);
	if (!f->udp_length && (f->view->flags & PS_VIEW_SUPER))
		f->udp_length = f->payload.left;
}

static bool is_icmp_error(const struct facts *f)
{
	switch (f->p.icmp_type) {
	case ICMP_DEST_UNREACH:
		return true;
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return f->four;
	case ICMP6_DST_UNREACH:
	case ICMP6_PACKET_TOO_BIG:
	case ICMP6_PARAM_PROB:
		return !f->four;
	default:
		return false;
	}
}

static void collect_icmp(struct facts *f, struct slice s)
{
	f->icmp_type_known = s.left >= 4 && is_looked_at(f, 4);
	f->has_icmp = s.left >= 8;
	if (f->icmp_type_known)
		f->p.icmp_type = s.at[0];
	f->p.payload = (u16)(s.taken + 8);
	f->p.icmp_error = is_icmp_error(f);
	f->wanted = f->p.icmp_error ? PS_QUOTE_MAX : 0;
}

static void collect_transport(struct facts *f)
{
	struct slice s = f->payload;

	if (f->p.fragment == PS_FRAGMENT_LATER) {
		f->p.payload = (u16)s.taken;
		return;
	}
	f->p.transport = (u16)s.taken;
	if (f->p.protocol == IPPROTO_TCP)
		collect_tcp(f, s);
	else if (f->p.protocol == IPPROTO_UDP)
		collect_udp(f, s);
	else if (f->p.protocol == (f->four ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		collect_icmp(f, s);
}

#endif
