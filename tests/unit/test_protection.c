// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rates and what they switch (SPEC 5.7), as packets drive them: which packets
 * count for which protection, how soon it goes on and off, and that this is
 * told once. The arithmetic of rates is in test_threshold*.c.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST

#define X	400U
#define Y	200U

/* For each protection a packet that it counts and that the others don't, but for TTLs. */
static struct build event(enum ps_protection_index which)
{
	switch (which) {
	case PS_PROTECT_NEW_COOKIE:
		return (struct build){ .tcp_flags = SYN };
	case PS_PROTECT_UNKNOWN_TTL:
		return (struct build){ .tcp_flags = RST };
	case PS_PROTECT_UNMATCHED:
		return (struct build){ .tcp_flags = ACK };
	default:
		return (struct build){ .protocol = PS_PROTOCOL_UDP };
	}
}

struct turns {
	u32 on, off;
	u64 on_at, off_at;
	u64 rate;
};

/* Packets evenly over a time, on all CPUs in turn. */
static void flood(enum ps_protection_index which, u32 rate, u64 duration, struct turns *turns)
{
	const u64 start = host->now;
	u64 i;

	for (i = 0; i * SECOND / rate < duration; i++) {
		host->now = start + i * SECOND / rate;
		host->cpu = (host->cpu + 1) % CPUS;
		receive(event(which));
		if (host->verdict.went_on) {
			assert_int_equal(host->verdict.went_on, 1U << which);
			turns->on++;
			turns->on_at = host->now;
			turns->rate = host->verdict.rate;
		}
		if (host->verdict.went_off) {
			assert_int_equal(host->verdict.went_off, 1U << which);
			turns->off++;
			turns->off_at = host->now;
		}
	}
	host->now = start + duration;
}

static void prepare(enum ps_protection_index which)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	set_udp_port(other, 80, PS_PORT_ALLOW);
	set_rates(other, which, X, Y);
}

static void goes_on_and_off(enum ps_protection_index which)
{
	struct turns turns = { 0 };
	u64 start;

	prepare(which);
	flood(which, X - X / 20, 3 * SECOND, &turns);
	assert_int_equal(turns.on, 0);
	assert_int_equal(status(other), 0);
	start = host->now;
	flood(which, 10 * X, 3 * SECOND, &turns);
	assert_int_equal(turns.on, 1);
	assert_int_equal(turns.off, 0);
	assert_in_range(turns.on_at - start, 0, 10 * MS);
	assert_true(turns.rate > X);
	assert_int_equal(status(other), 1U << which);
	/* Between Y and X it stays. */
	flood(which, (X + Y) / 2, 5 * SECOND, &turns);
	assert_int_equal(turns.off, 0);
	start = host->now;
	flood(which, Y - Y / 10, 5 * SECOND, &turns);
	assert_int_equal(turns.off, 1);
	assert_in_range(turns.off_at - start, 0, 2 * SECOND);
	assert_int_equal(turns.on, 1);
	assert_int_equal(status(other), 0);
}

static void test_new_cookie(void **state)
{
	goes_on_and_off(PS_PROTECT_NEW_COOKIE);
}

static void test_unknown_ttl(void **state)
{
	goes_on_and_off(PS_PROTECT_UNKNOWN_TTL);
}

static void test_unmatched(void **state)
{
	goes_on_and_off(PS_PROTECT_UNMATCHED);
}

static void test_surge(void **state)
{
	goes_on_and_off(PS_PROTECT_SURGE);
}

static void test_just_above_within_a_second(void **state)
{
	struct turns turns = { 0 };
	const u64 start = host->now;

	prepare(PS_PROTECT_NEW_COOKIE);
	flood(PS_PROTECT_NEW_COOKIE, X + X / 10, 2 * SECOND, &turns);
	assert_int_equal(turns.on, 1);
	assert_in_range(turns.on_at - start, 0, SECOND);
}

static void test_by_hand(void **state)
{
	struct turns turns = { 0 };

	prepare(PS_PROTECT_UNMATCHED);
	assert_int_equal(toggle(other, PS_PROTECT_UNMATCHED, true).turn, PS_THRESHOLD_WENT_ON);
	/* Until it is switched off by hand, whatever the rate; nothing more to tell. */
	flood(PS_PROTECT_UNMATCHED, 10, 5 * SECOND, &turns);
	flood(PS_PROTECT_UNMATCHED, 10 * X, SECOND, &turns);
	flood(PS_PROTECT_UNMATCHED, 10, 5 * SECOND, &turns);
	assert_int_equal(turns.on + turns.off, 0);
	assert_int_equal(status(other), 1U << PS_PROTECT_UNMATCHED);
	toggle(other, PS_PROTECT_UNMATCHED, false);
	assert_int_equal(status(other), 0);
	/* In a flood it rearms once the rate was below Y. */
	flood(PS_PROTECT_UNMATCHED, 10 * X, SECOND, &turns);
	assert_int_equal(turns.on, 1);
	toggle(other, PS_PROTECT_UNMATCHED, false);
	flood(PS_PROTECT_UNMATCHED, 10 * X, 3 * SECOND, &turns);
	assert_int_equal(turns.on, 1);
	assert_why(host->verdict.reason, unmatched_open);
	flood(PS_PROTECT_UNMATCHED, Y / 2, 2 * SECOND, &turns);
	flood(PS_PROTECT_UNMATCHED, 10 * X, SECOND, &turns);
	assert_int_equal(turns.on, 2);
	assert_why(host->verdict.reason, unmatched_ack);
}

