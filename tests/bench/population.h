/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sends the packets of the measurements: a population of N source networks
 * between 128.0.0.0 and 223.255.255.255, each a CIDR block of 1 to 256
 * addresses with room between it and the next. The generator draws sources from
 * it, population.c prints it as the list that the competitors are given, and
 * engine.c measures with it.
 *
 * Invariant: network n is a function of n and N alone, and networks are in
 * ascending order, disjoint and not adjacent.
 */
#ifndef PS_BENCH_POPULATION_H
#define PS_BENCH_POPULATION_H

#include "platform.h"

#define POPULATION_FIRST	0x80000000U
#define POPULATION_SPACE	0x60000000U
#define POPULATION_BLOCK	256U		/* addresses of the largest network */
#define POPULATION_MAX		(POPULATION_SPACE / POPULATION_BLOCK / 2)

/**
 * struct population_network - addresses that a list has as one item
 * @first: its first address
 * @bits: of the host part: it has 1 << bits addresses
 */
struct population_network {
	u32 first;
	u32 bits;
};

/* A number below @limit from 32 random bits. */
static inline u32 population_scale(u32 random, u32 limit)
{
	return (u64)random * limit >> 32;
}

/* Every bit of the result depends on every bit of the number. */
static inline u32 population_mix(u32 number)
{
	number = (number ^ number >> 16) * 0x7feb352dU;
	number = (number ^ number >> 15) * 0x846ca68bU;
	return number ^ number >> 16;
}

/* Addresses from one network's place to the next one's, for @n networks. */
static inline u32 population_stride(u32 n)
{
	return POPULATION_SPACE / n & ~(POPULATION_BLOCK - 1);
}

/* Network @i; the last block of its stride is always free. */
static inline struct population_network population_network(u32 i, u32 stride)
{
	u32 random = population_mix(i), block, bits;

	block = population_scale(random << 8, stride / POPULATION_BLOCK - 1);
	bits = population_scale(random << 16, 9);
	return (struct population_network){
		.first = POPULATION_FIRST + i * stride + block * POPULATION_BLOCK +
			 (random >> 24 & ~0U << bits),
		.bits = bits,
	};
}

/* The port that the only client in network @i has. */
static inline u16 population_port(u32 i)
{
	return 1024 + population_scale(population_mix(~i), 65536 - 1024);
}

/* A generator of 64 random bits, all of them good (wyrand). */
static inline u64 population_random(u64 *state)
{
	unsigned __int128 product;

	*state += 0xa0761d6478bd642fULL;
	product = (unsigned __int128)*state * (*state ^ 0xe7037ed1a0b428dbULL);
	return (u64)(product >> 64) ^ (u64)product;
}

#endif
