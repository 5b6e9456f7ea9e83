/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RULE(reason, sentence over facts *f), in the order in which they are asked.
 * No include guard: oracle_packet.c includes it once for the functions and
 * once for the table.
 */
RULE(neighbour_discovery, ICMPV6_TYPE(f) >= ND_ROUTER_SOLICIT && ICMPV6_TYPE(f) <= ND_REDIRECT &&
     f->has_icmp && f->p.ttl == 255 && f->extensions == 0)
RULE(multicast_listener, (ICMPV6_TYPE(f) == 130 || ICMPV6_TYPE(f) == 131 ||
			  ICMPV6_TYPE(f) == 132 || ICMPV6_TYPE(f) == 143) &&
     f->has_icmp && f->p.ttl == 1 && is("fe80::/10") &&
     (f->extensions == 0 || (f->extensions == 1 && f->first_extension == IPPROTO_HOPOPTS)))
RULE(dhcpv6_client, !f->four && UDP(f) && f->has_udp && f->udp_length >= 8 &&
     f->p.dport == 546 && is("fe80::/10") && f->extensions == 0)
RULE(ipv6_mapped, !f->four && (is("::ffff:0.0.0.0/96") || in(&f->p.dst, "::ffff:0.0.0.0/96")))
RULE(ip_land, !LO(f) && !memcmp(&f->p.src, &f->p.dst, sizeof(f->p.src)))
RULE(source_multicast, is("224.0.0.0/4") || is("ff00::/8"))
RULE(source_broadcast, is("255.255.255.255/32"))
RULE(source_loopback, !LO(f) && (is("127.0.0.0/8") || is("::1/128")))
RULE(source_unspecified, !LO(f) && (is("::/128") ||
     (is("0.0.0.0/32") && !(UDP(f) && WHOLE(f) && f->p.sport == 68 && f->p.dport == 67))))
RULE(ipv6_extension_count,
     (f->has_tcp && f->p.transport + 20 > (int)PS_HEADERS_MAX) ||
     (f->has_tcp && f->tcp.doff >= 5 && f->tcp.doff * 4U <= f->payload.left &&
      f->p.transport + f->tcp.doff * 4 > (int)PS_HEADERS_MAX) ||
     (f->has_udp && f->p.transport + 8 > (int)PS_HEADERS_MAX) ||
     (f->has_icmp && f->p.transport + 8 > (int)PS_HEADERS_MAX) ||
     (ICMP(f) && f->payload.left >= 4 && f->p.transport + 4 > (int)PS_HEADERS_MAX))
RULE(fragment_tiny, FIRST(f) &&
     ((TCP(f) && !f->has_tcp) ||
      (TCP(f) && f->tcp.doff >= 5 && f->tcp.doff * 4U > f->payload.left) ||
      (UDP(f) && !f->has_udp) || (ICMP(f) && !f->has_icmp)))
RULE(tcp_header, TCP(f) && (!f->has_tcp || f->tcp.doff < 5))
RULE(tcp_length, TCP(f) && f->tcp.doff * 4U > f->payload.left)
RULE(tcp_port_zero, TCP(f) && (!f->tcp.source || !f->tcp.dest))
RULE(tcp_flags_none, TCP(f) && !f->tcp.fin && !f->tcp.syn && !f->tcp.rst && !f->tcp.psh &&
     !f->tcp.ack && !f->tcp.urg)
RULE(tcp_flags_syn_fin, TCP(f) && f->tcp.syn && f->tcp.fin)
RULE(tcp_flags_syn_rst, TCP(f) && f->tcp.syn && f->tcp.rst)
RULE(tcp_flags_fin_rst, TCP(f) && f->tcp.fin && f->tcp.rst)
RULE(tcp_flags_no_ack, TCP(f) && (f->tcp.fin || f->tcp.psh || f->tcp.urg) && !f->tcp.ack &&
     !f->tcp.syn && !f->tcp.rst)
RULE(tcp_options, TCP(f) && f->options_bad)
RULE(tcp_syn_data, TCP(f) && f->tcp.syn && !f->tcp.ack && f->data && !f->fast_open)
RULE(tcp_rst_data, TCP(f) && f->tcp.rst && f->data)
RULE(udp_header, UDP(f) && (!f->has_udp || (WHOLE(f) && f->udp_length < 8)))
RULE(udp_length, UDP(f) && WHOLE(f) && f->udp_length > f->payload.left)
RULE(udp_port_zero, UDP(f) && (!f->udp.source || !f->udp.dest))
RULE(udp_checksum, UDP(f) && WHOLE(f) && !f->four && !f->udp.check)
RULE(icmp_header, ICMP(f) && !f->has_icmp)
