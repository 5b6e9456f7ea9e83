// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that fight for the slots of one bucket: no slot ever holds what
 * nobody put there, no packet meets a session of a kind that its key never
 * had, and what may happen once happens once.
 *
 * PS_ROUNDS in the environment prolongs a run.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sessions_table.h"

#define THREADS	4	/* in a fight */
#define RIVALS	2	/* in a duel, so that two CPUs run all of them */
#define KEYS	20	/* of each role, in one bucket */
#define ROUNDS	5000
#define PACKETS	40	/* a round and thread */

/* What may happen to a key. */
enum role {
	HALF_OPENED,
	ESTABLISHED,
	OWN,
	RESET,		/* established, and ended by resets */
	NEVER,		/* nothing opens it */
	ROLES,
};

static struct ps_slots *table;
static u32 clock_now;		/* moved by the first thread, while the others wait */
static u32 wrong;		/* what any thread found wrong */
static u32 count;		/* what rivals count together */
static u32 arrived;		/* rivals at the line, ever */
static pthread_barrier_t barrier;

static u32 rounds(void)
{
	const char *text = getenv("PS_ROUNDS");

	return text ? strtoul(text, NULL, 0) : ROUNDS;
}

static u32 next_random(u64 *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 33;
}

static void expect(bool condition)
{
	if (!condition)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static u64 key_of(enum role role, u32 n)
{
	return hash_in(0, role * KEYS + n);
}

static void send_something(enum role role, u64 hash, u32 now, u64 *seed)
{
	static const enum ps_sessions_sent opens[ROLES] = {
		PS_SENT_SYN_ACK, PS_SENT_SEGMENT, PS_SENT_SYN, PS_SENT_SEGMENT, PS_SENT_OTHER,
	};

	if (role == RESET && next_random(seed) % 2)
		sent(table, hash, PS_SENT_RST, now);
	else
		sent(table, hash, opens[role], now);
}

static void receive_something(enum role role, u64 hash, u32 now, u64 *seed)
{
	enum ps_session met = arrive(table, hash, next_random(seed) % 3, next_random(seed) % 4,
				     now).session;

	if (met == PS_SESSION_NONE)
		return;
	if (role == HALF_OPENED)
		expect(met == PS_SESSION_HALF_OPEN || met == PS_SESSION_EXHAUSTED);
	else if (role == OWN)
		expect(met == PS_SESSION_OWN || met == PS_SESSION_EXCESS);
	else
		expect(role != NEVER &&
		       (met == PS_SESSION_ESTABLISHED || met == PS_SESSION_EXCESS));
}

/* Every slot belongs to a key that somebody opens, and was written of late. */
static void look_at_slots(u32 now)
{
	u32 i, fingerprint;
	u64 word;

	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		word = READ_ONCE(table->bucket[0].slot[i]);
		fingerprint = word >> 32;
		if (!word)
			continue;
		expect(fingerprint >= 1 && fingerprint <= NEVER * KEYS);
		expect((u16)(now + 1 - (word >> 16)) < 1000);
		expect(word & 0xff);
	}
}

/* While nobody changes anything, nobody is hidden from look-ups. */
static void look_at_filter(void)
{
	u32 i, bits = 0;
	u64 word;

	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		word = table->bucket[0].slot[i];
		bits |= word ? ps_slots_bit(0, word) : 0;
	}
	expect(!(bits & ~table->filter[0]));
}

/* Time stands still while they fight; then it goes on by anything from nothing to death. */
static void advance_clock(bool mine, u64 *seed)
{
	pthread_barrier_wait(&barrier);
	if (mine) {
		look_at_filter();
		clock_now += next_random(seed) % (ACK_TIMEOUT / 2);
	}
	pthread_barrier_wait(&barrier);
}

