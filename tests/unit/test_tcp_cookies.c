// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SYN cookies (SPEC 5.2): who is answered with one, whose is checked, until
 * when, and what happens where none can be sent. The platform's answers are the
 * test's (platform_twin.h).
 */
#include "engine_rig.h"

#include "ttl.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define FIN	PS_TCP_FIN
#define LIFE	(128 * SECOND)

static void protect(void)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
}

static void cookies(bool on)
{
	protect();
	toggle(other, PS_PROTECT_NEW_COOKIE, on);
	host->frame.can_offer = true;
}

static void establish(void)
{
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	send_tcp(ACK, PS_SENDER_CONNECTED);
}

static void test_syns_are_answered_while_on(void **state)
{
	protect();
	host->frame.can_offer = true;
	assert_why(receive_tcp(SYN), syn_open);
	assert_int_equal(host->frame.offers, 0);
	cookies(true);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
	assert_int_equal(count_of((struct build){ .tcp_flags = SYN }, 50, PS_REASON_syncookie), 50);
	assert_string_equal(moved(), "rx_total syn unknown_ttl syncookie");
	assert_int_equal(host->frame.offers, 50);
	assert_ptr_equal(host->frame.packet, &host->packet);
	/* No state is kept. */
	assert_int_equal(table_used(host->engine.tcp), 0);
	cookies(false);
	assert_why(receive_tcp(SYN), syn_open);
	assert_int_equal(host->frame.offers, 50);
	assert_int_equal(host->frame.checks, 0);
}

static void test_the_platform_learns_which_list_the_port_is_in(void **state)
{
	cookies(true);
	receive_tcp(SYN);
	assert_false(host->frame.forwarded);
	receive_tcp(ACK);
	assert_false(host->frame.forwarded);
	set_tcp_port(other, 80, PS_PORT_PROTECT_X);
	receive_tcp(ACK);
	assert_true(host->frame.forwarded);
	assert_int_equal(host->frame.checks, 2);
	host->frame.forwarded = false;
	assert_why(receive_tcp(SYN), syncookie);
	assert_true(host->frame.forwarded);
}

static void test_where_none_can_be_sent_syns_are_policed(void **state)
{
	const struct build syn = { .tcp_flags = SYN };

	cookies(true);
	set_rates(other, PS_PROTECT_NEW_COOKIE, 1000000, 50);
	host->frame.can_offer = false;
	assert_int_equal(count_of(syn, 30, PS_REASON_syn_within_rate), 5);
	assert_why(receive(syn), syn_rate);
	assert_string_equal(moved(), "rx_total syn unknown_ttl drop_syn");
	pass(SECOND / 50);
	assert_why(receive(syn), syn_within_rate);
	assert_string_equal(moved(), "rx_total syn unknown_ttl delivered");
	assert_why(receive(syn), syn_rate);
	/* The platform is asked each time. */
	assert_int_equal(host->frame.offers, 33);
	set_rates(other, PS_PROTECT_NEW_COOKIE, 0, 0);
	pass(SECOND);
	assert_int_equal(count_of(syn, 10, PS_REASON_syn_rate), 10);
	assert_int_equal(table_used(host->engine.tcp), 0);
}

static void test_one_syn_a_second_on_a_session(void **state)
{
	const struct build syn = { .tcp_flags = SYN };

	cookies(true);
	establish();
	assert_why(receive(syn), established);
	assert_string_equal(moved(), "rx_total syn established delivered");
	assert_int_equal(count_of(syn, 20, PS_REASON_syn_excess), 20);
	assert_string_equal(moved(), "rx_total syn drop_syn");
	pass(SECOND);
	assert_why(receive(syn), established);
	assert_why(receive(syn), syn_excess);
	/* The excess doesn't keep the session alive. */
	pass(SYN_TIMEOUT * SECOND);
	assert_why(receive(syn), established);
	pass((SYN_TIMEOUT + 1) * SECOND);
	assert_why(receive(syn), syncookie);
	assert_int_equal(host->frame.offers, 1);
	cookies(false);
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(count_of(syn, 20, PS_REASON_established), 20);
}

static void test_syn_of_a_half_open_session(void **state)
{
	cookies(true);
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	assert_why(receive_tcp(SYN), syncookie);
	cookies(false);
	assert_why(receive_tcp(SYN), half_open);
	assert_string_equal(moved(), "rx_total syn established delivered");
}

