// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Learned TTLs against a plain list of (network, TTL, when seen), in tables
 * with room for all networks and in tables without. Time runs in steps of 32 s
 * here, the unit the table keeps; in these a value is forgotten when it hasn't
 * been seen for more than 113 of them, the first step behind the hour.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "slots_table.h"
#include "ttl.h"

#define NETWORKS	40
#define ROUNDS		4000
#define PACKETS		1000
#define STEP		32U
#define HOUR		(113 * STEP)

struct value {
	bool known;
	u32 ttl;
	u32 seen;
};

struct world {
	struct value of[NETWORKS][2];
	u64 hash[NETWORKS];
	struct ps_slots *table;
	u32 now;
	u32 swept;
};

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static u32 below(u32 n)
{
	return random() % n;
}

static void forget(struct world *world)
{
	u32 network, i;

	for (network = 0; network < NETWORKS; network++)
		for (i = 0; i < 2; i++)
			if (world->now - world->of[network][i].seen > HOUR)
				world->of[network][i].known = false;
}

static bool is_near(const struct value *value, u32 ttl)
{
	return value->known && abs((int)value->ttl - (int)ttl) <= 2;
}

static enum ps_ttl expect_look(const struct world *world, u32 network, u32 ttl)
{
	const struct value *value = world->of[network];

	if (!value[0].known && !value[1].known)
		return PS_TTL_UNKNOWN;
	return is_near(&value[0], ttl) || is_near(&value[1], ttl) ? PS_TTL_MATCH : PS_TTL_DIFFERS;
}

/* Whether a network that isn't known finds a place in its bucket. */
static bool has_room(const struct world *world, u32 network)
{
	u32 other, neighbours = 0;

	for (other = 0; other < NETWORKS; other++)
		if ((world->of[other][0].known || world->of[other][1].known) &&
		    !((world->hash[other] ^ world->hash[network]) & world->table->mask))
			neighbours++;
	return neighbours < PS_SLOTS_BUCKET;
}

static void expect_learn(struct world *world, u32 network, u32 ttl)
{
	struct value *value = world->of[network];
	bool near = false;
	u32 i;

	for (i = 0; i < 2; i++) {
		if (is_near(&value[i], ttl)) {
			value[i].seen = world->now;
			near = true;
		}
	}
	if (near)
		return;
	if (!value[0].known && !value[1].known && !has_room(world, network))
		return;
	for (i = 0; i < 2; i++) {
		if (!value[i].known) {
			value[i] = (struct value){ true, ttl, world->now };
			return;
		}
	}
}

static void pass(struct world *world, u32 steps)
{
	while (steps--) {
		world->now += STEP;
		if (world->now - world->swept >= 3600) {
			ps_ttl_sweep(world->table, 0, ~0U, world->now);
			world->swept = world->now;
		}
	}
	forget(world);
}

static u32 some_ttl(void)
{
	static const u32 common[] = { 255, 128, 64, 0 };

	return below(4) ? common[below(4)] ^ below(12) : below(256);
}

static void one_round(struct world *world)
{
	const struct ps_siphash_key secret = { { random(), random() } };
	struct ps_addr source = {};
	u32 i, network, ttl;

	memset(world, 0, sizeof(*world));
	/* A multiple of the step, and past the time that zero values are of. */
	world->now = (below(2) ? 0xfffc0000 : 0x10000) + below(1000) * STEP;
	world->swept = world->now;
	world->table = table_new(1U << below(8), NULL);
	for (i = 0; i < NETWORKS; i++) {
		source = i % 2 ? ps_addr_from_ipv4(i << 8) : (struct ps_addr){ { 1, i << 8, 0, 0 } };
		world->hash[i] = ps_ttl_hash(&secret, &source);
	}
	for (i = 0; i < PACKETS; i++) {
		network = below(NETWORKS);
		ttl = some_ttl();
		assert_int_equal(ps_ttl_look(world->table, world->hash[network], ttl, world->now),
				 expect_look(world, network, ttl));
		if (below(2)) {
			ps_ttl_learn(world->table, world->hash[network], ttl, world->now);
			expect_learn(world, network, ttl);
		}
		if (below(20) == 0)
			pass(world, below(20) ? below(12) : below(400));
	}
	table_free(world->table);
}

static void test_every_look_gives_what_the_list_gives(void **state)
{
	u64 seed = setting("PS_SEED", 1), rounds = setting("PS_ROUNDS", ROUNDS), n;
	struct world world;

	print_message("# seed %llu, %llu rounds\n", (unsigned long long)seed,
		      (unsigned long long)rounds);
	srandom(seed);
	for (n = 0; n < rounds; n++)
		one_round(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_look_gives_what_the_list_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
