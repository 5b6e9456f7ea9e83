// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header walk against a naive one, over random packets bent in random
 * places.
 *
 * The naive walk takes headers off the front of a slice into the C library's
 * structures. It first collects what there is to know, then asks a table of
 * rules, one sentence each, in order. It needs the whole packet at hand; the
 * tested walk sees it through views of growing length.
 *
 * PS_SEED and PS_ROUNDS choose the packets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "packet_naive.h"
#include "packets_random.h"

#define DEFAULT_ROUNDS	200000

/* The rules, one sentence each; f->broken has been asked before them. */
#define is(text)	in(&f->p.src, text)

/* Whether an address lies in a prefix, written "address/length". */
static bool in(const struct ps_addr *a, const char *prefix)
{
	char text[64], *slash;
	struct ps_addr b;
	u8 bytes[16];
	int i, length, base;

	snprintf(text, sizeof(text), "%s", prefix);
	slash = strchr(text, '/');
	*slash = 0;
	length = atoi(slash + 1);
	base = strchr(text, ':') ? 0 : 96;
	inet_pton(base ? AF_INET : AF_INET6, text, bytes);
	b = address(bytes, base != 0);
	for (i = 0; i < base + length; i++)
		if ((a->word[i / 32] ^ b.word[i / 32]) & 0x80000000 >> i % 32)
			return false;
	return true;
}

#define ICMPV6_TYPE(f)	(!(f)->four && (f)->p.protocol == IPPROTO_ICMPV6 && \
			 (f)->icmp_type_known ? (f)->p.icmp_type : -1)
#define WHOLE(f)	((f)->p.fragment == PS_FRAGMENT_NONE)
#define FIRST(f)	((f)->p.fragment == PS_FRAGMENT_FIRST)
#define LO(f)		((f)->view->flags & PS_VIEW_LOOPBACK)
#define TCP(f)		((f)->p.transport && (f)->p.protocol == IPPROTO_TCP)
#define UDP(f)		((f)->p.transport && (f)->p.protocol == IPPROTO_UDP)
#define ICMP(f)		((f)->p.transport && \
			 (f)->p.protocol == ((f)->four ? IPPROTO_ICMP : IPPROTO_ICMPV6))
#define RULE(name, sentence) \
	static bool rule_##name(const struct facts *f) { return sentence; }
#include "oracle_packet_rules.h"
#undef RULE

static const struct rule {
	enum ps_reason reason;
	bool (*applies)(const struct facts *f);
} rules[] = {
#define RULE(name, sentence) { PS_REASON_##name, rule_##name },
#include "oracle_packet_rules.h"
#undef RULE
};

static void expect_checksum(struct facts *f)
{
	u32 field = TCP(f) ? 16 : UDP(f) && f->udp.check ? 6 : ICMP(f) ? 2 : 0;

	if (!WHOLE(f) || f->detour || !field)
		return;
	f->p.checksum = (u16)(f->p.transport + field);
	f->p.checksum_end = UDP(f) ? f->p.transport + f->udp_length : f->p.end;
	f->p.checksum_reason = TCP(f) ? PS_REASON_tcp_checksum : UDP(f) ? PS_REASON_udp_checksum :
			       PS_REASON_icmp_checksum;
}

static void naive_parse(struct facts *f, const struct ps_view *view)
{
	struct slice s = { view->data, view->length, 0 };
	size_t i;

	*f = (struct facts){ .view = view };
	if (view->flags & PS_VIEW_OTHER_HOST) {
		f->p.vlan = view->vlan;
		f->p.reason = PS_REASON_other_host;
		return;
	}
	f->broken = take_link(f, &s);
	if (!f->broken)
		f->broken = f->four ? take_ipv4(f, s) : take_ipv6(f, s);
	f->p.reason = (u8)f->broken;
	if (f->broken)
		return;
	collect_transport(f);
	for (i = 0; i < ARRAY_SIZE(rules) && !f->p.reason; i++)
		if (rules[i].applies(f))
			f->p.reason = (u8)rules[i].reason;
	if (!f->p.reason)
		expect_checksum(f);
}

/* See the packet through views of growing length, as a front end would. */
static void parse_step_by_step(struct ps_packet *packet, struct ps_view view)
{
	u8 *copy;

	view.available = below(view.length + 1);
	for (;;) {
		copy = malloc(view.available + 1);
		memcpy(copy + 1, view.data, view.available);
		ps_packet_parse(packet, &(struct ps_view){
			.data = copy + 1, .available = view.available, .length = view.length,
			.segments = 1, .ethertype = view.ethertype, .vlan = view.vlan,
			.flags = view.flags });
		free(copy);
		if (!packet->wants)
			return;
		assert_in_range(packet->wants, view.available + 1, view.length);
		assert_in_range(packet->wants, 1, PS_HEADERS_MAX);
		view.available = packet->wants;
	}
}

