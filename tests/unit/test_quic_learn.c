// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QUIC sessions as both directions make them: what a server's packets open, for
 * how long, and what they don't.
 */
#include "quic_rig.h"

static const struct quic initial, handshake = { .type = PS_QUIC_HANDSHAKE },
	shorty = { .type = PS_QUIC_SHORT }, data = { .type = PS_QUIC_SHORT, .bytes = 129 },
	reset = { .type = PS_QUIC_SHORT, .bytes = 128 };

#define assert_quic(q, why, lines) do { \
		assert_why(receive_quic(q), why); \
		assert_string_equal(moved(), lines); \
	} while (0)

/* A shield that comes late has seen a connection as soon as the server sends data. */
static void test_learned_sessions(void **state)
{
	u32 i;

	quic_on(PS_PROTECT_UNMATCHED);
	send_quic(data);
	assert_string_equal(moved(), "newconns tx_total");
	send_quic(data);
	assert_string_equal(moved(), "tx_total");
	for (i = 0; i < 100; i++)
		assert_quic(shorty, quic_established,
			    "rx_total established delivered quic_shrth");
	for (i = 0; i < 5; i++) {
		pass(QSH_TIMEOUT * SECOND);
		assert_why(receive_quic(shorty), quic_established);
	}
	pass((QSH_TIMEOUT + 1) * SECOND);
	assert_why(receive_quic(shorty), quic_stray_short);
	assert_why(receive_quic(handshake), quic_stray_handshake);
}

/* A server answers stray packets with Stateless Resets: those must buy nobody a session. */
static void test_resets_open_little(void **state)
{
	u32 i, passed = 0;

	quic_on(PS_PROTECT_UNMATCHED);
	for (i = 0; i < 50; i++) {
		send_quic(reset);
		assert_string_equal(moved(), "tx_total");
		passed += receive_quic(shorty) == PS_REASON_quic_established;
	}
	assert_int_equal(passed, 16);
}

static void test_handshakes(void **state)
{
	u32 i, passed = 0;

	quic_on(PS_PROTECT_UNMATCHED);
	receive_quic(initial);
	send_quic(initial);
	pass(QHS_TIMEOUT * SECOND);
	assert_why(receive_quic(handshake), quic_established);
	pass(QHS_TIMEOUT * SECOND);
	send_quic(handshake);
	pass(QHS_TIMEOUT * SECOND);
	assert_why(receive_quic(handshake), quic_established);
	assert_why(receive_quic(shorty), quic_established);
	for (i = 0; i < 30; i++)
		passed += receive_quic(handshake) == PS_REASON_quic_established;
	assert_int_equal(passed, 14);
	pass((QHS_TIMEOUT + 1) * SECOND);
	assert_why(receive_quic(handshake), quic_stray_handshake);
	assert_why(receive_quic(shorty), quic_established);
}

/* A peer that was allowed to clear the fixed bit does so in every packet. */
static void test_unfixed_packets_teach_as_well(void **state)
{
	struct frame f = quic_frame((struct build){ 0 }, &data, true);

	f.data[f.transport + 8] &= 0xbf;
	frame_fix(&f);
	assert_why(host_send(&f, PS_SENDER_OTHER), sent);
	f = quic_frame((struct build){ 0 }, &shorty, false);
	f.data[f.transport + 8] &= 0xbf;
	frame_fix(&f);
	assert_why(host_receive(&f), quic_established);
	pass((QSH_TIMEOUT + 1) * SECOND);
	assert_why(host_receive(&f), quic_fixed_bit);
}

/* QUIC's sessions are its own: no answer of UDP comes in by them, nor the reverse. */
static void test_apart_from_udp(void **state)
{
	send_quic(data);
	assert_int_equal(table_used(host->engine.udp), 0);
	assert_int_equal(table_used(host->engine.quic), 1);
	set_udp_port(other, QUIC_PORT, PS_PORT_NONE);
	assert_why(receive_quic(shorty), closed_udp_port);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		QUIC(test_learned_sessions),
		QUIC(test_resets_open_little),
		QUIC(test_handshakes),
		QUIC(test_unfixed_packets_teach_as_well),
		QUIC(test_apart_from_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
