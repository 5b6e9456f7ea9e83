// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions as inhabitants of a table: UDP and DNS, keys, who goes when a bucket
 * is full, time that wraps, tables of another size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sessions_table.h"

#define KEY	hash_in(0, 100)
#define T	100000U

static struct ps_slots *table;

static int setup(void **state)
{
	table = table_new(1, NULL);
	return 0;
}

static int teardown(void **state)
{
	table_free(table);
	return 0;
}

static void test_udp_answers_count_from_the_outgoing_datagram(void **state)
{
	assert_false(known(table, KEY, T));
	assert_int_equal(sent(table, KEY, PS_SENT_DATAGRAM, T), PS_SESSIONS_OPENED);
	assert_true(known(table, KEY, T));
	assert_true(known(table, KEY, T + UDP_TIMEOUT));
	/* The answers above haven't refreshed it. */
	assert_false(known(table, KEY, T + UDP_TIMEOUT + 1));
	assert_int_equal(sent(table, KEY, PS_SENT_DATAGRAM, T + UDP_TIMEOUT), PS_SESSIONS_SAME);
	assert_true(known(table, KEY, T + 2 * UDP_TIMEOUT));
}

static void test_dns_has_one_answer_a_query(void **state)
{
	assert_false(answer(table, KEY, T));
	assert_int_equal(sent(table, KEY, PS_SENT_QUERY, T), PS_SESSIONS_OPENED);
	assert_true(answer(table, KEY, T + 1));
	assert_false(answer(table, KEY, T + 1));
	sent(table, KEY, PS_SENT_QUERY, T + 2);
	sent(table, KEY, PS_SENT_QUERY, T + 4);
	assert_true(answer(table, KEY, T + 4 + DNS_TIMEOUT));
	assert_false(answer(table, KEY, T + 4 + DNS_TIMEOUT));
	sent(table, KEY, PS_SENT_QUERY, T + 100);
	assert_false(answer(table, KEY, T + 100 + DNS_TIMEOUT + 1));
}

static void test_tcp_packets_match_no_udp_session(void **state)
{
	sent(table, KEY, PS_SENT_DATAGRAM, T);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(syn(table, KEY, T), PS_SESSION_NONE);
}

static struct ps_session_key some_key(void)
{
	return (struct ps_session_key){
		.local = ps_addr_from_ipv4(0x0a000001),
		.remote = ps_addr_from_ipv4(0x0a000002),
		.local_port = 1000,
		.remote_port = 2000,
		.vlan = 5,
		.query = 7,
		.protocol = PS_SESSION_UDP,
	};
}

static void check_each_part_counts(const struct ps_session_key *some)
{
	const struct ps_siphash_key secret = { { 1, 2 } }, other = { { 1, 3 } };
	struct ps_session_key key[14];
	u64 hash[15];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(key); i++)
		key[i] = *some;
	for (i = 0; i < 4; i++) {
		key[1 + i].local.word[i] ^= 0x10000;
		key[5 + i].remote.word[i] ^= 1;
	}
	key[9].local_port = 2000;
	key[9].remote_port = 1000;
	key[10].vlan = 4094;
	key[11].query++;
	key[12].protocol = PS_SESSION_DNS;
	key[13].local = some->remote;
	key[13].remote = some->local;
	for (i = 0; i < ARRAY_SIZE(key); i++)
		hash[i] = ps_sessions_hash(&secret, &key[i]);
	hash[14] = ps_sessions_hash(&other, &key[0]);
	for (i = 0; i < ARRAY_SIZE(hash); i++)
		for (j = 0; j < i; j++)
			assert_true(hash[i] != hash[j]);
}

static void test_each_part_of_a_key_counts(void **state)
{
	struct ps_session_key key = some_key();

	check_each_part_counts(&key);
	key.local = (struct ps_addr){ { 0x20010db8, 1, 2, 3 } };
	check_each_part_counts(&key);
	key.remote = (struct ps_addr){ { 0x20010db8, 1, 2, 4 } };
	check_each_part_counts(&key);
}