static void test_segments_count(void **state)
{
	prepare(PS_PROTECT_SURGE);
	host->segments = 33;
	assert_why(receive(event(PS_PROTECT_SURGE)), allowed_udp_port);
	host->segments = 40;
	receive(event(PS_PROTECT_SURGE));
	assert_int_equal(host->verdict.went_on, 1U << PS_PROTECT_SURGE);
}

/* Without that they would fight for a cache line, and lose events. */
static void test_each_cpu_has_its_own_part(void **state)
{
	static const struct ps_protection_cpu untouched;
	const struct ps_protection *protection = other->context.protection[PS_PROTECT_SURGE];

	prepare(PS_PROTECT_SURGE);
	host->cpu = 1;
	receive(event(PS_PROTECT_SURGE));
	assert_memory_equal(&protection->cpu[0], &untouched, sizeof(untouched));
	assert_memory_not_equal(&protection->cpu[1], &untouched, sizeof(untouched));
}

/* SYNs count for cookies, and packets with and without a session don't for each other's. */
static void test_what_counts(void **state)
{
	u32 i;

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	for (i = 0; i < PS_PROTECTIONS; i++)
		set_rates(other, i, X, Y);
	set_rates(other, PS_PROTECT_SURGE, 1000000, Y);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	count_of((struct build){ 0 }, 1000, PS_REASON_established);
	count_of((struct build){ .tcp_flags = RST }, 1000, PS_REASON_established);
	assert_int_equal(status(other), 0);
	/* Nor do SYNs of a connection that this host opened, or to other ports. */
	send_back((struct build){ .sport = 9, .tcp_flags = SYN }, PS_SENDER_OTHER);
	count_of((struct build){ .sport = 9, .tcp_flags = SYN | ACK }, 1000, PS_REASON_related_tcp);
	count_of((struct build){ .dport = 81, .tcp_flags = SYN }, 1000, PS_REASON_closed_tcp_port);
	assert_int_equal(status(other), 0);
	/* Those of established sessions do: it is all incoming SYNs. */
	for (i = 0; i < 40; i++) {
		const struct build syn = { .sport = 1000 + i, .tcp_flags = SYN };

		send_back((struct build){ .sport = syn.sport }, PS_SENDER_CONNECTED);
		assert_why(receive(syn), established);
	}
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
}

/* An ACK that brings a valid cookie matches, so it isn't unmatched. */
static void test_valid_cookies_are_not_unmatched(void **state)
{
	u32 i;

	prepare(PS_PROTECT_UNMATCHED);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	host->frame.is_valid = true;
	for (i = 0; i < 500; i++)
		assert_why(receive((struct build){ .sport = 1000 + i }), cookie_valid);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
	host->frame.is_valid = false;
	for (i = 0; i < 500; i++)
		receive((struct build){ .sport = 2000 + i });
	assert_why(host->verdict.reason, unmatched_ack);
}

static void test_contexts_are_apart(void **state)
{
	struct site *site = site_at(address(3, 3), 0);
	struct turns turns = { 0 };

	prepare(PS_PROTECT_NEW_COOKIE);
	set_tcp_port(site, 80, PS_PORT_PROTECT_P);
	set_rates(site, PS_PROTECT_NEW_COOKIE, X, Y);
	flood(PS_PROTECT_NEW_COOKIE, 10 * X, SECOND, &turns);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
	assert_int_equal(status(site), 0);
	assert_why(receive((struct build){ .dst = address(3, 3), .tcp_flags = SYN }), syn_open);
	assert_why(receive_tcp(SYN), syn_rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_new_cookie),
		BOTH(test_unknown_ttl),
		BOTH(test_unmatched),
		BOTH(test_surge),
		BOTH(test_just_above_within_a_second),
		BOTH(test_by_hand),
		BOTH(test_segments_count),
		ONE(test_each_cpu_has_its_own_part),
		BOTH(test_what_counts),
		BOTH(test_valid_cookies_are_not_unmatched),
		BOTH(test_contexts_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
