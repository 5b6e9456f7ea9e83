/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 of 64-bit words (Aumasson, Bernstein: "SipHash: a fast short-input
 * PRF", 2012). Without the key nobody can tell two inputs that collide from two
 * that don't, so nobody can aim packets at one bucket or guess a fingerprint.
 * One compression and three finalization rounds are what hash tables use; the
 * output is never shown to anybody.
 */
#ifndef PS_CORE_SIPHASH_H
#define PS_CORE_SIPHASH_H

#include "platform.h"

/**
 * struct ps_siphash_key - 128 random bits
 * @word: the key's first and last eight bytes, little-endian
 */
struct ps_siphash_key {
	u64 word[2];
};

/**
 * ps_siphash() - keyed hash of some words
 * @key: the secret
 * @word: the words; as a message of bytes each is little-endian
 * @words: their number, 0-31
 *
 * Return: 64 bits, all of them equally good.
 */
u64 ps_siphash(const struct ps_siphash_key *key, const u64 *word, u32 words);

#endif