static void test_any_source_answers_a_broadcast(void **state)
{
	const struct ps_siphash_key secret = { { 1, 2 } };
	struct ps_session_key discover = some_key(), offer = some_key();

	/* DHCP: 0.0.0.0:68 to 255.255.255.255:67; the offer comes to the address offered. */
	discover.local = ps_addr_from_ipv4(0);
	discover.remote = ps_addr_from_ipv4(0xffffffff);
	discover.local_port = offer.local_port = 68;
	discover.remote_port = offer.remote_port = 67;
	ps_sessions_any_source(&discover);
	ps_sessions_any_source(&offer);
	assert_true(ps_sessions_hash(&secret, &discover) == ps_sessions_hash(&secret, &offer));
	offer.local_port = 69;
	assert_true(ps_sessions_hash(&secret, &discover) != ps_sessions_hash(&secret, &offer));
}

/* Fills the bucket: number i is sent as what[i], i seconds after T. */
static void fill(const enum ps_sessions_sent *what)
{
	u32 i;

	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		sent(table, hash_in(0, i), what[i], T + i);
	assert_int_equal(table_used(table), PS_SLOTS_BUCKET);
}

/* Which of them is gone now; exactly one must be. */
static u32 gone(void)
{
	u32 i, j, missing = PS_SLOTS_BUCKET;
	bool there;

	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		there = false;
		for (j = 0; j < PS_SLOTS_BUCKET; j++)
			there |= table->bucket[0].slot[j] >> 32 == hash_in(0, i) >> 32;
		if (!there) {
			assert_int_equal(missing, PS_SLOTS_BUCKET);
			missing = i;
		}
	}
	return missing;
}

#define EST PS_SENT_SEGMENT
#define HALF PS_SENT_SYN_ACK

static void test_of_established_ones_the_least_recently_used_goes(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, EST, EST, EST, EST, EST, EST, EST };

	fill(what);
	ack(table, hash_in(0, 0), T + 9);
	sent(table, hash_in(0, 1), PS_SENT_OTHER, T + 9);
	assert_int_equal(sent(table, KEY, EST, T + 9), PS_SESSIONS_ESTABLISHED);
	assert_int_equal(gone(), 2);
	assert_int_equal(ack(table, KEY, T + 9), PS_SESSION_ESTABLISHED);
}

static void test_half_open_ones_go_before_established_ones_the_oldest_first(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, EST, EST, HALF, HALF, EST, EST, HALF };

	fill(what);
	ack(table, hash_in(0, 3), T + 8);
	sent(table, KEY, HALF, T + 9);
	assert_int_equal(gone(), 4);
}

static void test_own_ones_without_an_answer_go_like_half_open_ones(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, EST, EST, EST, PS_SENT_SYN, EST, EST, EST };

	fill(what);
	sent(table, KEY, PS_SENT_SYN, T + 9);
	assert_int_equal(gone(), 4);
	/* With an answer they are as good as others. */
	sent(table, KEY, PS_SENT_SEGMENT, T + 9);
	sent(table, hash_in(0, 200), PS_SENT_SYN, T + 9);
	assert_int_equal(ack(table, KEY, T + 9), PS_SESSION_OWN);
}

static void test_expired_ones_go_before_all_others(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, HALF, EST, EST, EST, HALF, EST, EST };
	u32 i, later = T + RST_TIMEOUT + 3;

	fill(what);
	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		if (i != 2)
			sent(table, hash_in(0, i), what[i], later - 1);
	assert_int_equal(rst(table, hash_in(0, 2), later), PS_SESSION_NONE);
	sent(table, KEY, HALF, later);
	assert_int_equal(gone(), 2);
}

static void test_what_is_valid_for_one_class_is_not_expired(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, HALF, EST, EST, EST, EST, EST, EST };
	u32 i, later = T + RST_TIMEOUT;

	fill(what);
	for (i = 1; i < PS_SLOTS_BUCKET; i++)
		sent(table, hash_in(0, i), what[i], later - 1);
	sent(table, KEY, HALF, later);
	assert_int_equal(gone(), 1);
	assert_int_equal(rst(table, hash_in(0, 0), later), PS_SESSION_ESTABLISHED);
}