#define SAME(member) same(#member, round, f, packet.member, facts.p.member)
static void same(const char *member, unsigned long round, const struct frame *f, u32 got,
		 u32 expected)
{
	u32 i;

	if (got == expected)
		return;
	printf("round %lu: %s is %u, expected %u; ethertype %04x flags %x:", round, member, got,
	       expected, f->ethertype, f->flags);
	for (i = 0; i < f->length && i < 200; i++)
		printf("%s%02x", i % 4 ? "" : " ", f->data[i]);
	printf("\n");
	fail();
}

/* Of the payload at least what rules look at can be read, and never what isn't its. */
static void compare_payload(unsigned long round, const struct frame *f,
			    const struct ps_packet *packet, const struct facts *facts)
{
	u32 left = min(facts->p.end, PS_HEADERS_MAX) - min(facts->p.payload, PS_HEADERS_MAX);

	same("payload", round, f, packet->payload, facts->p.payload);
	same("icmp_error", round, f, packet->icmp_error, facts->p.icmp_error);
	if (packet->readable < min(facts->wanted, left) || packet->readable > left)
		same("readable", round, f, packet->readable, min(facts->wanted, left));
}

static unsigned long seen[PS_REASONS];

static void compare(unsigned long round, const struct frame *f)
{
	struct ps_view view = frame_view(f);
	struct ps_packet packet;
	struct facts facts;
	int i;

	naive_parse(&facts, &view);
	parse_step_by_step(&packet, view);
	SAME(reason);
	seen[packet.reason]++;
	SAME(vlan);
	SAME(network);
	for (i = 0; i < 4; i++) {
		SAME(src.word[i]);
		SAME(dst.word[i]);
	}
	if (facts.broken)
		return;
	SAME(end);
	SAME(fragment_id);
	SAME(transport);
	SAME(sport);
	SAME(dport);
	SAME(protocol);
	SAME(ttl);
	SAME(fragment);
	SAME(tcp_flags);
	SAME(icmp_type);
	SAME(checksum);
	if (!packet.reason)
		compare_payload(round, f, &packet, &facts);
	if (!packet.checksum)
		return;
	SAME(checksum_end);
	SAME(checksum_reason);
}

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void walk_agrees_with_the_naive_one(void **state)
{
	unsigned long rounds = from_environment("PS_ROUNDS", DEFAULT_ROUNDS), round;
	static struct frame frame, *f = &frame;

	(void)state;
	for (round = 0; round < rounds; round++) {
		random_frame(f);
		compare(round, f);
	}
}

/* A test that never meets a rule says nothing about it. */
static void every_reason_of_the_walk_was_met(void **state)
{
	int reason;

	(void)state;
	if (from_environment("PS_ROUNDS", DEFAULT_ROUNDS) < DEFAULT_ROUNDS)
		skip();
	for (reason = 0; reason < PS_REASONS; reason++) {
		if (ps_reason_info[reason].id >= 60 || reason == PS_REASON_ip_checksum ||
		    reason == PS_REASON_tcp_checksum || reason == PS_REASON_icmp_checksum)
			continue;
		if (!seen[reason])
			fail_msg("never met: %s", ps_reason_info[reason].name);
	}
}

static void checksum_agrees_with_the_naive_one(void **state)
{
	unsigned long rounds = from_environment("PS_ROUNDS", DEFAULT_ROUNDS) / 4;
	static struct frame frame, *f = &frame;
	struct ps_packet packet;
	bool right;
	u32 at;

	(void)state;
	while (rounds--) {
		*f = build((struct build){ .family = one_in(2) ? 4 : 6,
					   .protocol = one_in(2) ? 6 : 17,
					   .payload = below(1500) });
		right = one_in(2);
		at = f->transport + 8 + below(f->length - f->transport - 7);
		if (at == f->length || (f->data[f->next] == 6 && at < f->transport + 20))
			right = true;
		if (!right)
			f->data[at] ^= (u8)(1 + below(255));
		packet = frame_parse(f);
		assert_int_equal(packet.reason, PS_REASON_UNDECIDED);
		assert_int_equal(ps_packet_checksum(&packet, f->data), right);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk_agrees_with_the_naive_one),
		cmocka_unit_test(every_reason_of_the_walk_was_met),
		cmocka_unit_test(checksum_agrees_with_the_naive_one),
	};

	random_state = from_environment("PS_SEED", (unsigned long)time(NULL));
	printf("PS_SEED=%llu\n", (unsigned long long)random_state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
