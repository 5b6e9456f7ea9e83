// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets and messages of nftables; see nft.h. */
#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "nft.h"
#include "print.h"

#define PS_NFT_ROOM	(256 << 10)
#define PS_NFT_PORTIONS 1000 /* of events that are taken in one go */

int ps_nft_family(const char *word)
{
	static const struct {
		const char *word;
		int number;
	} families[] = { { "ip", NFPROTO_IPV4 },       { "ip6", NFPROTO_IPV6 },
			 { "inet", NFPROTO_INET },     { "netdev", NFPROTO_NETDEV },
			 { "bridge", NFPROTO_BRIDGE }, { "arp", NFPROTO_ARP } };
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (!strcmp(families[i].word, word))
			return families[i].number;
	return -1;
}

int ps_nft_open(struct ps_nft *nft, bool listens)
{
	int bytes = listens ? 16 << 20 : 4 << 20, group = NFNLGRP_NFTABLES;

	*nft = (struct ps_nft){ .in = ps_print_allocate(NULL, PS_NFT_ROOM) };
	nft->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (nft->socket && !mnl_socket_bind(nft->socket, 0, MNL_SOCKET_AUTOPID)) {
		/* Best effort: more events fit. */
		setsockopt(mnl_socket_get_fd(nft->socket), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
			   sizeof(bytes));
		if (!listens || !mnl_socket_setsockopt(nft->socket, NETLINK_ADD_MEMBERSHIP, &group,
						       sizeof(group)))
			return PS_EXIT_OK;
	}
	ps_print_error("nftables: %s", strerror(errno));
	if (errno == EPERM)
		ps_print_hint("run it as root of this network namespace");
	ps_nft_close(nft);
	return PS_EXIT_UNAVAILABLE;
}

void ps_nft_close(struct ps_nft *nft)
{
	if (nft->socket)
		mnl_socket_close(nft->socket);
	free(nft->in);
	*nft = (struct ps_nft){};
}

struct nlmsghdr *ps_nft_message(struct ps_nft *nft, char *room, int type, int family,
				uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(room, (uint16_t)type, (uint16_t)family, flags,
				     ++nft->sequence);
}

int ps_nft_type(const struct nlmsghdr *message)
{
	if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
	    message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return -1;
	return NFNL_MSG_TYPE(message->nlmsg_type);
}

/* The number of the ruleset is in every message: two of them in one answer make it a mixture. */
static void note_generation(struct ps_nft *nft, const struct nlmsghdr *message, int *generation)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		nft->changed = true;
	if (ps_nft_type(message) < 0)
		return;
	if (*generation >= 0 && *generation != header->res_id)
		nft->changed = true;
	*generation = header->res_id;
}

static ssize_t receive(struct ps_nft *nft, int flags)
{
	ssize_t bytes;

	do {
		bytes = recv(mnl_socket_get_fd(nft->socket), nft->in, PS_NFT_ROOM, flags);
	} while (bytes < 0 && errno == EINTR);
	return bytes < 0 ? -errno : bytes;
}

int ps_nft_ask(struct ps_nft *nft, const void *messages, size_t bytes, ps_nft_take take, void *data)
{
	const struct nlmsghdr *answer;
	int generation = -1, left;
	ssize_t got;

	nft->changed = false;
	if (mnl_socket_sendto(nft->socket, messages, bytes) < 0)
		return -errno;
	for (;;) {
		got = receive(nft, 0);
		if (got < 0)
			return (int)got;
		left = (int)got;
		for (answer = (void *)nft->in; mnl_nlmsg_ok(answer, left);
		     answer = mnl_nlmsg_next(answer, &left)) {
			note_generation(nft, answer, &generation);
			if (answer->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
			if (answer->nlmsg_type == NLMSG_DONE)
				return 0;
			if (take)
				take(answer, data);
		}
	}
}

int ps_nft_receive(struct ps_nft *nft, ps_nft_take take, void *data)
{
	const struct nlmsghdr *event;
	int left, i;
	ssize_t got;

	for (i = 0; i < PS_NFT_PORTIONS; i++) {
		got = receive(nft, MSG_DONTWAIT);
		if (got < 0)
			return got == -EAGAIN ? 0 : (int)got;
		left = (int)got;
		for (event = (void *)nft->in; mnl_nlmsg_ok(event, left);
		     event = mnl_nlmsg_next(event, &left))
			take(event, data);
	}
	return 1;
}