static void test_spare_udp_sessions_go_before_others(void **state)
{
	static const enum ps_sessions_sent what[] = {
		PS_SENT_DATAGRAM, PS_SENT_QUERY, PS_SENT_DATAGRAM, PS_SENT_DATAGRAM_SPARE,
		PS_SENT_QUERY, PS_SENT_DATAGRAM_SPARE, PS_SENT_DATAGRAM, PS_SENT_DATAGRAM,
	};

	fill(what);
	sent(table, hash_in(0, 3), PS_SENT_DATAGRAM_SPARE, T + 8);
	sent(table, KEY, PS_SENT_DATAGRAM, T + 9);
	assert_int_equal(gone(), 5);
	sent(table, hash_in(0, 101), PS_SENT_DATAGRAM, T + 9);
	assert_false(known(table, hash_in(0, 3), T + 9));
	sent(table, hash_in(0, 102), PS_SENT_DATAGRAM_SPARE, T + 9);
	assert_false(known(table, hash_in(0, 0), T + 9));
}

static void test_a_new_session_always_finds_a_place(void **state)
{
	u32 i;

	for (i = 0; i < 1000; i++) {
		sent(table, hash_in(0, i), i % 2 ? HALF : EST, T);
		assert_true(known(table, hash_in(0, i), T));
	}
	assert_int_equal(table_used(table), PS_SLOTS_BUCKET);
}

static void test_sweep_clears_the_dead_only(void **state)
{
	static const enum ps_sessions_sent what[] = { EST, HALF, PS_SENT_SYN, PS_SENT_DATAGRAM,
						      PS_SENT_QUERY, EST, EST, EST };
	u32 i;

	fill(what);
	ps_sessions_sweep(table, 0, 1, &usual, T + 4 + DNS_TIMEOUT);
	assert_int_equal(table_used(table), 8);
	ps_sessions_sweep(table, 0, 1, &usual, T + 5 + DNS_TIMEOUT);
	assert_int_equal(table_used(table), 7);
	ps_sessions_sweep(table, 0, 1, &usual, T + 4 + UDP_TIMEOUT);
	assert_int_equal(table_used(table), 6);
	for (i = 0; i < 3; i++) {
		ps_sessions_sweep(table, 0, 1, &usual, T + i + RST_TIMEOUT);
		assert_int_equal(table_used(table), 6 - i);
	}
	/* Only buckets asked for, and none that isn't there. */
	ps_sessions_sweep(table, 1, 7, &usual, T + 10000);
	assert_int_equal(table_used(table), 4);
	ps_sessions_sweep(table, 0, ~0U, &usual, T + 10000);
	assert_int_equal(table_used(table), 0);
}

static void test_time_never_wraps_into_life_when_swept_in_time(void **state)
{
	static const struct ps_sessions_timeouts longest = { { 32767, 32767, 32767, 32767, 32767 } };
	const struct ps_sessions_arrival arrival = { PS_SESSIONS_ACK, 64, 1 };
	u32 opened = 0xffff0000U - 5, age, i;

	/* Opened in any relation to the 16 bits of time, and to the 32. */
	for (i = 0; i < 20; i++, opened += 10001) {
		for (age = 0; age < 32768; age += 481)
			assert_true(ps_sessions_outgoing(table, KEY, EST, &longest, opened) ==
				    (age ? PS_SESSIONS_SAME : PS_SESSIONS_ESTABLISHED) &&
				    ps_sessions_known(table, KEY, &longest, opened + age));
		for (; age < PS_SESSIONS_WRAP; age += 481)
			assert_false(ps_sessions_known(table, KEY, &longest, opened + age));
		/* The first sweep after its death, as late as the contract allows. */
		ps_sessions_sweep(table, 0, 1, &longest, opened + 32767);
		assert_int_equal(table_used(table), 1);
		ps_sessions_sweep(table, 0, 1, &longest, opened + 32767 + 32000);
		assert_int_equal(table_used(table), 0);
		for (age = 65000; age < 200000; age += 479)
			assert_int_equal(ps_sessions_incoming(table, KEY, &arrival, &longest,
							      opened + age).session,
					 PS_SESSION_NONE);
	}
}

