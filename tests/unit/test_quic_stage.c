// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QUIC on protected ports, row by row: what becomes of a packet by its type, its
 * session and the protections, and which lines of stats it moves.
 */
#include "quic_rig.h"

static const struct quic initial, zero_rtt = { .type = PS_QUIC_ZERO_RTT },
	handshake = { .type = PS_QUIC_HANDSHAKE }, shorty = { .type = PS_QUIC_SHORT },
	unknown = { .type = PS_QUIC_UNKNOWN };

#define assert_quic(q, why, lines) do { \
		assert_why(receive_quic(q), why); \
		assert_string_equal(moved(), lines); \
	} while (0)

static void test_initial_while_off(void **state)
{
	assert_quic(initial, quic_initial_open, "rx_total delivered quic_init");
	/* That has opened a session: the next one is of it. */
	assert_quic(initial, quic_established, "rx_total established delivered quic_init");
	pass((QHS_TIMEOUT + 1) * SECOND);
	assert_quic(initial, quic_initial_open, "rx_total delivered quic_init");
}

static void test_initial_gets_retry(void **state)
{
	quic_on(PS_PROTECT_NEW_COOKIE);
	assert_quic(initial, quic_retry, "rx_total quic_init quicretry");
	assert_int_equal(host->frame.retries, 1);
	/* Nothing is kept of it. */
	assert_int_equal(table_used(host->engine.quic), 0);
	assert_quic(initial, quic_retry, "rx_total quic_init quicretry");
}

/* Tokens that prove nothing to us: another server's, and those of NEW_TOKEN frames. */
static void test_other_tokens_get_retry(void **state)
{
	u8 token[100] = { PS_QUIC_TOKEN_NEW };
	u32 length;

	quic_on(PS_PROTECT_NEW_COOKIE);
	for (length = 1; length < sizeof(token); length++) {
		struct quic q = { .token = token, .token_length = length };

		if (length == 37)
			assert_quic(q, quic_retry, "rx_total quic_init quicretry");
		else
			assert_quic(q, quic_new_token, "rx_total quic_init drop_qnt");
	}
	token[0] = 0xb6;
	assert_quic(((struct quic){ .token = token, .token_length = 50 }), quic_retry,
		    "rx_total quic_init quicretry");
}

/* Whatever the protections and sessions say: the server would read past their end. */
static void test_short_new_tokens_are_dropped_always(void **state)
{
	static const u8 token[36] = { PS_QUIC_TOKEN_NEW };

	assert_quic(((struct quic){ .token = token, .token_length = 36 }), quic_new_token,
		    "rx_total quic_init drop_qnt");
	receive_quic(initial);
	assert_quic(((struct quic){ .token = token, .token_length = 36 }), quic_new_token,
		    "rx_total quic_init drop_qnt");
}

static void test_token_opens_a_session(void **state)
{
	u8 retry[PS_QUIC_RETRY_MAX];
	struct quic next;

	quic_on(PS_PROTECT_NEW_COOKIE);
	quic_on(PS_PROTECT_UNMATCHED);
	receive_quic(initial);
	next = follow_up(initial, retry, retry_of_last(retry));
	assert_int_equal(next.token_length, 46);
	assert_quic(next, quic_token_valid, "rx_total newconns delivered quic_init");
	assert_int_equal(host->frame.retries, 1);
	/* And now everything is of that session, Initials with the server's id too. */
	assert_quic(next, quic_established, "rx_total established delivered quic_init");
	next.dcid = NULL;
	next.dcid_length = 4;
	assert_quic(next, quic_established, "rx_total established delivered quic_init");
	assert_quic(zero_rtt, quic_established, "rx_total established delivered quic_0rtt");
	assert_quic(handshake, quic_established, "rx_total established delivered quic_hshak");
	assert_quic(shorty, quic_established, "rx_total established delivered quic_shrth");
	assert_why(receive_from((struct build){ .sport = 40001 }, shorty), quic_stray_short);
}

/* A token counts without our connection id if its seal is right: that is HAProxy's own Retry. */
static void test_tokens_of_the_server_itself(void **state)
{
	u8 retry[PS_QUIC_RETRY_MAX], token[PS_QUIC_TOKEN_MAX];
	struct quic next;

	quic_on(PS_PROTECT_NEW_COOKIE);
	receive_quic(initial);
	next = follow_up(initial, retry, retry_of_last(retry));
	memcpy(token, next.token, next.token_length);
	next.token = token;
	next.dcid = NULL;
	token[20] ^= 1;
	assert_quic(next, quic_token_invalid, "rx_total quic_init drop_qnt");
	token[20] ^= 1;
	pass(11 * SECOND);
	assert_quic(next, quic_token_invalid, "rx_total quic_init drop_qnt");
	receive_quic(initial);
	next = follow_up(initial, retry, retry_of_last(retry));
	next.dcid = NULL;
	pass(10 * SECOND);
	assert_quic(next, quic_token_valid, "rx_total newconns delivered quic_init");
}

