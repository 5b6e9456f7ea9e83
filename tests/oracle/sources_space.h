/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An address space cut into CELLS cells, so that a flat array of values is a
 * model of a source set: single addresses at either end, in the middle and
 * across a word border, equal large blocks, blocks of random sizes.
 */
#ifndef TESTS_ORACLE_SOURCES_SPACE_H
#define TESTS_ORACLE_SOURCES_SPACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "address.h"

#define CELLS		1200

typedef unsigned __int128 u128;

/* The cells of one way to cut: cell i goes from low[i] to high[i]. */
struct space {
	u32 words;
	u128 low[CELLS];
	u128 high[CELLS];
};

static u64 random_state;	/* not 0 */

static inline u32 pick(u32 n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 20) % n;
}

static inline u128 pick_wide(void)
{
	u128 wide = 0;
	u32 i;

	for (i = 0; i < 8; i++)
		wide = wide << 16 | pick(65536);
	return wide;
}

static inline struct ps_addr addr_of(const struct space *space, u128 a)
{
	if (space->words == 1)
		return (struct ps_addr){ { 0, 0, 0xffff, a } };
	return (struct ps_addr){ { a >> 96, a >> 64, a >> 32, a } };
}

static inline u128 number_of(const struct space *space, const struct ps_addr *addr)
{
	if (space->words == 1) {
		assert_int_equal(addr->word[0] | addr->word[1], 0);
		assert_int_equal(addr->word[2], 0xffff);
		return addr->word[3];
	}
	return (u128)addr->word[0] << 96 | (u128)addr->word[1] << 64 |
	       (u128)addr->word[2] << 32 | addr->word[3];
}

static inline u128 key_of(const struct space *space, const u32 *key)
{
	struct ps_addr addr = { { 0, 0, 0xffff, key[0] } };

	if (space->words == 4)
		memcpy(addr.word, key, sizeof(addr.word));
	return number_of(space, &addr);
}

static inline int compare_wide(const void *a, const void *b)
{
	return *(const u128 *)a < *(const u128 *)b ? -1 : *(const u128 *)a > *(const u128 *)b;
}

enum { CUT_LOW, CUT_HIGH, CUT_MIDDLE, CUT_BLOCKS, CUT_RANDOM, CUTS };

static inline void space_cut(struct space *space, u32 words, u32 cut)
{
	const u128 highest = words == 1 ? 0xffffffff : ~(u128)0;
	const u128 middle = words == 1 ? 0x0a000000 : ((u128)0x20010db9 << 96) - CELLS / 2;
	u32 i;

	space->words = words;
	for (i = 1; i < CELLS; i++) {
		switch (cut) {
		case CUT_LOW:
			space->low[i] = i;
			break;
		case CUT_HIGH:
			space->low[i] = highest - (CELLS - 1 - i);
			break;
		case CUT_MIDDLE:
			space->low[i] = middle + i;
			break;
		case CUT_BLOCKS:
			space->low[i] = highest / CELLS * i;
			break;
		default:
			space->low[i] = 1 + pick_wide() % highest;
		}
	}
	space->low[0] = 0;
	qsort(space->low, CELLS, sizeof(space->low[0]), compare_wide);
	for (i = 1; i < CELLS; i++) {
		/* Random cuts may coincide. */
		if (space->low[i] <= space->low[i - 1])
			space->low[i] = space->low[i - 1] + 1;
		space->high[i - 1] = space->low[i] - 1;
	}
	space->high[CELLS - 1] = highest;
}

static inline struct ps_range cells(const struct space *space, u32 first, u32 last)
{
	return (struct ps_range){ addr_of(space, space->low[first]),
				  addr_of(space, space->high[last]) };
}

/* Cells around @cell with one value: *@first to *@last. */
static inline void run_around(const u16 *model, u32 cell, u32 *first, u32 *last)
{
	for (*first = cell; *first && model[*first - 1] == model[cell]; )
		--*first;
	for (*last = cell; *last < CELLS - 1 && model[*last + 1] == model[cell]; )
		++*last;
}

#endif