static void test_valid_cookie_opens_the_session(void **state)
{
	cookies(true);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	assert_why(receive_tcp(ACK), unmatched_ack);
	assert_int_equal(host->frame.checks, 1);
	host->frame.is_valid = true;
	assert_why(receive_tcp(ACK), cookie_valid);
	assert_string_equal(moved(), "rx_total ack unknown_ttl established newconns delivered");
	assert_int_equal(host->frame.checks, 2);
	assert_ptr_equal(host->frame.packet, &host->packet);
	host->frame.is_valid = false;
	assert_why(receive_tcp(ACK), established);
	assert_string_equal(moved(), "rx_total ack established delivered");
	assert_why(receive_tcp(RST), established);
	assert_int_equal(host->frame.checks, 2);
	/* It is counted as opened once. */
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_string_equal(moved(), "tx_total");
	assert_why(receive((struct build){ .sport = 2 }), unmatched_ack);
	pass((ACK_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(ACK), unmatched_ack);
}

static void test_valid_cookie_teaches_the_ttl(void **state)
{
	const struct ps_addr peer = parsed(peer_address());
	const u64 hash = ps_ttl_hash(&host->engine.secret, &peer);

	cookies(true);
	receive((struct build){ .ttl = 50 });
	assert_int_equal(ps_ttl_look(host->engine.ttl, hash, 50, START / SECOND), PS_TTL_UNKNOWN);
	host->frame.is_valid = true;
	receive((struct build){ .ttl = 50 });
	assert_int_equal(ps_ttl_look(host->engine.ttl, hash, 50, START / SECOND), PS_TTL_MATCH);
	assert_int_equal(ps_ttl_look(host->engine.ttl, hash, 53, START / SECOND), PS_TTL_DIFFERS);
}

static void test_cookie_of_an_exhausted_half_open_session(void **state)
{
	cookies(true);
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	assert_int_equal(count_of((struct build){ 0 }, 16, PS_REASON_half_open), 16);
	assert_int_equal(host->frame.checks, 16);
	host->frame.is_valid = true;
	assert_why(receive_tcp(ACK), cookie_valid);
	assert_why(receive_tcp(ACK), established);
}

static void test_cookies_count_for_128_seconds(void **state)
{
	const struct build ack = { .tcp_flags = ACK };

	protect();
	host->frame.is_valid = true;
	assert_why(receive(ack), unmatched_open);
	assert_int_equal(host->frame.checks, 0);
	cookies(true);
	pass(1000 * SECOND);
	cookies(false);
	pass(LIFE - MS);
	assert_why(receive(ack), cookie_valid);
	pass(MS + 8);
	assert_why(receive((struct build){ .sport = 2 }), unmatched_open);
	assert_int_equal(host->frame.checks, 1);
	/* On again and off again: counted from the last time. */
	cookies(true);
	cookies(false);
	assert_why(receive((struct build){ .sport = 3 }), cookie_valid);
	pass(LIFE - MS);
	assert_why(receive((struct build){ .sport = 4 }), cookie_valid);
	pass(MS + 8);
	assert_why(receive((struct build){ .sport = 5 }), unmatched_open);
}

/* Whatever else is in the header: ACK without SYN and RST. */
static void test_which_packets_may_carry_a_cookie(void **state)
{
	u32 flags, sport = 1;

	cookies(true);
	host->frame.is_valid = true;
	for (flags = 1; flags < 64; flags++) {
		struct build b = { .tcp_flags = (u8)flags, .sport = ++sport };
		struct frame f = build(complete(b));
		bool may = (flags & (SYN | RST | ACK)) == ACK;

		host->frame.checks = 0;
		if (ps_reason_info[frame_parse(&f).reason].id)
			continue;
		assert_int_equal(receive(b) == PS_REASON_cookie_valid, may);
		assert_int_equal(host->frame.checks, may);
	}
}

static void test_fragments_have_no_cookies(void **state)
{
	struct frame f;

	cookies(true);
	set_rates(other, PS_PROTECT_NEW_COOKIE, 1000000, 20);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	host->frame.is_valid = true;
	f = build(complete((struct build){ .tcp_flags = ACK, .payload = 20 }));
	make_fragment(&f, 0, true, 1);
	assert_why(host_receive(&f), unmatched_ack);
	f = build(complete((struct build){ .tcp_flags = SYN }));
	insert_tcp_options(&f, "\x22\x04" "ab", 4);
	make_fragment(&f, 0, true, 2);
	/* A Fast Open SYN may have data, and so be in pieces. */
	assert_why(host_receive(&f), syn_within_rate);
	assert_why(host_receive(&f), syn_within_rate);
	assert_why(host_receive(&f), syn_rate);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
	/* An atomic fragment is a whole packet. */
	if (host->family == 4)
		return;
	f = build(complete((struct build){ .tcp_flags = SYN }));
	make_fragment(&f, 0, false, 3);
	assert_why(host_receive(&f), syncookie);
}

static void test_nothing_else_asks_the_platform(void **state)
{
	cookies(true);
	host->frame.is_valid = true;
	send_tcp(SYN, PS_SENDER_OTHER);
	assert_why(receive_tcp(SYN), related_tcp);
	assert_why(receive_tcp(ACK), related_tcp);
	assert_why(receive((struct build){ .dport = 81, .tcp_flags = SYN }), closed_tcp_port);
	assert_why(receive((struct build){ .dport = 81 }), closed_tcp_port);
	set_tcp_port(other, 81, PS_PORT_ALLOW);
	assert_why(receive((struct build){ .dport = 81, .tcp_flags = SYN }), allowed_tcp_port);
	assert_why(receive((struct build){ .dport = 81 }), allowed_tcp_port);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
}

/* The port of a session that SYNs are too late for is used again. */
static void test_cookie_on_top_of_an_old_session(void **state)
{
	cookies(true);
	establish();
	pass((SYN_TIMEOUT + 1) * SECOND);
	host->frame.is_valid = true;
	/* Nobody asks as long as no SYN was answered. */
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(host->frame.checks, 0);
	pass((SYN_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(SYN), syncookie);
	host->frame.is_valid = false;
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(host->frame.checks, 1);
	host->frame.is_valid = true;
	assert_why(receive_tcp(ACK), cookie_valid);
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(host->frame.checks, 2);
}

/* One that is dead for ACKs too is none: the TTL filter comes first, and one check is enough. */
static void test_cookie_on_top_of_a_dead_session(void **state)
{
	cookies(true);
	establish();
	assert_why(receive_tcp(ACK), established);
	pass((ACK_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(SYN), syncookie);
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_int_equal(host->frame.checks, 1);
	toggle(other, PS_PROTECT_UNKNOWN_TTL, true);
	host->frame.is_valid = true;
	assert_why(receive((struct build){ .ttl = 99 }), ttl_differs);
	assert_int_equal(host->frame.checks, 1);
	assert_why(receive_tcp(ACK), cookie_valid);
}

/* Its SYN came before cookies went on, and once more afterwards. */
static void test_cookie_on_top_of_a_half_open_session(void **state)
{
	cookies(true);
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	assert_why(receive_tcp(ACK), half_open);
	assert_int_equal(host->frame.checks, 1);
	host->frame.is_valid = true;
	assert_why(receive_tcp(ACK), cookie_valid);
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(host->frame.checks, 2);
}

/* A context that was never configured has no memory for protections. */
static void test_without_protections(void **state)
{
	u32 i;

	protect();
	for (i = 0; i < PS_PROTECTIONS; i++) {
		free(other->context.protection[i]);
		other->context.protection[i] = NULL;
	}
	host->frame.can_offer = host->frame.is_valid = true;
	assert_why(receive_tcp(SYN), syn_open);
	assert_why(receive_tcp(ACK), unmatched_open);
	establish();
	assert_why(receive_tcp(ACK), established);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_syns_are_answered_while_on),
		BOTH(test_the_platform_learns_which_list_the_port_is_in),
		BOTH(test_where_none_can_be_sent_syns_are_policed),
		BOTH(test_one_syn_a_second_on_a_session),
		BOTH(test_syn_of_a_half_open_session),
		BOTH(test_valid_cookie_opens_the_session),
		BOTH(test_valid_cookie_teaches_the_ttl),
		BOTH(test_cookie_of_an_exhausted_half_open_session),
		BOTH(test_cookies_count_for_128_seconds),
		BOTH(test_which_packets_may_carry_a_cookie),
		BOTH(test_fragments_have_no_cookies),
		BOTH(test_nothing_else_asks_the_platform),
		BOTH(test_cookie_on_top_of_an_old_session),
		BOTH(test_cookie_on_top_of_a_dead_session),
		BOTH(test_cookie_on_top_of_a_half_open_session),
		BOTH(test_without_protections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