static void test_tokens_of_others(void **state)
{
	u8 retry[PS_QUIC_RETRY_MAX];
	struct quic next;

	quic_on(PS_PROTECT_NEW_COOKIE);
	receive_quic(initial);
	next = follow_up(initial, retry, retry_of_last(retry));
	assert_why(receive_from((struct build){ .sport = 40001 }, next), quic_token_invalid);
	assert_why(receive_from((struct build){ .src = address(1, 1) }, next),
		   quic_token_invalid);
	next.version = PS_QUIC_VERSION_2;
	assert_why(receive_quic(next), quic_token_invalid);
	next.version = 0;
	next.scid_length = 9;
	assert_why(receive_quic(next), quic_token_invalid);
	/* Its second is over, for cookie and token. */
	next.scid_length = 0;
	pass(16 * SECOND);
	assert_why(receive_quic(next), quic_token_invalid);
	host->now -= 16 * SECOND;
	assert_why(receive_quic(next), quic_token_valid);
}

static void test_tries_are_limited(void **state)
{
	static const u8 token[46] = { PS_QUIC_TOKEN_RETRY };
	struct quic forged = { .token = token, .token_length = 46 };
	u32 i, tried = 0;

	quic_on(PS_PROTECT_NEW_COOKIE);
	for (i = 0; i < 5000; i++)
		tried += receive_quic(forged) == PS_REASON_quic_token_invalid;
	assert_int_equal(tried, 100);
	assert_quic(forged, quic_token_limit, "rx_total quic_init drop_qnt");
	for (i = 0; i < 5000; i++, pass(200000))
		tried += receive_quic(forged) == PS_REASON_quic_token_invalid;
	assert_in_range(tried, 1098, 1102);
	/* The other CPU has a budget of its own. */
	host->cpu = 1;
	assert_why(receive_quic(forged), quic_token_invalid);
}

static void test_retries_are_limited(void **state)
{
	u32 i, sent = 0;

	quic_on(PS_PROTECT_NEW_COOKIE);
	for (i = 0; i < 12000; i++)
		sent += receive_quic(initial) == PS_REASON_quic_retry;
	assert_int_equal(sent, 10000);
	assert_quic(initial, retry_limit, "rx_total quic_init drop_qnt");
	pass(10000);
	assert_why(receive_quic(initial), quic_retry);
	assert_why(receive_quic(initial), retry_limit);
}

static void police_initials(void)
{
	u32 i, passed = 0;

	set_rates(other, PS_PROTECT_NEW_COOKIE, 2000, 1000);
	for (i = 0; i < 400; i++)
		passed += receive_from((struct build){ .sport = (u16)(1000 + i) }, initial) ==
			  PS_REASON_quic_initial_within_rate;
	assert_int_equal(passed, 100);
	assert_quic(initial, quic_initial_rate, "rx_total quic_init drop_qnt");
	pass(SECOND / 100);
	assert_quic(initial, quic_initial_within_rate, "rx_total delivered quic_init");
	assert_int_equal(table_used(host->engine.quic), 101);
}

static void test_without_a_secret_initials_are_policed(void **state)
{
	static const u8 token[46] = { PS_QUIC_TOKEN_RETRY };

	quic_on(PS_PROTECT_NEW_COOKIE);
	other->config.option[PS_OPTION_cluster_secret] = 0;
	police_initials();
	assert_int_equal(host->frame.retries, 0);
	pass(SECOND / 1000);
	assert_why(receive_from((struct build){ .sport = 4 },
				(struct quic){ .token = token, .token_length = 46 }),
		   quic_initial_within_rate);
}

static void test_where_no_reply_is_possible_they_are_policed(void **state)
{
	quic_on(PS_PROTECT_NEW_COOKIE);
	host->frame.can_offer = false;
	police_initials();
}

static void test_first_ids_are_long(void **state)
{
	struct quic q = { 0 };

	for (q.dcid_length = 1; q.dcid_length < 8; q.dcid_length++) {
		toggle(other, PS_PROTECT_NEW_COOKIE, false);
		assert_why(receive_from((struct build){ .sport = q.dcid_length }, q),
			   quic_initial_open);
		quic_on(PS_PROTECT_NEW_COOKIE);
		assert_quic(q, quic_dcid_short, "rx_total quic_init drop_qnt");
	}
}

