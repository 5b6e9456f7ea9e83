// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions against a plain record of every connection, with exact times and
 * unlimited memory: random packets in both directions, time that runs and
 * jumps, tables that change their size again and again. Nothing is evicted
 * there, so every answer must be the record's.
 *
 * Then a table of one or two buckets: whatever is evicted must be what SPEC
 * 5.1 says, and a packet never changes more than one slot.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sessions_record.h"
#include "slots_table.h"

#define ROUNDS	300
#define PACKETS	2000

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static u32 below(u32 n)
{
	return random() % n;
}

static u64 random64(void)
{
	return (u64)random() << 42 ^ (u64)random() << 21 ^ random();
}

/* A third of the keys each are for TCP, UDP and DNS. */
static void one_packet(struct world *world, u32 key)
{
	const struct ps_slots *table = world->table[0];
	struct record *record = &world->of[key];
	struct ps_sessions_arrival arrival = { below(3), 60 + below(3), 1 };
	enum ps_sessions_change change, expected_change;
	struct ps_sessions_match match, expected;
	enum ps_sessions_sent sent = below(PS_SENT_COOKIE);
	bool valid = is_valid(world, record);

	assert_int_equal(ps_sessions_known(table, record->hash, &world->timeouts, world->now),
			 valid);
	if (key % 3 == 1) {
		sent = key % 2 ? PS_SENT_DATAGRAM : PS_SENT_DATAGRAM_SPARE;
	} else if (key % 3 == 2) {
		sent = PS_SENT_QUERY;
		if (below(2)) {
			assert_int_equal(ps_sessions_answer(table, record->hash, &world->timeouts,
							    world->now), valid);
			record->state = valid ? NOTHING : record->state;
			return;
		}
	} else if (below(12) == 0) {
		assert_int_equal(ps_sessions_open(table, record->hash, 61, &world->timeouts,
						  world->now),
				 expect_sent(world, record, PS_SENT_COOKIE));
		record->ttl = 61;
		return;
	}
	if (below(3) == 0) {
		change = ps_sessions_outgoing(table, record->hash, sent, &world->timeouts,
					      world->now);
		expected_change = expect_sent(world, record, sent);
		/* A reset may or may not find the remains of a session that is dead. */
		if (sent != PS_SENT_RST || valid)
			assert_int_equal(change, expected_change);
		return;
	}
	if (below(20) == 0)
		arrival.segments = 1 + below(20);
	match = ps_sessions_incoming(table, record->hash, &arrival, &world->timeouts, world->now);
	expected = expect_incoming(world, record, &arrival);
	assert_int_equal(match.session, expected.session);
	assert_int_equal(match.learn, expected.learn);
}

/* What the shell does: a new table in front, old ones dropped when all in them has aged out. */
static void resize(struct world *world)
{
	u32 i;

	while (world->tables > 1 && world->now - world->retired[world->tables - 1] >
					    ps_sessions_longest(&world->timeouts)) {
		table_free(world->table[--world->tables]);
		world->table[world->tables - 1]->old = NULL;
	}
	if (world->tables == TABLES || below(3))
		return;
	for (i = world->tables++; i > 0; i--) {
		world->table[i] = world->table[i - 1];
		world->retired[i] = world->retired[i - 1];
	}
	world->table[0] = table_new(512U << below(4), world->table[1]);
	world->retired[1] = world->now;
}

/* Time goes on, and the hourly sweep comes no more than a quarter of an hour late. */
static void pass(struct world *world, u32 time)
{
	u32 step, i;

	while (time) {
		step = time < 300 ? time : 300;
		world->now += step;
		time -= step;
		if (world->now - world->swept < 3600)
			continue;
		for (i = 0; i < world->tables; i++)
			ps_sessions_sweep(world->table[i], 0, ~0U, &world->timeouts, world->now);
		world->swept = world->now;
		for (i = 0; i < KEYS; i++)
			if (is_dead(world, &world->of[i]))
				world->of[i].state = NOTHING;
	}
}

static u32 some_time(void)
{
	switch (below(100)) {
	case 0:
		return below(40000);
	case 1 ... 4:
		return below(100);
	case 5 ... 40:
		return 1;
	case 41 ... 50:
		return below(12);
	default:
		return 0;
	}
}

