// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of an order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "bench.h"

/**
 * struct bench_word - a number in an order
 * @name: the key
 * @offset: of its member
 * @min: least value
 * @max: greatest value
 * @initial: what it is unless given
 */
struct bench_word {
	const char *name;
	size_t offset;
	u32 min, max, initial;
};

/* clang-format off */
#define WORD(member, min, max, initial) \
	{ #member, offsetof(struct bench_params, member), min, max, initial }
/* clang-format on */

static const struct bench_word bench_words[] = {
	/* how many are counted, and how many come before to warm up */
	WORD(packets, 0, 100000000, 0),
	WORD(warm, 0, 100000000, 0),
	/* how many are made with softirqs disabled; what a NAPI poll does at most */
	WORD(batch, 1, 64, 64),
	/* 1: handed over by netif_receive_skb_list() */
	WORD(list, 0, 1, 0),
	/* 1: sent by the local side, through the device's egress */
	WORD(send, 0, 1, 0),
	WORD(family, 4, 6, 4),
	WORD(protocol, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_TCP),
	WORD(flags, 0, 255, TCPHDR_SYN),
	/* 1: the options of a Linux client's SYN */
	WORD(options, 0, 1, 0),
	WORD(payload, 0, 1400, 0),
	/* the payload begins as QUIC's; enum bench_quic */
	WORD(quic, 0, BENCH_QUIC_SHORT, 0),
	WORD(ttl, 1, 255, 64),
	/* the local addresses: so many from this one on */
	WORD(dst, 0, U32_MAX, 0x0a000001),
	WORD(dsts, 1, 1 << 24, 1),
	WORD(dport, 1, 65535, 80),
	/* remote port; 0: any above 1023 */
	WORD(sport, 0, 65535, 0),
	/* of how many networks the remote addresses are; 0: of none in particular */
	WORD(sources, 0, POPULATION_MAX, 0),
	/* only so many of them send, far from each other; 0: all */
	WORD(hot, 0, POPULATION_MAX, 0),
	/* 1: a network has one client with one port */
	WORD(client, 0, 1, 0),
	/* 1: one network after the other, not at random */
	WORD(sequential, 0, 1, 0),
	/* 1: the NIC has verified the checksums, as NICs do */
	WORD(vouched, 0, 1, 1),
	WORD(seed, 0, U32_MAX, 1),
	/* packets a second: of nic=flood; else at most, 0: as many as go */
	WORD(rate, 0, 100000000, 0),
};

static int bench_params_number(struct bench_params *params, const char *key, const char *value)
{
	u32 number, i;

	for (i = 0; i < ARRAY_SIZE(bench_words); i++) {
		const struct bench_word *word = &bench_words[i];

		if (strcmp(word->name, key))
			continue;
		if (kstrtou32(value, 0, &number) || number < word->min || number > word->max)
			return -EINVAL;
		*(u32 *)((u8 *)params + word->offset) = number;
		return 0;
	}
	return -EINVAL;
}

static int bench_params_text(char *to, const char *value, size_t size)
{
	return strscpy(to, value, size) < 0 ? -EINVAL : 0;
}

static int bench_params_word(struct bench_params *params, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return -EINVAL;
	*value++ = 0;
	if (!strcmp(word, "dev"))
		return bench_params_text(params->dev, value, sizeof(params->dev));
	if (!strcmp(word, "hook"))
		return bench_params_text(params->hook, value, sizeof(params->hook));
	if (!strcmp(word, "nic"))
		return bench_params_text(params->nic, value, sizeof(params->nic));
	if (!strcmp(word, "replay"))
		return bench_params_text(params->replay, value, sizeof(params->replay));
	return bench_params_number(params, word, value);
}

int bench_params_parse(struct bench_params *params, char *line)
{
	char *word;
	u32 i;

	memset(params, 0, sizeof(*params));
	for (i = 0; i < ARRAY_SIZE(bench_words); i++)
		*(u32 *)((u8 *)params + bench_words[i].offset) = bench_words[i].initial;
	while ((word = strsep(&line, " \n"))) {
		if (!*word)
			continue;
		if (bench_params_word(params, word)) {
			pr_err("not understood, or out of range: %s\n", word);
			return -EINVAL;
		}
	}
	if (!params->dev[0] || params->family == 5 ||
	    (params->protocol != IPPROTO_TCP && params->protocol != IPPROTO_UDP) ||
	    (params->hot && params->hot > params->sources)) {
		pr_err("this order makes no sense\n");
		return -EINVAL;
	}
	return 0;
}