static void *fight(void *argument)
{
	u64 seed = (u64)(size_t)argument * 977 + 1, hash;
	u32 packets = rounds() * PACKETS, now, role;

	while (packets--) {
		if (packets % 1024 == 0)
			advance_clock(!argument, &seed);
		/* Each has a clock of its own that may be a little behind. */
		now = clock_now - next_random(&seed) % 2;
		role = next_random(&seed) % ROLES;
		hash = key_of(role, next_random(&seed) % KEYS);
		switch (next_random(&seed) % 8) {
		case 0:
			look_at_slots(now);
			break;
		case 1:
			ps_sessions_sweep(table, 0, 1, &usual, now);
			break;
		case 2 ... 4:
			send_something(role, hash, now, &seed);
			break;
		default:
			receive_something(role, hash, now, &seed);
		}
	}
	return NULL;
}

static void run(void *(*thread)(void *), u32 threads)
{
	pthread_t id[THREADS];
	size_t i;

	wrong = 0;
	arrived = 0;
	clock_now = 65000;
	table = table_new(1, NULL);
	pthread_barrier_init(&barrier, NULL, threads);
	for (i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&id[i], NULL, thread, (void *)i), 0);
	for (i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	pthread_barrier_destroy(&barrier);
	table_free(table);
	assert_int_equal(wrong, 0);
}

static void test_no_slot_is_torn_and_no_session_is_invented(void **state)
{
	run(fight, THREADS);
}

/* Wait for the others without sleeping: they go on within nanoseconds of each other. */
static void line_up(void)
{
	u32 here = __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	u32 all = (here + RIVALS - 1) / RIVALS * RIVALS, spins = 0;

	while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < all)
		if (++spins % 10000 == 0)
			sched_yield();
}

/* In a duel the first thread opens a session, all use it at once, the first one judges. */
static void *duel(u32 (*use)(u64 hash, u32 now), enum ps_sessions_sent opens, u32 least, u32 most,
		  bool first)
{
	u32 round, n;

	for (round = 0; round < rounds(); round++) {
		if (first) {
			count = 0;
			sent(table, hash_in(0, 1), opens, round);
		}
		line_up();
		n = use(hash_in(0, 1), round);
		__atomic_fetch_add(&count, n, __ATOMIC_RELAXED);
		line_up();
		if (first) {
			expect(count >= least && count <= most);
			sent(table, hash_in(0, 1), PS_SENT_RST, round);
		}
	}
	return NULL;
}

static u32 use_answer(u64 hash, u32 now)
{
	return answer(table, hash, now);
}

static void *duel_for_the_answer(void *argument)
{
	return duel(use_answer, PS_SENT_QUERY, 1, 1, !argument);
}

static void test_one_answer_of_many_at_once_passes(void **state)
{
	run(duel_for_the_answer, RIVALS);
}

static u32 use_syn(u64 hash, u32 now)
{
	return syn(table, hash, now) == PS_SESSION_ESTABLISHED;
}

static void *duel_for_the_syn(void *argument)
{
	return duel(use_syn, PS_SENT_SEGMENT, 1, 1, !argument);
}

static void test_one_syn_of_many_at_once_passes(void **state)
{
	run(duel_for_the_syn, RIVALS);
}

static u32 use_admissions(u64 hash, u32 now)
{
	u32 i, admitted = 0;

	for (i = 0; i < PS_SESSIONS_ADMITTED; i++)
		admitted += ack(table, hash, now) == PS_SESSION_HALF_OPEN;
	return admitted;
}

/*
 * Sixteen times a packet is recorded. Each of these can make all others lose
 * one race, and two lost races let one packet pass without being recorded.
 */
static void *duel_for_admissions(void *argument)
{
	const u32 recorded = PS_SESSIONS_ADMITTED;

	return duel(use_admissions, PS_SENT_SYN_ACK, recorded,
		    recorded + recorded * (RIVALS - 1) / 2, !argument);
}

static void test_many_at_once_win_few_admissions_more(void **state)
{
	run(duel_for_admissions, RIVALS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_slot_is_torn_and_no_session_is_invented),
		cmocka_unit_test(test_one_answer_of_many_at_once_passes),
		cmocka_unit_test(test_one_syn_of_many_at_once_passes),
		cmocka_unit_test(test_many_at_once_win_few_admissions_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