/* A session that no token has opened: one Initial a second, and 16 in all. */
static void test_half_open_sessions_while_on(void **state)
{
	u32 i, passed = 0;

	receive_quic(initial);
	quic_on(PS_PROTECT_NEW_COOKIE);
	assert_quic(initial, quic_retry, "rx_total quic_init quicretry");
	pass(SECOND);
	assert_quic(initial, quic_established, "rx_total established delivered quic_init");
	assert_quic(initial, quic_retry, "rx_total quic_init quicretry");
	for (i = 0; i < 40; i++) {
		pass(SECOND);
		/* The server goes on answering, which keeps the session. */
		send_quic(initial);
		passed += receive_quic(initial) == PS_REASON_quic_established;
	}
	assert_int_equal(passed, 15);
}

static void test_zero_rtt(void **state)
{
	assert_quic(zero_rtt, quic_0rtt_open, "rx_total delivered quic_0rtt");
	assert_int_equal(table_used(host->engine.quic), 0);
	quic_on(PS_PROTECT_NEW_COOKIE);
	assert_quic(zero_rtt, quic_stray_0rtt, "rx_total quic_0rtt drop_q0t");
	toggle(other, PS_PROTECT_NEW_COOKIE, false);
	receive_quic(initial);
	quic_on(PS_PROTECT_NEW_COOKIE);
	assert_quic(zero_rtt, quic_established, "rx_total established delivered quic_0rtt");
}

static void test_unmatched(void **state)
{
	assert_quic(handshake, quic_unmatched_open, "rx_total unmatched delivered quic_hshak");
	assert_quic(shorty, quic_unmatched_open, "rx_total unmatched delivered quic_shrth");
	assert_int_equal(table_used(host->engine.quic), 0);
	quic_on(PS_PROTECT_UNMATCHED);
	assert_quic(handshake, quic_stray_handshake, "rx_total unmatched quic_hshak drop_qhs");
	assert_quic(shorty, quic_stray_short, "rx_total unmatched quic_shrth drop_qsh");
}

static void test_unknown_versions(void **state)
{
	struct quic small = unknown;

	small.bytes = 1199;
	assert_quic(unknown, quic_version_open, "rx_total delivered quic_init");
	assert_quic(small, quic_datagram_short, "rx_total invalid quic_init");
	assert_int_equal(table_used(host->engine.quic), 0);
	quic_on(PS_PROTECT_NEW_COOKIE);
	assert_quic(unknown, quic_version, "rx_total quic_init drop_qnt");
}

static void test_what_no_client_sends(void **state)
{
	struct frame f;

	assert_quic(((struct quic){ .type = PS_QUIC_RETRY }), quic_retry_packet,
		    "rx_total invalid");
	assert_quic(((struct quic){ .type = PS_QUIC_NEGOTIATION }), quic_negotiation,
		    "rx_total invalid");
	assert_quic(((struct quic){ .bytes = 1199 }), quic_datagram_short,
		    "rx_total invalid quic_init");
	assert_quic(((struct quic){ .dcid_length = 21 }), quic_cid_length, "rx_total invalid");
	assert_quic(((struct quic){ .type = PS_QUIC_SHORT, .bytes = 20 }), quic_truncated,
		    "rx_total invalid");
	f = quic_frame((struct build){ 0 }, &handshake, false);
	f.data[f.transport + 8] &= 0xbf;
	frame_fix(&f);
	assert_why(host_receive(&f), quic_fixed_bit);
	/* In a session both sides may have agreed on that (RFC 9287). */
	receive_quic(initial);
	assert_why(host_receive(&f), quic_established);
	f = quic_frame((struct build){ 0 }, &initial, false);
	make_fragment(&f, 0, true, 7);
	assert_why(host_receive(&f), quic_fragment);
	assert_string_equal(moved(), "rx_total invalid");
}

/* What is behind the datagram in the packet isn't looked at. */
static void test_the_datagram_ends_where_it_says(void **state)
{
	struct frame f = quic_frame((struct build){ 0 }, &initial, false);

	put16(f.data + f.transport + 4, 8 + 1199);
	put16(f.data + f.transport + 6, 0);
	if (host->family == 4)
		assert_why(host_receive(&f), quic_length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		QUIC(test_initial_while_off),
		QUIC(test_initial_gets_retry),
		QUIC(test_other_tokens_get_retry),
		QUIC(test_short_new_tokens_are_dropped_always),
		QUIC(test_token_opens_a_session),
		QUIC(test_tokens_of_the_server_itself),
		QUIC(test_tokens_of_others),
		QUIC(test_tries_are_limited),
		QUIC(test_retries_are_limited),
		QUIC(test_without_a_secret_initials_are_policed),
		QUIC(test_where_no_reply_is_possible_they_are_policed),
		QUIC(test_first_ids_are_long),
		QUIC(test_half_open_sessions_while_on),
		QUIC(test_zero_rtt),
		QUIC(test_unmatched),
		QUIC(test_unknown_versions),
		QUIC(test_what_no_client_sends),
		QUIC(test_the_datagram_ends_where_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