static void test_the_longest_timeout(void **state)
{
	struct ps_sessions_timeouts timeouts = { { 1, 2, 3, 4, 5 } };
	u32 i;

	assert_int_equal(ps_sessions_longest(&usual), RST_TIMEOUT);
	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++) {
		timeouts.seconds[i] = 100 + i;
		assert_int_equal(ps_sessions_longest(&timeouts), 100 + i);
	}
}

static void test_sessions_live_on_in_a_table_of_another_size(void **state)
{
	static const u32 buckets[] = { 1024, 1, 64 };
	struct ps_slots *other;
	u64 hash = hash_in(777, 1), half = hash_in(13, 2), ended = hash_in(14, 3);
	u64 query = hash_in(15, 4), own = hash_in(16, 5);
	u32 i, n, now = T;

	for (i = 0; i < ARRAY_SIZE(buckets); i++, now += 1000) {
		sent(table, hash, EST, now);
		sent(table, own, PS_SENT_SYN, now);
		sent(table, half, HALF, now);
		for (n = 0; n < 15; n++)
			ack(table, half, now);
		sent(table, ended, EST, now);
		sent(table, query, PS_SENT_QUERY, now);
		other = table_new(buckets[i], table);
		assert_int_equal(ack(other, hash, now + 1), PS_SESSION_ESTABLISHED);
		assert_int_equal(ack(other, own, now + 1), PS_SESSION_OWN);
		assert_int_equal(ack(other, half, now + 1), PS_SESSION_HALF_OPEN);
		assert_int_equal(ack(other, half, now + 1), PS_SESSION_EXHAUSTED);
		assert_int_equal(sent(other, ended, PS_SENT_RST, now + 1), PS_SESSIONS_ENDED);
		assert_int_equal(ack(other, ended, now + 1), PS_SESSION_NONE);
		assert_true(answer(other, query, now + 1));
		assert_false(answer(other, query, now + 1));
		/* What was in use has moved, the rest has aged out when the old one goes. */
		assert_int_equal(ack(other, hash, now + ACK_TIMEOUT), PS_SESSION_ESTABLISHED);
		other->old = NULL;
		table_free(table);
		table = other;
		assert_int_equal(ack(table, hash, now + 2 * ACK_TIMEOUT), PS_SESSION_ESTABLISHED);
		assert_int_equal(ack(table, own, now + 2 * ACK_TIMEOUT), PS_SESSION_NONE);
	}
}

static void test_nothing_is_written_into_an_old_table(void **state)
{
	struct ps_slots *other = table_new(4, table);
	struct ps_slots_bucket before;
	u32 i;

	for (i = 0; i < 6; i++)
		sent(table, hash_in(0, i), i % 2 ? HALF : EST, T);
	before = table->bucket[0];
	for (i = 0; i < 9; i++) {
		ack(other, hash_in(0, i), T + 5);
		sent(other, hash_in(0, i), HALF, T + 6);
		sent(other, hash_in(0, i), EST, T + 7);
	}
	assert_memory_equal(&before, &table->bucket[0], sizeof(before));
	table_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_udp_answers_count_from_the_outgoing_datagram),
		TEST(test_dns_has_one_answer_a_query),
		TEST(test_tcp_packets_match_no_udp_session),
		TEST(test_each_part_of_a_key_counts),
		TEST(test_any_source_answers_a_broadcast),
		TEST(test_of_established_ones_the_least_recently_used_goes),
		TEST(test_half_open_ones_go_before_established_ones_the_oldest_first),
		TEST(test_own_ones_without_an_answer_go_like_half_open_ones),
		TEST(test_expired_ones_go_before_all_others),
		TEST(test_what_is_valid_for_one_class_is_not_expired),
		TEST(test_spare_udp_sessions_go_before_others),
		TEST(test_a_new_session_always_finds_a_place),
		TEST(test_sweep_clears_the_dead_only),
		TEST(test_time_never_wraps_into_life_when_swept_in_time),
		TEST(test_the_longest_timeout),
		TEST(test_sessions_live_on_in_a_table_of_another_size),
		TEST(test_nothing_is_written_into_an_old_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