static void begin(struct world *world, u32 buckets)
{
	const struct ps_siphash_key secret = { { random64(), random64() } };
	struct ps_session_key key = {};
	u32 i, longest = below(4) ? 100 : 32767;

	memset(world, 0, sizeof(*world));
	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		world->timeouts.seconds[i] = 1 + below(longest);
	for (i = 0; i < KEYS; i++) {
		key.local = ps_addr_from_ipv4(0x0a000001);
		key.remote = ps_addr_from_ipv4(0xc0000200 + i / 6);
		key.remote_port = 1024 + i;
		key.protocol = i % 3;
		world->of[i].hash = ps_sessions_hash(&secret, &key);
	}
	world->now = below(3) ? random64() : 0xffffffff - below(70000);
	world->swept = world->now;
	world->table[0] = table_new(buckets, NULL);
	world->tables = 1;
}

static void end(struct world *world)
{
	while (world->tables)
		table_free(world->table[--world->tables]);
}

static void test_every_answer_is_the_record_s(void **state)
{
	u64 seed = setting("PS_SEED", 1), rounds = setting("PS_ROUNDS", ROUNDS), n;
	struct world world;
	u32 packet;

	print_message("# seed %llu, %llu rounds\n", (unsigned long long)seed,
		      (unsigned long long)rounds);
	srandom(seed);
	for (n = 0; n < rounds; n++) {
		begin(&world, 1024);
		for (packet = 0; packet < PACKETS; packet++) {
			one_packet(&world, below(KEYS));
			pass(&world, some_time());
			if (below(200) == 0)
				resize(&world);
		}
		end(&world);
	}
}

/* How much a session is missed, by the words of SPEC 5.1. */
static u64 missed(const struct world *world, const struct record *record)
{
	u64 recent = 1000000 - idle(world, record);

	if (is_dead(world, record))
		return 0;
	if (record->state == HALF || record->state == OUR_SYN || record->state == SPARE_UDP)
		return recent;
	return 1000000000 + recent;
}

static struct record *owner(struct world *world, u64 word)
{
	u32 i;

	for (i = 0; i < KEYS; i++)
		if (ps_slots_word(world->of[i].hash, 0) >> 32 == word >> 32)
			return &world->of[i];
	fail();
	return NULL;
}

/* @was went from a bucket that was @before: nothing there may have been missed less. */
static void check_victim(struct world *world, struct world *then,
			 const struct ps_slots_bucket *before, u64 was)
{
	u32 i;

	owner(world, was)->state = NOTHING;
	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		assert_true(before->slot[i]);
		assert_true(missed(then, owner(then, was)) <=
			    missed(then, owner(then, before->slot[i])));
	}
}

/* What a packet has changed in a table that was @before when the world was @then. */
static void check_eviction(struct world *world, struct world *then,
			   const struct ps_slots_bucket *before)
{
	u32 bucket, i, changed = 0;
	u64 was, is;

	for (bucket = 0; bucket <= world->table[0]->mask; bucket++) {
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			was = before[bucket].slot[i];
			is = world->table[0]->bucket[bucket].slot[i];
			changed += is != was;
			if (was && is && was >> 32 != is >> 32)
				check_victim(world, then, &before[bucket], was);
		}
	}
	assert_in_range(changed, 0, 1);
}

static void test_what_is_evicted_is_missed_least(void **state)
{
	u64 rounds = setting("PS_ROUNDS", ROUNDS), n;
	struct ps_slots_bucket before[2];
	struct world world, then;
	u32 packet, buckets;

	for (n = 0; n < rounds; n++) {
		buckets = 1 + n % 2;
		begin(&world, buckets);
		for (packet = 0; packet < PACKETS; packet++) {
			then = world;
			memcpy(before, world.table[0]->bucket, buckets * sizeof(before[0]));
			one_packet(&world, below(KEYS));
			check_eviction(&world, &then, before);
			pass(&world, some_time());
		}
		end(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_answer_is_the_record_s),
		cmocka_unit_test(test_what_is_evicted_is_missed_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
